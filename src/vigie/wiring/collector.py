"""The process that collects: which sources and venues are asked, and where they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from vigie.adapters.clock import SandboxClock, SystemClock, elapsed_us
from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.net.guard import public_fetcher
from vigie.adapters.sources import manifest as sources
from vigie.adapters.stores.disk_space import MIN_FREE_BYTES, free_bytes
from vigie.adapters.venues.manifest import manifests
from vigie.config import Paths, venue_url
from vigie.data.collection.bars import BarCollector
from vigie.data.collection.generated_past import GeneratedPast
from vigie.data.collection.inbox import Inbox
from vigie.data.collection.news import NewsPipeline
from vigie.data.collection.running import Collector
from vigie.data.stores import DataStores
from vigie.ports.clock import PatientClock
from vigie.ports.sentiment_model import SentimentModel
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.app_context import AppContext
from vigie.services.demo_world import is_crowded
from vigie.services.market_data.fear_greed import FearGreedWriter
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.news.analysis.mood import MoodWriter
from vigie.services.news.analysis.sentiment_models import steps_of, use_language_model
from vigie.services.news.first_sightings import FirstSightWriter
from vigie.wiring.app_context import open_app_context
from vigie.wiring.connectors import (
    list_live_venues,
    own_source_connectors,
    source_connectors,
    venue_connectors,
)
from vigie.wiring.data import open_data
from vigie.wiring.news import NEWSROOM, NewsConnectors
from vigie.wiring.plugin_sources import plugin_connectors
from vigie.wiring.sentiment_model import open_sentiment_model
from vigie.wiring.world_address import world_url

# The simulated market runs faster than the wall, and its services mind no haste.
_DEMO_SPEEDUP: Final = 30.0


def open_collector(
    home: str | Path | None = None,
    *,
    clock: PatientClock | None = None,
    urls: Mapping[str, str] | None = None,
    report: Callable[[str], None] = print,
) -> Collector:
    """Build the collector of a home: every source and every venue that has a folder.

    Parameters
    ----------
    home : str or Path, optional
        As in `open_data`.
    clock : PatientClock, optional
        Else the machine's, or the simulated world's in a simulated home.
    urls : mapping, optional
        Base addresses by service in place of their own; else ``VIGIE_<SERVICE>_URL``, else the simulated world's.
    report : callable
        Told what began to fail and what works again.
    """
    settings = import_module("vigie.config.loading").load(home).settings
    world = world_url(settings.home)
    used_clock = clock or (SandboxClock(world) if world else SystemClock())
    app_context = open_app_context(settings.home, clock=used_clock)
    addresses = service_addresses(urls or {}, world)
    return build_collector(
        app_context,
        open_data(settings.home, clock=used_clock, urls=addresses),
        used_clock,
        addresses,
        contact=settings.contact,
        keys={name: entry.key.get_secret_value() for name, entry in settings.keys.items()},
        report=report,
        language=open_sentiment_model(settings.home, clock=used_clock),
    )


def build_collector(
    app_context: AppContext,
    data: DataStores,
    clock: PatientClock,
    urls: Mapping[str, str],
    *,
    contact: str,
    keys: Mapping[str, str],
    report: Callable[[str], None],
    language: SentimentModel | None = None,
) -> Collector:
    """Build the collector of a house.

    Parameters
    ----------
    data : DataStores
        Whose histories are where `urls` says.
    urls : mapping
        Base addresses by service in place of their own.
    contact : str
        Told to sources.
    keys : mapping
        Keys of sources that take one, by source.
    report : callable
        Told what began to fail and what works again.
    language : SentimentModel, optional
        Says how news sound, in place of the model that Vigie comes with.
    """
    speedup = _DEMO_SPEEDUP if app_context.is_simulated else 1.0
    bars = BarCollector(data, report)
    home = app_context.home

    def has_room() -> bool:
        return free_bytes(home) >= MIN_FREE_BYTES

    fetcher = Fetcher(clock, contact, app_context.documents, has_room=has_room)
    public_client = public_fetcher(clock, contact, app_context.documents, has_room)
    news = NewsConnectors(
        app_context,
        fetcher,
        public_client,
        Paths(home).feeds,
        urls=urls,
        keys=keys,
        speedup=speedup,
        report=report,
    )
    shipped = news.shipped_connectors()
    intervals = {connector.owner: connector.every_s * speedup for connector in shipped}
    past = GeneratedPast(app_context.items, clock, intervals) if app_context.is_simulated else None
    live_venues = list_live_venues(clock, urls)
    return Collector(
        connectors=[
            *source_connectors(app_context, fetcher, clock, urls, keys, speedup),
            *shipped,
            *own_source_connectors(
                fetcher, clock, Paths(home).sources, keys, report, is_simulated=app_context.is_simulated
            ),
            *plugin_connectors(fetcher, clock, home, keys, report, is_simulated=app_context.is_simulated),
            *venue_connectors(live_venues, bars, speedup),
        ],
        clock=clock,
        quotes=app_context.quotes,
        bookmarks=app_context.bookmarks,
        inbox=Inbox(app_context.quotes, app_context.facts, clock, has_room=has_room),
        bars=bars,
        report=report,
        news=NewsPipeline(
            app_context.items,
            _make_item_reader(app_context, home, report, language),
            clock,
            app_context.registers,
            app_context.facts,
            past,
        ),
        added_connectors=news.changed_connectors,
        is_crowded=lambda: is_crowded(home),
        closers=(fetcher.close, news.public.close, *(live_venue.close for live_venue in live_venues)),
    )


def _make_item_reader(
    app_context: AppContext, home: Path, report: Callable[[str], None], language: SentimentModel | None
) -> Callable[[], int]:
    """Return what reads news that wait; where none do, moods are written down."""
    reader = ItemReader(
        app_context, steps=steps_of(home, report), tell=dispatch_read_items, timer_us=elapsed_us
    )
    if language is not None:
        use_language_model(reader, language, report)
    writers = (
        MoodWriter(app_context.facts, app_context.items, app_context.clock),
        FearGreedWriter(app_context.bar_reader, app_context.facts, app_context.quotes, app_context.clock),
        FirstSightWriter(
            app_context.facts,
            app_context.bookmarks,
            app_context.items,
            app_context.names,
            app_context.first_sightings,
            app_context.clock,
            app_context.is_simulated,
            app_context.directory,
        ),
    )

    def read() -> int:
        n_read = reader.read_some()
        if not n_read:
            for writer in writers:
                writer.write()
        return n_read

    return read


def service_addresses(urls: Mapping[str, str], world: str | None) -> dict[str, str]:
    """Return the address of every service that is not at its own: the simulated world's for all, else given, or set."""
    services = {manifest.id for manifest in manifests()}
    services |= {manifest.service for manifest in sources.manifests()}
    services.add(NEWSROOM)
    addresses = {
        name: f"{world}/{name}" if world else urls.get(name) or venue_url(name) or ""
        for name in sorted(services)
    }
    return {name: url for name, url in addresses.items() if url}
