"""Sources from outside, as connectors of the collector: those that may not run are off, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.plugins.content import PluginContent
from vigie.adapters.plugins.found import OutsidePlugins
from vigie.adapters.plugins.sources import open_source, site_of
from vigie.adapters.sources.own import key_name
from vigie.adapters.sources.site import Site
from vigie.data.collection.connector import Connector
from vigie.domain.asset import WATCHED
from vigie.domain.errors import ConfigError
from vigie.ports.clock import PatientClock
from vigie.ports.source import Source


def plugin_connectors(
    fetcher: Fetcher,
    clock: PatientClock,
    home: Path,
    keys: Mapping[str, str],
    report: Callable[[str], None],
    *,
    is_simulated: bool,
) -> list[Connector]:
    """Return the connectors of the sources among the plug-ins of a home and of installed packages."""
    coins = {asset.id: asset.symbol for asset in WATCHED}
    connectors: list[Connector] = []
    for content in OutsidePlugins(home).contents():
        if content.info.fault:
            report(f"{content.info.name} is not used: {content.info.fault}")
        elif content.info.kind == "source":
            # Only the key that it declares, which an admin has read in the lists.
            is_keyed = key_name(content.info.id) in content.info.secrets
            key = keys.get(content.info.id, "") if is_keyed else ""
            site = site_of(content, fetcher, clock, symbols=coins, key=key)
            connectors += _connectors_of(content, site, is_simulated=is_simulated)
    return connectors


def _connectors_of(content: PluginContent, site: Site, *, is_simulated: bool) -> list[Connector]:
    feeds: Mapping[str, Source] = {}
    off_reason = ""
    if is_simulated:
        off_reason = "this installation runs a simulated market: it contacts nothing outside"
    elif site.manifest.secrets and not site.key:
        name = key_name(content.info.id)
        off_reason = f"a key is required: write {name}=... into .env in the home folder and restart"
    else:
        try:
            feeds = open_source(content, site)
        # A function of others may raise anything; it is shown, never swallowed.
        except Exception as fault:  # noqa: BLE001 - shown on the page of sources
            off_reason = str(fault) if isinstance(fault, ConfigError) else f"open_feeds failed: {fault!r}"
    return [
        Connector(
            f"{content.info.id}/{feed.name}",
            feed.every_s,
            source=feeds.get(feed.name),
            budget_left=site.budget_left,
            off=off_reason or ("" if feed.name in feeds else f"open_feeds returns no feed {feed.name}"),
        )
        for feed in site.manifest.feeds
    ]
