"""Running a plug-in from the very bytes that were hashed: what changes on the disk meanwhile runs nowhere."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

from vigie.adapters.net.declared import declared_only
from vigie.adapters.plugins.content import PluginContent
from vigie.adapters.plugins.found import OutsidePlugins
from vigie.adapters.plugins.kinds import KINDS
from vigie.domain.errors import ConfigError, Forbidden
from vigie.ports.plugins import PluginDirectory

_INIT: Final = "__init__.py"


def load_plugin(content: PluginContent) -> ModuleType:
    """Run the program of a plug-in that is allowed, and return it.

    Raises
    ------
    ConfigError
        If it is not allowed, cannot be run, or does not define what its kind demands.
    """
    info = content.info
    if not info.is_on:
        if info.fault:
            raise ConfigError("not_run_2", "{name} was not run: {fault}", name=info.name, fault=info.fault)
        raise ConfigError(
            "not_run",
            "{name} was not run: its content is not allowed here; read it, then run: "
            "vigie programs allow {name}",
            name=info.name,
        )
    kind = KINDS[info.kind]
    _install(content)
    try:
        with declared_only(info.name):
            module = import_module(f"{content.module}.{Path(kind.program).stem}")
    except Forbidden as fault:
        raise ConfigError(str(fault)) from fault
    except (Exception, SystemExit) as fault:  # a file of others may raise anything, even leave; it is shown
        raise ConfigError(
            "cannot_run_2",
            "{name} cannot be run: {name_2}: {fault}",
            name=info.name,
            name_2=type(fault).__name__,
            fault=fault,
        ) from fault
    if not hasattr(module, kind.defines):
        raise ConfigError(
            "must_define",
            "{name}/{program} must define {defines}",
            name=info.name,
            program=kind.program,
            defines=kind.defines,
        )
    return module


def directory_of(plugins: OutsidePlugins) -> PluginDirectory:
    """Return what a process knows of plug-ins from outside; programs are loaded when they are asked for, once."""

    @cache
    def programs(kind: str) -> Sequence[ModuleType]:
        loaded = []
        for content in plugins.usable(kind):
            # One that cannot be run spoils no other; `vigie plugin check` says why.
            with suppress(ConfigError):
                loaded.append(load_plugin(content))
        return loaded

    return PluginDirectory(plugins.list_plugins, programs)


def _install(content: PluginContent) -> None:
    """Let the modules of a plug-in be found among its files, for as long as this process lives."""
    for finder in sys.meta_path:
        if isinstance(finder, PluginFinder) and finder.module == content.module:
            if finder.digest == content.info.sha256:
                return
            raise ConfigError(
                "changed_since_loaded",
                "{name} has changed since it was loaded; restart Vigie to use it",
                name=content.info.name,
            )
    if content.module in sys.modules:
        raise ConfigError(
            "imported_before_checked",
            "{name} was imported before it was checked; nothing else may import it",
            name=content.info.name,
        )
    sys.meta_path.insert(0, PluginFinder(content))


class PluginFinder(MetaPathFinder):
    """Finds the modules of one plug-in among the files that were hashed."""

    def __init__(self, content: PluginContent) -> None:
        self.module = content.module
        self.digest = content.info.sha256
        self._loader = PluginLoader(content.module, content.folder, content.files)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how a module of the plug-in is loaded; None for every other."""
        if fullname.partition(".")[0] != self.module:
            return None
        file = self._loader.file_of(fullname)
        if file is None:
            return None
        is_package = file.endswith(_INIT) or not file
        spec = spec_from_loader(fullname, self._loader, is_package=is_package)
        if spec is not None and file:
            spec.origin, spec.has_location = str(self._loader.folder / file), True
        return spec


class PluginLoader(InspectLoader):
    """Compiles the modules of one plug-in; neither reads bytecode nor leaves any."""

    def __init__(self, module: str, folder: Path, files: Mapping[str, bytes]) -> None:
        self.folder = folder
        self._module = module
        self._files = files

    def file_of(self, fullname: str) -> str | None:
        """Return the file of a module below the folder; empty for a package without one, None for no module."""
        parts = "/".join(fullname.split(".")[1:])
        folder = f"{parts}/" if parts else ""
        if f"{folder}{_INIT}" in self._files:
            return f"{folder}{_INIT}"
        if parts and f"{parts}.py" in self._files:
            return f"{parts}.py"
        return "" if any(name.startswith(folder) for name in self._files) else None

    def get_source(self, fullname: str) -> str:
        """Return the source of a module, for tracebacks."""
        file = self.file_of(fullname)
        return self._files[file].decode() if file else ""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of a module."""
        file = self.file_of(fullname)
        source, path = (self._files[file], str(self.folder / file)) if file else (b"", f"<{fullname}>")
        code: CodeType = compile(source, path, "exec", dont_inherit=True)
        return code

    def is_package(self, fullname: str) -> bool:
        """Tell whether a module has modules below it."""
        file = self.file_of(fullname)
        return file is not None and (file.endswith(_INIT) or not file)
