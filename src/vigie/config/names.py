"""Which variable stands for which setting: ``VIGIE_PORT`` for ``port``, ``VIGIE_BITGET_URL`` for ``urls.bitget``."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from vigie.domain.keyed_services import KEYED_SERVICES, MAILBOX_PREFIX

SettingKey = tuple[str, ...]

HOME: Final = "VIGIE_HOME"
# Names that other programs use for the same thing.
_FOREIGN_VARIABLES: Final[dict[str, SettingKey]] = {
    "DATABASE_URL": ("database_url",),
    "MONGODB_URL": ("mongodb_url",),
}
PREFIX: Final = "VIGIE_"
# Read elsewhere, or by tests: they are ours but no settings.
_NOT_SETTINGS: Final = re.compile(r"VIGIE_(SHARED|CACHE_DIR|PARENT|ALLOWED_SKIPS|AXE|TEST_\w+)")
_SERVICE_VARIABLE: Final = re.compile(r"VIGIE_(\w+)_(URL|KEY|SECRET|PASSPHRASE|MODE)")
FILE_SUFFIX: Final = "_FILE"
PLUGIN_GROUP: Final = "vigie.plugins"
_ADAPTERS: Final = Path(__file__).parent.parent / "adapters"


@dataclass(frozen=True, slots=True)
class DeclaredSettings:
    """What `vigie.config.settings` declares, by variable, and which of it is secret."""

    by_variable: dict[str, SettingKey]
    secret: frozenset[SettingKey]


@cache
def declared() -> DeclaredSettings:
    """Read the settings that are declared, without loading what checks them: commands start by it."""
    tree = ast.parse((Path(__file__).parent / "settings.py").read_text("utf-8"))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    types_by_key = dict(_list_fields(classes, "Settings", ()))
    variables = {variable: key for variable, key in _FOREIGN_VARIABLES.items() if key in types_by_key}
    variables |= {
        f"{PREFIX}{'_'.join(key).upper()}": key for key in types_by_key if key not in variables.values()
    }
    secret = frozenset(key for key, annotation in types_by_key.items() if annotation == "SecretStr")
    return DeclaredSettings(variables, secret)


def _list_fields(
    classes: Mapping[str, ast.ClassDef], name: str, prefix: SettingKey
) -> Iterator[tuple[SettingKey, str]]:
    """Return each field with what is written as its type; tables by name, such as `urls`, have no variable."""
    for node in classes[name].body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            annotation, key = ast.unparse(node.annotation), (*prefix, node.target.id)
            if annotation in classes:
                yield from _list_fields(classes, annotation, key)
            elif not (isinstance(node.value, ast.Call) and any(map(_is_table, node.value.keywords))):
                yield key, annotation


def _is_table(keyword: ast.keyword) -> bool:
    return keyword.arg == "default" and isinstance(keyword.value, ast.Dict)


@cache
def services() -> frozenset[str]:
    """Return the outside services whose addresses and keys can be set: the folders of venues and sources."""
    return venues() | _manifest_folders("sources") | frozenset(KEYED_SERVICES)


@cache
def keyed_feeds() -> frozenset[str]:
    """Return the shipped sources of news that ask for a key."""
    import tomllib  # every command reads this file: only who names such a key pays for it

    listed = tomllib.loads((_ADAPTERS / "sources" / "news" / "shipped.toml").read_text("utf-8"))
    return frozenset(
        name for name, entry in listed.items() if isinstance(entry, dict) and "key_header" in entry
    )


@cache
def packaged() -> frozenset[str]:
    """Return the plug-ins of installed packages, which may have a key; nothing of them is loaded."""
    from importlib.metadata import entry_points

    return frozenset(entry.name for entry in entry_points(group=PLUGIN_GROUP))


@cache
def venues() -> frozenset[str]:
    """Return the venues, whose keys are of demo trading or of real money."""
    return _manifest_folders("venues")


def _manifest_folders(kind: str) -> frozenset[str]:
    return frozenset(path.parent.name for path in (_ADAPTERS / kind).glob("*/manifest.toml"))


def own_services(folder: Path) -> frozenset[str]:
    """Return the names of a person's own sources: the folders that lie in theirs."""
    return (
        frozenset(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else frozenset()
    )


def is_known(key: SettingKey, own_sources: frozenset[str] = frozenset()) -> bool:
    """Tell whether an address or a key is of a service there is; own sources say their address themselves."""
    if key[2:] == ("mode",):
        return key[1] in venues()
    if key[1].startswith(MAILBOX_PREFIX):
        return key[0] == "keys" and key[2:] in ((), ("key",))
    if key[1] in services() or (key[1] in own_sources and key[0] == "keys" and key[2:] in ((), ("key",))):
        return True
    return key[1] in keyed_feeds() or (
        key[0] == "keys" and key[2:] in ((), ("key",)) and key[1] in packaged()
    )


def setting_key(name: str, own_sources: frozenset[str] = frozenset()) -> SettingKey | None:
    """Return the setting that a variable stands for, None where it stands for none.

    Parameters
    ----------
    own_sources : frozenset of str
        Names of own sources, which may have a key.
    """
    if name == HOME:
        return ("home",)
    if name not in _FOREIGN_VARIABLES and not name.startswith(PREFIX):
        return None
    if name in declared().by_variable:
        return declared().by_variable[name]
    match = _SERVICE_VARIABLE.fullmatch(name)
    if match is None:
        return None
    service, field = match[1].lower(), match[2].lower()
    key: SettingKey = ("urls", service) if field == "url" else ("keys", service, field)
    return key if is_known(key, own_sources) else None


def is_secret(key: SettingKey) -> bool:
    """Tell whether a setting's value is shown to nobody."""
    return key in declared().secret or (key[0] == "keys" and key[2:] != ("mode",))


def may_hold_credentials(text: str) -> bool:
    """Tell whether an address, or a text of some, may let in who knows it: by a name and password, or by a query."""
    return "@" in text or "?" in text


def is_vigie_variable(name: str) -> bool:
    """Tell whether a variable can only be meant for us, and must therefore be known."""
    return name.startswith(PREFIX) and not _NOT_SETTINGS.fullmatch(name)


def suggest_name(name: str) -> str:
    """Return ``; did you mean VIGIE_PORT?``, or nothing where no name is near."""
    if name.isupper():
        names = [*declared().by_variable, *(f"VIGIE_{service.upper()}_URL" for service in sorted(services()))]
    else:
        names = sorted(
            {part for key in declared().by_variable.values() for part in key}
            | {"urls", "keys", "instruments", "renamed"}
        )
    matches = difflib.get_close_matches(name, names, n=1, cutoff=0.7)
    return f"; did you mean {matches[0]}?" if matches else ""
