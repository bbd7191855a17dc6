"""The only file that knows which adapter is real."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.adapters.clock import SandboxClock, SystemClock
from vigie.adapters.executors.dask import DaskExecutor
from vigie.adapters.executors.threads import ThreadExecutor, usable_cores
from vigie.adapters.heartbeat import read_beats
from vigie.adapters.stores.disk_space import free_bytes, run_with_reserve
from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.adapters.stores.files import lock_folder, write_atomically
from vigie.adapters.stores.instruments import JsonInstruments
from vigie.adapters.stores.keys import HomeKey, HomeSeal, OneTimeLinks
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.adapters.stores.parquet.bookmarks import JsonBookmarks
from vigie.adapters.stores.parquet.quarantine import CsvQuarantine
from vigie.adapters.stores.parquet.receipts import ParquetReceipts
from vigie.adapters.stores.presence import use_home_alone
from vigie.adapters.stores.process_locks import hold_folder
from vigie.adapters.stores.programs import AllowedPrograms
from vigie.adapters.stores.results import write_together
from vigie.adapters.stores.trials import SqliteTrials
from vigie.adapters.venues.manifest import manifests
from vigie.bootstrap_post import open_notifiers, open_printer
from vigie.bootstrap_sentiment import open_sentiment_model
from vigie.config import Paths, hidden_values, is_simulated, resolve_paths, states_instruments, venue_url
from vigie.config.names import is_secret
from vigie.data.bar_reader import BarReader
from vigie.data.stores import DataStores
from vigie.domain.errors import ConfigError, UsageError
from vigie.domain.instrument import StatedRules
from vigie.ports.clock import Clock, PatientClock
from vigie.ports.copying import DatabaseCopier
from vigie.ports.executor import Executor
from vigie.ports.health import HomeHealth
from vigie.ports.home import DATABASE_NOTE, ResultsHome
from vigie.ports.trials import TrialRegistry
from vigie.ports.venue import HistoryFeed
from vigie.version import __version__

if TYPE_CHECKING:
    from vigie.config.settings import Settings
    from vigie.data.collection.running import Collector
    from vigie.services.app_context import AppContext
    from vigie.services.backups.backup import BackupContext


def open_data(
    home: str | Path | None = None, *, clock: Clock | None = None, urls: Mapping[str, str] | None = None
) -> DataStores:
    """Build the stores below the home folder, the clock and the venues.

    Parameters
    ----------
    home : str or Path, optional
        Else ``VIGIE_HOME``, else the platform's user data folder.
    clock : Clock, optional
        Else the machine's.
    urls : mapping, optional
        Base addresses by exchange (``{"bitget": "http://127.0.0.1:8099"}``) in place of the venues' own; else
        ``VIGIE_BITGET_URL`` and its like.

    Returns
    -------
    DataStores
        Nothing is created on disk until something is stored.
    """
    paths, used_clock = resolve_paths(home), clock or SystemClock()
    manifests_by_id = {
        manifest.id: manifest for manifest in manifests() if "history" in manifest.capabilities
    }
    venues = tuple(venue for manifest in manifests_by_id.values() for venue in manifest.venues)

    def feed(venue: str) -> HistoryFeed:
        if venue not in venues:
            raise UsageError(f"venue must be one of {' '.join(venues)}, was {venue!r}")
        exchange, _, market = venue.rpartition("-")
        module = import_module(f"vigie.adapters.venues.{exchange}.history")
        world = world_url(paths.home)
        url = f"{world}/{exchange}" if world else (urls or {}).get(exchange) or venue_url(exchange)
        history_feed: HistoryFeed = module.open_history(
            manifests_by_id[exchange], market=market, clock=used_clock, url=url
        )
        return history_feed

    return DataStores(
        bars=ParquetBars(paths.bars),
        quarantine=CsvQuarantine(paths.quarantine),
        receipts=ParquetReceipts(paths.receipts),
        bookmarks=JsonBookmarks(paths.bookmarks),
        instruments=JsonInstruments(paths.instruments),
        clock=used_clock,
        write=write_atomically,
        feed=feed,
        venues=venues,
        stated=_stated_rules(paths.home),
        facts=ParquetFacts(paths.facts),
        series=lambda: import_module("vigie.adapters.connectors").patterns(),
    )


def _stated_rules(home: Path) -> tuple[StatedRules, ...]:
    # Settings are checked by a library that takes a tenth of a second to load: only where there is something to check.
    if not states_instruments(home):
        return ()
    rules: tuple[StatedRules, ...] = import_module("vigie.config.loading").load_instruments(home)
    return rules


def open_trials(home: str | Path | Paths | None = None) -> TrialRegistry:
    """Build the registry of trials alone; nothing is created on disk until something is counted.

    Parameters
    ----------
    home : str, Path or Paths, optional
        As in `open_data`, or where it was found to be.
    """
    return SqliteTrials((home if isinstance(home, Paths) else resolve_paths(home)).home / "trials.sqlite")


def open_results(home: str | Path | None = None) -> ResultsHome:
    """Build what runs need beside bars.

    Parameters
    ----------
    home : str or Path, optional
        As in `open_data`.
    """
    paths = resolve_paths(home)
    return ResultsHome(
        strategies=paths.strategies,
        runs=paths.home / "runs",
        trials=open_trials(paths.home),
        write=write_together,
        hold=hold_folder,
        write_although_full=lambda act: run_with_reserve(paths.home, act),
    )


def open_executor(*, threads: int | None = None, dask: str | None = None) -> Executor:
    """Build where long work is done.

    Parameters
    ----------
    threads : int, optional
        Of this machine; one means the calling thread, none all its cores.
    dask : str, optional
        Address of a Dask scheduler, in place of threads.
    """
    if dask is not None:
        return DaskExecutor(dask)
    return ThreadExecutor(usable_cores() if threads is None else threads)


def open_app_context(
    home: str | Path | None = None, *, clock: Clock | None = None, database: str | None = None
) -> AppContext:
    """Build everything an operation may reach; the database is made where there is none.

    Parameters
    ----------
    home : str or Path, optional
        As in `open_data`.
    clock : Clock, optional
        Else the machine's.
    database : str, optional
        Its address, in place of ``DATABASE_URL`` and of ``vigie.sqlite`` below the home folder.

    Raises
    ------
    ConfigError
        If a setting is wrong, or the database was made by another version of Vigie; the message says what to do.
    """
    # By name: only who opens a house pays for loading its parts, pydantic and the database's library.
    context_class: type[AppContext] = import_module("vigie.services.app_context").AppContext
    loaded_settings = import_module("vigie.config.loading").load(home)
    settings = loaded_settings.settings
    paths = settings.paths
    used_clock = clock or SystemClock()
    data = open_data(paths.home, clock=used_clock)
    stores = import_module("vigie.adapters.stores.sql.stores").open_stores(
        database or settings.database, used_clock, note=paths.home / DATABASE_NOTE
    )
    mongo = settings.documents
    documents = import_module("vigie.adapters.stores.mongo").open_mongo(mongo) if mongo else stores.documents
    bar_reader, facts = BarReader(data.bars), ParquetFacts(paths.facts)
    connectors = import_module("vigie.adapters.connectors")
    fitness = import_module("vigie.adapters.stores.sql.readiness")
    simulated = is_simulated(paths.home)
    return context_class(
        data=data,
        bar_reader=bar_reader,
        asset_metrics=import_module("vigie.services.market_data.asset_metrics").AssetMetricsCache(
            bar_reader, facts, stores.quotes, used_clock
        ),
        results=open_results(paths.home),
        facts=facts,
        quotes=stores.quotes,
        bookmarks=stores.bookmarks,
        jobs=stores.jobs,
        runs=stores.runs,
        accounts=stores.accounts,
        audit=stores.audit,
        documents=documents,
        trades=stores.trades,
        items=stores.items,
        alerts=stores.alerts,
        registers=stores.registers,
        names=stores.names,
        first_sights=stores.first_sights,
        clock=used_clock,
        is_simulated=simulated,
        settings=loaded_settings.told,
        directory=connectors.directory_of(
            paths.sources,
            paths.feeds,
            is_simulated=simulated,
            trial=connectors.trials(
                SystemClock(), settings.contact, (venue_url("world") or "") if simulated else None
            ),
        ),
        hidden=lambda: hidden_values(paths.home),
        home_health=HomeHealth(
            checks=lambda: fitness.run_checks(stores.database, paths.home),
            beats=lambda: list(read_beats(paths.home, used_clock.wall_now())),
            free_bytes=lambda: free_bytes(paths.home), database_bytes=lambda: fitness.size_bytes(stores),
        ),
        notifiers=open_notifiers(settings, used_clock),
        printer=open_printer(), open_backup_context=lambda: open_backup_context(paths.home, database=database),
        **(_demo_parts() if simulated else {}), about={"home": str(paths.home)},
    )  # fmt: skip


def _demo_parts() -> dict[str, Any]:
    """Return what only a demonstration has."""
    url = venue_url("world")
    if url is None:
        return {}
    mailbox, newsstand = (import_module(f"vigie.adapters.world_{name}") for name in ("mailbox", "newsstand"))
    return {"mailbox": mailbox.WorldMailbox(url), "newsstand": newsstand.WorldNewsstand(url)}


@contextmanager
def open_backup_context(
    home: str | Path | None = None, *, database: str | None = None
) -> Iterator[BackupContext]:
    """Build what backups need, whatever state the database is in.

    Parameters
    ----------
    home : str or Path, optional
        As in `open_data`.
    database : str, optional
        As in `open_app_context`.
    """
    context_class: type[BackupContext] = import_module("vigie.services.backups.backup").BackupContext
    settings = import_module("vigie.config.loading").load(home).settings
    sql = import_module("vigie.adapters.stores.sql.database")
    copier_class = import_module("vigie.adapters.stores.sql.copying").SqlDatabaseCopier

    @contextmanager
    def open_file(path: Path) -> Iterator[DatabaseCopier]:
        with closing(sql.open_database(f"sqlite:///{path}")) as opened_database:
            yield copier_class(opened_database)

    with closing(sql.open_database(database or settings.database)) as opened_database:
        file = Path(opened_database.engine.url.database) if opened_database.is_sqlite else None
        yield context_class(
            home=settings.home, database=copier_class(opened_database), database_file=file, open_file=open_file,
            lock_home=lambda: use_home_alone(settings.home), hold=lock_folder, clock=SystemClock(), program=__version__,
            is_secret=is_secret, programs=AllowedPrograms,
            seal=HomeSeal(settings.home / "programs" / "origin.key"),
        )  # fmt: skip


def open_links(home: Path) -> OneTimeLinks:
    """Build what issues and uses up the links of a home's owner."""
    return OneTimeLinks(home / "secrets" / "links")


