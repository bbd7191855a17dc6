"""Decided orders, written ahead once, and what became of them; knowledge only grows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from vigie.adapters.stores.sql.tradebook.tables import IntentRow
from vigie.domain.errors import InvariantBroken, NotFound
from vigie.domain.order import ENDED, Intent, IntentMove, IntentState
from vigie.ports.tradebook import KnownIntent

_FIELDS: Final = tuple(Intent.__dataclass_fields__)
# Databases take only so many words in one question.
_AT_ONCE: Final = 500
# Wall times are when it was written: deciding again after a crash is the same decision, and the first writing stays.
_DECIDED: Final = tuple(name for name in _FIELDS if name not in ("ts", "ts_expires"))
# What is known later never counts less. A filled order was filled, whatever was believed before.
_RANK: Final[dict[IntentState, int]] = {
    "intent": 0, "sent": 1, "unknown": 1, "acked": 2, "partial": 3,
    "cancelled": 4, "rejected": 4, "expired": 4, "filled": 5,
}  # fmt: skip


def add(connection: Connection, account: str, run: str, intents: Sequence[Intent]) -> None:
    """Write intents ahead; one that is written already stays as it is.

    Raises
    ------
    InvariantBroken
        For another decision under a known id, and for an intent of another account or run.
    """
    known = {id_: one.intent for id_, one in find(connection, [one.id for one in intents]).items()}
    rows: list[dict[str, Any]] = []
    for intent in intents:
        if (intent.account, intent.run) != (account, run):
            raise InvariantBroken(
                f"intent {intent.id} must be of account {account} and run {run}, "
                f"was of {intent.account} and {intent.run}"
            )
        before = known.setdefault(intent.id, intent)
        if before is intent:
            rows.append(_flat(KnownIntent(intent, IntentMove(intent.id, "intent", intent.ts))))
        else:
            _same(before, intent)
    if rows:
        last = written(connection, run)
        connection.execute(
            insert(IntentRow), [{**row, "number": n} for n, row in enumerate(rows, start=last + 1)]
        )


def move(connection: Connection, account: str, moves: Sequence[IntentMove]) -> None:
    """Note what became of intents.

    Raises
    ------
    InvariantBroken
        For an intent that was never written ahead.
    """
    known = find(connection, {one.id for one in moves})
    before = dict(known)
    for one in moves:
        found = known.get(one.id)
        if found is None or found.intent.account != account:
            raise InvariantBroken(f"intent {one.id} of account {account} was never written ahead")
        known[one.id] = KnownIntent(found.intent, joined(found.move, one))
    for id_, found in known.items():
        if found != before[id_]:
            values = {name: value for name, value in _flat(found).items() if name in _MOVED}
            connection.execute(update(IntentRow).where(IntentRow.id == id_).values(values))


def joined(before: IntentMove, new: IntentMove) -> IntentMove:
    """Return what is known after a move: an end stays the end, what was filled stays filled."""
    filled, order_id = max(before.filled, new.filled), before.order_id or new.order_id
    is_late = _RANK[new.state] < _RANK[before.state]
    is_other_end = before.state in ENDED and _RANK[new.state] == _RANK[before.state]
    if is_late or is_other_end:
        return replace(before, filled=filled, order_id=order_id)
    return IntentMove(
        id=new.id,
        state=new.state,
        ts=max(before.ts, new.ts),
        order_id=new.order_id or order_id,
        filled=filled,
        reason=new.reason or before.reason,
    )


def find(connection: Connection, ids: Iterable[str]) -> dict[str, KnownIntent]:
    """Return those that are written, by id."""
    wanted = sorted(set(ids))
    found: dict[str, KnownIntent] = {}
    for begin in range(0, len(wanted), _AT_ONCE):
        query = select(IntentRow.__table__).where(IntentRow.id.in_(wanted[begin : begin + _AT_ONCE]))
        found |= {row.id: _known(row) for row in connection.execute(query)}
    return found


def of_run(connection: Connection, run: str, *, open_only: bool) -> list[KnownIntent]:
    """Return a run's intents in the order in which they were written."""
    query = select(IntentRow.__table__).where(IntentRow.run == run).order_by(IntentRow.number)
    if open_only:
        query = query.where(IntentRow.state.in_([state for state in _RANK if state not in ENDED]))
    return [_known(row) for row in connection.execute(query)]


def touched(connection: Connection, run: str, since: int) -> list[KnownIntent]:
    """Return a run's intents that were written or moved since a wall time, in the order in which they were written."""
    is_new = or_(IntentRow.ts >= since, IntentRow.ts_moved >= since)
    query = select(IntentRow.__table__).where(IntentRow.run == run, is_new).order_by(IntentRow.number)
    return [_known(row) for row in connection.execute(query)]


def newest(connection: Connection, run: str, slot: str) -> KnownIntent:
    """Return what a slot meant last, but for what only closed what that left."""
    is_meant = IntentRow.slot == slot, IntentRow.leg != "flatten"
    query = (
        select(IntentRow.__table__).where(IntentRow.run == run, *is_meant).order_by(IntentRow.number.desc())
    )
    row = connection.execute(query.limit(1)).first()
    if row is None:
        raise NotFound(f"slot {slot} of run {run} has no intent")
    return _known(row)


def written(connection: Connection, run: str) -> int:
    """Return how many intents a run wrote."""
    return connection.scalar(select(func.max(IntentRow.number)).where(IntentRow.run == run)) or 0


def _same(before: Intent, intent: Intent) -> None:
    for name in _DECIDED:
        was, now = getattr(before, name), getattr(intent, name)
        if was != now:
            raise InvariantBroken(f"intent {intent.id} was written with {name} {was}, now it has {now}")


_MOVED: Final = {"state", "ts_moved", "order_id", "filled", "why"}


def _flat(one: KnownIntent) -> dict[str, Any]:
    own = {name: getattr(one.intent, name) for name in _FIELDS}
    moved = {
        "state": one.move.state, "ts_moved": one.move.ts, "order_id": one.move.order_id,
        "filled": one.move.filled, "why": one.move.reason,
    }  # fmt: skip
    return {**own, **moved}


def _known(row: Row[Any]) -> KnownIntent:
    held = row._mapping
    intent = Intent(**cast(dict[str, Any], {name: held[name] for name in _FIELDS}))
    return KnownIntent(intent, IntentMove(row.id, row.state, row.ts_moved, row.order_id, row.filled, row.why))
