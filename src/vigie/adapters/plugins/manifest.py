"""What a plug-in from outside says about itself, read from its files as they were hashed; nothing is run."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from vigie.adapters.manifests import check_choice, check_id
from vigie.adapters.notifiers import manifest as notifiers
from vigie.adapters.plugins.kinds import KINDS
from vigie.adapters.sources import manifest as sources
from vigie.adapters.sources.own import check_manifest, key_name
from vigie.adapters.stores.program_folders import MANIFEST
from vigie.domain.errors import ConfigError

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HEAD: Final = ("id", "kind", "title", "docs")
_DECLARED: Final = ("hosts", "stores", "secrets")


@dataclass(frozen=True, slots=True)
class PluginManifest:
    """The head of a manifest, which every kind has, and what it declares to reach."""

    id: str
    kind: str
    title: str
    docs: str
    hosts: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


def parse_plugin(folder: Path, files: Mapping[str, bytes]) -> PluginManifest:
    """Read the manifest of a plug-in among its files, and check it by the rules of its kind.

    Raises
    ------
    ConfigError
        If it is missing, or says what cannot be; the message names key and file.
    """
    path = Path(folder.name) / MANIFEST
    if not _NAME.fullmatch(folder.name):
        raise ConfigError(f"the folder's name must use only a-z, 0-9 and _, was {folder.name!r}")
    if MANIFEST not in files:
        raise ConfigError(f"{path} is missing")
    try:
        text = files[MANIFEST].decode()
        manifest = _parse_head(path, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigError(f"{path} is not valid TOML: {fault}") from fault
    kind = KINDS[manifest.kind]
    if kind.program not in files:
        raise ConfigError(f"{folder.name}/{kind.program} is missing")
    if manifest.id in kind.shipped():
        raise ConfigError(f"Vigie already has a {kind.id} {manifest.id}; rename the folder and its id")
    if manifest.secrets not in ((), (key_name(manifest.id),)):
        raise ConfigError(f"{path}: secrets must be empty or name {key_name(manifest.id)} alone")
    _check_kind(path, manifest, text)
    if kind.id == "strategy" and (more := sorted(_modules(files) - {kind.program, "__init__.py"})):
        raise ConfigError(f"{folder.name}: a strategy is one file, {kind.program}; it has {more[0]} too")
    return manifest


def _modules(files: Mapping[str, bytes]) -> set[str]:
    return {name for name in files if name.endswith(".py")}


def _parse_head(path: Path, data: Mapping[str, object]) -> PluginManifest:
    texts: dict[str, str] = {}
    for key in _HEAD:
        value = data.get(key)
        if not isinstance(value, str) or not value:
            raise ConfigError(f"{path}: {key} must be text, was {value!r}")
        texts[key] = value
    check_id(path, texts["id"])
    check_choice(path, "kind", texts["kind"], tuple(one.id for one in KINDS.values() if one.is_open))
    declared = {key: _parse_list(path, key, data.get(key, [])) for key in _DECLARED}
    live_url = data.get("live_url")
    if isinstance(live_url, str):
        main_host = urlsplit(live_url).hostname or ""
        declared["hosts"] = tuple(dict.fromkeys(filter(None, (main_host, *declared["hosts"]))))
    return PluginManifest(
        texts["id"], texts["kind"], texts["title"], texts["docs"],
        declared["hosts"], declared["stores"], declared["secrets"],
    )  # fmt: skip


def _parse_list(path: Path, key: str, value: object) -> tuple[str, ...]:
    """Return a list of texts; of a table of addresses, their hosts."""
    if isinstance(value, dict):
        value = [urlsplit(str(address)).hostname or "" for address in value.values()]
    if not isinstance(value, list) or not all(isinstance(part, str) and part for part in value):
        raise ConfigError(f"{path}: {key} must be a list of texts, was {value!r}")
    return tuple(value)


def _check_kind(path: Path, manifest: PluginManifest, text: str) -> None:
    if manifest.kind == "source":
        check_manifest(path, sources.parse_manifest(path, text))
    elif manifest.kind == "notifier":
        notifier = notifiers.parse_manifest(path, text)
        if notifier.settings or notifier.simulated or notifier.is_signed or "" in notifier.schemes:
            raise ConfigError(
                f"{path}: settings and simulated must be empty, is_signed false, and schemes name one each: "
                "the others are Vigie's own"
            )
        shipped = {begins for one in notifiers.manifests() for begins in one.schemes}
        if taken := sorted(shipped & set(notifier.schemes)):
            raise ConfigError(f"{path}: schemes must not be those of Vigie's channels, has {taken[0]}")
        if not notifier.is_secret and not notifier.address:
            raise ConfigError(f"{path}: address must be a pattern where addresses are no secrets")
    elif unknown := sorted(set(tomllib.loads(text)) - {*_HEAD, *_DECLARED}):
        raise ConfigError(f"{path}: unknown: {', '.join(unknown)}")
