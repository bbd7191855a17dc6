"""All stores of one database together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vigie.adapters.stores.sql import identity, schema
from vigie.adapters.stores.sql.accounts.store import SqlUserStore
from vigie.adapters.stores.sql.alerts.store import SqlAlertStore
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.adapters.stores.sql.documents import SqlDocuments
from vigie.adapters.stores.sql.first_sightings import SqlFirstSightings
from vigie.adapters.stores.sql.holding_addresses import SqlHoldingAddresses
from vigie.adapters.stores.sql.holding_links import SqlHoldingLinks
from vigie.adapters.stores.sql.holdings import SqlHoldings
from vigie.adapters.stores.sql.items.store import SqlItems
from vigie.adapters.stores.sql.jobs import SqlJobs
from vigie.adapters.stores.sql.learned_models import SqlLearnedModels
from vigie.adapters.stores.sql.names import SqlNames
from vigie.adapters.stores.sql.outside import SqlOutsideTrades
from vigie.adapters.stores.sql.plan_notices import SqlPlanNotices
from vigie.adapters.stores.sql.plans import SqlPlans
from vigie.adapters.stores.sql.quotes import SqlQuotes, SqlSourceBookmarks
from vigie.adapters.stores.sql.registers.store import SqlRegisters
from vigie.adapters.stores.sql.reported import SqlReported
from vigie.adapters.stores.sql.run_files import SqlRunFiles
from vigie.adapters.stores.sql.runs import SqlRuns
from vigie.adapters.stores.sql.setup_notices import SqlSetupNotices
from vigie.adapters.stores.sql.setups import SqlSetups
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Stores:
    """What one database holds, by port."""

    database: Database
    accounts: SqlUserStore
    quotes: SqlQuotes
    bookmarks: SqlSourceBookmarks
    jobs: SqlJobs
    runs: SqlRuns
    audit: SqlAuditLog
    documents: SqlDocuments
    trades: SqlTradeBook
    items: SqlItems
    alerts: SqlAlertStore
    registers: SqlRegisters
    names: SqlNames
    first_sightings: SqlFirstSightings
    setups: SqlSetups
    plans: SqlPlans
    plan_notices: SqlPlanNotices
    outside: SqlOutsideTrades
    setup_notices: SqlSetupNotices
    run_files: SqlRunFiles
    holdings: SqlHoldings
    holding_addresses: SqlHoldingAddresses
    holding_links: SqlHoldingLinks
    reported: SqlReported
    learned_models: SqlLearnedModels


def open_stores(url: str, clock: Clock, *, note: Path | None = None, is_simulated: bool = False) -> Stores:
    """Open a database, make its schema where it is empty, and put the stores on it.

    Parameters
    ----------
    url : str
        As in `open_database`.
    clock : Clock
        What is kept is stamped with its real time.
    note : Path, optional
        Where a home notes which database holds its users; another one is refused.
    is_simulated : bool
        Whether the home's market is simulated.

    Raises
    ------
    ConfigError
        If the address is none, the schema is not this program's, or the home's users are in another database.
    StorageError
        If the database does not answer.
    """
    database = open_database(url)
    try:
        if note is not None:
            identity.refuse_other_database(database, note)
        schema.ensure_schema(database)
        if note is not None:
            identity.note_database(database, note)
    except BaseException:  # also where a person ends it; raised again
        database.close()
        raise
    parts = (database, clock)
    audit = SqlAuditLog(*parts)
    return Stores(
        database=database,
        accounts=SqlUserStore(*parts),
        quotes=SqlQuotes(*parts),
        bookmarks=SqlSourceBookmarks(*parts),
        jobs=SqlJobs(*parts),
        runs=SqlRuns(*parts),
        audit=audit,
        documents=SqlDocuments(*parts),
        trades=SqlTradeBook(*parts),
        items=SqlItems(*parts),
        alerts=SqlAlertStore(*parts),
        registers=SqlRegisters(*parts),
        names=SqlNames(*parts),
        first_sightings=SqlFirstSightings(*parts),
        setups=SqlSetups(*parts, audit, is_simulated),
        plans=SqlPlans(*parts, audit),
        plan_notices=SqlPlanNotices(*parts),
        outside=SqlOutsideTrades(*parts),
        holdings=SqlHoldings(*parts),
        holding_addresses=SqlHoldingAddresses(*parts),
        holding_links=SqlHoldingLinks(*parts),
        reported=SqlReported(*parts),
        learned_models=SqlLearnedModels(*parts),
        setup_notices=SqlSetupNotices(*parts),
        run_files=SqlRunFiles(*parts, audit),
    )
