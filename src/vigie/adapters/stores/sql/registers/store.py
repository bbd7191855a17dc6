"""Registers in the database; keeps the contract of `vigie.ports.registers.RegisterStore`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from vigie.adapters.stores.sql.registers.tables import RegisterChangeRow, RegisterEntryRow, RegisterRow
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.domain.register import RegisterChange, RegisterEntry, diff_entries
from vigie.ports.registers import RegisterSnapshot, RegisterState


class SqlRegisters(SqlStore):
    """Rows of registers as last seen, and what became different."""

    __slots__ = ()

    def take(self, snapshot: RegisterSnapshot) -> Sequence[RegisterChange]:
        """Put all rows in the place of the former ones, keep what became different, and return it."""
        with self.database.writing(f"register {snapshot.register}") as connection:
            is_reread = snapshot.reread_of is not None
            if is_reread and _last_seen_ms(connection, snapshot.register) != snapshot.reread_of:
                return ()
            before = {record.key: record for record in _read_entries(connection, snapshot.register)}
            changes = diff_entries(
                before,
                snapshot.entries,
                register=snapshot.register,
                ts_seen=snapshot.ts_seen,
                is_whole=is_reread,
            )
            if changes or not before:
                _replace_entries(connection, snapshot)
            if changes:
                connection.execute(
                    insert(RegisterChangeRow), [_change_row(record, snapshot.document) for record in changes]
                )
            if changes or not before or not is_reread:
                _update_register(connection, snapshot, is_changed=bool(changes))
        return changes

    def entries(self, register: str = "", *, country: str = "", lei: str = "") -> Sequence[RegisterEntry]:
        """Return rows by register and name; what is empty does not matter."""
        with self.database.reading() as connection:
            return _read_entries(connection, register, country=country, lei=lei)

    def changes(self, register: str = "", *, after_ms: int = 0, limit: int = 200) -> Sequence[RegisterChange]:
        """Return what became different, newest first."""
        row_class = RegisterChangeRow
        query = select(row_class.__table__).where(row_class.ts_seen >= after_ms)
        query = query.where(row_class.register == register) if register else query
        with self.database.reading() as connection:
            rows = connection.execute(
                query.order_by(row_class.ts_seen.desc(), row_class.number.desc()).limit(limit)
            )
            return [
                RegisterChange(
                    row.register, row.key, row.kind, row.ts_seen, _to_entry(row.before), _to_entry(row.after)
                )
                for row in rows
            ]

    def states(self) -> Sequence[RegisterState]:
        """Return how every register that was looked at is."""
        query = select(RegisterRow.__table__).order_by(RegisterRow.register)
        with self.database.reading() as connection:
            return [RegisterState(**row._mapping) for row in connection.execute(query)]


def _read_entries(
    connection: Connection, register: str, *, country: str = "", lei: str = ""
) -> list[RegisterEntry]:
    row_class = RegisterEntryRow
    query = select(row_class.body).order_by(row_class.register, row_class.name, row_class.key)
    for column, value in ((row_class.register, register), (row_class.country, country), (row_class.lei, lei)):
        query = query.where(column == value) if value else query
    return [entry for body in connection.scalars(query) if (entry := _to_entry(body)) is not None]


def _replace_entries(connection: Connection, snapshot: RegisterSnapshot) -> None:
    connection.execute(delete(RegisterEntryRow).where(RegisterEntryRow.register == snapshot.register))
    rows = [
        {"register": latest.register, "key": latest.key, "name": latest.name, "lei": latest.lei,
        "country": latest.country,
         "body": _to_body(latest)}
        for latest in {entry.key: entry for entry in snapshot.entries}.values()
    ]  # fmt: skip
    if rows:
        connection.execute(insert(RegisterEntryRow), rows)


def _change_row(change: RegisterChange, document: str) -> dict[str, Any]:
    return {
        "register": change.register, "key": change.key, "kind": change.kind, "ts_seen": change.ts_seen,
        "document": document,
        "before": _to_body(change.before), "after": _to_body(change.after),
    }  # fmt: skip


def _last_seen_ms(connection: Connection, register: str) -> int:
    return connection.scalar(select(RegisterRow.ts_seen).where(RegisterRow.register == register)) or 0


def _update_register(connection: Connection, snapshot: RegisterSnapshot, *, is_changed: bool) -> None:
    ts_seen = snapshot.reread_of or snapshot.ts_seen
    values: dict[str, Any] = {"entries": len({entry.key for entry in snapshot.entries}), "ts_seen": ts_seen}
    if is_changed:
        values["ts_changed"] = snapshot.ts_seen
    updated = connection.execute(
        update(RegisterRow).where(RegisterRow.register == snapshot.register).values(**values)
    )
    if not updated.rowcount:
        connection.execute(insert(RegisterRow).values(register=snapshot.register, **values))


def _to_body(entry: RegisterEntry | None) -> dict[str, Any] | None:
    return None if entry is None else {**asdict(entry), "fields": dict(entry.fields)}


def _to_entry(body: Mapping[str, Any] | None) -> RegisterEntry | None:
    if body is None:
        return None
    lists = {name: tuple(body[name]) for name in ("services", "countries")}
    return RegisterEntry(**{**body, **lists})
