"""Setups in the database; keeps the contract of `vigie.ports.setups`."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import starmap
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Index,
    Row,
    RowMapping,
    and_,
    delete,
    exists,
    func,
    insert,
    not_,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.plain_json import plain_json
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.setup_notices import SetupNoticeRow
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import AutoIncrementInt, Base
from vigie.adapters.stores.sql.tradebook.tables import account_column
from vigie.domain.setup import ENDED, MARKET_TIME, SetupScope, SideLife, seal_of
from vigie.ports.setup_counts import SetupEnds, SetupPlace
from vigie.ports.setups import (
    ConfirmedSpan,
    FollowedCloses,
    SetupFilter,
    StoredChange,
)

CHANGED: Final = "setup.changed"
# Its subject is the seal: the chain itself holds it, whatever becomes of the texts beside.
SEALED: Final = "setup.sealed"
_SALT_BYTES: Final = 16
_ACTOR: Final = "vigie"


class SetupChangeRow(Base):
    """A setup entered a state; rows are only added."""

    __tablename__ = "setup_changes"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    setup: Mapped[str]
    account: Mapped[str] = account_column()
    is_replayed: Mapped[bool]
    run: Mapped[str]
    venue: Mapped[str]
    slot: Mapped[str]
    side: Mapped[str]
    state: Mapped[str]
    cause: Mapped[str]
    ts_bar: Mapped[int]
    ts_known: Mapped[int]
    ts_begun: Mapped[int]
    ts_written: Mapped[int]
    body: Mapped[str]
    digest: Mapped[str]
    salt: Mapped[str] = mapped_column(server_default="")
    seal_before: Mapped[str] = mapped_column(server_default="")
    seal: Mapped[str] = mapped_column(server_default="")
    sealed_at: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (
        Index(None, "account", "is_replayed", "setup", "state", unique=True),
        Index(None, "setup"),
    )


class SetupLifeRow(Base):
    """What is remembered of a side of a slot from one close to the next."""

    __tablename__ = "setup_lives"
    account: Mapped[str] = account_column(is_key=True)
    is_replayed: Mapped[bool] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    ts_bar: Mapped[int | None]
    body: Mapped[str]


class SetupReachRow(Base):
    """How far the setups of an account were followed: a run, and a step of its log."""

    __tablename__ = "setup_reach"
    account: Mapped[str] = account_column(is_key=True)
    is_replayed: Mapped[bool] = mapped_column(primary_key=True)
    run: Mapped[str]
    step: Mapped[int]


@dataclass(frozen=True, slots=True)
class SqlSetups(SqlStore):
    """What became of signals.

    Attributes
    ----------
    audit : SqlAuditLog
        The chain in the same database: a change and its record are true together, or never.
    is_simulated : bool
        Whether the market is simulated: each change is then sealed with that market's time.
    """

    audit: SqlAuditLog
    is_simulated: bool = False

    def lives(self, scope: SetupScope) -> Mapping[str, Sequence[SideLife]]:
        """Return what is remembered of an account, by slot."""
        query = select(SetupLifeRow.slot, SetupLifeRow.body).where(_is_of(SetupLifeRow, scope))
        found: dict[str, list[SideLife]] = {}
        with self.database.reading() as connection:
            for slot, body in connection.execute(query.order_by(SetupLifeRow.slot, SetupLifeRow.side)):
                found.setdefault(slot, []).append(SideLife(**json.loads(body)))
        return found

    def reached(self, scope: SetupScope) -> tuple[str, int]:
        """Return how far an account was followed: the run, and the number of the last step of its log."""
        query = select(SetupReachRow.run, SetupReachRow.step).where(_is_of(SetupReachRow, scope))
        with self.database.reading() as connection:
            row = connection.execute(query).first()
        return (row.run, row.step) if row else ("", 0)

    def reach(self, scope: SetupScope, run: str, step: int) -> None:
        """Note how far an account was followed: only what comes later is read after a restart."""
        with self.database.writing("setups") as connection:
            connection.execute(delete(SetupReachRow).where(_is_of(SetupReachRow, scope)))
            connection.execute(insert(SetupReachRow).values({**asdict(scope), "run": run, "step": step}))

    def record(self, closes: FollowedCloses) -> int:
        """Write changes, with an audit record each, and what is remembered: all of it or nothing, durably."""
        if not closes.changes:
            # What is remembered is computed again from the close before: it need not outlive a power cut.
            with self.database.writing("setups") as connection:
                self._put_lives(connection, closes)
            return 0
        with self.database.writing("setups", durable=True) as connection:
            new_changes = self._new_changes(connection, closes)
            if new_changes:
                self._put_changes(connection, closes, new_changes)
            self._put_lives(connection, closes)
        return len(new_changes)

    def _put_changes(
        self, connection: Connection, closes: FollowedCloses, changes: Sequence[Mapping[str, object]]
    ) -> None:
        rows, before = [], self._last_seal(connection, closes.scope)
        # The account and the run stand beside the change: two accounts may have the same setup.
        of = {**asdict(closes.scope), "run": closes.run}
        notes: list[tuple[str, str, Mapping[str, object]]] = []
        for change in map(self._timed, changes):
            body, salt = plain_json(change), secrets.token_hex(_SALT_BYTES)
            seal = seal_of(salt, before, body)
            rows.append(
                {**self._row(closes, change, body), "salt": salt, "seal_before": before, "seal": seal}
            )
            notes += [(CHANGED, str(change["setup"]), {**of, **change}), (SEALED, seal, {})]
            before = seal
        for row, event in zip(rows, self.audit.extend(connection, _ACTOR, notes)[1::2], strict=True):
            row["sealed_at"] = event.seq
        connection.execute(insert(SetupChangeRow), rows)

    def _timed(self, change: Mapping[str, object]) -> Mapping[str, object]:
        """Return a change as it is sealed: the chain's time says nothing about a market with its own clock."""
        if not self.is_simulated:
            return change
        # What is followed has happened, also where this process hears of the market's time a moment late.
        return {**change, MARKET_TIME: max(self.clock.market_now(), int(str(change["ts_known"])))}

    @staticmethod
    def _last_seal(connection: Connection, scope: SetupScope) -> str:
        query = select(SetupChangeRow.seal).where(_is_of(SetupChangeRow, scope))
        return connection.scalar(query.order_by(SetupChangeRow.number.desc()).limit(1)) or ""

    def changes(self, scope: SetupScope) -> Sequence[StoredChange]:
        """Return all changes of an account, oldest first."""
        query = select(SetupChangeRow.__table__).where(_is_of(SetupChangeRow, scope))
        with self.database.reading() as connection:
            rows = connection.execute(query.order_by(SetupChangeRow.number))
            return [_to_change(row) for row in rows.mappings()]

    def last_number(self) -> int:
        """Return the number of the newest change; 0 where there is none."""
        with self.database.reading() as connection:
            return connection.scalar(select(func.max(SetupChangeRow.number))) or 0

    def numbered(self, number: int) -> StoredChange | None:
        """Return a change by its number."""
        with self.database.reading() as connection:
            query = select(SetupChangeRow.__table__).where(SetupChangeRow.number == number)
            row = connection.execute(query).mappings().first()
        return None if row is None else _to_change(row)

    def after(self, number: int, *, limit: int = 500) -> Sequence[StoredChange]:
        """Return the changes of all accounts after a number, oldest first."""
        query = select(SetupChangeRow.__table__).where(SetupChangeRow.number > number)
        with self.database.reading() as connection:
            rows = connection.execute(query.order_by(SetupChangeRow.number).limit(limit))
            return [_to_change(row) for row in rows.mappings()]

    def of(self, setup: str, accounts: Sequence[str]) -> Sequence[StoredChange]:
        """Return the changes of a setup, by account and oldest first."""
        query = select(SetupChangeRow.__table__).where(
            SetupChangeRow.setup == setup, SetupChangeRow.account.in_(list(accounts))
        )
        query = query.order_by(SetupChangeRow.account, SetupChangeRow.number)
        with self.database.reading() as connection:
            return [_to_change(row) for row in connection.execute(query).mappings()]

    def newest(
        self, wanted: SetupFilter, *, before: tuple[int, int] | None = None, limit: int = 50
    ) -> Sequence[StoredChange]:
        """Return the newest change of each setup, the latest close first."""
        query = select(SetupChangeRow.__table__).where(_is_wanted(wanted))
        place = tuple_(SetupChangeRow.ts_known, SetupChangeRow.number)
        query = query if before is None else query.where(place < before)
        query = query.order_by(SetupChangeRow.ts_known.desc(), SetupChangeRow.number.desc())
        with self.database.reading() as connection:
            rows = connection.execute(query.limit(limit))
            return [_to_change(row) for row in rows.mappings()]

    def places(self, accounts: Sequence[str], *, is_told: bool | None = None) -> Sequence[SetupPlace]:
        """Return where the setups of some accounts stand, the latest close first."""
        row = SetupChangeRow
        of = (row.number, row.account, row.is_replayed, row.slot, row.side, row.state, row.ts_known)
        query = select(*of).where(_is_wanted(SetupFilter(accounts, is_told=is_told)))
        query = query.order_by(row.ts_known.desc(), row.number.desc())
        with self.database.reading() as connection:
            return list(starmap(SetupPlace, connection.execute(query).all()))

    def numbered_in(self, numbers: Sequence[int]) -> Sequence[StoredChange]:
        """Return changes by their numbers, in the order of these; unknown ones are left out."""
        query = select(SetupChangeRow.__table__).where(SetupChangeRow.number.in_(list(numbers)))
        with self.database.reading() as connection:
            found = {row["number"]: _to_change(row) for row in connection.execute(query).mappings()}
        return [found[number] for number in numbers if number in found]

    def ends(self, wanted: SetupFilter) -> Sequence[SetupEnds]:
        """Return how many setups ended by each cause, live and replayed ones apart."""
        row = SetupChangeRow
        ended = replace(wanted, states=ENDED)
        query = select(row.is_replayed, row.cause, func.count().label("count")).where(_is_wanted(ended))
        query = query.group_by(row.is_replayed, row.cause).order_by(row.is_replayed, row.cause)
        with self.database.reading() as connection:
            return [SetupEnds(**found) for found in connection.execute(query).mappings()]

    def slots(self, accounts: Sequence[str]) -> Sequence[str]:
        """Return the slots of some accounts that had setups, by name."""
        query = select(SetupChangeRow.slot).where(SetupChangeRow.account.in_(list(accounts))).distinct()
        with self.database.reading() as connection:
            return list(connection.scalars(query.order_by(SetupChangeRow.slot)))

    def confirmed(self, scope: SetupScope) -> Sequence[ConfirmedSpan]:
        """Return when the setups of an account were confirmed, by slot and the earliest first."""
        row = SetupChangeRow
        query = select(row.setup, row.slot, row.side, row.state, row.ts_bar).where(
            _is_of(row, scope), row.state.in_(["confirmed", *ENDED])
        )
        with self.database.reading() as connection:
            found = connection.execute(query.order_by(row.slot, row.ts_bar, row.number)).all()
        # Thousands of rows: each is taken apart once.
        starts: dict[str, Row[str, str, str, str, int]] = {}
        ends: dict[str, int] = {}
        for change in found:
            setup, _slot, _side, state, ts_bar = change
            if state == "confirmed":
                starts[setup] = change
            elif setup in starts:
                ends[setup] = ts_bar
        return [
            ConfirmedSpan(setup, start.slot, start.side, start.ts_bar, ends.get(setup))
            for setup, start in starts.items()
        ]

    def _new_changes(self, connection: Connection, closes: FollowedCloses) -> list[Mapping[str, object]]:
        """Return the changes that are not known yet, but for those after an end: a setup ends once."""
        query = select(SetupChangeRow.setup, SetupChangeRow.state).where(
            _is_of(SetupChangeRow, closes.scope),
            SetupChangeRow.setup.in_({change["setup"] for change in closes.changes}),
        )
        known = {(row.setup, row.state) for row in connection.execute(query)}
        ended = {setup for setup, state in known if state in ENDED}
        return [
            change
            for change in closes.changes
            if change["setup"] not in ended and (change["setup"], change["state"]) not in known
        ]

    def _row(self, closes: FollowedCloses, change: Mapping[str, object], body: str) -> dict[str, object]:
        return {
            **asdict(closes.scope), "run": closes.run,
            "body": body, "digest": hashlib.sha256(body.encode()).hexdigest(), "ts_written": self.clock.wall_now(),
            **{
                name: change[name]
                for name in ("setup", "venue", "slot", "side", "state", "cause", "ts_bar", "ts_known", "ts_begun")
            },
        }  # fmt: skip

    def _put_lives(self, connection: Connection, closes: FollowedCloses) -> None:
        of_slot = {**asdict(closes.scope), "slot": closes.slot}
        for life in closes.lives:
            connection.execute(
                delete(SetupLifeRow).where(
                    _is_of(SetupLifeRow, closes.scope),
                    SetupLifeRow.slot == closes.slot,
                    SetupLifeRow.side == life.side,
                )
            )
            row = {**of_slot, "side": life.side, "ts_bar": life.ts_bar, "body": plain_json(asdict(life))}
            connection.execute(insert(SetupLifeRow).values(row))


