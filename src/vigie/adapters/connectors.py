"""The connectors of this program and the series they deliver, read from their folders; nothing is asked of anyone."""

from __future__ import annotations

from collections.abc import Callable
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
from vigie.ports.connectors import ConnectorDirectory, ConnectorInfo, NewsSourceInfo, OwnSourceInfo
from vigie.ports.own_feeds import FeedTrial, OwnFeed, secret_name


def directory_of(
    sources: Path, feeds: Path, *, is_simulated: bool, trial: Callable[[OwnFeed], FeedTrial]
) -> ConnectorDirectory:
    """Return what a home knows of its connectors.

    Parameters
    ----------
    sources, feeds : Path
        Of own sources, and of own sources of news.
    """
    return ConnectorDirectory(
        notes=lambda: notes_with_own(sources, is_simulated=is_simulated, feeds=feeds),
        news=lambda: news(is_simulated=is_simulated, feeds=feeds),
        feeds=HomeFeeds(feeds),
        measures=measures,
        own=lambda: own(sources),
        trial=trial,
    )


def trials(clock: PatientClock, contact: str, world: str | None) -> Callable[[OwnFeed], FeedTrial]:
    """Return what asks an address once that somebody wants to add.

    Parameters
    ----------
    world : str or None
        Address of the simulated world, empty where it is not known; None in a home of the real one.
    """

    def tried(feed: OwnFeed) -> FeedTrial:
        # By name: what reads feeds is loaded by who adds one.
        made = import_module("vigie.adapters.sources.news.trying").FeedTrials
        found: FeedTrial = made(clock, contact, world and f"{world.rstrip('/')}/newsroom")(feed)
        return found

    return tried


@cache
def notes() -> tuple[ConnectorInfo, ...]:
    """Return every connector, by id."""
    found = [note for manifest in sources() for note in _of_source(manifest)]
    found += [
        note for manifest in venues() if "live" in manifest.capabilities for note in _of_venue(manifest)
    ]
    return tuple(sorted(found, key=lambda note: note.id))


def notes_with_own(
    folder: Path, *, is_simulated: bool = False, feeds: Path | None = None
) -> tuple[ConnectorInfo, ...]:
    """Return every connector of a home, with news and with those of own sources that can be used.

    Parameters
    ----------
    folder, feeds : Path
        Of own sources, and of own sources of news.
    """
    usable = [one.manifest for one in own_sources(folder) if one.manifest is not None]
    found = [note for manifest in usable for note in _of_source(manifest)]
    told = (_of_feed(entry) for entry in own_entries(feeds))
    return (*notes(), *_notes_of_news(is_simulated=is_simulated), *told, *found)


# Every page asks for these: what this program ships is told once.
@cache
def _notes_of_news(*, is_simulated: bool) -> tuple[ConnectorInfo, ...]:
    return tuple(_of_feed(entry) for entry in news_feeds(is_simulated=is_simulated))


@cache
def _shipped_news(*, is_simulated: bool) -> tuple[NewsSourceInfo, ...]:
    return tuple(_news_of(entry) for entry in news_feeds(is_simulated=is_simulated))


def own_entries(folder: Path | None) -> tuple[FeedEntry, ...]:
    """Return the sources of news in a folder of own ones that can be used and are asked."""
    held = HomeFeeds(folder).list() if folder is not None else ()
    return tuple(entry_of(one) for one in held if one.is_on and not one.fault)


def unusable(folder: Path) -> tuple[str, ...]:
    """Return the names of own sources of news whose file cannot be used."""
    return tuple(one.id for one in HomeFeeds(folder).list() if one.fault)


def news_feeds(*, is_simulated: bool) -> tuple[FeedEntry, ...]:
    """Return the feeds of news of a home: those of its own market, simulated or real."""
    return feeds(SIMULATED if is_simulated else SHIPPED)


def news(*, is_simulated: bool, feeds: Path | None = None) -> tuple[NewsSourceInfo, ...]:
    """Return the sources of news of a home, with those in a folder of own ones."""
    own = (_news_of(entry) for entry in own_entries(feeds))
    return (*_shipped_news(is_simulated=is_simulated), *own)


def own(folder: Path) -> tuple[OwnSourceInfo, ...]:
    """Return what lies in the folder of own sources."""
    return tuple(
        OwnSourceInfo(
            one.name,
            one.manifest.title if one.manifest else one.name,
            tuple(feed.name for feed in one.manifest.feeds) if one.manifest else (),
            one.fault,
        )
        for one in own_sources(folder)
    )


