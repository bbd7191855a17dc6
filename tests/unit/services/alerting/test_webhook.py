"""Signed requests to an address of somebody: confirmed, verified by the receiver, never inside, dead ones reported."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpcore
import pytest

from tests.channels import notifiers_of
from tests.databases import HandClock
from tests.houses import KEY, Browser, house, person
from tests.posts import Posted, Reply, receiving
from tests.unit.services.alerting.material import ADDRESS, URL, read, rule
from tests.unit.services.alerting.mortal import POINTS, TOLD_TWICE, lived
from vigie.adapters.notifiers.webhook import webhook
from vigie.adapters.notifiers.webhook.webhook import WebhookNotifier
from vigie.domain.errors import ConnectorError, OutcomeUnknown, TransientError, UsageError
from vigie.domain.person import OWNER
from vigie.ports.notifier import OutgoingMessage
from vigie.services.alerting.delivery_worker import LEASE_MS, PAUSES_S, DeliveryWorker
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.app_context import AppContext
from vigie.services.needs import bound
from vigie.services.operations.alert_channels import (
    AddChannelInput,
    ChannelInput,
    ConfirmChannelInput,
    add_channel,
    confirm_channel,
    read_channel_secret,
)

PUBLIC = "93.184.215.14"
HOOK = "http://hooks.example.org/desk?room=1"
MESSAGE = OutgoingMessage("d0", HOOK, "Rules", "Rules")


@dataclass
class Receiver:
    """Takes requests, and answers as it is told; reached under any public address."""

    status: int = 204
    leads_to: str = PUBLIC
    port: int = 0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    inner: Any = field(default_factory=httpcore.AnyIOBackend)

    async def resolve(self, host: str, port: int) -> list[str]:
        return [self.leads_to]

    async def connect_tcp(self, host: str, port: int, **options: Any) -> Any:
        return await self.inner.connect_tcp("127.0.0.1", self.port, **options)

    def answer(self, posted: Posted) -> Reply:
        if self.status < 300:
            self.got.append((posted.heads, posted.body))
        return Reply(self.status)

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """Check every request as a receiver would that has only the secret."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        for heads, body in self.got:
            signed = f"{heads['webhook-id']}.{heads['webhook-timestamp']}.".encode() + body
            made = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
            assert heads["webhook-signature"] == f"v1,{made}"
            assert json.loads(body)["id"] == heads["webhook-id"]
        return [json.loads(body) for _, body in self.got]


@pytest.fixture(scope="module")
def served() -> Iterator[Receiver]:
    receiver = Receiver()
    with receiving(receiver.answer) as receiver.port:
        yield receiver


@pytest.fixture
def place(tmp_path, served) -> AppContext:
    served.status, served.leads_to = 204, PUBLIC
    served.got.clear()
    clock = HandClock()
    notifier = WebhookNotifier(clock, resolve=served.resolve, connect=served)
    built = house(tmp_path / "home", with_bars=False, clock=clock)
    return replace(
        built, notifiers=notifiers_of(webhook=lambda: notifier, address=lambda: ADDRESS, key=lambda: KEY)
    )


def confirmed(place: AppContext, served: Receiver) -> tuple[str, str]:
    """Add the address, confirm it by the code that came there, and return the channel and its secret."""
    made = add_channel(
        person(OWNER.user),
        AddChannelInput(kind="webhook", address="https://hooks.example.org/x"),
        place.accounts,
        place.alerts,
        place.clock,
        place.is_simulated,
        place.notifiers,
    )
    # The test's receiver speaks without encryption.
    known = place.alerts.channel(OWNER.user, made.channel)
    place.alerts.put_channel(replace(known, address=HOOK))
    code = json.loads(served.got[0][1])["text"].split("page: ")[1][:8]
    confirm_channel(person(OWNER.user), ConfirmChannelInput(channel=made.channel, code=code), place.alerts)
    return made.channel, read_channel_secret(
        person(OWNER.user), ChannelInput(channel=made.channel), place.alerts, place.notifiers
    ).secret


@pytest.fixture
def confirmed_place(place, served, monkeypatch) -> tuple[AppContext, str, str]:
    real = WebhookNotifier.send

    async def plain(self: WebhookNotifier, message: Any) -> str:
        return await real(self, replace(message, to=message.to.replace("https:", "http:")))

    monkeypatch.setattr(WebhookNotifier, "send", plain)
    return place, *confirmed(place, served)


def test_an_alert_is_posted_signed_and_a_busy_receiver_gets_it_again_under_the_same_id(
    confirmed_place, served
):
    place, channel, secret = confirmed_place
    rule(place, channel)
    bound(place, dispatch_read_items)([read()])
    served.status = 503
    DeliveryWorker(place).send_due()
    place.clock.now += PAUSES_S[0] * 1_000
    served.status = 200
    assert DeliveryWorker(place).send_due() == 1
    assert DeliveryWorker(place).send_due() == 0
    _, told = served.verified(secret)
    assert told["type"] == "alerts"
    (alert,) = told["alerts"]
    assert (alert["url"], alert["assets"], alert["status"]) == (URL, ["bitcoin"], "confirmed")
    (line,) = [
        one.delivery for one in place.alerts.list_deliveries(OWNER.user) if one.delivery.channel == channel
    ]
    assert (told["id"], line.state, line.tries) == (line.id, "sent", 2)


