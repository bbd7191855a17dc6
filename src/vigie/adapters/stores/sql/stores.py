"""All stores of one database together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vigie.adapters.stores.sql import identity, schema
from vigie.adapters.stores.sql.accounts.store import SqlAccounts
from vigie.adapters.stores.sql.alerts.store import SqlAlerts
from vigie.adapters.stores.sql.audit import SqlAudit
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.adapters.stores.sql.documents import SqlDocuments
from vigie.adapters.stores.sql.first_sights import SqlFirstSights
from vigie.adapters.stores.sql.items.store import SqlItems
from vigie.adapters.stores.sql.jobs import SqlJobs
from vigie.adapters.stores.sql.names import SqlNames
from vigie.adapters.stores.sql.quotes import SqlQuotes, SqlSourceBookmarks
from vigie.adapters.stores.sql.registers.store import SqlRegisters
from vigie.adapters.stores.sql.runs import SqlRuns
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Stores:
    """What one database holds, by port."""

    database: Database
    accounts: SqlAccounts
    quotes: SqlQuotes
    bookmarks: SqlSourceBookmarks
    jobs: SqlJobs
    runs: SqlRuns
    audit: SqlAudit
    documents: SqlDocuments
    trades: SqlTradeBook
    items: SqlItems
    alerts: SqlAlerts
    registers: SqlRegisters
    names: SqlNames
    first_sights: SqlFirstSights


def open_stores(url: str, clock: Clock, *, note: Path | None = None) -> Stores:
    """Open a database, make its schema where it is empty, and put the stores on it.

    Parameters
    ----------
    url : str
        As in `open_database`.
    clock : Clock
        What is kept is stamped with its real time.
    note : Path, optional
        Where a home notes which database holds its users; another one is refused.

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
            identity.refuse_another(database, note)
        schema.ready(database)
        if note is not None:
            identity.remember(database, note)
    except BaseException:  # also where a person ends it; raised again
        database.close()
        raise
    parts = (database, clock)
    return Stores(
        database=database,
        accounts=SqlAccounts(*parts),
        quotes=SqlQuotes(*parts),
        bookmarks=SqlSourceBookmarks(*parts),
        jobs=SqlJobs(*parts),
        runs=SqlRuns(*parts),
        audit=SqlAudit(*parts),
        documents=SqlDocuments(*parts),
        trades=SqlTradeBook(*parts),
        items=SqlItems(*parts),
        alerts=SqlAlerts(*parts),
        registers=SqlRegisters(*parts),
        names=SqlNames(*parts),
        first_sights=SqlFirstSights(*parts),
    )
