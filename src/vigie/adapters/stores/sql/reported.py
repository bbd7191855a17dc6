"""Yearly statements of platforms, in the database; keeps the contract of `vigie.ports.reported`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, Index, RowMapping, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import Base
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.reported import (
    CATEGORIES,
    ReportedCategory,
    ReportedRow,
    ReportedStatement,
    SortedReported,
    place_key,
    sort_reported,
)

_CATEGORIES: Final[dict[str, ReportedCategory]] = {category: category for category in CATEGORIES}


class StoredReportedRow(Base):
    """One figure that a platform reported; numbers are decimal texts."""

    __tablename__ = "reported_rows"
    statement: Mapped[str] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    sort: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    place: Mapped[str]
    year: Mapped[int]
    units: Mapped[str]
    amount: Mapped[str | None]
    currency: Mapped[str]
    transactions: Mapped[int | None]
    ts_added: Mapped[int]
    __table_args__ = (Index(None, "owner"),)


class SqlReported(SqlStore):
    """Yearly statements of platforms."""

    __slots__ = ()

    def statements(self, owner: str) -> Sequence[ReportedStatement]:
        """Return the statements of a person, by year and place."""
        with self.database.reading() as connection:
            return _statements(connection, owner)

    def add(
        self, owner: str, rows: Sequence[ReportedRow], *, most: int, replaces: bool, dry_run: bool = False
    ) -> SortedReported:
        """Keep rows, all or none; the same rows again change nothing."""
        stored = StoredReportedRow
        with self.database.writing(f"reported {owner}", durable=True) as connection:
            statements = _statements(connection, owner)
            kept = {
                (place_key(statement.place), statement.year, row.key): row
                for statement in statements
                for row in statement.rows
            }
            found = sort_reported(kept, rows)
            if dry_run or (found.changed and not replaces):
                return found
            if len(kept) + len(found.new) > most:
                raise UsageError(
                    "reported_full", "a person may have {most} reported rows; remove a year first", most=most
                )
            known = {(place_key(statement.place), statement.year): statement for statement in statements}
            for row in found.changed:
                before = known[place_key(row.place), row.year]
                old = kept[place_key(row.place), row.year, row.key]
                connection.execute(
                    delete(stored).where(
                        stored.statement == before.id, stored.asset == old.asset,
                        stored.category == old.category, stored.sort == old.sort,
                    )
                )  # fmt: skip
            ids = {key: one.id for key, one in known.items()}
            now = self.clock.wall_now()
            for row in (*found.changed, *found.new):
                key = place_key(row.place), row.year
                statement = ids.setdefault(key, f"r{secrets.token_hex(8)}")
                place = known[key].place if key in known else row.place
                connection.execute(insert(stored).values(_values(row, owner, statement, place, now)))
        return found

    def remove(self, owner: str, statement: str) -> None:
        """Remove a statement with all its rows."""
        row = StoredReportedRow
        with self.database.writing(f"reported {owner}", durable=True) as connection:
            gone = connection.execute(
                delete(row).where(row.owner == owner, row.statement == statement)
            ).rowcount
        if not gone:
            raise NotFound("reported_unknown", "there is no such statement of a platform")

    def hand_over(self, before: str, after: str) -> None:
        """Give all that is kept of a person to another."""
        row = StoredReportedRow
        with self.database.writing(f"reported {after}") as connection:
            connection.execute(update(row).where(row.owner == before).values(owner=after))

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person."""
        row = StoredReportedRow
        with self.database.writing(f"reported {owner}") as connection:
            connection.execute(delete(row).where(row.owner == owner))


def _statements(connection: Connection, owner: str) -> list[ReportedStatement]:
    row = StoredReportedRow
    query = select(row.__table__).where(row.owner == owner)
    found = list(connection.execute(query).mappings())
    # Databases sort texts by rules of their own.
    found.sort(
        key=lambda one: (one["year"], place_key(one["place"]), one["statement"], one["asset"],
                         CATEGORIES.index(_CATEGORIES[one["category"]]), one["sort"])
    )  # fmt: skip
    return [_to_statement(list(group)) for _, group in groupby(found, key=lambda stored: stored["statement"])]


def _to_statement(found: Sequence[RowMapping]) -> ReportedStatement:
    first = found[0]
    return ReportedStatement(
        first["statement"],
        first["place"],
        first["year"],
        max(one["ts_added"] for one in found),
        tuple(_to_row(one) for one in found),
    )


def _to_row(found: RowMapping) -> ReportedRow:
    amount = found["amount"]
    return ReportedRow(
        found["place"], found["year"], found["asset"], _CATEGORIES[found["category"]], found["sort"],
        Decimal(found["units"]), None if amount is None else Decimal(amount), found["currency"],
        found["transactions"],
    )  # fmt: skip


def _values(row: ReportedRow, owner: str, statement: str, place: str, now: int) -> dict[str, object]:
    return {
        "statement": statement, "asset": row.asset, "category": row.category, "sort": row.sort, "owner": owner,
        "place": place, "year": row.year, "units": f"{row.units:f}",
        "amount": None if row.amount is None else f"{row.amount:f}", "currency": row.currency,
        "transactions": row.transactions, "ts_added": now,
    }  # fmt: skip
