"""How messages go out and files are printed, in `bootstrap`'s name: which mail server is real, where links lead."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.adapters.stores.keys import HomeKey
from vigie.config import venue_url
from vigie.config.paths import ADDRESS_FILE, is_simulated
from vigie.domain.errors import ConfigError
from vigie.ports.clock import Clock
from vigie.ports.dns import DnsResolver
from vigie.ports.notifier import Notifier, Notifiers, SealingNotifier
from vigie.ports.printing import PrintedDocument, Printer
from vigie.services.mail_records.mail_check import MailSetup

if TYPE_CHECKING:
    from vigie.config.settings import Settings


def open_notifiers(settings: Settings, clock: Clock) -> Notifiers:
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
                raise ConfigError("the simulated mail server is not running; start it with `vigie demo`")
            world_notifier: Notifier = smtp.WorldMail(world, clock)
            return world_notifier
        if not url:
            raise ConfigError(
                "no mail server is set: set VIGIE_SMTP_URL, such as smtps://user:secret@host:465"
            )
        smtp_notifier: Notifier = smtp.SmtpNotifier(smtp.mail_server(url), _sender(settings), clock)
        return smtp_notifier

    @cache
    def webhook() -> Notifier:
        if is_simulated(settings.home):
            raise ConfigError("this installation contacts no outside addresses: its market is simulated")
        webhook_notifier: Notifier = import_module("vigie.adapters.notifiers.webhook").WebhookNotifier(clock)
        return webhook_notifier

    key = HomeKey(settings.home / "secrets" / "web.key")

    @cache
    def apprise() -> SealingNotifier:
        if is_simulated(settings.home):
            raise ConfigError("this installation contacts no outside services: its market is simulated")
        seal = import_module("vigie.adapters.notifiers.sealing").AddressSeal(key.read)
        notifier_class = import_module("vigie.adapters.notifiers.apprise").AppriseNotifier
        apprise_notifier: SealingNotifier = notifier_class(seal, hosts=settings.apprise_hosts)
        return apprise_notifier

    return Notifiers(mail, webhook, apprise, address=lambda: _pages_url(settings), key=key.read)


def _sender(settings: Settings) -> str:
    """Return the address that mails come from."""
    if settings.smtp_from:
        return settings.smtp_from
    url = settings.smtp_url.get_secret_value()
    if not url:
        raise ConfigError("no mail server is set: set VIGIE_SMTP_URL, such as smtps://user:secret@host:465")
    server = import_module("vigie.adapters.notifiers.smtp").mail_server(url)
    return server.user if "@" in server.user else f"vigie@{server.host}"


def mail_setup(home: str | Path | None = None) -> MailSetup:
    """Return what the settings say of how mail leaves.

    Raises
    ------
    ConfigError
        If the home is simulated or no mail server is set: there is nothing to check.
    """
    settings = import_module("vigie.config.loading").load(home).settings
    if is_simulated(settings.home):
        raise ConfigError(
            "this home folder is simulated: its e-mails stay in the simulated market, and no receiver "
            "checks DNS for them"
        )
    return MailSetup(_sender(settings), settings.public_url)


def open_resolver(server: str = "") -> DnsResolver:
    """Build what looks names up; `server` is asked in place of this machine's resolvers."""
    resolver: DnsResolver = import_module("vigie.adapters.net.dns").DnspythonResolver(server)
    return resolver


def open_printer() -> Printer:
    """Build what prints; its font is read with the first file."""
    folder = Path(__file__).resolve().parent / "views" / "web" / "static" / "fonts"
    return _Printer(folder)


class _Printer:
    """Loads what prints where there is something to print."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pdf(self, document: PrintedDocument) -> bytes:
        content: bytes = import_module("vigie.adapters.printing.pdf").PdfPrinter(self._folder).pdf(document)
        return content


def _pages_url(settings: Settings) -> str:
    """Return where people reach the pages: as the settings say, else where the running ones said they are."""
    if settings.public_url:
        return settings.public_url
    try:
        written_url = (settings.home / ADDRESS_FILE).read_text("ascii").strip()
    except FileNotFoundError:
        written_url = ""
    return written_url or f"http://{settings.host}:{settings.port}"
