"""The collector's half of `bootstrap`: which sources and venues are real, and where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from vigie.adapters.clock import elapsed_us
from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.net.guard import public_fetcher
from vigie.adapters.sources import manifest as sources
from vigie.adapters.sources.own import KeyMaskingSource, key_name, load_program, own_sources
from vigie.adapters.sources.site import Site
from vigie.adapters.stores.disk_space import MIN_FREE_BYTES, free_bytes
from vigie.adapters.stores.process_locks import hold_file
from vigie.adapters.venues.live import VENUE_FEEDS, LiveVenue, open_live
from vigie.adapters.venues.manifest import manifests
from vigie.bootstrap_news import NEWSROOM, NewsConnectors, speed_up_interval
from vigie.config import Paths, venue_url
from vigie.data.collection.bars import PUSHED, BarCollector, MissedBars
from vigie.data.collection.connector import Connector
from vigie.data.collection.generated_past import GeneratedPast
from vigie.data.collection.inbox import Inbox
from vigie.data.collection.news import NewsPipeline
from vigie.data.collection.running import Collector
from vigie.data.instruments.table import resolve_instrument
from vigie.data.stores import DataStores
from vigie.domain.asset import WATCHED
from vigie.domain.errors import ConfigError, StorageError
from vigie.domain.ids import SeriesId
from vigie.ports.clock import PatientClock
from vigie.ports.sentiment_model import SentimentModel
from vigie.services.app_context import AppContext
from vigie.services.market_data.fear_greed import FearGreedWriter
from vigie.services.news.first_sights import FirstSightWriter
from vigie.services.news.item_reader import ItemReader
from vigie.services.news.llm_sentiment import use_language_model
from vigie.services.news.mood import MoodWriter
from vigie.services.news.own_model import steps_of

LIVE_TIMEFRAMES: Final = PUSHED
# The simulated market runs faster than the wall, and its services mind no haste.
_DEMO_SPEEDUP: Final = 30.0
# Said to PostgreSQL by the one that collects.
_LOCK_NAME: Final = "collecting"


@contextmanager
def hold_collector_lock(home: str | Path | None = None) -> Iterator[Callable[[], str]]:
    """Be the one collector of a home and of its database, until the block ends or the process does.

    Yields
    ------
    callable
        Called now and then; returns why the block must end: another one has begun while the database was away.

    Raises
    ------
    StorageError
        If another one is there, or the home cannot be written.
    """
    settings = import_module("vigie.config.loading").load(home).settings
    with closing(
        import_module("vigie.adapters.stores.sql.database").open_database(settings.database)
    ) as database:
        lock_files = [settings.home / "logs" / _LOCK_NAME]
        if database.is_sqlite:
            # Two homes may share one file.
            lock_files.append(Path(database.engine.url.database).resolve().with_suffix(f".{_LOCK_NAME}"))
        with ExitStack() as stack:
            for path in lock_files:
                stack.enter_context(hold_file(path, partial(_already_collecting, settings.home)))
            if database.is_sqlite:
                yield lambda: ""
                return
            advisory_lock = import_module("vigie.adapters.stores.sql.advisory_lock").AdvisoryLock(
                database, _LOCK_NAME
            )
            stack.enter_context(closing(advisory_lock))

            def lost_reason() -> str:
                holder = advisory_lock.acquire()
                return str(_already_collecting("this database", holder)) if holder else ""

            if reason := lost_reason():
                raise StorageError(reason)
            yield lost_reason


def _already_collecting(target: object, holder: str) -> StorageError:
    return StorageError(
        f"another collector asks the sources for {target} already ({holder}), and one is enough; end that one first, "
        "or leave it: `vigie up --no-collect` runs everything else beside it"
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
    home = Path(app_context.about["home"])

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
    live_venues = _live_venues(clock, urls)
    return Collector(
        connectors=[
            *_source_connectors(app_context, fetcher, clock, urls, keys, speedup),
            *shipped,
            *_own_source_connectors(
                fetcher, clock, Paths(home).sources, keys, report, is_simulated=app_context.is_simulated
            ),
            *_venue_connectors(live_venues, bars, speedup),
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
        closers=(fetcher.close, news.public.close, *(live_venue.close for live_venue in live_venues)),
    )


def _make_item_reader(
    app_context: AppContext, home: Path, report: Callable[[str], None], language: SentimentModel | None
) -> Callable[[], int]:
    """Return what reads news that wait; where none do, moods are written down."""
    reader = ItemReader(app_context, steps=steps_of(home, report), timer_us=elapsed_us)
    if language is not None:
        use_language_model(reader, language, report)
    writers = (MoodWriter(app_context), FearGreedWriter(app_context), FirstSightWriter(app_context))

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


def _source_connectors(
    app_context: AppContext,
    fetcher: Fetcher,
    clock: PatientClock,
    urls: Mapping[str, str],
    keys: Mapping[str, str],
    speedup: float,
) -> list[Connector]:
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


def _own_source_connectors(
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
            off_reason = "this installation runs a simulated market: it contacts nothing outside"
        elif own_source.manifest.secrets and not key:
            name = key_name(own_source.name)
            off_reason = f"a key is required: write {name}=... into .env in the home folder and restart"
        else:
            try:
                feeds = dict(load_program(own_source).open_feeds(site))
                feeds = {name: KeyMaskingSource(feed, key) for name, feed in feeds.items()} if key else feeds
            # A person's function may raise anything; it is shown, never swallowed.
            except Exception as fault:  # noqa: BLE001 - shown on the page of sources
                off_reason = str(fault) if isinstance(fault, ConfigError) else f"open_feeds failed: {fault!r}"
        for feed in own_source.manifest.feeds:
            missing = f"open_feeds returns no feed {feed.name}" if feed.name not in feeds else ""
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


def _live_venues(clock: PatientClock, urls: Mapping[str, str]) -> list[LiveVenue]:
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


def _venue_connectors(
    live_venues: Sequence[LiveVenue], bars: BarCollector, speedup: float
) -> list[Connector]:
    off_reason = "" if find_spec("ccxt") else "needs the package ccxt: pip install 'vigie[live]'"
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
