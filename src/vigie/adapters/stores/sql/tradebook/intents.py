"""Decided orders, written ahead once, and what became of them; knowledge only grows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from vigie.adapters.stores.sql.tradebook.tables import IntentRow
from vigie.domain.errors import InvariantBroken, NotFound
from vigie.domain.order import ENDED, Intent, IntentMove, IntentState
from vigie.ports.trade_log import KnownIntent

_FIELDS: Final = tuple(Intent.__dataclass_fields__)
# Databases take only so many words in one question.
_PAGE_IDS: Final = 500
# Wall times are when it was written: deciding again after a crash is the same decision, and the first writing stays.
_DECISION_FIELDS: Final = tuple(name for name in _FIELDS if name not in ("ts", "ts_expires"))
# What is known later never counts less. A filled order was filled, whatever was believed before.
_STATE_RANK: Final[dict[IntentState, int]] = {
    "intent": 0, "sent": 1, "unknown": 1, "acked": 2, "partial": 3,
    "cancelled": 4, "rejected": 4, "expired": 4, "filled": 5,
}  # fmt: skip
_MOVE_FIELDS: Final = ("state", "ts_moved", "order_id", "filled", "why")
# Made once: they are part of every change of an account, and making a query takes longer than the database does.
_BY_IDS_QUERY: Final = select(IntentRow.__table__).where(IntentRow.id.in_(bindparam("ids", expanding=True)))
_LAST_NUMBER_QUERY: Final = select(func.max(IntentRow.number)).where(IntentRow.run == bindparam("of"))
_MOVE_UPDATE: Final = (
    update(IntentRow)
    .where(IntentRow.id == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in _MOVE_FIELDS})
)


def add(connection: Connection, account: str, run: str, intents: Sequence[Intent]) -> None:
    """Write intents ahead; one that is written already stays as it is.

    Raises
    ------
    InvariantBroken
        For another decision under a known id, and for an intent of another account or run.
    """
    written_intents = {
        id_: entry.intent for id_, entry in find_intents(connection, [entry.id for entry in intents]).items()
    }
    rows: list[dict[str, Any]] = []
    for intent in intents:
        if (intent.account, intent.run) != (account, run):
            raise InvariantBroken(
                "intent_must_account_run",
                "intent {id} must be of account {account} and run {run}, was of {account_2} and {run_2}",
                id=intent.id,
                account=account,
                run=run,
                account_2=intent.account,
                run_2=intent.run,
            )
        before = written_intents.setdefault(intent.id, intent)
        if before is intent:
            rows.append(_to_row(KnownIntent(intent, IntentMove(intent.id, "intent", intent.ts))))
        else:
            _require_same_decision(before, intent)
    if rows:
        last = count_intents(connection, run)
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
    known_intents = find_intents(connection, {change.id for change in moves})
    before = dict(known_intents)
    for change in moves:
        known_intent = known_intents.get(change.id)
        if known_intent is None or known_intent.intent.account != account:
            raise InvariantBroken(
                "intent_account_never_recorded_before",
                "intent {id} of account {account} was never recorded before sending",
                id=change.id,
                account=account,
            )
        known_intents[change.id] = KnownIntent(known_intent.intent, merge_moves(known_intent.move, change))
    for id_, known_intent in known_intents.items():
        if known_intent != before[id_]:
            values = _to_row(known_intent)
            connection.execute(
                _MOVE_UPDATE, {"of": id_, **{f"new_{name}": values[name] for name in _MOVE_FIELDS}}
            )


def merge_moves(before: IntentMove, new: IntentMove) -> IntentMove:
    """Return what is known after a move: an end stays the end, what was filled stays filled."""
    filled, order_id = max(before.filled, new.filled), before.order_id or new.order_id
    is_late = _STATE_RANK[new.state] < _STATE_RANK[before.state]
    is_other_end = before.state in ENDED and _STATE_RANK[new.state] == _STATE_RANK[before.state]
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


def find_intents(connection: Connection, ids: Iterable[str]) -> dict[str, KnownIntent]:
    """Return those that are written, by id."""
    sorted_ids = sorted(set(ids))
    intents_by_id: dict[str, KnownIntent] = {}
    for start in range(0, len(sorted_ids), _PAGE_IDS):
        rows = connection.execute(_BY_IDS_QUERY, {"ids": sorted_ids[start : start + _PAGE_IDS]})
        intents_by_id |= {row.id: _to_known_intent(row) for row in rows}
    return intents_by_id


def read_run_intents(connection: Connection, run: str, *, open_only: bool) -> list[KnownIntent]:
    """Return a run's intents in the order in which they were written."""
    query = select(IntentRow.__table__).where(IntentRow.run == run).order_by(IntentRow.number)
    if open_only:
        query = query.where(IntentRow.state.in_([state for state in _STATE_RANK if state not in ENDED]))
    return [_to_known_intent(row) for row in connection.execute(query)]


def changed_since(connection: Connection, run: str, since: int) -> list[KnownIntent]:
    """Return a run's intents that were written or moved since a wall time, in the order in which they were written."""
    is_new = or_(IntentRow.ts >= since, IntentRow.ts_moved >= since)
    query = select(IntentRow.__table__).where(IntentRow.run == run, is_new).order_by(IntentRow.number)
    return [_to_known_intent(row) for row in connection.execute(query)]


def newest_intent(connection: Connection, run: str, slot: str) -> KnownIntent:
    """Return what a slot meant last, but for what only closed what that left."""
    conditions = IntentRow.slot == slot, IntentRow.leg != "flatten"
    query = (
        select(IntentRow.__table__).where(IntentRow.run == run, *conditions).order_by(IntentRow.number.desc())
    )
    row = connection.execute(query.limit(1)).first()
    if row is None:
        raise NotFound("slot_run_no_intent", "slot {slot} of run {run} has no intent", slot=slot, run=run)
    return _to_known_intent(row)


def count_intents(connection: Connection, run: str) -> int:
    """Return how many intents a run wrote."""
    return connection.scalar(_LAST_NUMBER_QUERY, {"of": run}) or 0


def _require_same_decision(earlier: Intent, intent: Intent) -> None:
    for name in _DECISION_FIELDS:
        earlier_value, value = getattr(earlier, name), getattr(intent, name)
        if earlier_value != value:
            raise InvariantBroken(
                "intent_written",
                "intent {id} was written with {name} {earlier_value}, now it has {value}",
                id=intent.id,
                name=name,
                earlier_value=earlier_value,
                value=value,
            )


def _to_row(known_intent: KnownIntent) -> dict[str, Any]:
    intent_values = {name: getattr(known_intent.intent, name) for name in _FIELDS}
    move_values = {
        "state": known_intent.move.state, "ts_moved": known_intent.move.ts, "order_id": known_intent.move.order_id,
        "filled": known_intent.move.filled, "why": known_intent.move.reason,
    }  # fmt: skip
    return {**intent_values, **move_values}


def _to_known_intent(row: Row[Any]) -> KnownIntent:
    values = row._mapping
    intent = Intent(**cast(dict[str, Any], {name: values[name] for name in _FIELDS}))
    return KnownIntent(intent, IntentMove(row.id, row.state, row.ts_moved, row.order_id, row.filled, row.why))
