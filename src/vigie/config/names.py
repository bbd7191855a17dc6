"""Which variable stands for which setting: ``VIGIE_PORT`` for ``port``, ``VIGIE_BITGET_URL`` for ``urls.bitget``."""

from __future__ import annotations

import difflib
import re
from functools import cache
from pathlib import Path
from typing import Final

SettingKey = tuple[str, ...]

HOME: Final = "VIGIE_HOME"
# Names that other programs use for the same thing.
_FOREIGN_VARIABLES: Final[dict[str, SettingKey]] = {
    "DATABASE_URL": ("database_url",),
    "MONGODB_URL": ("mongodb_url",),
}
_VIGIE_VARIABLES: Final[dict[str, SettingKey]] = {
    HOME: ("home",),
    "VIGIE_HOST": ("host",),
    "VIGIE_PORT": ("port",),
    "VIGIE_PUBLIC_URL": ("public_url",),
    "VIGIE_ALLOWED_HOSTS": ("allowed_hosts",),
    "VIGIE_PROXY": ("proxy",),
    "VIGIE_PLAIN_HTTP": ("plain_http",),
    "VIGIE_CONTACT": ("contact",),
    "VIGIE_ALLOW_LIVE": ("allow_live",),
    "VIGIE_ORDER_ONLY": ("order_only",),
    "VIGIE_MOST_ORDERS": ("most_orders",),
    "VIGIE_SMTP_URL": ("smtp_url",),
    "VIGIE_SMTP_FROM": ("smtp_from",),
    "VIGIE_APPRISE_HOSTS": ("apprise_hosts",),
    "VIGIE_LANGUAGE_MODEL": ("language_model",),
    "VIGIE_LANGUAGE_INNER": ("language_inner",),
    "VIGIE_LANGUAGE_TIMEOUT_S": ("language_timeout_s",),
    "VIGIE_LANGUAGE_PER_MINUTE": ("language_per_minute",),
    "VIGIE_RETENTION_DOCUMENTS_DAYS": ("retention", "documents_days"),
    "VIGIE_RETENTION_JOBS_DAYS": ("retention", "jobs_days"),
}
KEY_BY_VARIABLE: Final[dict[str, SettingKey]] = {**_FOREIGN_VARIABLES, **_VIGIE_VARIABLES}
PREFIX: Final = "VIGIE_"
# Read elsewhere, or by tests: they are ours but no settings.
_NOT_SETTINGS: Final = re.compile(r"VIGIE_(SHARED|CACHE_DIR|PARENT|ALLOWED_SKIPS|AXE|TEST_\w+)")
_SERVICE_VARIABLE: Final = re.compile(r"VIGIE_(\w+)_(URL|KEY|SECRET|PASSPHRASE|MODE)")
_SECRETS: Final = {("database_url",), ("mongodb_url",), ("smtp_url",)}
FILE_SUFFIX: Final = "_FILE"
# Services by their own name where a folder has another; the world is the simulated one, with its clock.
_SERVICES: Final = (
    "world",
    "defillama",
    "feargreed",
    "coinmetrics",
    "mempool",
    "deribit",
    "ecb",
    "language",
    "cryptorank",
)
# Before the names of mailboxes' passwords: no venue and no source may be called so.
_MAILBOX_PREFIX: Final = "mail_"


@cache
def services() -> frozenset[str]:
    """Return the outside services whose addresses and keys can be set: the folders of venues and sources."""
    return venues() | _manifest_folders("sources") | frozenset(_SERVICES)


@cache
def venues() -> frozenset[str]:
    """Return the venues, whose keys are of demo trading or of real money."""
    return _manifest_folders("venues")


def _manifest_folders(kind: str) -> frozenset[str]:
    adapters = Path(__file__).parent.parent / "adapters"
    return frozenset(path.parent.name for path in (adapters / kind).glob("*/manifest.toml"))


def own_services(folder: Path) -> frozenset[str]:
    """Return the names of a person's own sources: the folders that lie in theirs."""
    return (
        frozenset(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else frozenset()
    )


def is_known(key: SettingKey, own_sources: frozenset[str] = frozenset()) -> bool:
    """Tell whether an address or a key is of a service there is; own sources say their address themselves."""
    if key[2:] == ("mode",):
        return key[1] in venues()
    if key[1].startswith(_MAILBOX_PREFIX):
        return key[0] == "keys" and key[2:] in ((), ("key",))
    return key[1] in services() or (key[1] in own_sources and key[0] == "keys" and key[2:] in ((), ("key",)))


def setting_key(name: str, own_sources: frozenset[str] = frozenset()) -> SettingKey | None:
    """Return the setting that a variable stands for, None where it stands for none.

    Parameters
    ----------
    own_sources : frozenset of str
        Names of own sources, which may have a key.
    """
    if name in KEY_BY_VARIABLE:
        return KEY_BY_VARIABLE[name]
    match = _SERVICE_VARIABLE.fullmatch(name)
    if match is None:
        return None
    service, field = match[1].lower(), match[2].lower()
    key: SettingKey = ("urls", service) if field == "url" else ("keys", service, field)
    return key if is_known(key, own_sources) else None


def is_secret(key: SettingKey) -> bool:
    """Tell whether a setting's value is shown to nobody."""
    return key in _SECRETS or (key[0] == "keys" and key[2:] != ("mode",))


def may_hold_credentials(text: str) -> bool:
    """Tell whether an address, or a text of some, may let in who knows it: by a name and password, or by a query."""
    return "@" in text or "?" in text


def is_vigie_variable(name: str) -> bool:
    """Tell whether a variable can only be meant for us, and must therefore be known."""
    return name.startswith(PREFIX) and not _NOT_SETTINGS.fullmatch(name)


def suggest_name(name: str) -> str:
    """Return ``; did you mean VIGIE_PORT?``, or nothing where no name is near."""
    if name.isupper():
        names = [*KEY_BY_VARIABLE, *(f"VIGIE_{service.upper()}_URL" for service in sorted(services()))]
    else:
        names = sorted(
            {part for key in KEY_BY_VARIABLE.values() for part in key}
            | {"urls", "keys", "instruments", "renamed"}
        )
    matches = difflib.get_close_matches(name, names, n=1, cutoff=0.7)
    return f"; did you mean {matches[0]}?" if matches else ""
