"""An item of a regulator about Bitcoin, a house that mails to a server on loopback, and that server."""

from __future__ import annotations

import email
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

from aiosmtpd.controller import Controller

from tests.channels import notifiers_of
from tests.databases import HandClock
from tests.houses import KEY, house
from vigie.adapters.notifiers.mail.smtp import SmtpNotifier, mail_server
from vigie.domain.alert import AlertRule, Channel
from vigie.domain.item import ItemFinding, NewsItem, Sighting, item_id
from vigie.domain.person import OWNER
from vigie.intelligence.news.step import Publisher
from vigie.services.app_context import AppContext
from vigie.services.news.analysis.item_reader import ReadItem

NOW: Final = HandClock().now
PUBLISHER: Final = Publisher("valmer", "Valmer Markets Authority", "regulator", language="en")
URL: Final = "https://valmer-markets.example/releases/17"
ADDRESS: Final = "https://vigie.example.org"
HIM: Final = "reader@example.org"


def read(key: str = "17", status: str = "confirmed", **more: Any) -> ReadItem:
    """Return an item of a regulator about Bitcoin, as it is known once it was read."""
    given = {"title": "Custody of Bitcoin: a new rule", "url": URL, "text": "All custodians."}
    given |= {name: more.pop(name) for name in list(more) if name in ("title", "url", "text", "ts_published")}
    given = {"ts_published": NOW - 40_000, "precision": "second", **given}
    item = NewsItem(item_id("valmer", key), 1, Sighting("valmer", key, **given), NOW - 9_000, NOW - 9_000)
    found = {
        "relevance": {"is_relevant": True}, "reliability": {"status": status}, "story": {"story": f"s{key}"},
        "entities": {"assets": ["bitcoin"], "found": [{"id": "coin:bitcoin"}, {"id": "org:valmer"}]},
        "topics": {"topics": {"regulation": 0.9, "hack": 0.1}, "is_regulation": True}, **more.pop("found", {}),
    }  # fmt: skip
    findings = {name: ItemFinding(name, 1, body) for name, body in found.items()}
    return ReadItem(replace(item, **more), PUBLISHER, findings, NOW - 9_000, NOW - 1_000)


class Mailbox:
    """Takes mail, and answers as it is told."""

    def __init__(self) -> None:
        self.answer, self.rcpt = "250 kept", "250 OK"
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):
        if self.answer.startswith("2"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
            self.raw.append(envelope.content)
        return self.answer


class Serving(Controller):
    """A mail server on a free port."""

    def __init__(self, box: Mailbox) -> None:
        super().__init__(box, hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """Give a mailbox and the address of its server."""
    box = Mailbox()
    controller = Serving(box)
    controller.start()
    try:
        yield box, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def mailing(home: Path, url: str, clock: HandClock | None = None) -> AppContext:
    """Return a house that hands mail over to a server."""
    clock = clock or HandClock()
    notifier = SmtpNotifier(mail_server(url), "alerts@vigie.example.org", clock)
    post = notifiers_of(mail=lambda: notifier, address=lambda: ADDRESS, key=lambda: KEY)
    return replace(house(home, with_bars=False, clock=clock), notifiers=post)


def channel(house: AppContext, address: str = HIM, **more: Any) -> Channel:
    """Keep a channel that was confirmed."""
    return house.alerts.put_channel(Channel("", OWNER.user, "mail", address, is_confirmed=True, **more))


def rule(house: AppContext, *channels: str, **more: Any) -> AlertRule:
    """Keep a rule about regulators and Bitcoin."""
    when = {"tier": ("regulator",), "assets": ("bitcoin",)}
    given = {"name": "Regulators on Bitcoin", "when": when, "channels": ("inbox", *channels), **more}
    return house.alerts.put_rule(AlertRule("", OWNER.user, kind="item", **given))
