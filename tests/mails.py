"""A simulated home with a mailbox: a small world that takes mail, and a house that looks into it."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

from tests.houses import house
from tests.unit.sandbox.world.hands import small_world
from vigie.adapters.world_mailbox import WorldMailbox
from vigie.adapters.world_newsstand import WorldNewsstand
from vigie.services.app_context import AppContext
from vigie_sandbox.world.server import serving
from vigie_sandbox.world.world import World


@contextmanager
def demonstration(folder: Path) -> Iterator[tuple[AppContext, World]]:
    """Open a simulated house whose world takes mail, until the block ends."""
    world = small_world()
    with serving(world) as url:
        built = house(folder, with_bars=False)
        asked = {"mailbox": WorldMailbox(url), "newsstand": WorldNewsstand(url)}
        yield replace(built, is_simulated=True, **asked), world


def send(
    world: World,
    subject: str,
    text: str,
    html: str = "",
    to: str = "anna@desk.example",
    attached: Sequence[tuple[str, str, bytes]] = (),
) -> None:
    """Send a mail to a world by SMTP, with files: name, media type, content."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "vigie@home.example", to, subject
    mail["Date"] = "Thu, 01 Jan 2026 11:00:00 +0000"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, kind, body in attached:
        family, _, subtype = kind.partition("/")
        mail.add_attachment(body, maintype=family, subtype=subtype, filename=name)
    with smtplib.SMTP("127.0.0.1", world.mailbox.port, timeout=20) as smtp:
        smtp.send_message(mail)