def _is_of(
    row: type[SetupChangeRow | SetupLifeRow | SetupReachRow], scope: SetupScope
) -> ColumnElement[bool]:
    return and_(row.account == scope.account, row.is_replayed == scope.is_replayed)


def _is_wanted(wanted: SetupFilter) -> ColumnElement[bool]:
    """Return what holds of the newest change of each setup that is asked for."""
    # No filter before the newest is found: what a setup was before is not what it is.
    numbers = (
        select(func.max(SetupChangeRow.number))
        .where(SetupChangeRow.account.in_(list(wanted.accounts)))
        .group_by(SetupChangeRow.account, SetupChangeRow.is_replayed, SetupChangeRow.setup)
    )
    conditions: list[ColumnElement[bool]] = [SetupChangeRow.number.in_(numbers)]
    if wanted.states:
        conditions.append(SetupChangeRow.state.in_(list(wanted.states)))
    if wanted.sides:
        conditions.append(SetupChangeRow.side.in_(list(wanted.sides)))
    if wanted.slots is not None:
        conditions.append(SetupChangeRow.slot.in_(list(wanted.slots)))
    if wanted.venue:
        conditions.append(SetupChangeRow.venue == wanted.venue)
    if wanted.is_replayed is not None:
        conditions.append(SetupChangeRow.is_replayed == wanted.is_replayed)
    if wanted.is_told is not None:
        conditions.append(_is_noticed(is_told=wanted.is_told))
    return and_(*conditions)


def _is_noticed(*, is_told: bool) -> ColumnElement[bool]:
    """Return what holds of live setups of which an alert is sent, or of which all candidates are held back."""
    change, notice = SetupChangeRow, SetupNoticeRow
    candidate = exists().where(notice.account == change.account, notice.setup == change.setup)
    told = candidate.where(notice.held == "")
    return and_(not_(change.is_replayed), told if is_told else and_(candidate, not_(told)))


def _to_change(row: RowMapping) -> StoredChange:
    return StoredChange(**{**row, "body": json.loads(row["body"])})