@cache
def measures() -> tuple[Measure, ...]:
    """Return the kinds of series that all connectors deliver."""
    coins = {asset.id: asset.symbol for asset in WATCHED}
    # Feeds are opened to be read only: they are never pulled, so nothing that fetches is needed.
    nothing: Any = None
    found: list[Measure] = []
    for listed in sources():
        module = import_module(f"vigie.adapters.sources.{listed.id}.source")
        site = Site(listed, nothing, nothing, symbols=coins)
        opened: list[Any] = list(module.open_feeds(site).values())
        if hasattr(module, "open_streams"):
            opened += module.open_streams(site).values()
        found += [measure for feed in opened for measure in feed.measures()]
    for manifest in venues():
        if "live" in manifest.capabilities:
            live = import_module(f"vigie.adapters.venues.{manifest.id}.live")
            venue = open_live(
                manifest,
                live.SPEECH,
                market="perp",
                clock=nothing,
                url=None,
                instruments=[],
                timeframes=("1h",),
            )
            found += [*venue.tickers.measures(), *venue.funding.measures()]
    return tuple({(one.pattern, one.source): one for one in found}.values())


def patterns() -> tuple[str, ...]:
    """Return the patterns of the series that all connectors deliver, ``market/*/cap_usd``."""
    return tuple(measure.pattern for measure in measures())


def _of_source(manifest: SourceManifest) -> list[ConnectorInfo]:
    return [
        ConnectorInfo(
            id=f"{manifest.id}/{feed.name}", source=manifest.id, kind="source", title=manifest.title,
            feed=feed.title, docs=manifest.docs, address=manifest.live_url, mode=feed.mode, every_s=feed.every_s,
            depth=feed.depth, history=manifest.history, requests_per_minute=manifest.requests_per_minute,
            secrets=manifest.secrets, optional=manifest.optional, terms=manifest.terms, licence=manifest.licence,
            attribution=manifest.attribution, is_non_commercial=manifest.is_non_commercial, tier=manifest.tier,
            verified=manifest.verified,
        )
        for feed in manifest.feeds
    ]  # fmt: skip


def _of_feed(entry: FeedEntry) -> ConnectorInfo:
    return ConnectorInfo(
        id=f"{entry.id}/feed", source=entry.id, kind="source", title=entry.title, feed="News", docs=entry.docs,
        address=entry.shown or _mailbox(entry), mode="schedule", every_s=entry.every_s, depth="newest entries",
        history="revised", requests_per_minute=entry.requests_per_minute, secrets=_secrets(entry),
        optional=(), terms=entry.terms,
        licence=entry.licence, attribution=entry.title, is_non_commercial=False, tier=entry.tier,
        verified=entry.verified,
    )  # fmt: skip


def _news_of(entry: FeedEntry) -> NewsSourceInfo:
    return NewsSourceInfo(
        entry.id, entry.title, entry.publisher, entry.owner, entry.domain, entry.language, entry.licence,
        entry.lists, entry.kind, entry.is_own,
    )  # fmt: skip


def _mailbox(entry: FeedEntry) -> str:
    # Whose it is stays out: everybody who reads here sees addresses.
    return f"imaps://{entry.reads['host']}" if entry.kind == "mailbox" else ""


def _secrets(entry: FeedEntry) -> tuple[str, ...]:
    if entry.kind == "mailbox":
        return (secret_name(entry.id, entry.reads),)
    return (key_name(entry.id),) if entry.key_header else ()


def _of_venue(manifest: Manifest) -> list[ConnectorInfo]:
    return [
        ConnectorInfo(
            id=f"{manifest.id}/{feed.name}", source=manifest.id, kind="venue", title=manifest.title,
            feed=feed.title, docs=manifest.docs, address=manifest.live_url, mode=feed.mode, every_s=feed.every_s,
            depth=feed.depth, history="immutable", requests_per_minute=60_000.0 / manifest.interval_ms,
            secrets=manifest.secrets, optional=manifest.optional, terms=manifest.terms, licence="",
            attribution=f"Data by {manifest.title}", is_non_commercial=False, tier=manifest.tier,
            verified=manifest.verified,
        )
        for feed in VENUE_FEEDS
    ]  # fmt: skip
