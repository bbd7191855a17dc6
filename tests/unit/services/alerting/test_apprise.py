"""Services that Apprise speaks: confirmed, sealed, never inside, their refusals named without the secret."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.channels import notifiers_of
from tests.databases import HandClock
from tests.houses import KEY, Browser, house, person
from tests.posts import Posted, Reply, receiving
from tests.unit.services.alerting.material import ADDRESS, URL, read, rule
from vigie.adapters.net.confined import confined
from vigie.adapters.notifiers.apprise.apprise import HOSTED, PUBLIC, AppriseNotifier, mask_secrets
from vigie.adapters.notifiers.sealing import AddressSeal
from vigie.domain.errors import ConfigError, ConnectorError, UsageError
from vigie.domain.person import OWNER
from vigie.ports.notifier import OutgoingMessage
from vigie.services.alerting.delivery_worker import PAUSES_S, DeliveryWorker
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

TOKEN = "A" + "bCdEf01234567z"
HERE = "127.0.0.1"


@dataclass
class Service:
    """Speaks as Gotify does, and answers as it is told."""

    status: int = 200
    leads_to: str = ""
    port: int = 0
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"gotify://{HERE}:{self.port}/{TOKEN}"

    def answer(self, posted: Posted) -> Reply:
        self.asked.append(posted.path)
        if self.status == 200:
            self.got.append((posted.heads["x-gotify-key"], json.loads(posted.body)))
        return Reply(self.status, heads={"Location": self.leads_to} if self.leads_to else {})


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    served = Service()
    with receiving(served.answer) as served.port:
        yield served


@pytest.fixture(autouse=True)
def fresh(service, monkeypatch) -> None:
    service.status, service.leads_to = 200, ""
    service.got.clear()
    service.asked.clear()
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def notifier(*hosts: str, key: bytes = KEY) -> AppriseNotifier:
    return AppriseNotifier(AddressSeal(lambda: key), hosts=hosts)


@pytest.fixture
def place(tmp_path) -> AppContext:
    built = house(tmp_path / "home", with_bars=False, clock=HandClock())
    made = notifier(HERE)
    return replace(
        built, notifiers=notifiers_of(apprise=lambda: made, address=lambda: ADDRESS, key=lambda: KEY)
    )


def confirmed(place: AppContext, service: Service) -> str:
    made = add_channel(
        person(OWNER.user),
        AddChannelInput(kind="apprise", address=service.address),
        place.accounts,
        place.alerts,
        place.clock,
        place.is_simulated,
        place.notifiers,
    )
    code = service.got[0][1]["message"].split("page: ")[1][:8]
    confirm_channel(person(OWNER.user), ConfirmChannelInput(channel=made.channel, code=code), place.alerts)
    return made.channel


def lines(place: AppContext, channel: str) -> list[Any]:
    return [
        one.delivery
        for one in place.alerts.list_deliveries(OWNER.user, limit=99)
        if one.delivery.channel == channel
    ]


def test_an_alert_arrives_once_a_busy_service_is_asked_again_and_a_refusal_is_said_without_the_secret(
    place, service, caplog, tmp_path
):
    caplog.set_level(logging.DEBUG)
    channel = confirmed(place, service)
    rule(place, channel)
    bound(place, dispatch_read_items)([read()])
    service.status = 503
    DeliveryWorker(place).send_due()
    place.clock.now += PAUSES_S[0] * 1_000
    service.status = 200
    assert (DeliveryWorker(place).send_due(), DeliveryWorker(place).send_due()) == (1, 0)
    _, (key, told) = service.got
    assert (key, URL in told["message"]) == (TOKEN, True)
    assert "Custody of Bitcoin" in told["title"]
    (line,) = lines(place, channel)
    assert (line.state, line.tries) == ("sent", 2)

    service.status = 401
    bound(place, dispatch_read_items)([read("18")])
    DeliveryWorker(place).send_due()
    why = place.alerts.channel(OWNER.user, channel).why
    assert re.search(r"^gotify \(127\.0\.0\.1\) refused it: .*401.*Try this: make a new token", why)
    said = [
        one.alert.happening.title
        for one in place.alerts.list_deliveries(OWNER.user, limit=99, channel="inbox")
    ]
    assert sum("gotify://…" in one and "cannot be delivered" in one for one in said) == 1

    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    browser = Browser(place)
    shown = browser.get("/alerts").text + browser.get("/alerts/log").text
    assert "gotify://…" in shown
    for text in (caplog.text, shown, "\n".join(said), why, repr(place.alerts.channels(OWNER.user))):
        assert TOKEN.lower() not in text.lower()
    assert TOKEN.encode() not in kept
    with pytest.raises(UsageError, match="only requests to web addresses"):
        read_channel_secret(person(OWNER.user), ChannelInput(channel=channel), place.alerts, place.notifiers)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"file:///etc/{TOKEN}", "alerts cannot go to file addresses; services are"),
        (f"json://hooks.example.org/{TOKEN}", "alerts cannot go to json addresses; services are"),
        (f"xmls://hooks.example.org/{TOKEN}", "alerts cannot go to xmls addresses; services are"),
        (f"syslog://{TOKEN}", "alerts cannot go to syslog addresses; services are"),
        (f"dbus://{TOKEN}", "alerts cannot go to dbus addresses; services are"),
        (f"windows://{TOKEN}", "alerts cannot go to windows addresses; services are"),
        (f"macosx://{TOKEN}", "alerts cannot go to macosx addresses; services are"),
        (f"apprise://inner/{TOKEN}", "alerts cannot go to apprise addresses; services are"),
        (f"mailto://me{'@'}example.org/{TOKEN}", "alerts cannot go to mailto addresses; services are"),
        (f"slack://{TOKEN}/?TEMPLATE=/etc/passwd", "address must not contain the option template"),
        (f"gotifys://push.example.org/{TOKEN}?ve%72ify=no", "address must not contain the option verify"),
        (f"tgram://{TOKEN}", "Apprise does not understand this tgram address; see"),
    ],
)
def test_what_is_on_no_list_reads_files_or_is_not_understood_is_refused_and_not_repeated(
    place, address, said
):
    with pytest.raises(UsageError, match=said) as refused:
        add_channel(
            person(OWNER.user),
            AddChannelInput(kind="apprise", address=address),
            place.accounts,
            place.alerts,
            place.clock,
            place.is_simulated,
            place.notifiers,
        )
    assert TOKEN not in str(refused.value)
    assert place.alerts.channels(OWNER.user) == []


def test_nothing_inside_is_reached_unless_the_settings_name_its_host(service):
    told = notifier().seal(service.address)
    with pytest.raises(ConnectorError, match=r"127\.0\.0\.1 is this machine; .*apprise_hosts"):
        asyncio.run(notifier("localhost").send(OutgoingMessage("1", told.secret, "subject", "text")))
    by_name = notifier().seal(service.address.replace(HERE, "localhost"))
    with pytest.raises(ConnectorError, match="is this machine"):
        asyncio.run(notifier(HERE).send(OutgoingMessage("1", by_name.secret, "subject", "text")))
    # What a service leads to is no address that anybody gave.
    service.status, service.leads_to = 307, f"http://{HERE}:{service.port}/elsewhere"
    with pytest.raises(Exception, match="error=307"):
        asyncio.run(notifier(HERE).send(OutgoingMessage("1", told.secret, "subject", "text")))
    assert service.asked == ["/message"]


def test_a_sealed_address_opens_with_the_key_of_its_home_only(service):
    told = notifier().seal(service.address)
    assert notifier().seal(service.address).shown == told.shown
    assert TOKEN not in told.shown + told.secret + repr(told)
    with pytest.raises(ConnectorError, match="remove it and add it again"):
        asyncio.run(
            notifier(HERE, key=b"other" * 8).send(OutgoingMessage("1", told.secret, "subject", "text"))
        )
    assert service.asked == []


def test_a_confined_thread_starts_nothing_and_reaches_no_socket_of_the_machine():
    with confined() as held:
        with pytest.raises(PermissionError, match="no program"):
            subprocess.run([sys.executable, "-c", ""], check=True)
        with pytest.raises(PermissionError):
            # As the interpreter says it of a socket that is a file.
            sys.audit("socket.connect", None, "/run/inner")
    assert held.refused == "a socket of this machine is not reached"
    subprocess.run([sys.executable, "-c", ""], check=True)


def test_apprise_knows_every_service_of_the_list():
    from apprise.manager_plugins import NotificationManager

    assert set(NotificationManager().schemas()) >= PUBLIC | HOSTED


def test_news_call_nobody_of_a_channel(service):
    told = notifier().seal(service.address)
    asyncio.run(
        notifier(HERE).send(OutgoingMessage("1", told.secret, "@everyone", "to <!here> and me@example.org"))
    )
    assert service.got[0][1]["title"] == "@\u200beveryone"
    assert "<\u200b!here> and me@example.org" in service.got[0][1]["message"]


def test_a_token_is_masked_in_every_form_it_may_come_back_in():
    address = f"tgram://123456:{TOKEN}%2F9/-100200300"
    said = f"POST /bot123456:{TOKEN}/9 chat -100200300 {TOKEN.upper()}/9, error=400.\n"
    assert mask_secrets(said, address) == "POST /bot***:*** chat *** ***, error=400."


def test_the_page_takes_an_address_in_french_and_says_what_is_missing(place, service, monkeypatch):
    page = Browser(place)
    answer = page.post("/alerts/channels", {"address": service.address})
    assert "gotify://…" in answer.text
    assert TOKEN not in answer.text
    too_long = f"gotify://{HERE}/{TOKEN}{'x' * 500}"
    assert TOKEN not in page.order("alert_channels.add", kind="apprise", address=too_long).text
    assert TOKEN not in page.post("/alerts/channels", {"address": too_long}).text
    shown = page.get("/alerts", headers={"accept-language": "fr"}).text
    assert "Nouvelle adresse" in shown
    monkeypatch.setattr("vigie.adapters.notifiers.apprise.apprise.find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"pip install 'vigie\[apprise\]'"):
        add_channel(
            person(OWNER.user),
            AddChannelInput(kind="apprise", address=service.address),
            place.accounts,
            place.alerts,
            place.clock,
            place.is_simulated,
            place.notifiers,
        )
    monkeypatch.undo()
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    with pytest.raises(ConfigError, match="Apprise does not work behind a proxy: unset"):
        notifier().seal(service.address)


def test_a_simulated_home_calls_no_service(tmp_path: Path):
    built = house(tmp_path / "home", with_bars=False, clock=HandClock())
    simulated = replace(built, notifiers=notifiers_of(address=lambda: ADDRESS, key=lambda: KEY))
    with pytest.raises(UsageError, match="its market is simulated"):
        add_channel(
            person(OWNER.user),
            AddChannelInput(kind="apprise", address=f"gotifys://push.example.org/{TOKEN}"),
            simulated.accounts,
            simulated.alerts,
            simulated.clock,
            simulated.is_simulated,
            simulated.notifiers,
        )
