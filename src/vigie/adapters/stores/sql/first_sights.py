"""First sightings and press reports in the database; keeps the contract of `vigie.ports.first_sightings`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection, Index, Row, and_, false, func, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_pg
from sqlalchemy.dialects.sqlite import insert as insert_lite
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.part import Part
from vigie.adapters.stores.sql.tables import Base, Number
from vigie.domain.first_sighting import EmergingKind, FirstSighting, PressReport

# Ids of one query: SQLite takes some thousands.
_PAGE: Final = 400
# Names of one query, each with its own days.
_NAMES: Final = 100


class FirstSightRow(Base):
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
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=True)
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


class SqlFirstSights(Part):
    """What was seen first, and what the press reported first."""

    __slots__ = ()

    def put(self, sightings: Iterable[FirstSighting], reports: Iterable[PressReport] = ()) -> int:
        """Store all of it or nothing; return how many rows that makes."""
        make: Any = insert_lite if self.database.is_sqlite else insert_pg
        made = 0
        with self.database.writing("first sights") as connection:
            for sight in sightings:
                row = make(FirstSightRow).values(asdict(sight)).on_conflict_do_nothing()
                made += connection.execute(row.returning(FirstSightRow.id)).first() is not None
            for report in sorted(reports, key=lambda one: (one.ts_reported, one.item)):
                if _is_earlier(connection, report):
                    connection.execute(insert(PressReportRow).values(asdict(report)))
                    made += 1
        return made

    def get(self, ids: Sequence[str]) -> Mapping[str, FirstSighting]:
        """Return sightings by id."""
        found: dict[str, FirstSighting] = {}
        with self.database.reading() as connection:
            for start in range(0, len(ids), _PAGE):
                query = select(FirstSightRow.__table__).where(
                    FirstSightRow.id.in_(ids[start : start + _PAGE])
                )
                found |= {row.id: _sight(row) for row in connection.execute(query)}
        return found

    def since(self, kind: EmergingKind, ts_seen: int) -> Sequence[FirstSighting]:
        """Return what of a kind was first seen at a time or later, oldest first."""
        with self.database.reading() as connection:
            return [_sight(row) for row in connection.execute(since_of(kind, ts_seen))]

    def namesakes(
        self, sightings: Sequence[FirstSighting], spans: Mapping[EmergingKind, int]
    ) -> Sequence[FirstSighting]:
        """Return these and the others of their time that share a name or a ticker with one of them, oldest first."""
        found = {one.id: one for one in sightings}
        with self.database.reading() as connection:
            for query in namesakes_of(sightings, spans):
                found |= {row.id: _sight(row) for row in connection.execute(query)}
        return sorted(found.values(), key=lambda one: (one.ts_seen, one.id))

    def first_reports(self, ids: Sequence[str], *, as_of: int | None = None) -> Mapping[str, PressReport]:
        """Return by newcomer the earliest report that was known at `as_of`."""
        found: dict[str, PressReport] = {}
        with self.database.reading() as connection:
            for start in range(0, len(ids), _PAGE):
                query = reports_of(ids[start : start + _PAGE], as_of)
                for row in connection.execute(query):
                    found.setdefault(row.newcomer, _report(row))
        return found


def since_of(kind: EmergingKind, ts_seen: int) -> Any:
    """Return the query for what of a kind was first seen at a time or later, oldest first."""
    query = select(FirstSightRow.__table__).where(
        FirstSightRow.kind == kind, FirstSightRow.ts_seen >= ts_seen
    )
    return query.order_by(FirstSightRow.ts_seen, FirstSightRow.id)


def namesakes_of(sights: Sequence[FirstSighting], spans: Mapping[EmergingKind, int]) -> Iterator[Any]:
    """Yield the queries for who shares a ticker, or a name, with some newcomers; each goes by one index."""
    kinds: tuple[tuple[EmergingKind, EmergingKind], ...] = (
        ("coin", "coin"),
        ("pool", "pool"),
        ("pool", "coin"),
    )
    for mine, theirs in kinds:
        asked = [one for one in sights if one.kind == mine]
        named = [(FirstSightRow.symbol, one.symbol, one.ts_seen) for one in asked]
        named += [(FirstSightRow.name, one.name, one.ts_seen) for one in asked if mine == "coin"]
        span = spans[theirs]
        for start in range(0, len(named), _NAMES):
            alike = [
                and_(
                    column == name,
                    FirstSightRow.kind == theirs,
                    FirstSightRow.ts_seen.between(ts - span, ts + span),
                )
                for column, name, ts in named[start : start + _NAMES]
            ]
            yield select(FirstSightRow.__table__).where(or_(*alike))


def reports_of(ids: Sequence[str], as_of: int | None) -> Any:
    """Return the query for the reports on some newcomers, the earliest of each first."""
    query = select(PressReportRow.__table__).where(PressReportRow.newcomer.in_(ids))
    query = query if as_of is None else query.where(PressReportRow.ts_known <= as_of)
    return query.order_by(PressReportRow.newcomer, PressReportRow.ts_reported, PressReportRow.number)


def _is_earlier(connection: Connection, report: PressReport) -> bool:
    earliest = select(func.min(PressReportRow.ts_reported)).where(PressReportRow.newcomer == report.newcomer)
    before = connection.scalar(earliest)
    return before is None or report.ts_reported < before


def _sight(row: Row[Any]) -> FirstSighting:
    return FirstSighting(**row._mapping)


def _report(row: Row[Any]) -> PressReport:
    return PressReport(**{name: value for name, value in row._mapping.items() if name != "number"})
