"""The connectors of sources and venues, shipped and own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.sources import manifest as sources
from vigie.adapters.sources.own import KeyMaskingSource, key_name, load_program, own_sources
from vigie.adapters.sources.site import Site
from vigie.adapters.venues.live import VENUE_FEEDS, LiveVenue, open_live
from vigie.adapters.venues.manifest import manifests
from vigie.data.collection.bars import PUSHED, BarCollector, MissedBars
from vigie.data.collection.connector import Connector
from vigie.data.instruments.table import resolve_instrument
from vigie.domain.asset import WATCHED
from vigie.domain.errors import ConfigError
from vigie.domain.ids import SeriesId
from vigie.domain.refusal import Refusal
from vigie.ports.clock import PatientClock
from vigie.services.app_context import AppContext
from vigie.wiring.news import speed_up_interval

LIVE_TIMEFRAMES: Final = PUSHED


def source_connectors(
    app_context: AppContext,
    fetcher: Fetcher,
    clock: PatientClock,
    urls: Mapping[str, str],
    keys: Mapping[str, str],
    speedup: float,
) -> list[Connector]:
    """Return the connectors of shipped sources."""
    coins = {asset.id: asset.symbol for asset in WATCHED}
    connectors = []
    news_ids = {info.id for info in app_context.directory.news()}
    for manifest in sources.manifests():
        site = Site(
            manifest,
            fetcher,
            clock,
            url=urls.get(manifest.service, ""),
            symbols=coins,
            held=partial(owned_coins, app_context),
            key=keys.get(manifest.id, ""),
            stated=partial(app_context.facts.document, manifest.calendar, "dates")
            if manifest.calendar in news_ids
            else None,
        )
        site.set_budget(speedup)
        module = import_module(f"vigie.adapters.sources.{manifest.id}.source")
        feeds = module.open_feeds(site)
        streams = module.open_streams(site) if hasattr(module, "open_streams") else {}
        connectors += [
            Connector(
                f"{manifest.id}/{feed.name}",
                speed_up_interval(feed.every_s, speedup),
                source=feeds.get(feed.name),
                stream=streams.get(feed.name),
                budget_left=site.budget_left,
            )
            for feed in manifest.feeds
        ]
    return connectors


def owned_coins(app_context: AppContext) -> list[str]:
    """Return the coins that somebody of this home owns, of those that the list of coins has."""
    markets = app_context.facts.document("coingecko", "markets")
    ids = {row.get("id") for row in markets[1].get("rows", [])} if markets else set()
    return [coin for coin in app_context.holdings.coins() if coin in ids]


def own_source_connectors(
    fetcher: Fetcher,
    clock: PatientClock,
    folder: Path,
    keys: Mapping[str, str],
    report: Callable[[str], None],
    *,
    is_simulated: bool,
) -> list[Connector]:
    """Return the connectors of own sources; those that lack their key or cannot be run are off, with the reason."""
    coins = {asset.id: asset.symbol for asset in WATCHED}
    connectors = []
    for own_source in own_sources(folder):
        if own_source.manifest is None:
            report(f"sources/{own_source.name} cannot be asked; `vigie source list` says why")
            continue
        key = keys.get(own_source.name, "")
        site = Site(own_source.manifest, fetcher, clock, symbols=coins, key=key)
        site.set_budget()
        feeds, off_reason = {}, ""
        if is_simulated:
            off_reason = Refusal(
                "installation_runs_simulated_market",
                "this installation runs a simulated market: it contacts nothing outside",
            )
        elif own_source.manifest.secrets and not key:
            name = key_name(own_source.name)
            off_reason = Refusal(
                "key_required",
                "a key is required: write {name}=... into .env in the home folder and restart",
                name=name,
            )
        else:
            try:
                feeds = dict(load_program(own_source).open_feeds(site))
                feeds = {name: KeyMaskingSource(feed, key) for name, feed in feeds.items()} if key else feeds
            # A person's function may raise anything; it is shown, never swallowed.
            except Exception as fault:  # noqa: BLE001 - shown on the page of sources
                off_reason = (
                    str(fault)
                    if isinstance(fault, ConfigError)
                    else Refusal("open_feeds_failed", "open_feeds failed: {fault!r}", fault=fault)
                )
        for feed in own_source.manifest.feeds:
            missing = (
                Refusal("open_feeds_returns_no_feed", "open_feeds returns no feed {name}", name=feed.name)
                if feed.name not in feeds
                else ""
            )
            connectors.append(
                Connector(
                    f"{own_source.name}/{feed.name}",
                    feed.every_s,
                    source=feeds.get(feed.name),
                    budget_left=site.budget_left,
                    off=off_reason or missing,
                )
            )
    return connectors


def list_live_venues(clock: PatientClock, urls: Mapping[str, str]) -> list[LiveVenue]:
    """Return the venues that push prices, each with the coins that are watched."""
    coins = [asset.symbol for asset in WATCHED if asset.kind == "coin"]
    return [
        open_live(
            manifest,
            import_module(f"vigie.adapters.venues.{manifest.id}.live").SPEECH,
            market="perp",
            clock=clock,
            url=urls.get(manifest.id),
            instruments=[str(resolve_instrument(f"{manifest.id}-perp", coin)) for coin in coins],
            timeframes=LIVE_TIMEFRAMES,
        )
        for manifest in manifests()
        if "live" in manifest.capabilities
    ]


def venue_connectors(live_venues: Sequence[LiveVenue], bars: BarCollector, speedup: float) -> list[Connector]:
    """Return the connectors of venues."""
    off_reason = (
        ""
        if find_spec("ccxt")
        else Refusal("needs_package_ccxt", "needs the package ccxt: pip install 'vigie[live]'")
    )
    connectors = []
    for live_venue in live_venues:
        name = live_venue.venue.rpartition("-")[0]
        series = [
            SeriesId(live_venue.venue, instrument, timeframe)
            for timeframe in LIVE_TIMEFRAMES
            for instrument in live_venue.instruments
        ]
        feed_arguments: dict[str, dict[str, Any]] = {
            "quotes": {"source": live_venue.tickers, "stream": live_venue.quotes},
            "bars": {
                "source": MissedBars(bars, series),
                "stream": live_venue.bars,
                "catch_up": partial(bars.catch_up, series),
            },
            "tickers": {"source": live_venue.tickers},
            "funding": {"source": live_venue.funding},
        }
        connectors += [
            Connector(
                f"{name}/{feed.name}",
                speed_up_interval(feed.every_s, speedup),
                budget_left=live_venue.budget_left,
                off=off_reason,
                **feed_arguments[feed.name],
            )
            for feed in VENUE_FEEDS
        ]
    return connectors
