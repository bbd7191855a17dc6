"""Sources from outside: opened with the hosts of their manifest, and nothing else, to reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vigie.adapters.net.declared import declared_fetcher, declared_only, watch_threads
from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.net.guard import Resolve, resolve_name
from vigie.adapters.plugins.content import PluginContent
from vigie.adapters.plugins.found import OutsidePlugins
from vigie.adapters.plugins.loading import load_plugin
from vigie.adapters.sources.manifest import SourceManifest, parse_manifest
from vigie.adapters.sources.own import KeyMaskingSource
from vigie.adapters.sources.site import Site
from vigie.adapters.stores.program_folders import MANIFEST
from vigie.domain.fact import Measure
from vigie.ports.clock import PatientClock
from vigie.ports.source import Batch, Source


def source_manifest(content: PluginContent) -> SourceManifest:
    """Return the manifest of a source from outside."""
    return parse_manifest(Path(content.folder.name) / MANIFEST, content.files[MANIFEST].decode())


def source_manifests(plugins: OutsidePlugins) -> list[SourceManifest]:
    """Return the manifests of the sources that are allowed."""
    return [source_manifest(content) for content in plugins.usable("source")]


def site_of(
    content: PluginContent,
    shared: Fetcher,
    clock: PatientClock,
    *,
    symbols: Mapping[str, str],
    key: str = "",
    resolve: Resolve = resolve_name,
    connect: object = None,
) -> Site:
    """Return what a source from outside reads its pages by.

    Parameters
    ----------
    shared : Fetcher
        Whose clock, contact and store of raw answers it uses.
    resolve, connect : object, optional
        As in `vigie.adapters.net.guard.PublicReader`.
    """
    hosts = content.info.hosts
    fetcher = declared_fetcher(shared, content.info.name, hosts, resolve=resolve, connect=connect)
    site = Site(source_manifest(content), fetcher, clock, symbols=symbols, key=key)
    site.set_budget()
    return site


def open_source(content: PluginContent, site: Site) -> dict[str, Source]:
    """Run the program of a source that is allowed, and return its feeds by name.

    Raises
    ------
    ConfigError
        If it is not allowed or cannot be run; what else its function raises is its own.
    """
    program = load_plugin(content)
    owner = content.info.name
    with declared_only(owner):
        feeds: dict[str, Source] = dict(program.open_feeds(site))
    if site.key:
        feeds = {name: KeyMaskingSource(feed, site.key) for name, feed in feeds.items()}
    return {name: DeclaredSource(feed, owner) for name, feed in feeds.items()}


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """A feed of code from outside, which reaches declared hosts only; fulfils `vigie.ports.source.Source`."""

    source: Source
    owner: str

    def measures(self) -> Sequence[Measure]:
        """Return the kinds of series it delivers."""
        with declared_only(self.owner):
            return self.source.measures()

    async def pull(self, bookmark: str) -> Batch:
        """Fetch what is new since the bookmark."""
        watch_threads()
        with declared_only(self.owner):
            return await self.source.pull(bookmark)