@dataclass(frozen=True, slots=True)
class WebContext:
    """What a process that faces people needs beside the house.

    Attributes
    ----------
    key : bytes
        Stamps forms and cookies.
    links : OneTimeLinks
        Let the local owner in.
    settings : Settings
        Where the pages are, among others.
    """

    house: AppContext
    home: Path
    key: bytes
    links: OneTimeLinks
    settings: Settings


def world_url(home: Path) -> str | None:
    """Return where the simulated world of a home answers; None for a home of the real market.

    Raises
    ------
    ConfigError
        If only one of the two is simulated: they never meet in one home.
    """
    world = venue_url("world")
    if is_simulated(home) and world is None:
        raise ConfigError(f"{home} contains a simulated market; run `vigie demo`, or set another VIGIE_HOME")
    if world is not None and not is_simulated(home):
        raise ConfigError(
            f"VIGIE_WORLD_URL points to a simulated market, but {home} is not its home folder; unset it "
            "for the real market, or run `vigie demo`"
        )
    return world


def open_web_context(home: str | Path | None = None) -> WebContext:
    """Build a house with its doors; in a simulated home the market's time is the simulated world's."""
    paths = resolve_paths(home)
    world = world_url(paths.home)
    clock = SandboxClock(world) if world else SystemClock()
    return WebContext(
        house=open_app_context(paths.home, clock=clock),
        home=paths.home,
        key=HomeKey(paths.home / "secrets" / "web.key").read(),
        links=open_links(paths.home),
        settings=import_module("vigie.config.loading").load(paths.home).settings,
    )


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
        Else the machine's, or the simulated world's where ``VIGIE_WORLD_URL`` names one.
    urls : mapping, optional
        Base addresses by service in place of their own; else ``VIGIE_<SERVICE>_URL``, else the simulated world's.
    report : callable
        Told what began to fail and what works again.
    """
    wiring = import_module("vigie.bootstrap_collector")
    settings = import_module("vigie.config.loading").load(home).settings
    world = world_url(settings.home)
    used_clock = clock or (SandboxClock(world) if world else SystemClock())
    app_context = open_app_context(settings.home, clock=used_clock)
    addresses = wiring.service_addresses(urls or {}, world)
    collector: Collector = wiring.build_collector(
        app_context,
        open_data(settings.home, clock=used_clock, urls=addresses),
        used_clock,
        addresses,
        contact=settings.contact,
        keys={name: entry.key.get_secret_value() for name, entry in settings.keys.items()},
        report=report,
        language=open_sentiment_model(settings.home, clock=used_clock),
    )
    return collector
