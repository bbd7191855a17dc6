"""The tables of public registers: rows as last seen, changes, when each was looked at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.tables import AutoIncrementInt, Base


class RegisterRow(Base):
    """A register that was looked at."""

    __tablename__ = "registers"
    register: Mapped[str] = mapped_column(primary_key=True)
    entries: Mapped[int]
    ts_seen: Mapped[int]
    ts_changed: Mapped[int | None]


class RegisterEntryRow(Base):
    """One row of a register as last seen."""

    __tablename__ = "register_entries"
    register: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    lei: Mapped[str] = mapped_column(index=True)
    country: Mapped[str]
    body: Mapped[dict[str, Any]]
    __table_args__ = (Index(None, "country"),)


class RegisterChangeRow(Base):
    """What became different between two looks."""

    __tablename__ = "register_changes"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    register: Mapped[str]
    key: Mapped[str]
    kind: Mapped[str]
    ts_seen: Mapped[int]
    document: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    __table_args__ = (Index(None, "register", "ts_seen"), Index(None, "ts_seen"))
