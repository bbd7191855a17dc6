"""The index of kept results in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import RunRow
from vigie.ports.runs import RunRecord

_FIELDS: Final = tuple(RunRecord.__dataclass_fields__)


class SqlRuns(SqlStore):
    """Results in the database; keeps the contract of `vigie.ports.runs.RunIndex`."""

    __slots__ = ()

    def put(
        self,
        owner: str,
        kind: str,
        *,
        title: str,
        folder: str,
        ask: Mapping[str, Any],
        summary: Mapping[str, Any],
        decision_hash: str = "",
        job: str = "",
    ) -> RunRecord:
        """Add a result; the same folder again replaces its entry and keeps its id."""
        now = self.clock.wall_now()
        values: dict[str, Any] = {
            "owner": owner, "kind": kind, "title": title, "folder": folder, "ts_created": now, "ask": dict(ask),
            "summary": dict(summary), "decision_hash": decision_hash, "job": job,
        }  # fmt: skip
        with self.database.writing("runs") as connection:
            existing = connection.scalar(select(RunRow.id).where(RunRow.folder == folder))
            if existing is not None:
                connection.execute(update(RunRow).where(RunRow.id == existing).values(values))
                return RunRecord(existing, **values)
            newest = connection.scalar(select(func.max(RunRow.id)))
            number = now if newest is None else max(now, int(newest[1:], 16) + 1)
            run = RunRecord(f"r{number:012x}", **values)
            connection.execute(insert(RunRow).values({**values, "id": run.id}))
        return run

    def get(self, run: str) -> RunRecord | None:
        """Return a result."""
        with self.database.reading() as connection:
            return _find_run(connection, run)

    def list(
        self, *, owner: str | None = None, kind: str | None = None, before: str | None = None, limit: int = 50
    ) -> Sequence[RunRecord]:
        """Return results, newest first, older than `before`."""
        query = select(RunRow.__table__).order_by(RunRow.id.desc()).limit(limit)
        query = query if owner is None else query.where(RunRow.owner == owner)
        query = query if kind is None else query.where(RunRow.kind == kind)
        query = query if before is None else query.where(RunRow.id < before)
        with self.database.reading() as connection:
            return [_to_run(row) for row in connection.execute(query)]

    def remove(self, run: str) -> RunRecord | None:
        """Take a result out of the index and return what it was; its files stay."""
        with self.database.writing() as connection:
            removed = _find_run(connection, run)
            connection.execute(delete(RunRow).where(RunRow.id == run))
        return removed

    def hand_over(self, before: str, after: str) -> None:
        """Give an owner's results to another."""
        with self.database.writing("runs") as connection:
            connection.execute(update(RunRow).where(RunRow.owner == before).values(owner=after))

    def restore(self, run: RunRecord) -> None:
        """Undo a removal: the result has its id again; nothing happens where it is there."""
        with self.database.writing("runs") as connection:
            if _find_run(connection, run.id) is None:
                connection.execute(insert(RunRow).values({name: getattr(run, name) for name in _FIELDS}))


def _find_run(connection: Connection, run: str) -> RunRecord | None:
    row = connection.execute(select(RunRow.__table__).where(RunRow.id == run)).one_or_none()
    return None if row is None else _to_run(row)


def _to_run(row: Row[Any]) -> RunRecord:
    values = row._mapping
    return RunRecord(**{name: values[name] for name in _FIELDS})
