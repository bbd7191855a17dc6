"""Amendments to the lists of entities, and imported names; keeps the contract of `vigie.ports.names.NameStore`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from sqlalchemy import JSON, Index, Row, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import AutoIncrementInt, Base
from vigie.domain.entity import Amendment, ImportedName, NameImport

# Of a source so many imports are kept, to go back to.
_MAX_IMPORTS: Final = 3


class AmendmentRow(Base):
    """One thing that a person says of names; `number` is the order in which they are applied."""

    __tablename__ = "entity_amendments"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    entity: Mapped[str]
    text: Mapped[str]
    into: Mapped[str]
    author: Mapped[str]
    ts: Mapped[int]


class NameImportRow(Base):
    """One import of a public list; the newest of a source is read."""

    __tablename__ = "entity_imports"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    licence: Mapped[str]
    author: Mapped[str]
    ts: Mapped[int]
    names: Mapped[list[Any]] = mapped_column(JSON)
    __table_args__ = (Index(None, "source", "number"),)


class SqlNames(SqlStore):
    """What the house knows of names."""

    __slots__ = ()

    def amendments(self) -> Sequence[Amendment]:
        """Return all of them in the order in which they were made."""
        query = select(AmendmentRow.__table__).order_by(AmendmentRow.number)
        with self.database.reading() as connection:
            return [_to_amendment(row) for row in connection.execute(query)]

    def amend(self, amendment: Amendment) -> Amendment:
        """Store one and return it with its id and time."""
        stored = replace(amendment, id=f"n{secrets.token_hex(8)}", ts=self.clock.wall_now())
        with self.database.writing("names") as connection:
            connection.execute(
                insert(AmendmentRow).values(
                    id=stored.id, kind=stored.kind, entity=stored.entity, text=stored.text, into=stored.into,
                    author=stored.author, ts=stored.ts,
                )
            )  # fmt: skip
        return stored

    def withdraw(self, amendment: str) -> Amendment | None:
        """Remove one and return what it was, None where there is none such."""
        is_amendment = AmendmentRow.id == amendment
        with self.database.writing("names") as connection:
            row = connection.execute(select(AmendmentRow.__table__).where(is_amendment)).one_or_none()
            connection.execute(delete(AmendmentRow).where(is_amendment))
        return None if row is None else _to_amendment(row)

    def import_ids(self) -> Sequence[str]:
        """Return the ids of the newest import of each source, by source: what tells imports apart."""
        query = select(NameImportRow.id).where(NameImportRow.number.in_(_newest_numbers_query()))
        with self.database.reading() as connection:
            return list(connection.execute(query.order_by(NameImportRow.source)).scalars())

    def imports(self) -> Sequence[NameImport]:
        """Return the newest import of each source, by source."""
        query = select(NameImportRow.__table__).where(NameImportRow.number.in_(_newest_numbers_query()))
        with self.database.reading() as connection:
            return [_to_import(row) for row in connection.execute(query.order_by(NameImportRow.source))]

    def put_import(self, name_import: NameImport) -> NameImport:
        """Store one and return it with its id and time; of a source few are kept."""
        stored = replace(name_import, id=f"i{secrets.token_hex(8)}", ts=self.clock.wall_now())
        has_source = NameImportRow.source == stored.source
        with self.database.writing("names") as connection:
            connection.execute(
                insert(NameImportRow).values(
                    id=stored.id, source=stored.source, licence=stored.licence, author=stored.author, ts=stored.ts,
                    names=[asdict(imported_name) for imported_name in stored.names],
                )
            )  # fmt: skip
            numbers = select(NameImportRow.number).where(has_source).order_by(NameImportRow.number.desc())
            old = list(connection.execute(numbers).scalars())[_MAX_IMPORTS:]
            connection.execute(delete(NameImportRow).where(NameImportRow.number.in_(old)))
        return stored

    def withdraw_import(self, source: str) -> NameImport | None:
        """Remove the newest import of a source and return what it was, None where there is none."""
        newest = select(NameImportRow.__table__).where(NameImportRow.source == source)
        with self.database.writing("names") as connection:
            row = connection.execute(newest.order_by(NameImportRow.number.desc()).limit(1)).one_or_none()
            if row is None:
                return None
            connection.execute(delete(NameImportRow).where(NameImportRow.id == row.id))
        return _to_import(row)


def _newest_numbers_query() -> Any:
    return select(func.max(NameImportRow.number)).group_by(NameImportRow.source)


def _to_import(row: Row[Any]) -> NameImport:
    names = tuple(
        ImportedName(entry["entity"], entry["name"], tuple(entry["names"]), tuple(entry["tickers"]))
        for entry in row.names
    )
    return NameImport(row.id, row.source, row.licence, row.author, row.ts, names)


def _to_amendment(row: Row[Any]) -> Amendment:
    return Amendment(row.id, row.kind, row.entity, row.text, row.into, row.author, row.ts)
