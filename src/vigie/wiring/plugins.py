"""Plug-ins from outside, as a process knows them: nothing is read or loaded before somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

from vigie.adapters.sources.manifest import SourceManifest
from vigie.ports.plugins import PluginDirectory


def plugin_directory(home: Path) -> PluginDirectory:
    """Return what a process knows of the plug-ins of a home and of installed packages."""

    @cache
    def opened() -> PluginDirectory:
        plugins = import_module("vigie.adapters.plugins.found").OutsidePlugins(home)
        directory: PluginDirectory = import_module("vigie.adapters.plugins.loading").directory_of(plugins)
        return directory

    return PluginDirectory(lambda: opened().list_plugins(), lambda kind: opened().programs(kind))


def plugin_source_manifests(home: Path) -> Sequence[SourceManifest]:
    """Return the manifests of the sources among them that are allowed."""
    plugins = import_module("vigie.adapters.plugins.found").OutsidePlugins(home)
    manifests: Sequence[SourceManifest] = import_module("vigie.adapters.plugins.sources").source_manifests(
        plugins
    )
    return manifests