def test_killed_at_every_point_an_alert_is_posted_under_one_id(confirmed_place, served):
    place, channel, secret = confirmed_place
    rule(place, channel)
    assert lived(place, "webhook", [read("whole")], 0, "p0").points == POINTS
    for number, point in enumerate(POINTS, start=1):
        served.got.clear()
        news = [read(f"k{number}")]
        assert lived(place, "webhook", news, number, f"p{number}").is_over
        place.clock.now += LEASE_MS
        lived(place, "webhook", news, 0, f"q{number}")
        ids = [one["id"] for one in served.verified(secret)]
        assert (len(set(ids)), len(ids)) == (1, 2 if point in TOLD_TWICE else 1), point
    told = [one.delivery for one in place.alerts.list_deliveries(OWNER.user, limit=99)]
    assert {one.state for one in told} == {"sent"}
    assert [one.channel for one in told].count(channel) == 1 + len(POINTS)


def test_a_receiver_that_takes_no_more_or_never_answers_is_reported_in_the_inbox(confirmed_place, served):
    place, channel, _ = confirmed_place
    rule(place, channel)
    for status in (410, 500):
        alive = place.alerts.channel(OWNER.user, channel)
        place.alerts.put_channel(replace(alive, ts_dead=0, why=""))
        bound(place, dispatch_read_items)([read(str(status))])
        served.status = status
        for pause in (*PAUSES_S, 1):
            DeliveryWorker(place).send_due()
            place.clock.now += pause * 1_000
        assert place.alerts.channel(OWNER.user, channel).ts_dead > 0
    said = [
        one.alert.happening.title
        for one in place.alerts.list_deliveries(OWNER.user, limit=99, channel="inbox")
    ]
    assert sum("cannot be delivered: hooks.example.org answered" in one for one in said) == 2


def test_an_address_that_leads_inside_is_never_reached(confirmed_place, served):
    place, channel, _ = confirmed_place
    rule(place, channel)
    bound(place, dispatch_read_items)([read()])
    before = len(served.got)
    served.leads_to = "169.254.169.254"
    DeliveryWorker(place).send_due()
    assert len(served.got) == before
    assert "public internet" in place.alerts.channel(OWNER.user, channel).why
    with pytest.raises(UsageError, match="try this: the address must be on the public internet"):
        add_channel(
            person(OWNER.user),
            AddChannelInput(kind="webhook", address="https://inner.example.org/"),
            place.accounts,
            place.alerts,
            place.clock,
            place.is_simulated,
            place.notifiers,
        )
    for wrong in ("http://hooks.example.org/", "https://me" + ":pw@hooks.example.org/", "https:///x"):
        with pytest.raises(UsageError, match="must start with https"):
            add_channel(
                person(OWNER.user),
                AddChannelInput(kind="webhook", address=wrong),
                place.accounts,
                place.alerts,
                place.clock,
                place.is_simulated,
                place.notifiers,
            )


def test_the_page_takes_a_web_address_and_shows_its_secret_to_its_owner(confirmed_place, served):
    place, _, secret = confirmed_place
    page = Browser(place).get("/alerts").text
    assert secret in page
    assert secret not in Browser(place, is_owner=False).get("/alerts").text


class Silent(Receiver):
    """Connects, takes everything, and never answers."""

    async def connect_tcp(self, host: str, port: int, **options: Any) -> Any:
        return _Dripping()


class _Dripping:
    """A line on which an answer never ends, and that no time-out of a single read ends either."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        await asyncio.Event().wait()
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        pass

    async def aclose(self) -> None:
        pass

    def get_extra_info(self, info: str) -> Any:
        return None


def test_a_receiver_that_drips_its_answer_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(webhook, "TOTAL_TIMEOUT_S", 0.2)
    silent = Silent()
    notifier = WebhookNotifier(HandClock(), resolve=silent.resolve, connect=silent)
    with pytest.raises(OutcomeUnknown, match="did not answer: TimeoutError"):
        asyncio.run(notifier.send(MESSAGE))


def test_what_stands_behind_a_host_is_in_no_error():
    silent = Silent(leads_to="10.0.0.1")
    notifier = WebhookNotifier(HandClock(), resolve=silent.resolve, connect=silent)
    for address in ("https://hooks.example.org?key=hunter2", "https://hooks.example.org/a?key=hunter2"):
        with pytest.raises(ConnectorError) as told:
            asyncio.run(notifier.send(replace(MESSAGE, to=address)))
        assert "hunter2" not in str(told.value)
    with receiving(Receiver(500).answer) as port:
        receiver = Receiver(500, port=port)
        notifier = WebhookNotifier(HandClock(), resolve=receiver.resolve, connect=receiver)
        with pytest.raises(TransientError) as told:
            asyncio.run(notifier.send(replace(MESSAGE, to="http://hooks.example.org?key=hunter2")))
        assert "hunter2" not in str(told.value)
