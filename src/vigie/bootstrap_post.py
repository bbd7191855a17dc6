"""How messages go out, in `bootstrap`'s name: which mail server is real, and where links in mails lead."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from vigie.adapters.stores.keys import HomeKey
from vigie.config import venue_url
from vigie.config.paths import ADDRESS, is_simulated
from vigie.domain.errors import ConfigError
from vigie.ports.clock import Clock
from vigie.ports.notifier import Notifier, Post

if TYPE_CHECKING:
    from vigie.config.settings import Settings


def open_post(settings: Settings, clock: Clock) -> Post:
    """Build what hands messages over; nothing is loaded or asked before the first one.

    Parameters
    ----------
    settings : Settings
        A simulated home hands its mail to the simulated world, never to a real server.
    """

    @cache
    def mail() -> Notifier:
        # By name: what speaks with mail servers is loaded where there is something to send.
        smtp = import_module("vigie.adapters.notifiers.smtp")
        url = settings.smtp_url.get_secret_value()
        if is_simulated(settings.home):
            world = venue_url("world")
            if world is None:
                raise ConfigError(
                    "the simulated world that takes mail does not run; start it with `vigie demo`"
                )
            inside: Notifier = smtp.WorldMail(world, clock)
            return inside
        if not url:
            raise ConfigError("no mail server is set: VIGIE_SMTP_URL names one, smtps://user:secret@host:465")
        server = smtp.mail_server(url)
        user = server.user if "@" in server.user else f"vigie@{server.host}"
        real: Notifier = smtp.SmtpNotifier(server, settings.smtp_from or user, clock)
        return real

    return Post(mail, lambda: _pages(settings), lambda: HomeKey(settings.home / "secrets" / "web.key").read())


def _pages(settings: Settings) -> str:
    """Return where people reach the pages: as the settings say, else where the running ones said they are."""
    if settings.public_url:
        return settings.public_url
    try:
        said = (settings.home / ADDRESS).read_text("ascii").strip()
    except FileNotFoundError:
        said = ""
    return said or f"http://{settings.host}:{settings.port}"
