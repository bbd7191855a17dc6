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
from vigie.bootstrap_news import NEWSROOM, NewsConnectors, hurried
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
_HURRY: Final = 30.0
# Said to PostgreSQL by the one that collects.
_WORD: Final = "collecting"


@contextmanager
def collecting(home: str | Path | None = None) -> Iterator[Callable[[], str]]:
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
    ) as base:
        kept = [settings.home / "logs" / _WORD]
        if base.is_sqlite:
            # Two homes may share one file.
            kept.append(Path(base.engine.url.database).resolve().with_suffix(f".{_WORD}"))
        with ExitStack() as stack:
            for path in kept:
                stack.enter_context(hold_file(path, partial(_taken, settings.home)))
            if base.is_sqlite:
                yield lambda: ""
                return
            turn = import_module("vigie.adapters.stores.sql.advisory_lock").AdvisoryLock(base, _WORD)
            stack.enter_context(closing(turn))

            def lost() -> str:
                who = turn.take()
                return str(_taken("this database", who)) if who else ""

            if why := lost():
                raise StorageError(why)
            yield lost


def _taken(what: object, who: str) -> StorageError:
    return StorageError(
        f"another collector asks the sources for {what} already ({who}), and one is enough; end that one first, "
        "or leave it: `vigie up --no-collect` runs everything else beside it"
    )


