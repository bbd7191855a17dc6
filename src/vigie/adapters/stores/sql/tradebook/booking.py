"""A run's log, and what the venue did: each fill and each settlement of funding is booked once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, bindparam, func, insert, select, tuple_

from vigie.adapters.stores.sql.tradebook.tables import FillRow, FundingRow, TradeRunRow, TradeStepRow
from vigie.domain.errors import InvariantBroken
from vigie.domain.order import Fill, FundingPayment, TradeStep

# What makes a booking this one: the rest (who made the order, why) may be told differently by stream and by question.
_MONEY_FIELDS: Final[dict[type, tuple[str, ...]]] = {
    Fill: ("side", "qty", "price", "fee"),
    FundingPayment: ("amount",),
}
# Made once: who trades asks twice a second, and making a query takes longer than the database does.
_LAST_STEP_QUERY: Final = select(func.max(TradeStepRow.number)).where(TradeStepRow.run == bindparam("of"))
_STEPS_INSERT: Final = insert(TradeStepRow)
_STEPS_AFTER_QUERY: Final = (
    select(TradeStepRow.__table__)
    .where(TradeStepRow.run == bindparam("of"), TradeStepRow.number > bindparam("after"))
    .order_by(TradeStepRow.number)
    .limit(bindparam("most"))
)
_BOOKED_QUERIES: Final = {
    table: select(table.__table__).where(
        table.account == bindparam("of"),
        tuple_(table.instrument, table.id).in_(bindparam("keys", expanding=True)),
    )
    for table in (FillRow, FundingRow)
}
_LAST_BOOKED_QUERIES: Final = {
    table: select(func.max(table.number)).where(table.run == bindparam("of"))
    for table in (FillRow, FundingRow)
}
# The bell of every page asks it.
_SINCE: Final = (
    select(FillRow.__table__)
    .join(TradeRunRow, TradeRunRow.id == FillRow.run)
    .where(
        TradeRunRow.owner == bindparam("owner"),
        TradeRunRow.is_replayed.is_(False),
        FillRow.ts > bindparam("ts"),
    )
    .order_by(FillRow.ts.desc(), FillRow.number.desc())
    .limit(bindparam("most"))
)
_Booked = TypeVar("_Booked", Fill, FundingPayment)


def last_step(connection: Connection, run: str) -> int:
    """Return the number of the last step, 0 before the first."""
    return connection.scalar(_LAST_STEP_QUERY, {"of": run}) or 0


def add_steps(connection: Connection, run: str, steps: Sequence[TradeStep]) -> int:
    """Number steps, write them and return the last number."""
    last = last_step(connection, run)
    if steps:
        rows = [
            {"run": run, "number": number, "kind": step.kind, "ts": step.ts, "body": step.body}
            for number, step in enumerate(steps, start=last + 1)
        ]
        connection.execute(_STEPS_INSERT, rows)
    return last + len(steps)


def steps_after(connection: Connection, run: str, after: int, limit: int) -> list[TradeStep]:
    """Return some steps after a number, in order."""
    parameters = {"of": run, "after": after, "most": limit}
    return [
        TradeStep(row.kind, row.ts, row.body, row.number)
        for row in connection.execute(_STEPS_AFTER_QUERY, parameters)
    ]


def book_entries(
    connection: Connection,
    table: type[FillRow] | type[FundingRow],
    account: str,
    run: str,
    entries: Sequence[_Booked],
) -> None:
    """Book what is not booked yet.

    Raises
    ------
    InvariantBroken
        For other money under a known id: one of the two would be missing in the books.
    """
    if not entries:
        return
    parameters = {"of": account, "keys": sorted({(entry.instrument, entry.id) for entry in entries})}
    booked_entries: dict[tuple[str, str], Any] = {
        (row.instrument, row.id): row for row in connection.execute(_BOOKED_QUERIES[table], parameters)
    }
    rows: list[dict[str, Any]] = []
    number = connection.scalar(_LAST_BOOKED_QUERIES[table], {"of": run}) or 0
    for entry in entries:
        earlier = booked_entries.setdefault((entry.instrument, entry.id), entry)
        if earlier is entry:
            number += 1
            rows.append({"account": account, "run": run, "number": number, **_to_row(entry)})
        else:
            _require_same_money(earlier, entry)
    if rows:
        connection.execute(insert(table), rows)


def read_booked(
    connection: Connection,
    table: type[FillRow] | type[FundingRow],
    kind: type[_Booked],
    run: str,
    newest_ms: int | None = None,
) -> list[_Booked]:
    """Return what a run booked, or the last of it, oldest first; of one time, in the order of arrival."""
    query = select(table.__table__).where(table.run == run).order_by(table.ts, table.number)
    if newest_ms is not None:
        newest = select(func.max(table.ts)).where(table.run == run).scalar_subquery()
        query = query.where(table.ts >= newest - newest_ms)
    names = kind.__dataclass_fields__
    return [kind(**{name: row[name] for name in names}) for row in connection.execute(query).mappings()]


def fills_after(connection: Connection, run: str, after: int) -> list[Fill]:
    """Return a run's fills but the first so many, in the order of arrival."""
    query = (
        select(FillRow.__table__).where(FillRow.run == run, FillRow.number > after).order_by(FillRow.number)
    )
    names = Fill.__dataclass_fields__
    return [Fill(**{name: row[name] for name in names}) for row in connection.execute(query).mappings()]


def fills_since(connection: Connection, owner: str, ts: int, limit: int) -> list[tuple[str, Fill]]:
    """Return account and fill of runs that were traded as the market went, the newest first."""
    rows = connection.execute(_SINCE, {"owner": owner, "ts": ts, "most": limit}).mappings().all()
    names = Fill.__dataclass_fields__
    return [(row["account"], Fill(**{name: row[name] for name in names})) for row in rows]


def _to_row(entry: Fill | FundingPayment) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__dataclass_fields__}


def _require_same_money(earlier: Any, entry: Fill | FundingPayment) -> None:
    for name in _MONEY_FIELDS[type(entry)]:
        earlier_value, value = getattr(earlier, name), getattr(entry, name)
        if earlier_value != value:
            raise InvariantBroken(
                "booked_now_reported",
                "{instrument} {id} was booked with {name} {earlier_value}, and is now reported with {value}",
                instrument=entry.instrument,
                id=entry.id,
                name=name,
                earlier_value=earlier_value,
                value=value,
            )
