"""Setups in the database; keeps the contract of `vigie.ports.setups`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import Connection, Index, RowMapping, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.plain_json import plain_json
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import AutoIncrementInt, Base
from vigie.domain.setup import SetupState, SideLife
from vigie.ports.setups import FollowedClose, StoredChange

CHANGED: Final = "setup.changed"
_ACTOR: Final = "vigie"


class SetupChangeRow(Base):
    """A setup entered a state; rows are only added."""

    __tablename__ = "setup_changes"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    setup: Mapped[str]
    scope: Mapped[str]
    venue: Mapped[str]
    slot: Mapped[str]
    side: Mapped[str]
    state: Mapped[str]
    ts_bar: Mapped[int]
    ts_known: Mapped[int]
    ts_begun: Mapped[int]
    ts_written: Mapped[int]
    body: Mapped[str]
    digest: Mapped[str]
    __table_args__ = (
        Index(None, "scope", "setup", "state", unique=True),
        Index(None, "setup"),
    )


class SetupLifeRow(Base):
    """What is remembered of a side of a slot from one close to the next."""

    __tablename__ = "setup_lives"
    scope: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    ts_bar: Mapped[int | None]
    body: Mapped[str]


@dataclass(frozen=True, slots=True)
class SqlSetups(SqlStore):
    """What became of signals.

    Attributes
    ----------
    audit : SqlAuditLog
        The chain in the same database: a change and its record are true together, or never.
    """

    audit: SqlAuditLog

    def lives(self, scope: str) -> Mapping[str, Sequence[SideLife]]:
        """Return what is remembered of a run, by slot."""
        query = select(SetupLifeRow.slot, SetupLifeRow.body).where(SetupLifeRow.scope == scope)
        found: dict[str, list[SideLife]] = {}
        with self.database.reading() as connection:
            for slot, body in connection.execute(query.order_by(SetupLifeRow.slot, SetupLifeRow.side)):
                found.setdefault(slot, []).append(SideLife(**json.loads(body)))
        return found

    def record(self, close: FollowedClose) -> int:
        """Write changes, with an audit record each, and what is remembered: all of it or nothing, durably."""
        if not close.changes:
            # What is remembered is computed again from the close before: it need not outlive a power cut.
            with self.database.writing("setups") as connection:
                self._put_lives(connection, close)
            return 0
        with self.database.writing("setups", durable=True) as connection:
            named = {change["setup"] for change in close.changes}
            query = select(SetupChangeRow.setup, SetupChangeRow.state).where(
                SetupChangeRow.scope == close.scope, SetupChangeRow.setup.in_(named)
            )
            known = {(row.setup, row.state) for row in connection.execute(query)}
            new_changes = [
                change for change in close.changes if (change["setup"], change["state"]) not in known
            ]
            if new_changes:
                connection.execute(
                    insert(SetupChangeRow), [self._row(close, change) for change in new_changes]
                )
                self.audit.extend(
                    connection, _ACTOR, [(CHANGED, str(change["setup"]), change) for change in new_changes]
                )
            self._put_lives(connection, close)
        return len(new_changes)

    def of(self, setup: str) -> Sequence[StoredChange]:
        """Return the changes of a setup, oldest first."""
        query = select(SetupChangeRow.__table__).where(SetupChangeRow.setup == setup)
        with self.database.reading() as connection:
            return [
                _to_change(row)
                for row in connection.execute(query.order_by(SetupChangeRow.number)).mappings()
            ]

    def newest(
        self,
        scopes: Sequence[str],
        *,
        states: Sequence[SetupState] = (),
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[StoredChange]:
        """Return the newest change of each setup, the one written last first."""
        numbers = (
            select(func.max(SetupChangeRow.number))
            .where(SetupChangeRow.scope.in_(list(scopes)))
            .group_by(SetupChangeRow.scope, SetupChangeRow.setup)
        )
        query = select(SetupChangeRow.__table__).where(SetupChangeRow.number.in_(numbers))
        query = query.where(SetupChangeRow.state.in_(list(states))) if states else query
        query = query if before is None else query.where(SetupChangeRow.number < before)
        with self.database.reading() as connection:
            rows = connection.execute(query.order_by(SetupChangeRow.number.desc()).limit(limit))
            return [_to_change(row) for row in rows.mappings()]

    def _row(self, close: FollowedClose, change: Mapping[str, object]) -> dict[str, object]:
        body = plain_json(change)
        return {
            "scope": close.scope, "body": body, "digest": hashlib.sha256(body.encode()).hexdigest(),
            "ts_written": self.clock.wall_now(),
            **{
                name: change[name]
                for name in ("setup", "venue", "slot", "side", "state", "ts_bar", "ts_known", "ts_begun")
            },
        }  # fmt: skip

    def _put_lives(self, connection: Connection, close: FollowedClose) -> None:
        for life in close.lives:
            is_it = (
                SetupLifeRow.scope == close.scope,
                SetupLifeRow.slot == close.slot,
                SetupLifeRow.side == life.side,
            )
            connection.execute(delete(SetupLifeRow).where(*is_it))
            row = {"scope": close.scope, "slot": close.slot, "side": life.side, "ts_bar": life.ts_bar}
            connection.execute(insert(SetupLifeRow).values({**row, "body": plain_json(asdict(life))}))


def _to_change(row: RowMapping) -> StoredChange:
    return StoredChange(**{**row, "body": json.loads(row["body"])})
