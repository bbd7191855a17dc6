"""Sources of a person's own: folders below the home folder, alike to those of this program.

What a folder says of itself is read by pages and the collector; its program is run by the collector only. One that
cannot be used spoils no other: it is told with its reason.
"""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from vigie.adapters.sources.manifest import SourceManifest, read_manifest
from vigie.adapters.sources.manifest import manifests as shipped
from vigie.adapters.venues.manifest import manifests as venues
from vigie.domain.errors import ConfigError, Forbidden
from vigie.domain.fact import Measure
from vigie.domain.refusal import change_words
from vigie.ports.source import Batch, Source

PROGRAM: Final = "source.py"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FEED_NAME: Final = re.compile(r"[a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class OwnSource:
    """One folder; `fault` says why it cannot be used, empty where it can."""

    name: str
    folder: Path
    manifest: SourceManifest | None = None
    fault: str = ""


def own_sources(folder: Path) -> tuple[OwnSource, ...]:
    """Return what lies in a folder of own sources, by name; nothing of it is run."""
    if not folder.is_dir():
        return ()
    folders = (path for path in sorted(folder.iterdir()) if path.is_dir() and path.name[0] not in "._")
    return tuple(_load_source(path) for path in folders)


def _load_source(folder: Path) -> OwnSource:
    try:
        return OwnSource(folder.name, folder, _check_folder(folder))
    except (ConfigError, OSError, ValueError, TypeError) as fault:
        # Where the home lies is nobody's business.
        return OwnSource(
            folder.name,
            folder,
            fault=change_words(str(fault), lambda text: text.replace(f"{folder.parent}/", "")),
        )


def _check_folder(folder: Path) -> SourceManifest:
    path = folder / "manifest.toml"
    if not _NAME.fullmatch(folder.name):
        raise ConfigError(
            "folder_name_must_use",
            "the folder's name must use only a-z, 0-9 and _, was {name!r}",
            name=folder.name,
        )
    if folder.name in {
        *(shipped_source.id for shipped_source in shipped()),
        *(shipped_source.id for shipped_source in venues()),
    }:
        raise ConfigError(
            "vigie_already_source_rename",
            "Vigie already has a source {name}; rename the folder and its id",
            name=folder.name,
        )
    for needed in (path, folder / PROGRAM):
        if not needed.is_file():
            raise ConfigError("entry_missing", "{needed} is missing", needed=needed)
    try:
        manifest = read_manifest(folder)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(
            "not_valid_toml", "{path} is not valid TOML: {fault}", path=path, fault=fault
        ) from fault
    check_manifest(path, manifest)
    return manifest


def check_manifest(path: Path, manifest: SourceManifest) -> None:
    """Demand that a source from outside says what may be asked of it.

    Raises
    ------
    ConfigError
        If it does not; the message names key and file.
    """
    if not str(manifest.live_url).startswith(("https://", "http://")):
        raise ConfigError(
            "live_url_must_begin",
            "{path}: live_url must begin with https://, was {live_url!r}",
            path=path,
            live_url=manifest.live_url,
        )
    for key in ("requests_per_minute", "burst", "max_bytes"):
        _check_positive(path, key, getattr(manifest, key))
    if manifest.secrets not in ((), (key_name(manifest.id),)):
        raise ConfigError(
            "secrets_must_empty_name_alone",
            "{path}: secrets must be empty or name {id} alone",
            path=path,
            id=key_name(manifest.id),
        )
    for feed in manifest.feeds:
        if not _FEED_NAME.fullmatch(feed.name):
            raise ConfigError(
                "feed_name_must_use",
                "{path}: a feed's name must use only a-z, 0-9 and _, was {name!r}",
                path=path,
                name=feed.name,
            )
        _check_positive(path, f"feeds.{feed.name}.every_s", feed.every_s)


def key_name(name: str) -> str:
    """Return the variable that holds the key of an own source."""
    return f"VIGIE_{name.upper()}_KEY"


@dataclass(frozen=True, slots=True)
class KeyMaskingSource:
    """A feed of an own source whose key never stands in what it complains of; fulfils `vigie.ports.source.Source`."""

    source: Source
    key: str

    def measures(self) -> Sequence[Measure]:
        """Return the kinds of series it delivers."""
        return self.source.measures()

    async def pull(self, bookmark: str) -> Batch:
        """Fetch what is new since the bookmark."""
        try:
            return await self.source.pull(bookmark)
        except Exception as fault:  # whatever it is, it is raised again without the key
            if self.key:
                fault.args = tuple(
                    argument.replace(self.key, "********") if isinstance(argument, str) else argument
                    for argument in fault.args
                )
            raise


def _check_positive(path: Path, key: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ConfigError(
            "key_not_positive",
            "{path}: {key} must be a number above 0, was {value!r}",
            path=path,
            key=key,
            value=value,
        )


def load_program(own_source: OwnSource) -> ModuleType:
    """Run the program of a source and return it.

    Raises
    ------
    ConfigError
        If it cannot be run, or has no `open_feeds`.
    """
    path = own_source.folder / PROGRAM
    spec = importlib.util.spec_from_file_location(f"vigie_own_source_{own_source.name}", path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    try:
        # Not by the loader, which may take bytecode that lies beside the file for it.
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))  # noqa: S102 - a person wrote it to be run here
    except Forbidden as fault:
        raise ConfigError(str(fault)) from fault
    except (Exception, SystemExit) as fault:  # a person's file may raise anything, even leave; it is shown
        raise ConfigError(
            "cannot_run",
            "{name}/{program} cannot be run: {name_2}: {fault}",
            name=own_source.name,
            program=PROGRAM,
            name_2=type(fault).__name__,
            fault=fault,
        ) from fault
    if not callable(getattr(module, "open_feeds", None)):
        raise ConfigError(
            "must_define_function_open_feeds",
            "{name}/{program} must define the function open_feeds",
            name=own_source.name,
            program=PROGRAM,
        )
    return module