def build_collector(
    house: AppContext,
    data: DataStores,
    clock: PatientClock,
    urls: Mapping[str, str],
    *,
    contact: str,
    keys: Mapping[str, str],
    say: Callable[[str], None],
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
    say : callable
        Told what began to fail and what works again.
    language : SentimentModel, optional
        Says how news sound, in place of the model that Vigie comes with.
    """
    hurry = _HURRY if house.is_simulated else 1.0
    bars = BarCollector(data, say)
    home = Path(house.about["home"])

    def has_room() -> bool:
        return free_bytes(home) >= MIN_FREE_BYTES

    fetcher = Fetcher(clock, contact, house.documents, has_room=has_room)
    public = public_fetcher(clock, contact, house.documents, has_room)
    news = NewsConnectors(
        house, fetcher, public, Paths(home).feeds, urls=urls, keys=keys, hurry=hurry, say=say
    )
    shipped = news.shipped()
    paces = {one.owner: one.every_s * hurry for one in shipped}
    past = GeneratedPast(house.items, clock, paces) if house.is_simulated else None
    lives = _live_venues(clock, urls)
    return Collector(
        connectors=[
            *_from_sources(house, fetcher, clock, urls, keys, hurry),
            *shipped,
            *_from_own(fetcher, clock, Paths(home).sources, keys, say, is_simulated=house.is_simulated),
            *_from_venues(lives, bars, hurry),
        ],
        clock=clock,
        quotes=house.quotes,
        bookmarks=house.bookmarks,
        inbox=Inbox(house.quotes, house.facts, clock, has_room=has_room),
        bars=bars,
        report=say,
        news=NewsPipeline(
            house.items, _reading(house, home, say, language), clock, house.registers, house.facts, past
        ),
        added_connectors=news.changed,
        closers=(fetcher.close, news.public.close, *(live.close for live in lives)),
    )


def _reading(
    house: AppContext, home: Path, say: Callable[[str], None], language: SentimentModel | None
) -> Callable[[], int]:
    """Return what reads news that wait; where none do, moods are written down."""
    reader = ItemReader(house, steps=steps_of(home, say), timer_us=elapsed_us)
    if language is not None:
        use_language_model(reader, language, say)
    books = (MoodWriter(house), FearGreedWriter(house), FirstSightWriter(house))

    def read() -> int:
        done = reader.read_some()
        if not done:
            for book in books:
                book.write()
        return done

    return read


def service_addresses(urls: Mapping[str, str], world: str | None) -> dict[str, str]:
    """Return the address of every service that is not at its own: the simulated world's for all, else given, or set."""
    services = {manifest.id for manifest in manifests()}
    services |= {manifest.service for manifest in sources.manifests()}
    services.add(NEWSROOM)
    found = {
        name: f"{world}/{name}" if world else urls.get(name) or venue_url(name) or ""
        for name in sorted(services)
    }
    return {name: url for name, url in found.items() if url}


def _from_sources(
    house: AppContext,
    fetcher: Fetcher,
    clock: PatientClock,
    urls: Mapping[str, str],
    keys: Mapping[str, str],
    hurry: float,
) -> list[Connector]:
    coins = {asset.id: asset.symbol for asset in WATCHED}
    found = []
    read = {note.id for note in house.directory.news()}
    for manifest in sources.manifests():
        site = Site(
            manifest,
            fetcher,
            clock,
            url=urls.get(manifest.service, ""),
            symbols=coins,
            key=keys.get(manifest.id, ""),
            stated=partial(house.facts.document, manifest.calendar, "dates")
            if manifest.calendar in read
            else None,
        )
        site.set_budget(hurry)
        module = import_module(f"vigie.adapters.sources.{manifest.id}.source")
        feeds = module.open_feeds(site)
        streams = module.open_streams(site) if hasattr(module, "open_streams") else {}
        found += [
            Connector(
                f"{manifest.id}/{feed.name}",
                hurried(feed.every_s, hurry),
                source=feeds.get(feed.name),
                stream=streams.get(feed.name),
                budget_left=site.budget_left,
            )
            for feed in manifest.feeds
        ]
    return found


def _from_own(
    fetcher: Fetcher,
    clock: PatientClock,
    folder: Path,
    keys: Mapping[str, str],
    say: Callable[[str], None],
    *,
    is_simulated: bool,
) -> list[Connector]:
    """Return the connectors of own sources; those that lack their key or cannot be run are off, with the reason."""
    coins = {asset.id: asset.symbol for asset in WATCHED}
    found = []
    for own in own_sources(folder):
        if own.manifest is None:
            say(f"sources/{own.name} cannot be asked; `vigie source list` says why")
            continue
        key = keys.get(own.name, "")
        site = Site(own.manifest, fetcher, clock, symbols=coins, key=key)
        site.set_budget()
        feeds, off = {}, ""
        if is_simulated:
            off = "the market of this home is simulated: nothing outside is asked"
        elif own.manifest.secrets and not key:
            off = (
                f"it needs a key: write {key_name(own.name)}=... into .env in the home folder and start again"
            )
        else:
            try:
                feeds = dict(load_program(own).open_feeds(site))
                feeds = {name: KeyMaskingSource(feed, key) for name, feed in feeds.items()} if key else feeds
            # A person's function may raise anything; it is shown, never swallowed.
            except Exception as fault:  # noqa: BLE001 - shown on the page of sources
                off = str(fault) if isinstance(fault, ConfigError) else f"open_feeds failed: {fault!r}"
        for feed in own.manifest.feeds:
            missing = f"open_feeds gives no feed {feed.name}" if feed.name not in feeds else ""
            found.append(
                Connector(
                    f"{own.name}/{feed.name}",
                    feed.every_s,
                    source=feeds.get(feed.name),
                    budget_left=site.budget_left,
                    off=off or missing,
                )
            )
    return found


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


def _from_venues(lives: Sequence[LiveVenue], bars: BarCollector, hurry: float) -> list[Connector]:
    off = "" if find_spec("ccxt") else "needs the package ccxt: pip install 'vigie[live]'"
    found = []
    for live in lives:
        name = live.venue.rpartition("-")[0]
        series = [
            SeriesId(live.venue, instrument, timeframe)
            for timeframe in LIVE_TIMEFRAMES
            for instrument in live.instruments
        ]
        parts: dict[str, dict[str, Any]] = {
            "quotes": {"source": live.tickers, "stream": live.quotes},
            "bars": {
                "source": MissedBars(bars, series),
                "stream": live.bars,
                "catch_up": partial(bars.catch_up, series),
            },
            "tickers": {"source": live.tickers},
            "funding": {"source": live.funding},
        }
        found += [
            Connector(
                f"{name}/{feed.name}",
                hurried(feed.every_s, hurry),
                budget_left=live.budget_left,
                off=off,
                **parts[feed.name],
            )
            for feed in VENUE_FEEDS
        ]
    return found
