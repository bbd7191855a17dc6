"""The newest quotes, the states of connectors and where they go on, in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib import import_module
from operator import attrgetter
from threading import Lock
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, Table, bindparam, delete, func, select

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.staging import StagedRows
from vigie.adapters.stores.sql.tables import BookmarkRow, CounterRow, HealthRow, QuoteRow, SourceRequestRow
from vigie.domain.errors import UsageError
from vigie.domain.quote import Quote
from vigie.domain.refusal import from_stored, to_stored
from vigie.ports.quotes import SourceHealth

_COUNTER: Final = "quotes"
_ACTIONS: Final = ("paused", "now")
_QUOTE_FIELDS: Final = tuple(quote_field.name for quote_field in fields(Quote))
_get_quote_values: Final = attrgetter(*_QUOTE_FIELDS)
# Written once: every page asks them.
_NEWEST: Final = select(func.max(QuoteRow.ts_event))
_VERSION: Final = select(CounterRow.value).where(CounterRow.name == _COUNTER)
_CHANGED: Final = (
    select(QuoteRow.__table__)
    .where(QuoteRow.version > bindparam("after"))
    .order_by(QuoteRow.venue, QuoteRow.instrument)
)


@dataclass(slots=True, eq=False)
class _QuoteCache:
    """All quotes as of a version: who asks for all of them again reads the changed ones only."""

    version: int = 0
    quotes: dict[tuple[str, str], Quote] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True)
class SqlQuotes(SqlStore):
    """Latest values in the database; keeps the contract of `vigie.ports.quotes.QuoteStore`."""

    _cache: _QuoteCache = field(default_factory=_QuoteCache, repr=False, compare=False)

    def put(self, quotes: Iterable[Quote]) -> int:
        """Store the newest quotes in one transaction; return the new version.

        Of several of one instrument, and against what is stored, the one that was known last stays.
        """
        newest: dict[str, Quote] = {}
        for quote in quotes:
            before = newest.get(quote.id)
            if before is None or quote.ts_known >= before.ts_known:
                newest[quote.id] = quote
        if not newest:
            return self.since(_FUTURE_VERSION)[0]
        rows = [_get_quote_values(quote) for quote in newest.values()]
        staged = StagedRows(cast(Table, QuoteRow.__table__), _QUOTE_FIELDS, rows, order_column="ts_known")
        with self.database.writing("quotes", before=staged.prepare) as connection:
            version = _current_version(connection) + 1
            staged.store(connection, version)
            _upsert(connection, cast(Table, CounterRow.__table__), [{"name": _COUNTER, "value": version}])
        return version

    def since(self, version: int) -> tuple[int, Sequence[Quote]]:
        """Return the current version and the quotes that changed after `version`; 0 gives all."""
        return self._read_changed(version) if version else self._read_all()

    def newest_ts(self) -> int | None:
        """Return the time of the newest quote, without reading the others; None where there is none."""
        with self.database.reading() as connection:
            newest: int | None = connection.scalar(_NEWEST)
            return newest

    def _read_all(self) -> tuple[int, Sequence[Quote]]:
        cache = self._cache
        with cache.lock:
            current, changed = self._read_changed(cache.version)
            if current < cache.version:  # another database has taken this one's place
                cache.quotes.clear()
                current, changed = self._read_changed(0)
            if changed:
                cache.quotes.update(((quote.venue, quote.instrument), quote) for quote in changed)
                cache.quotes = dict(sorted(cache.quotes.items()))
            cache.version = current
            return current, list(cache.quotes.values())

    def _read_changed(self, version: int) -> tuple[int, Sequence[Quote]]:
        with self.database.reading() as connection:
            current = _current_version(connection)
            if current <= version:
                return current, []
            changed = connection.execute(_CHANGED, {"after": version})
            return current, [_to_quote(row) for row in changed if row.version <= current]

    def put_health(self, health: Iterable[SourceHealth]) -> None:
        """Store the states of connectors."""
        rows = {state.source: {**asdict(state), "refusal": to_stored(state.error)} for state in health}
        if rows:
            with self.database.writing() as connection:
                # Always in the same order: two writers never wait for each other.
                _upsert(connection, cast(Table, HealthRow.__table__), [rows[key] for key in sorted(rows)])

    def health(self) -> Sequence[SourceHealth]:
        """Return the states of all connectors, by id."""
        with self.database.reading() as connection:
            rows = connection.execute(select(HealthRow.__table__).order_by(HealthRow.source))
            return [
                SourceHealth(
                    **{
                        name: value
                        for name, value in row._mapping.items()
                        if name not in ("error", "refusal")
                    },
                    error=from_stored(row.error, row.refusal),
                )
                for row in rows
            ]

    def requests(self) -> dict[str, str]:
        """Return what people asked of connectors, by id."""
        with self.database.reading() as connection:
            rows = connection.execute(
                select(SourceRequestRow.source, SourceRequestRow.what).order_by(SourceRequestRow.source)
            )
            return {row.source: row.what for row in rows}

    def request(self, source: str, action: str) -> None:
        """Ask something of a connector: ``paused``, ``now``, or the empty word for neither."""
        if action and action not in _ACTIONS:
            raise UsageError(
                "request_source_must_paused",
                "the request to a source must be paused, now or empty, was {action!r}",
                action=action,
            )
        with self.database.writing() as connection:
            if action:
                _upsert(
                    connection, cast(Table, SourceRequestRow.__table__), [{"source": source, "what": action}]
                )
            else:
                connection.execute(delete(SourceRequestRow).where(SourceRequestRow.source == source))

    def forget(self, source: str) -> None:
        """Remove the state of a connector that is gone, and what was asked of it."""
        with self.database.writing() as connection:
            connection.execute(delete(HealthRow).where(HealthRow.source == source))
            connection.execute(delete(SourceRequestRow).where(SourceRequestRow.source == source))


class SqlSourceBookmarks(SqlStore):
    """Where connectors go on; keeps the contract of `vigie.ports.bookmarks.SourceBookmarks`."""

    __slots__ = ()

    def get(self, source: str) -> str:
        """Return a connector's bookmark, empty before the first."""
        with self.database.reading() as connection:
            query = select(BookmarkRow.bookmark).where(BookmarkRow.source == source)
            return connection.scalar(query) or ""

    def put(self, source: str, bookmark: str) -> None:
        """Keep a connector's bookmark; call it once what came before is safe."""
        row = {"source": source, "bookmark": bookmark, "ts": self.clock.wall_now()}
        with self.database.writing() as connection:
            _upsert(connection, cast(Table, BookmarkRow.__table__), [row])


_FUTURE_VERSION: Final = 2**62


def _current_version(connection: Connection) -> int:
    return connection.scalar(_VERSION) or 0


def _upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows or replace those with the same key."""
    # By name: the dialect of the database that is not used weighs two megabytes in every process.
    statement = import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)
    keys = [column.name for column in table.primary_key]
    values = {
        column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys
    }
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), list(rows))


def _to_quote(row: Row[Any]) -> Quote:
    values = row._mapping  # a row's own `index` is a method
    return Quote(**{name: values[name] for name in _QUOTE_FIELDS})
