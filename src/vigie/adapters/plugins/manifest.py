"""What a plug-in from outside says about itself, read from its files as they were hashed; nothing is run."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from vigie.adapters.manifests import check_choice, check_id
from vigie.adapters.notifiers import manifest as notifiers
from vigie.adapters.notifiers.apprise import schemes as apprise
from vigie.adapters.plugins.conflicts import is_reserved
from vigie.adapters.plugins.kinds import KINDS
from vigie.adapters.sources import manifest as sources
from vigie.adapters.sources.own import check_manifest, key_name
from vigie.adapters.stores.program_folders import MANIFEST
from vigie.domain.errors import ConfigError

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HOST: Final = re.compile(r"\*|[a-z0-9.-]+")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]{0,39}")
_HEAD: Final = ("id", "kind", "title", "docs")
_DECLARED: Final = ("hosts", "stores", "secrets")


@dataclass(frozen=True, slots=True)
class PluginManifest:
    """The head of a manifest, which every kind has, what it declares to reach, and the schemes of a channel."""

    id: str
    kind: str
    title: str
    docs: str
    hosts: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()


def parse_plugin(folder: Path, files: Mapping[str, bytes]) -> PluginManifest:
    """Read the manifest of a plug-in among its files, and check it by the rules of its kind.

    Raises
    ------
    ConfigError
        If it is missing, or says what cannot be; the message names key and file.
    """
    path = Path(folder.name) / MANIFEST
    if not _NAME.fullmatch(folder.name):
        raise ConfigError(
            "folder_name_must_use",
            "the folder's name must use only a-z, 0-9 and _, was {name!r}",
            name=folder.name,
        )
    if MANIFEST not in files:
        raise ConfigError("entry_missing", "{needed} is missing", needed=path)
    try:
        text = files[MANIFEST].decode()
        manifest = _parse_head(path, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, MemoryError) as fault:
        raise ConfigError(
            "not_valid_toml", "{path} is not valid TOML: {fault}", path=path, fault=fault
        ) from fault
    kind = KINDS[manifest.kind]
    if kind.program not in files:
        raise ConfigError("missing", "{name}/{program} is missing", name=folder.name, program=kind.program)
    if manifest.id in kind.shipped():
        raise ConfigError(
            "vigie_already",
            "Vigie already has a {id} {id_2}; rename the folder and its id",
            id=kind.id,
            id_2=manifest.id,
        )
    if is_reserved(manifest.id):
        raise ConfigError(
            "id_of_vigies_key",
            "{path}: id must not be {id}, whose key is of Vigie's own; rename the folder and its id",
            path=path,
            id=manifest.id,
        )
    if manifest.secrets not in ((), (key_name(manifest.id),)):
        raise ConfigError(
            "secrets_must_empty_name_alone",
            "{path}: secrets must be empty or name {id} alone",
            path=path,
            id=key_name(manifest.id),
        )
    schemes = _check_kind(path, manifest, text)
    if kind.id == "strategy" and (more := sorted(_modules(files) - {kind.program, "__init__.py"})):
        raise ConfigError(
            "strategy_one_file",
            "{name}: a strategy is one file, {program}; it has {more} too",
            name=folder.name,
            program=kind.program,
            more=more[0],
        )
    return replace(manifest, schemes=schemes)


def _modules(files: Mapping[str, bytes]) -> set[str]:
    return {name for name in files if name.endswith(".py")}


def _parse_head(path: Path, data: Mapping[str, object]) -> PluginManifest:
    texts: dict[str, str] = {}
    for key in _HEAD:
        value = data.get(key)
        if not isinstance(value, str) or not value:
            raise ConfigError(
                "must_text", "{path}: {key} must be text, was {value!r}", path=path, key=key, value=value
            )
        if not value.isprintable():
            raise ConfigError(
                "must_printable",
                "{path}: {key} must be printable, was {value!r}",
                path=path,
                key=key,
                value=value,
            )
        texts[key] = value
    check_id(path, texts["id"])
    check_choice(path, "kind", texts["kind"], tuple(one.id for one in KINDS.values() if one.is_open))
    declared = {key: _parse_list(path, key, data.get(key, [])) for key in _DECLARED}
    live_url = data.get("live_url")
    if isinstance(live_url, str):
        main_host = urlsplit(live_url).hostname or ""
        declared["hosts"] = tuple(dict.fromkeys(filter(None, (main_host, *declared["hosts"]))))
    if odd := [host for host in declared["hosts"] if not _HOST.fullmatch(host)]:
        raise ConfigError(
            "hosts_must_names",
            "{path}: hosts must be names of hosts or *, has {host!r}",
            path=path,
            host=odd[0],
        )
    return PluginManifest(
        texts["id"], texts["kind"], texts["title"], texts["docs"],
        declared["hosts"], declared["stores"], declared["secrets"],
    )  # fmt: skip


def _parse_list(path: Path, key: str, value: object) -> tuple[str, ...]:
    """Return a list of texts; of a table of addresses, their hosts."""
    if isinstance(value, dict):
        value = [urlsplit(str(address)).hostname or "" for address in value.values()]
    if not isinstance(value, list) or not all(
        isinstance(part, str) and part and part.isprintable() for part in value
    ):
        raise ConfigError(
            "must_list_texts",
            "{path}: {key} must be a list of texts, was {value!r}",
            path=path,
            key=key,
            value=value,
        )
    return tuple(value)


def _check_kind(path: Path, manifest: PluginManifest, text: str) -> tuple[str, ...]:
    """Check what a kind needs besides; return the schemes of a channel."""
    if manifest.kind == "source":
        check_manifest(path, sources.parse_manifest(path, text))
    elif manifest.kind == "notifier":
        return _check_notifier(path, notifiers.parse_manifest(path, text))
    elif unknown := sorted(set(tomllib.loads(text)) - {*_HEAD, *_DECLARED}):
        raise ConfigError("keys_unknown", "{path}: unknown: {unknown}", path=path, unknown=", ".join(unknown))
    return ()


def _check_notifier(path: Path, notifier: notifiers.NotifierManifest) -> tuple[str, ...]:
    if notifier.settings or notifier.simulated or notifier.is_signed or "" in notifier.schemes:
        raise ConfigError(
            "settings_simulated_must_empty",
            "{path}: settings and simulated must be empty, is_signed false, and schemes name one each: "
            "the others are Vigie's own",
            path=path,
        )
    shipped = {scheme for manifest in notifiers.manifests() for scheme in manifest.schemes}
    # Vigie's manifest of Apprise takes any scheme; which it speaks, it says elsewhere.
    shipped |= apprise.PUBLIC | apprise.HOSTED
    if taken := sorted(shipped & set(notifier.schemes)):
        raise ConfigError(
            "schemes_must_not_vigie_channels",
            "{path}: schemes must not be those of Vigie's channels, has {taken}",
            path=path,
            taken=taken[0],
        )
    if odd := [scheme for scheme in notifier.schemes if not _SCHEME.fullmatch(scheme)]:
        raise ConfigError(
            "schemes_must_use", "{path}: schemes must use only a-z, 0-9, +, . and -, has {scheme!r}",
            path=path, scheme=odd[0],
        )  # fmt: skip
    if not notifier.is_secret and not notifier.address:
        raise ConfigError(
            "address_must_pattern_where_addresses",
            "{path}: address must be a pattern where addresses are no secrets",
            path=path,
        )
    return notifier.schemes
