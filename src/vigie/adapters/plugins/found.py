"""The plug-ins of a home and of installed packages: what lies there, and whether exactly that is allowed.

A package says that it holds a plug-in by the entry point ``vigie.plugins``; its name, the package's and the id in the
manifest are one. Nothing is imported to find it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path
from typing import Final

from vigie.adapters.plugins.conflicts import with_conflicts
from vigie.adapters.plugins.content import PluginContent
from vigie.adapters.plugins.manifest import parse_plugin
from vigie.adapters.plugins.strategies import STRATEGY, copy_strategy, remove_strategy
from vigie.adapters.stores.program_folders import digest_files, read_folder
from vigie.adapters.stores.programs import PLUGINS, AllowedPrograms
from vigie.domain.errors import ConfigError, NotFound
from vigie.domain.refusal import Refusal, printable
from vigie.ports.plugins import Origin, PluginInfo

GROUP: Final = "vigie.plugins"
PACKAGES: Final = "packages"
_MODULE: Final = re.compile(r"[a-z][a-z0-9_]*")


class OutsidePlugins:
    """The plug-ins from outside; fulfils `vigie.ports.plugins.Plugins`.

    Parameters
    ----------
    home : Path
        Whose list says what is allowed.
    path : sequence of str, optional
        Where installed packages lie; ``sys.path`` by default.
    """

    def __init__(self, home: Path, *, path: Sequence[str] | None = None) -> None:
        self._home = home
        self._folder = home / PLUGINS
        self._allowed = AllowedPrograms(home)
        self._path = path

    def list_plugins(self) -> list[PluginInfo]:
        """Return every plug-in, by name; nothing of it is run."""
        return [content.info for content in self.contents()]

    def usable(self, kind: str) -> list[PluginContent]:
        """Return the plug-ins of a kind that are allowed and without fault, by name."""
        return [content for content in self.contents() if content.info.is_on and content.info.kind == kind]

    def contents(self) -> list[PluginContent]:
        """Return every plug-in with its files, by name; an id or a scheme that is taken is a fault."""
        contents = sorted(
            (*self._home_plugins(), *self._packaged_plugins()), key=lambda content: content.info.name
        )
        sources = self._home / "sources"
        own_sources = {path.name for path in sources.iterdir()} if sources.is_dir() else set[str]()
        return with_conflicts(contents, own_sources)

    def allow(self, name: str) -> PluginInfo:
        """Allow a plug-in with the files that it has now, and return it.

        Raises
        ------
        NotFound
            If there is none of this name.
        ConfigError
            If it cannot be used.
        """
        content = self.content(name)
        info = content.info
        if info.fault:
            raise ConfigError(
                "cannot_allowed", "{name} cannot be allowed: {fault}", name=name, fault=info.fault
            )
        copied = copy_strategy(content, self._home, self._allowed) if info.kind == STRATEGY else {}
        self._allowed.allow_digests({**copied, name: info.sha256})
        return replace(info, is_allowed=True)

    def forbid(self, name: str) -> None:
        """Take a plug-in off the list; running processes keep what they loaded."""
        self._allowed.forbid([name, *remove_strategy(name, self._home, self._allowed)])

    def content(self, name: str) -> PluginContent:
        """Return one plug-in with its files.

        Raises
        ------
        NotFound
            If there is none of this name.
        """
        by_name = {content.info.name: content for content in self.contents()}
        if name not in by_name:
            existing = ", ".join(by_name) or "there is none"
            raise NotFound(
                "no_plug", "there is no plug-in {name}; plug-ins: {existing}", name=name, existing=existing
            )
        return by_name[name]

    def _home_plugins(self) -> Iterator[PluginContent]:
        if self._folder.is_dir():
            for folder in sorted(self._folder.iterdir()):
                if folder.is_dir() and folder.name[0] not in "._":
                    module = f"vigie_plugin_{folder.name}"
                    yield self._read_content(
                        f"{PLUGINS}/{printable(folder.name)}", "home", folder, module, ""
                    )

    def _packaged_plugins(self) -> Iterator[PluginContent]:
        for distribution, entry in _entry_points(self._path):
            name, version = f"{PACKAGES}/{printable(entry.name)}", printable(distribution.version)
            folder = _locate_package(entry, self._path)
            if folder is None:
                info = PluginInfo(
                    name,
                    "package",
                    version=version,
                    fault=Refusal(
                        "entry_point_must_name_folder",
                        "the entry point must be {name} and name a package's folder",
                        name=printable(entry.name),
                    ),
                )
                yield PluginContent(info, Path(), entry.name, {})
            else:
                yield self._read_content(name, "package", folder, entry.name, version)

    def _read_content(
        self, name: str, origin: Origin, folder: Path, module: str, version: str
    ) -> PluginContent:
        info, files = PluginInfo(name, origin, version=version), dict[str, bytes]()
        try:
            files = read_folder(folder)
            digest = digest_files(files)
            is_allowed = self._allowed.allowed_digest(name) == digest
            info = replace(info, sha256=digest, is_allowed=is_allowed)
            manifest = parse_plugin(folder, files)
        except ConfigError as fault:
            return PluginContent(replace(info, fault=printable(str(fault))), folder, module, files)
        # Written by somebody whom no admin has trusted yet: whatever reading it raises stays with this plug-in.
        except Exception as fault:  # noqa: BLE001 - shown in the lists
            unreadable = Refusal(
                "manifest_cannot_be_read",
                "{name} cannot be read: {kind}: {fault}",
                name=info.name,
                kind=type(fault).__name__,
                fault=fault,
            )
            return PluginContent(replace(info, fault=printable(unreadable)), folder, module, files)
        info = replace(
            info, id=manifest.id, kind=manifest.kind, title=manifest.title, hosts=manifest.hosts,
            stores=manifest.stores, secrets=manifest.secrets, schemes=manifest.schemes,
        )  # fmt: skip
        return PluginContent(info, folder, module, files)


def _entry_points(path: Sequence[str] | None) -> list[tuple[Distribution, EntryPoint]]:
    """Return the entry points of all distributions, by name, the first distribution on the path winning."""
    found: dict[str, tuple[Distribution, EntryPoint]] = {}
    for distribution in distributions(path=list(sys.path if path is None else path)):
        for entry in distribution.entry_points:
            if entry.group == GROUP:
                found.setdefault(entry.name, (distribution, entry))
    return [found[name] for name in sorted(found)]


def _locate_package(entry: EntryPoint, path: Sequence[str] | None) -> Path | None:
    """Return the folder of the package that an entry point names; finding a module of the first level imports none."""
    if entry.value != entry.name or not _MODULE.fullmatch(entry.value):
        return None
    spec = PathFinder.find_spec(entry.value, path)
    locations = list(spec.submodule_search_locations or ()) if spec else []
    return Path(locations[0]) if len(locations) == 1 else None
