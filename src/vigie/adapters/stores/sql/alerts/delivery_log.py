"""What was told: the log of deliveries, the inbox, how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, String, and_, bindparam, func, or_, select, update

from vigie.adapters.stores.sql.alerts.outbox import to_alert, to_delivery
from vigie.adapters.stores.sql.alerts.tables import AlertRow, AlertRuleRow, DeliveryRow
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.domain.alert import INBOX, Alert
from vigie.ports.alerts import DeliveryLogEntry, DeliveryTiming

# References of a mail name ten at most; the rest is for who asks why.
_MAX_THREAD: Final = 50
# Written once: the bell of every page asks them.
_UNREAD: Final = (
    select(func.count())
    .select_from(AlertRow)
    .join(DeliveryRow, DeliveryRow.alert == AlertRow.id)
    .where(AlertRow.owner == bindparam("owner"), AlertRow.ts_read == 0)
    .where(DeliveryRow.channel == INBOX, DeliveryRow.state == "sent")
)
_IDS: Final = bindparam("ids", type_=String(), expanding=True)
_ALERTS: Final = select(AlertRow.__table__).where(AlertRow.id.in_(_IDS))
_RULES: Final = select(AlertRuleRow.id, AlertRuleRow.body).where(AlertRuleRow.id.in_(_IDS))


class DeliveryLog(SqlStore):
    """What became of alerts."""

    __slots__ = ()

    def list_deliveries(
        self, owner: str, *, channel: str = "", rule: str = "", before: str = "", limit: int = 50
    ) -> Sequence[DeliveryLogEntry]:
        """Return what a person was, or was not, told, newest first; `before` is the id of a delivery."""
        query = _write_deliveries(has_channel=bool(channel), has_rule=bool(rule))
        asked = {"owner": owner, "channel": channel, "rule": rule, "most": limit}
        with self.database.reading() as connection:
            if before:
                time_query = select(DeliveryRow.ts).where(
                    DeliveryRow.id == before, DeliveryRow.owner == owner
                )
                ts = connection.scalar(time_query)
                if ts is None:
                    return ()
                older = and_(DeliveryRow.ts == ts, DeliveryRow.id < before)
                query = query.where(or_(DeliveryRow.ts < ts, older))
            return _read_entries(connection, query, asked)

    def thread(self, owner: str, channel: str, kind: str, key: str) -> Sequence[DeliveryLogEntry]:
        """Return what a channel was told, or is about to be told, of a key and of keys below it (``key/...``).

        Oldest first, the newest fifty.
        """
        below = AlertRow.key.startswith(f"{key}/", autoescape=True)
        query = (
            select(DeliveryRow.__table__)
            .join(AlertRow, AlertRow.id == DeliveryRow.alert)
            .where(AlertRow.kind == kind, or_(AlertRow.key == key, below))
            .where(DeliveryRow.owner == owner, DeliveryRow.channel == channel)
            .where(DeliveryRow.state.in_(("waiting", "sent")))
            .order_by(DeliveryRow.ts.desc(), DeliveryRow.id.desc())
            .limit(_MAX_THREAD)
        )
        with self.database.reading() as connection:
            return _read_entries(connection, query)[::-1]

    def sent_outside(self, owner: str, kind: str, *, limit: int) -> Sequence[Alert]:
        """Return alerts of a kind that were sent by another way than the inbox, the newest first."""
        sent = select(DeliveryRow.alert).where(
            DeliveryRow.owner == owner, DeliveryRow.channel != INBOX, DeliveryRow.state == "sent"
        )
        query = (
            select(AlertRow.__table__)
            .where(AlertRow.owner == owner, AlertRow.kind == kind, AlertRow.id.in_(sent))
            .order_by(AlertRow.ts.desc(), AlertRow.id.desc())
            .limit(limit)
        )
        with self.database.reading() as connection:
            return [to_alert(row) for row in connection.execute(query)]

    def alert(self, owner: str, alert: str) -> Alert | None:
        """Return one alert of a person."""
        query = select(AlertRow.__table__).where(AlertRow.owner == owner, AlertRow.id == alert)
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else to_alert(row)

    def mark_read(self, owner: str, alerts: Sequence[str], ts: int) -> int:
        """Note when alerts were read; 0 makes them unread. Without any: all of them. Return how many changed."""
        change = update(AlertRow).where(AlertRow.owner == owner)
        change = change.where(AlertRow.ts_read > 0 if ts == 0 else AlertRow.ts_read == 0)
        if alerts:
            change = change.where(AlertRow.id.in_(alerts))
        with self.database.writing() as connection:
            return connection.execute(change.values(ts_read=ts)).rowcount

    def count_unread(self, owner: str) -> int:
        """Return how many alerts of the inbox were not read."""
        with self.database.reading() as connection:
            return connection.scalar(_UNREAD, {"owner": owner}) or 0

    def timings(self, owner: str | None, since: int, limit: int = 2_000) -> Sequence[DeliveryTiming]:
        """Return times of what was sent since then, newest first; of everybody where no owner is named."""
        query = (
            select(
                DeliveryRow.kind,
                AlertRow.ts_event,
                AlertRow.ts_seen,
                AlertRow.ts_processed,
                DeliveryRow.ts_done,
            )
            .join(AlertRow, DeliveryRow.alert == AlertRow.id)
            # What was put off on purpose says nothing of how quick this is.
            .where(DeliveryRow.state == "sent", DeliveryRow.ts >= since, DeliveryRow.why == "")
            .order_by(DeliveryRow.ts.desc())
            .limit(limit)
        )
        if owner is not None:
            query = query.where(DeliveryRow.owner == owner)
        with self.database.reading() as connection:
            return [DeliveryTiming(*row) for row in connection.execute(query)]

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many deliveries there are, by kind of channel and state."""
        query = select(DeliveryRow.kind, DeliveryRow.state, func.count()).group_by(
            DeliveryRow.kind, DeliveryRow.state
        )
        with self.database.reading() as connection:
            return {(kind, state): number for kind, state, number in connection.execute(query)}


@cache
def _write_deliveries(*, has_channel: bool, has_rule: bool) -> Select[Any]:
    query = select(DeliveryRow.__table__).where(DeliveryRow.owner == bindparam("owner"))
    if has_channel:
        query = query.where(DeliveryRow.channel == bindparam("channel"))
    if has_rule:
        query = query.where(DeliveryRow.rule == bindparam("rule"))
    return query.order_by(DeliveryRow.ts.desc(), DeliveryRow.id.desc()).limit(bindparam("most"))


def _read_entries(
    connection: Connection, query: Select[Any], asked: Mapping[str, object] | None = None
) -> list[DeliveryLogEntry]:
    """Return the lines of deliveries that a query finds, in its order."""
    rows = connection.execute(query, asked).all()
    if not rows:
        return []
    alert_rows = connection.execute(_ALERTS, {"ids": list({row.alert for row in rows})}).all()
    alerts = {row.id: row for row in alert_rows}
    rule_rows = connection.execute(_RULES, {"ids": list({row.rule for row in rows})}).all()
    names = {row.id: str(row.body["name"]) for row in rule_rows}
    return [
        DeliveryLogEntry(
            to_delivery(row), to_alert(alerts[row.alert]), names.get(row.rule, ""), alerts[row.alert].ts_read
        )
        for row in rows
    ]
