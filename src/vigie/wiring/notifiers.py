"""How messages go out and files are printed: which mail server is real, where links lead."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from vigie.adapters.clock import SystemClock
from vigie.adapters.notifiers.manifest import NotifierManifest, manifests
from vigie.adapters.stores.keys import HomeKey, derive_key
from vigie.config.paths import ADDRESS_FILE, is_simulated
from vigie.domain.errors import ConfigError
from vigie.ports.clock import Clock
from vigie.ports.dns import DnsResolver
from vigie.ports.notifier import ChannelKind, Notifier, Notifiers, NotifierSetup
from vigie.ports.printing import Printer
from vigie.ports.reports import ReportPrinter
from vigie.services.mail_records.mail_check import MailSetup
from vigie.wiring.world_address import find_world

if TYPE_CHECKING:
    from vigie.config.settings import Settings

_FONTS: Final = Path(__file__).resolve().parents[1] / "views" / "web" / "static" / "fonts"


def open_notifiers(settings: Settings, clock: Clock) -> Notifiers:
    """Build what hands messages over; nothing is loaded or asked before the first one.

    Parameters
    ----------
    settings : Settings
        A simulated home hands its mail to the simulated world, never to a real server.
    """
    key = HomeKey(settings.home / "secrets" / "web.key")
    kinds = [_channel_kind(manifest, settings, clock, key.read) for manifest in manifests()]
    return Notifiers(
        {kind.id: kind for kind in kinds},
        address=lambda: _pages_url(settings),
        key=key.read,
        outside=cache(lambda: _outside_kinds(settings, clock, key.read)),
    )


def _outside_kinds(settings: Settings, clock: Clock, key: Callable[[], bytes]) -> list[ChannelKind]:
    """Return the kinds of channels that allowed plug-ins add; each derives its own secret from the home's."""
    plugins = import_module("vigie.adapters.plugins.found").OutsidePlugins(settings.home)
    channel_kind = import_module("vigie.adapters.plugins.notifiers").channel_kind
    key_name = import_module("vigie.adapters.sources.own").key_name
    kinds = []
    for content in plugins.usable("notifier"):
        own_key = partial(derive_key, key, f"plugin/{content.info.name}")
        # Only the key that it declares, which an admin has read in the lists.
        is_keyed = key_name(content.info.id) in content.info.secrets
        credentials = settings.keys.get(content.info.id) if is_keyed else None
        texts = {"key": credentials.key.get_secret_value()} if credentials else {}
        kinds.append(channel_kind(content, clock, own_key, texts, is_simulated=is_simulated(settings.home)))
    return kinds


def _channel_kind(
    manifest: NotifierManifest, settings: Settings, clock: Clock, key: Callable[[], bytes]
) -> ChannelKind:
    @cache
    def open_kind() -> Notifier:
        is_in_world = is_simulated(settings.home)
        if is_in_world and not manifest.simulated:
            if manifest.is_signed:
                raise ConfigError(
                    "installation_contacts_no_outside_addresses",
                    "this installation contacts no outside addresses: its market is simulated",
                )
            raise ConfigError(
                "installation_contacts_no_outside_services",
                "this installation contacts no outside services: its market is simulated",
            )
        # By name: what speaks with mail servers is loaded where there is something to send.
        module = import_module(f"vigie.adapters.notifiers.{manifest.id}.notifier")
        # A command in a second terminal knows no variable of the running demonstration.
        world = (find_world(settings.home) or None) if is_in_world else None
        setup = NotifierSetup(clock, key, _setting_texts(manifest, settings), is_in_world, world)
        notifier: Notifier = module.open_notifier(setup)
        return notifier

    return ChannelKind(
        manifest.id, manifest.title, open_kind, manifest.schemes, manifest.address, manifest.hint,
        manifest.is_secret, manifest.is_signed,
    )  # fmt: skip


def _setting_texts(manifest: NotifierManifest, settings: Settings) -> dict[str, str]:
    """Return the settings that a channel is given, as texts."""
    texts: dict[str, str] = {}
    for name in manifest.settings:
        value: object = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        texts[name] = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return texts


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
            "home_folder_simulated",
            "this home folder is simulated: its e-mails stay in the simulated market, and no receiver "
            "checks DNS for them",
        )
    texts = {"smtp_url": settings.smtp_url.get_secret_value(), "smtp_from": settings.smtp_from}
    setup = NotifierSetup(SystemClock(), bytes, texts)
    sender: str = import_module("vigie.adapters.notifiers.mail.notifier").sender_of(setup)
    return MailSetup(sender, settings.public_url)


def open_resolver(server: str = "") -> DnsResolver:
    """Build what looks names up; `server` is asked in place of this machine's resolvers."""
    resolver: DnsResolver = import_module("vigie.adapters.net.dns").DnspythonResolver(server)
    return resolver


def open_printer() -> Printer:
    """Build what prints documents; it loads nothing."""
    printer: Printer = import_module("vigie.adapters.printing.typst_documents").TypstDocuments(_FONTS)
    return printer


def open_report_printer() -> ReportPrinter:
    """Build what prints reports; it loads nothing."""
    printer: ReportPrinter = import_module("vigie.adapters.printing.typst_reports").TypstReports(_FONTS)
    return printer


def _pages_url(settings: Settings) -> str:
    """Return where people reach the pages: as the settings say, else where the running ones said they are."""
    if settings.public_url:
        return settings.public_url
    try:
        written_url = (settings.home / ADDRESS_FILE).read_text("ascii").strip()
    except FileNotFoundError:
        written_url = ""
    return written_url or f"http://{settings.host}:{settings.port}"
