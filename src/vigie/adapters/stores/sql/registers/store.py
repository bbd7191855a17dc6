"""Registers in the database; keeps the contract of `vigie.ports.registers.RegisterStore`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from vigie.adapters.stores.sql.part import Part
from vigie.adapters.stores.sql.registers.tables import RegisterChangeRow, RegisterEntryRow, RegisterRow
from vigie.domain.register import RegisterChange, RegisterEntry, diff_entries
from vigie.ports.registers import RegisterSnapshot, RegisterState


class SqlRegisters(Part):
    """Rows of registers as last seen, and what became different."""

    __slots__ = ()

    def take(self, snapshot: RegisterSnapshot) -> Sequence[RegisterChange]:
        """Put all rows in the place of the former ones, keep what became different, and return it."""
        with self.database.writing(f"register {snapshot.register}") as connection:
            is_again = snapshot.reread_of is not None
            if is_again and _seen(connection, snapshot.register) != snapshot.reread_of:
                return ()
            before = {one.key: one for one in _entries(connection, snapshot.register)}
            found = diff_entries(
                before,
                snapshot.entries,
                register=snapshot.register,
                ts_seen=snapshot.ts_seen,
                is_whole=is_again,
            )
            if found or not before:
                _replace(connection, snapshot)
            if found:
                connection.execute(
                    insert(RegisterChangeRow), [_change(one, snapshot.document) for one in found]
                )
            if found or not before or not is_again:
                _note(connection, snapshot, is_changed=bool(found))
        return found

    def entries(self, register: str = "", *, country: str = "", lei: str = "") -> Sequence[RegisterEntry]:
        """Return rows by register and name; what is empty does not matter."""
        with self.database.reading() as connection:
            return _entries(connection, register, country=country, lei=lei)

    def changes(self, register: str = "", *, after_ms: int = 0, limit: int = 200) -> Sequence[RegisterChange]:
        """Return what became different, newest first."""
        kind = RegisterChangeRow
        query = select(kind.__table__).where(kind.ts_seen >= after_ms)
        query = query.where(kind.register == register) if register else query
        with self.database.reading() as connection:
            rows = connection.execute(query.order_by(kind.ts_seen.desc(), kind.number.desc()).limit(limit))
            return [
                RegisterChange(row.register, row.key, row.kind, row.ts_seen, _of(row.before), _of(row.after))
                for row in rows
            ]

    def states(self) -> Sequence[RegisterState]:
        """Return how every register that was looked at is."""
        query = select(RegisterRow.__table__).order_by(RegisterRow.register)
        with self.database.reading() as connection:
            return [RegisterState(**row._mapping) for row in connection.execute(query)]


def _entries(
    connection: Connection, register: str, *, country: str = "", lei: str = ""
) -> list[RegisterEntry]:
    row = RegisterEntryRow
    query = select(row.body).order_by(row.register, row.name, row.key)
    for column, value in ((row.register, register), (row.country, country), (row.lei, lei)):
        query = query.where(column == value) if value else query
    return [entry for body in connection.scalars(query) if (entry := _of(body)) is not None]


def _replace(connection: Connection, look: RegisterSnapshot) -> None:
    connection.execute(delete(RegisterEntryRow).where(RegisterEntryRow.register == look.register))
    rows = [
        {"register": one.register, "key": one.key, "name": one.name, "lei": one.lei, "country": one.country,
         "body": _body(one)}
        for one in {entry.key: entry for entry in look.entries}.values()
    ]  # fmt: skip
    if rows:
        connection.execute(insert(RegisterEntryRow), rows)


def _change(one: RegisterChange, document: str) -> dict[str, Any]:
    return {
        "register": one.register, "key": one.key, "kind": one.kind, "ts_seen": one.ts_seen, "document": document,
        "before": _body(one.before), "after": _body(one.after),
    }  # fmt: skip


def _seen(connection: Connection, register: str) -> int:
    return connection.scalar(select(RegisterRow.ts_seen).where(RegisterRow.register == register)) or 0


def _note(connection: Connection, look: RegisterSnapshot, *, is_changed: bool) -> None:
    seen = look.reread_of or look.ts_seen
    values: dict[str, Any] = {"entries": len({one.key for one in look.entries}), "ts_seen": seen}
    if is_changed:
        values["ts_changed"] = look.ts_seen
    known = connection.execute(
        update(RegisterRow).where(RegisterRow.register == look.register).values(**values)
    )
    if not known.rowcount:
        connection.execute(insert(RegisterRow).values(register=look.register, **values))


def _body(entry: RegisterEntry | None) -> dict[str, Any] | None:
    return None if entry is None else {**asdict(entry), "fields": dict(entry.fields)}


def _of(body: Mapping[str, Any] | None) -> RegisterEntry | None:
    if body is None:
        return None
    lists = {name: tuple(body[name]) for name in ("services", "countries")}
    return RegisterEntry(**{**body, **lists})
