"""First sightings and press reports in the database; keeps the contract of `vigie.ports.first_sightings`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection, Index, Row, and_, false, func, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_pg
from sqlalchemy.dialects.sqlite import insert as insert_lite
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import AutoIncrementInt, Base
from vigie.domain.first_sighting import EmergingKind, FirstSighting, PressReport

# Ids of one query: SQLite takes some thousands.
_PAGE_IDS: Final = 400
# Names of one query, each with its own days.
_PAGE_NAMES: Final = 100


class FirstSightingRow(Base):
    """The first time that something of the emerging list was seen."""

    __tablename__ = "first_sights"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    symbol: Mapped[str]
    token: Mapped[str]
    ts_seen: Mapped[int]
    ts_created: Mapped[int | None]
    is_from_before: Mapped[bool] = mapped_column(server_default=false())
    is_generated: Mapped[bool] = mapped_column(server_default=false())
    __table_args__ = (
        Index(None, "kind", "ts_seen"),
        Index(None, "symbol", "kind", "ts_seen"),
        Index(None, "name", "kind", "ts_seen"),
    )


class PressReportRow(Base):
    """A report of the press, earlier than those that were stored before it; rows are only added."""

    __tablename__ = "press_reports"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    newcomer: Mapped[str]
    item: Mapped[str]
    source: Mapped[str]
    outlet: Mapped[str]
    url: Mapped[str]
    title: Mapped[str]
    ts_reported: Mapped[int]
    ts_known: Mapped[int]
    is_day_only: Mapped[bool] = mapped_column(server_default=false())
    is_generated: Mapped[bool] = mapped_column(server_default=false())
    __table_args__ = (Index(None, "newcomer", "ts_reported"),)


class SqlFirstSightings(SqlStore):
    """What was seen first, and what the press reported first."""

    __slots__ = ()

    def put(self, sightings: Iterable[FirstSighting], reports: Iterable[PressReport] = ()) -> int:
        """Store all of it or nothing; return how many rows that makes."""
        dialect_insert: Any = insert_lite if self.database.is_sqlite else insert_pg
        n_added = 0
        with self.database.writing("first sights") as connection:
            for sighting in sightings:
                row = dialect_insert(FirstSightingRow).values(asdict(sighting)).on_conflict_do_nothing()
                n_added += connection.execute(row.returning(FirstSightingRow.id)).first() is not None
            for report in sorted(
                reports, key=lambda press_report: (press_report.ts_reported, press_report.item)
            ):
                if _is_earlier(connection, report):
                    connection.execute(insert(PressReportRow).values(asdict(report)))
                    n_added += 1
        return n_added

    def get(self, ids: Sequence[str]) -> Mapping[str, FirstSighting]:
        """Return sightings by id."""
        sightings: dict[str, FirstSighting] = {}
        with self.database.reading() as connection:
            for start in range(0, len(ids), _PAGE_IDS):
                query = select(FirstSightingRow.__table__).where(
                    FirstSightingRow.id.in_(ids[start : start + _PAGE_IDS])
                )
                sightings |= {row.id: _to_sighting(row) for row in connection.execute(query)}
        return sightings

    def since(self, kind: EmergingKind, ts_seen: int) -> Sequence[FirstSighting]:
        """Return what of a kind was first seen at a time or later, oldest first."""
        with self.database.reading() as connection:
            return [_to_sighting(row) for row in connection.execute(since_query(kind, ts_seen))]

    def namesakes(
        self, sightings: Sequence[FirstSighting], spans: Mapping[EmergingKind, int]
    ) -> Sequence[FirstSighting]:
        """Return these and the others of their time that share a name or a ticker with one of them, oldest first."""
        matches = {sighting.id: sighting for sighting in sightings}
        with self.database.reading() as connection:
            for query in namesake_queries(sightings, spans):
                matches |= {row.id: _to_sighting(row) for row in connection.execute(query)}
        return sorted(matches.values(), key=lambda sighting: (sighting.ts_seen, sighting.id))

    def first_reports(self, ids: Sequence[str], *, as_of: int | None = None) -> Mapping[str, PressReport]:
        """Return by newcomer the earliest report that was known at `as_of`."""
        reports: dict[str, PressReport] = {}
        with self.database.reading() as connection:
            for start in range(0, len(ids), _PAGE_IDS):
                query = reports_query(ids[start : start + _PAGE_IDS], as_of)
                for row in connection.execute(query):
                    reports.setdefault(row.newcomer, _to_report(row))
        return reports


def since_query(kind: EmergingKind, ts_seen: int) -> Any:
    """Return the query for what of a kind was first seen at a time or later, oldest first."""
    query = select(FirstSightingRow.__table__).where(
        FirstSightingRow.kind == kind, FirstSightingRow.ts_seen >= ts_seen
    )
    return query.order_by(FirstSightingRow.ts_seen, FirstSightingRow.id)


def namesake_queries(sightings: Sequence[FirstSighting], spans: Mapping[EmergingKind, int]) -> Iterator[Any]:
    """Yield the queries for who shares a ticker, or a name, with some newcomers; each goes by one index."""
    kinds: tuple[tuple[EmergingKind, EmergingKind], ...] = (
        ("coin", "coin"),
        ("pool", "pool"),
        ("pool", "coin"),
    )
    for own_kind, other_kind in kinds:
        of_own_kind = [sighting for sighting in sightings if sighting.kind == own_kind]
        lookups = [(FirstSightingRow.symbol, sighting.symbol, sighting.ts_seen) for sighting in of_own_kind]
        lookups += [
            (FirstSightingRow.name, sighting.name, sighting.ts_seen)
            for sighting in of_own_kind
            if own_kind == "coin"
        ]
        span = spans[other_kind]
        for start in range(0, len(lookups), _PAGE_NAMES):
            conditions = [
                and_(
                    column == name,
                    FirstSightingRow.kind == other_kind,
                    FirstSightingRow.ts_seen.between(ts - span, ts + span),
                )
                for column, name, ts in lookups[start : start + _PAGE_NAMES]
            ]
            yield select(FirstSightingRow.__table__).where(or_(*conditions))


def reports_query(ids: Sequence[str], as_of: int | None) -> Any:
    """Return the query for the reports on some newcomers, the earliest of each first."""
    query = select(PressReportRow.__table__).where(PressReportRow.newcomer.in_(ids))
    query = query if as_of is None else query.where(PressReportRow.ts_known <= as_of)
    return query.order_by(PressReportRow.newcomer, PressReportRow.ts_reported, PressReportRow.number)


def _is_earlier(connection: Connection, report: PressReport) -> bool:
    earliest = select(func.min(PressReportRow.ts_reported)).where(PressReportRow.newcomer == report.newcomer)
    earliest_ts = connection.scalar(earliest)
    return earliest_ts is None or report.ts_reported < earliest_ts


def _to_sighting(row: Row[Any]) -> FirstSighting:
    return FirstSighting(**row._mapping)


def _to_report(row: Row[Any]) -> PressReport:
    return PressReport(**{name: value for name, value in row._mapping.items() if name != "number"})
