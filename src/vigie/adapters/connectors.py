"""The connectors of this program and the series they deliver, read from their folders; nothing is asked of anyone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from vigie.adapters.sources.manifest import SourceManifest
from vigie.adapters.sources.manifest import manifests as sources
from vigie.adapters.sources.news.listing import SHIPPED, SIMULATED, FeedEntry, feeds
from vigie.adapters.sources.news.own_feeds import HomeFeeds, entry_of
from vigie.adapters.sources.own import key_name, own_sources
from vigie.adapters.sources.site import Site
from vigie.adapters.venues.live import VENUE_FEEDS, open_live
from vigie.adapters.venues.manifest import Manifest
from vigie.adapters.venues.manifest import manifests as venues
from vigie.domain.asset import WATCHED
from vigie.domain.fact import Measure
from vigie.ports.clock import PatientClock
from vigie.ports.connectors import (
    ConnectorDirectory,
    ConnectorInfo,
    MarketPages,
    NewsSourceInfo,
    OwnSourceInfo,
)
from vigie.ports.own_feeds import FeedTrial, OwnFeed, secret_name


def directory_of(
    sources: Path,
    feeds: Path,
    *,
    is_simulated: bool,
    trial: Callable[[OwnFeed], FeedTrial],
    plugins: Callable[[], Sequence[SourceManifest]] = tuple,
) -> ConnectorDirectory:
    """Return what a home knows of its connectors.

    Parameters
    ----------
    sources, feeds : Path
        Of own sources, and of own sources of news.
    plugins : callable
        Gives the manifests of sources of plug-ins, asked for once.
    """
    plugin_notes = cache(lambda: [note for manifest in plugins() for note in _source_notes(manifest)])
    return ConnectorDirectory(
        notes=lambda: (*notes_with_own(sources, is_simulated=is_simulated, feeds=feeds), *plugin_notes()),
        news=lambda: news(is_simulated=is_simulated, feeds=feeds),
        feeds=HomeFeeds(feeds),
        measures=measures,
        own=lambda: own(sources),
        trial=trial,
        market_pages=_market_pages,
    )


@cache
def _market_pages() -> tuple[MarketPages, ...]:
    return tuple(
        MarketPages(venue, manifest.title, page, manifest.page_languages)
        for manifest in venues()
        for venue, page in zip(manifest.venues, manifest.market_pages, strict=False)
    )


def trials(clock: PatientClock, contact: str, world: str | None) -> Callable[[OwnFeed], FeedTrial]:
    """Return what asks an address once that somebody wants to add.

    Parameters
    ----------
    world : str or None
        Address of the simulated world, empty where it is not known; None in a home of the real one.
    """

    def try_feed(feed: OwnFeed) -> FeedTrial:
        # By name: what reads feeds is loaded by who adds one.
        trials_class = import_module("vigie.adapters.sources.news.feed_trials").FeedTrials
        trial: FeedTrial = trials_class(clock, contact, world and f"{world.rstrip('/')}/newsroom")(feed)
        return trial

    return try_feed


@cache
def notes() -> tuple[ConnectorInfo, ...]:
    """Return every connector, by id."""
    all_notes = [note for manifest in sources() for note in _source_notes(manifest)]
    all_notes += [
        note for manifest in venues() if "live" in manifest.capabilities for note in _venue_notes(manifest)
    ]
    return tuple(sorted(all_notes, key=lambda note: note.id))


def notes_with_own(
    folder: Path, *, is_simulated: bool = False, feeds: Path | None = None
) -> tuple[ConnectorInfo, ...]:
    """Return every connector of a home, with news and with those of own sources that can be used.

    Parameters
    ----------
    folder, feeds : Path
        Of own sources, and of own sources of news.
    """
    usable = [own_source.manifest for own_source in own_sources(folder) if own_source.manifest is not None]
    own_notes = [note for manifest in usable for note in _source_notes(manifest)]
    feed_notes = (_feed_note(entry) for entry in own_entries(feeds))
    return (*notes(), *_news_connectors(is_simulated=is_simulated), *feed_notes, *own_notes)


# Every page asks for these: what this program ships is told once.
@cache
def _news_connectors(*, is_simulated: bool) -> tuple[ConnectorInfo, ...]:
    return tuple(_feed_note(entry) for entry in news_feeds(is_simulated=is_simulated))


@cache
def _shipped_news(*, is_simulated: bool) -> tuple[NewsSourceInfo, ...]:
    return tuple(_news_note(entry) for entry in news_feeds(is_simulated=is_simulated))


def own_entries(folder: Path | None) -> tuple[FeedEntry, ...]:
    """Return the sources of news in a folder of own ones that can be used and are asked."""
    own_feeds = HomeFeeds(folder).list() if folder is not None else ()
    return tuple(entry_of(feed) for feed in own_feeds if feed.is_on and not feed.fault)


def unusable(folder: Path) -> tuple[str, ...]:
    """Return the names of own sources of news whose file cannot be used."""
    return tuple(feed.id for feed in HomeFeeds(folder).list() if feed.fault)


def news_feeds(*, is_simulated: bool) -> tuple[FeedEntry, ...]:
    """Return the feeds of news of a home: those of its own market, simulated or real."""
    return feeds(SIMULATED if is_simulated else SHIPPED)


def news(*, is_simulated: bool, feeds: Path | None = None) -> tuple[NewsSourceInfo, ...]:
    """Return the sources of news of a home, with those in a folder of own ones."""
    own = (_news_note(entry) for entry in own_entries(feeds))
    return (*_shipped_news(is_simulated=is_simulated), *own)


def own(folder: Path) -> tuple[OwnSourceInfo, ...]:
    """Return what lies in the folder of own sources."""
    return tuple(
        OwnSourceInfo(
            source.name,
            source.manifest.title if source.manifest else source.name,
            tuple(feed.name for feed in source.manifest.feeds) if source.manifest else (),
            source.fault,
        )
        for source in own_sources(folder)
    )


@cache
def measures() -> tuple[Measure, ...]:
    """Return the kinds of series that all connectors deliver."""
    coins = {asset.id: asset.symbol for asset in WATCHED}
    # Feeds are opened to be read only: they are never pulled, so nothing that fetches is needed.
    unused: Any = None
    delivered: list[Measure] = []
    for source_manifest in sources():
        module = import_module(f"vigie.adapters.sources.{source_manifest.id}.source")
        site = Site(source_manifest, unused, unused, symbols=coins)
        opened: list[Any] = list(module.open_feeds(site).values())
        if hasattr(module, "open_streams"):
            opened += module.open_streams(site).values()
        delivered += [measure for feed in opened for measure in feed.measures()]
    for manifest in venues():
        if "live" in manifest.capabilities:
            live = import_module(f"vigie.adapters.venues.{manifest.id}.live")
            venue = open_live(
                manifest,
                live.SPEECH,
                market="perp",
                clock=unused,
                url=None,
                instruments=[],
                timeframes=("1h",),
            )
            delivered += [*venue.tickers.measures(), *venue.funding.measures()]
    return tuple({(kind.pattern, kind.source): kind for kind in delivered}.values())


def patterns() -> tuple[str, ...]:
    """Return the patterns of the series that all connectors deliver, ``market/*/cap_usd``."""
    return tuple(measure.pattern for measure in measures())


def _source_notes(manifest: SourceManifest) -> list[ConnectorInfo]:
    return [
        ConnectorInfo(
            id=f"{manifest.id}/{feed.name}", source=manifest.id, kind="source", title=manifest.title,
            feed=feed.title, docs=manifest.docs, address=manifest.live_url, mode=feed.mode, every_s=feed.every_s,
            depth=feed.depth, history=manifest.history, requests_per_minute=manifest.requests_per_minute,
            secrets=manifest.secrets, optional=manifest.optional, terms=manifest.terms, licence=manifest.licence,
            attribution=manifest.attribution, is_non_commercial=manifest.is_non_commercial, tier=manifest.tier,
            verified=manifest.verified, pages=feed.pages or ("onchain",),
        )
        for feed in manifest.feeds
    ]  # fmt: skip


def _feed_note(entry: FeedEntry) -> ConnectorInfo:
    return ConnectorInfo(
        id=f"{entry.id}/feed", source=entry.id, kind="source", title=entry.title, feed="News", docs=entry.docs,
        address=entry.public_address or _mailbox_address(entry), mode="schedule", every_s=entry.every_s,
        depth="newest entries",
        history="revised", requests_per_minute=entry.requests_per_minute, secrets=_secret_names(entry),
        optional=(), terms=entry.terms,
        licence=entry.licence, attribution=entry.title, is_non_commercial=False, tier=entry.tier,
        verified=entry.verified, pages=_news_pages(entry),
    )  # fmt: skip


def _news_pages(entry: FeedEntry) -> tuple[str, ...]:
    # A register and a calendar hold rows, not stories.
    if entry.kind in ("register", "calendar"):
        return ("regulation",)
    return ("news", "regulation") if entry.publisher == "regulator" else ("news", "mood")


def _news_note(entry: FeedEntry) -> NewsSourceInfo:
    return NewsSourceInfo(
        entry.id, entry.title, entry.publisher, entry.owner, entry.domain, entry.language, entry.licence,
        entry.lists, entry.kind, entry.is_own,
    )  # fmt: skip


def _mailbox_address(entry: FeedEntry) -> str:
    # Whose it is stays out: everybody who reads here sees addresses.
    return f"imaps://{entry.reads['host']}" if entry.kind == "mailbox" else ""


def _secret_names(entry: FeedEntry) -> tuple[str, ...]:
    if entry.kind == "mailbox":
        return (secret_name(entry.id, entry.reads),)
    return (key_name(entry.id),) if entry.key_header else ()


def _venue_notes(manifest: Manifest) -> list[ConnectorInfo]:
    return [
        ConnectorInfo(
            id=f"{manifest.id}/{feed.name}", source=manifest.id, kind="venue", title=manifest.title,
            feed=feed.title, docs=manifest.docs, address=manifest.live_url, mode=feed.mode, every_s=feed.every_s,
            depth=feed.depth, history="immutable", requests_per_minute=60_000.0 / manifest.interval_ms,
            secrets=manifest.secrets, optional=manifest.optional, terms=manifest.terms, licence="",
            attribution=f"Data by {manifest.title}", is_non_commercial=False, tier=manifest.tier,
            verified=manifest.verified, pages=feed.pages,
        )
        for feed in VENUE_FEEDS
    ]  # fmt: skip
