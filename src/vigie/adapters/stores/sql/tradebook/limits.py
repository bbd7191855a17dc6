"""Whose money runs trade, and limits of loss that a person ended early."""

from __future__ import annotations

import json
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from vigie.adapters.stores.sql.tables import AuditEventRow, AuditTextRow
from vigie.adapters.stores.sql.tradebook.tables import RunMoneyRow
from vigie.ports.tradebook import LimitLift

LIFT_KIND: Final = "trade.lift"
# Made once: who trades asks at every bar, and making a query takes longer than the database does.
_LIFTS_QUERY: Final = (
    select(AuditEventRow.seq, AuditTextRow.text)
    .join(AuditTextRow, AuditTextRow.seq == AuditEventRow.seq)
    .where(
        AuditEventRow.kind == LIFT_KIND,
        AuditEventRow.subject == bindparam("of"),
        AuditEventRow.seq > bindparam("after"),
    )
    .order_by(AuditEventRow.seq)
)


def note_money(connection: Connection, run: str, fingerprint: str) -> None:
    """Note the key that a run is traded with; one that is noted already stays, and no key is nothing to note."""
    query = select(RunMoneyRow.run).where(RunMoneyRow.run == run, RunMoneyRow.fingerprint == fingerprint)
    if fingerprint and connection.scalar(query) is None:
        connection.execute(insert(RunMoneyRow).values(run=run, fingerprint=fingerprint))


def runs_on(connection: Connection, fingerprint: str) -> frozenset[str]:
    """Return the runs that were traded with a key."""
    return frozenset(
        connection.scalars(select(RunMoneyRow.run).where(RunMoneyRow.fingerprint == fingerprint))
    )


def is_money_known(connection: Connection, run: str) -> bool:
    """Tell whether any key is noted that a run was traded with."""
    return connection.scalar(select(RunMoneyRow.run).where(RunMoneyRow.run == run).limit(1)) is not None


def find_lifts(connection: Connection, account: str, after: int) -> list[LimitLift]:
    """Return the lifts of an account after a number; one whose text was forgotten lifts nothing."""
    rows = connection.execute(_LIFTS_QUERY, {"of": account, "after": after})
    return [LimitLift(row.seq, tuple(json.loads(row.text)["limits"])) for row in rows]
