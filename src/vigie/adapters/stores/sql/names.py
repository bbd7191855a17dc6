"""Amendments to the lists of entities, in the database; keeps the contract of `vigie.ports.names.NameStore`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.part import Part
from vigie.adapters.stores.sql.tables import Base, Number
from vigie.domain.entity import Amendment


class AmendmentRow(Base):
    """One thing that a person says of names; `number` is the order in which they are applied."""

    __tablename__ = "entity_amendments"
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    entity: Mapped[str]
    text: Mapped[str]
    into: Mapped[str]
    author: Mapped[str]
    ts: Mapped[int]


class SqlNames(Part):
    """What the house knows of names."""

    __slots__ = ()

    def amendments(self) -> Sequence[Amendment]:
        """Return all of them in the order in which they were made."""
        query = select(AmendmentRow.__table__).order_by(AmendmentRow.number)
        with self.database.reading() as connection:
            return [_amendment(row) for row in connection.execute(query)]

    def amend(self, amendment: Amendment) -> Amendment:
        """Store one and return it with its id and time."""
        kept = replace(amendment, id=f"n{secrets.token_hex(8)}", ts=self.clock.wall_now())
        with self.database.writing("names") as connection:
            connection.execute(
                insert(AmendmentRow).values(
                    id=kept.id, kind=kept.kind, entity=kept.entity, text=kept.text, into=kept.into,
                    author=kept.author, ts=kept.ts,
                )
            )  # fmt: skip
        return kept

    def withdraw(self, amendment: str) -> Amendment | None:
        """Remove one and return what it was, None where there is none such."""
        which = AmendmentRow.id == amendment
        with self.database.writing("names") as connection:
            row = connection.execute(select(AmendmentRow.__table__).where(which)).one_or_none()
            connection.execute(delete(AmendmentRow).where(which))
        return None if row is None else _amendment(row)


def _amendment(row: Row[Any]) -> Amendment:
    return Amendment(row.id, row.kind, row.entity, row.text, row.into, row.author, row.ts)
