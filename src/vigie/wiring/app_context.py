"""Everything an operation may reach: the stores of a home, its settings, what goes out of it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.adapters.clock import SystemClock
from vigie.adapters.heartbeat import read_beats
from vigie.adapters.stores.disk_space import free_bytes
from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.adapters.stores.programs import AllowedPrograms
from vigie.config import hidden_values, is_simulated
from vigie.data.bar_reader import BarReader
from vigie.ports.clock import Clock
from vigie.ports.health import HomeHealth
from vigie.ports.home import DATABASE_NOTE, HomeFolder, IsSimulated
from vigie.wiring.backups import open_backup_context
from vigie.wiring.balances import balance_parts
from vigie.wiring.data import open_data
from vigie.wiring.market_clock import open_market_clock
from vigie.wiring.notifiers import open_notifiers, open_printer, open_report_printer
from vigie.wiring.outside import outside_parts
from vigie.wiring.plugins import plugin_directory, plugin_source_manifests
from vigie.wiring.results import open_results
from vigie.wiring.world_address import find_world

if TYPE_CHECKING:
    from vigie.services.app_context import AppContext


def open_app_context(
    home: str | Path | None = None, *, clock: Clock | None = None, database: str | None = None
) -> AppContext:
    """Build everything an operation may reach; the database is made where there is none.

    Parameters
    ----------
    home : str or Path, optional
        As in `open_data`.
    clock : Clock, optional
        Else that of the home's market.
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
    used_clock = clock or open_market_clock(paths.home, is_needed=False)
    data = open_data(paths.home, clock=used_clock)
    simulated = IsSimulated(is_simulated(paths.home))
    stores = import_module("vigie.adapters.stores.sql.stores").open_stores(
        database or settings.database, used_clock, note=paths.home / DATABASE_NOTE, is_simulated=simulated
    )
    mongo = settings.documents
    documents = import_module("vigie.adapters.stores.mongo").open_mongo(mongo) if mongo else stores.documents
    bar_reader, facts = BarReader(data.bars), ParquetFacts(paths.facts)
    connectors = import_module("vigie.adapters.connectors")
    fitness = import_module("vigie.adapters.stores.sql.readiness")
    return context_class(
        data=data,
        bar_reader=bar_reader,
        asset_metrics=import_module("vigie.services.caches.asset_metrics").AssetMetricsCache(
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
        trades=stores.trades, items=stores.items, alerts=stores.alerts,
        registers=stores.registers, names=stores.names,
        first_sightings=stores.first_sightings, run_files=stores.run_files,
        setups=stores.setups, setup_notices=stores.setup_notices, plans=stores.plans,
        plan_notices=stores.plan_notices, outside=stores.outside,
        holdings=stores.holdings, holding_addresses=stores.holding_addresses, holding_links=stores.holding_links,
        reported=stores.reported, learned_models=stores.learned_models, clock=used_clock, is_simulated=simulated,
        settings=loaded_settings.list_settings,
        order_caps=import_module("vigie.domain.order_caps").OrderCaps(settings.order_only, settings.most_orders),
        directory=connectors.directory_of(
            paths.sources,
            paths.feeds,
            is_simulated=simulated,
            trial=connectors.trials(
                SystemClock(), settings.contact, find_world(paths.home) if simulated else None
            ),
            plugins=lambda: plugin_source_manifests(paths.home),
        ),
        plugins=plugin_directory(paths.home), programs=AllowedPrograms(paths.home),
        hidden=lambda: hidden_values(paths.home),
        home_health=HomeHealth(
            checks=lambda: fitness.run_checks(stores.database, paths.home),
            beats=lambda: list(read_beats(paths.home, used_clock.wall_now())),
            free_bytes=lambda: free_bytes(paths.home), database_bytes=lambda: fitness.size_bytes(stores),
        ),
        notifiers=open_notifiers(settings, used_clock), report_printer=open_report_printer(),
        **outside_parts(paths.home, settings.contact), **balance_parts(paths.home, settings.contact),
        printer=open_printer(), open_backup_context=lambda: open_backup_context(paths.home, database=database),
        **(_demo_parts(paths.home) if simulated else {}), home=HomeFolder(paths.home),
    )  # fmt: skip


def _demo_parts(home: Path) -> dict[str, Any]:
    """Return what only a demonstration has."""
    url = find_world(home)
    if not url:
        return {}
    mailbox, newsstand = (import_module(f"vigie.adapters.world_{name}") for name in ("mailbox", "newsstand"))
    return {"mailbox": mailbox.WorldMailbox(url), "newsstand": newsstand.WorldNewsstand(url)}
