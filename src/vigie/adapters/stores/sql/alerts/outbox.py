"""Alerts and their deliveries: written together, sent by one process at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from vigie.adapters.stores.sql.alerts.rules_and_channels import to_channel, to_rule
from vigie.adapters.stores.sql.alerts.tables import AlertRow, AlertRuleRow, ChannelRow, DeliveryRow
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.domain.alert import Alert, AlertDelivery, AlertEvent, DeliveryState
from vigie.domain.errors import Conflict
from vigie.domain.refusal import from_stored, to_stored
from vigie.ports.alerts import OutgoingDelivery

_SENT_STATES = ("waiting", "sent")
# Clocks of processes differ by less.
_CLOCK_TOLERANCE_MS: Final = 60_000


class Outbox(SqlStore):
    """What is on its way."""

    __slots__ = ()

    def sent_statuses(self, kind: str, keys: Sequence[str]) -> Mapping[tuple[str, str], frozenset[str]]:
        """Return, by rule and key, the statuses that were told of these, or are on their way."""
        query = (
            select(AlertRow.rule, AlertRow.key, AlertRow.status)
            .join(DeliveryRow, DeliveryRow.alert == AlertRow.id)
            .where(AlertRow.kind == kind, AlertRow.key.in_(keys), DeliveryRow.state.in_(_SENT_STATES))
            .distinct()
        )
        statuses_by_key: dict[tuple[str, str], set[str]] = defaultdict(set)
        with self.database.reading() as connection:
            for row in connection.execute(query):
                statuses_by_key[row.rule, row.key].add(row.status)
        return {rule_and_key: frozenset(statuses) for rule_and_key, statuses in statuses_by_key.items()}

    def sent_since(self, rules: Sequence[str], ts: int) -> Mapping[str, Sequence[int]]:
        """Return, by rule, when its alerts after a time were sent or are due."""
        with self.database.reading() as connection:
            return _sent_times(connection, rules, ts)

    def add(
        self,
        alerts: Sequence[tuple[Alert, Sequence[AlertDelivery]]],
        *,
        since: int = 0,
        sent: Mapping[str, Sequence[int]] | None = None,
    ) -> int:
        """Keep alerts with their deliveries, all or nothing; those that are there stay. Return how many are new.

        Raises
        ------
        Conflict
            Where another process sent more of these rules than `sent` says.
        """
        if not alerts:
            return 0
        with self.database.writing("alerts") as connection:
            # One at a time from here on: what a budget was counted on stays what it was.
            if sent and _sent_times(connection, list(sent), since) != {
                rule: list(ts) for rule, ts in sent.items() if ts
            }:
                raise Conflict(
                    "another_process_handled_rules_meantime",
                    "another process handled these rules in the meantime; evaluate them again",
                )
            return sum(self._put_alert(connection, alert, deliveries) for alert, deliveries in alerts)

    def _put_alert(self, connection: Connection, alert: Alert, deliveries: Sequence[AlertDelivery]) -> bool:
        if connection.execute(select(AlertRow.id).where(AlertRow.id == alert.id)).first() is not None:
            if not any(delivery.state in _SENT_STATES for delivery in deliveries) or _is_dispatched(
                connection, alert.id
            ):
                return False
            # It was held back then, and is told now: of something that is new again, or after a pause.
            connection.execute(delete(DeliveryRow).where(DeliveryRow.alert == alert.id))
            connection.execute(delete(AlertRow).where(AlertRow.id == alert.id))
        connection.execute(insert(AlertRow).values(_alert_row(alert)))
        kinds = self._channel_kinds(connection, alert.owner)
        rows = [
            {**_delivery_row(delivery), "rule": alert.rule, "owner": alert.owner, "ts": alert.ts,
             "kind": kinds.get(delivery.channel, delivery.channel), "holder": "", "ts_until": 0}
            for delivery in deliveries
        ]  # fmt: skip
        connection.execute(insert(DeliveryRow), rows)
        return True

    def _channel_kinds(self, connection: Connection, owner: str) -> dict[str, str]:
        query = select(ChannelRow.id, ChannelRow.kind).where(ChannelRow.owner == owner)
        return {row.id: row.kind for row in connection.execute(query)}

    def take(self, holder: str, *, for_ms: int, limit: int = 20) -> Sequence[OutgoingDelivery]:
        """Hold deliveries that are due and that nobody holds; those of a bundle come together."""
        now = self.clock.wall_now()
        conditions = _due_conditions(now, for_ms)
        query = (
            select(DeliveryRow.__table__)
            .where(*conditions)
            .order_by(DeliveryRow.ts_due, DeliveryRow.id)
            .limit(limit)
        )
        with self.database.reading() as connection:
            # Who has nothing to send asks often; asking must not take the writer's lock.
            if connection.execute(query).first() is None:
                return ()
        with self.database.writing("outbox") as connection:
            rows = {row.id: row for row in connection.execute(query)}
            bundles = {row.bundle for row in rows.values() if row.bundle}
            bundled = select(DeliveryRow.__table__).where(*conditions, DeliveryRow.bundle.in_(bundles))
            rows.update({row.id: row for row in connection.execute(bundled)} if bundles else {})
            claim = update(DeliveryRow).where(DeliveryRow.id.in_(rows))
            connection.execute(claim.values(holder=holder, ts_until=now + for_ms))
            return [self._to_outgoing(connection, row) for row in rows.values()]

    def _to_outgoing(self, connection: Connection, row: Row[Any]) -> OutgoingDelivery:
        alert = connection.execute(select(AlertRow.__table__).where(AlertRow.id == row.alert)).one()
        rule = connection.execute(
            select(AlertRuleRow.__table__).where(AlertRuleRow.id == row.rule)
        ).one_or_none()
        channel = connection.execute(
            select(ChannelRow.__table__).where(ChannelRow.id == row.channel)
        ).one_or_none()
        return OutgoingDelivery(
            to_delivery(row),
            to_alert(alert),
            None if rule is None else to_rule(rule),
            None if channel is None else to_channel(channel),
        )

    def record_outcomes(self, holder: str, deliveries: Sequence[AlertDelivery]) -> bool:
        """Write what became of deliveries and let them go; False where another holds them by now."""
        with self.database.writing("outbox") as connection:
            changed = 0
            for delivery in deliveries:
                conditions = (
                    DeliveryRow.id == delivery.id,
                    DeliveryRow.holder == holder,
                    DeliveryRow.state == "waiting",
                )
                values = {
                    "state": delivery.state, "tries": delivery.tries, "ts_due": delivery.ts_due,
                    "ts_done": delivery.ts_done,
                    "why": delivery.why, "refusal": to_stored(delivery.why), "holder": "", "ts_until": 0,
                }  # fmt: skip
                changed += connection.execute(update(DeliveryRow).where(*conditions).values(values)).rowcount
        return changed == len(deliveries)


def _due_conditions(now: int, for_ms: int) -> tuple[Any, ...]:
    """Return what makes a delivery due and free.

    One that was to go at once, and was made while the clock ran ahead, is due now; no lease is longer than those given.
    """
    is_due = or_(
        DeliveryRow.ts_due <= now,
        and_(
            DeliveryRow.ts > now + _CLOCK_TOLERANCE_MS,
            DeliveryRow.ts_due - DeliveryRow.ts <= _CLOCK_TOLERANCE_MS,
            DeliveryRow.tries == 0,
        ),
    )
    is_free = or_(DeliveryRow.ts_until <= now, DeliveryRow.ts_until > now + for_ms + _CLOCK_TOLERANCE_MS)
    return DeliveryRow.state == "waiting", is_due, is_free


def _sent_times(connection: Connection, rules: Sequence[str], ts: int) -> dict[str, list[int]]:
    query = (
        select(DeliveryRow.rule, DeliveryRow.alert, DeliveryRow.ts_due)
        .where(DeliveryRow.rule.in_(rules), DeliveryRow.ts_due >= ts, DeliveryRow.state.in_(_SENT_STATES))
        .order_by(DeliveryRow.ts_due, DeliveryRow.id)
    )
    times_by_rule: dict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(query):
        # An alert counts once, however many channels it goes through: as what is due last, a mail put off.
        times_by_rule[row.rule][row.alert] = row.ts_due
    return {rule: sorted(times.values()) for rule, times in times_by_rule.items()}


def _is_dispatched(connection: Connection, alert: str) -> bool:
    query = select(DeliveryRow.id).where(
        DeliveryRow.alert == alert, DeliveryRow.state.in_((*_SENT_STATES, "failed"))
    )
    return connection.execute(query).first() is not None


def _delivery_row(delivery: AlertDelivery) -> dict[str, Any]:
    return {name: getattr(delivery, name) for name in AlertDelivery.__dataclass_fields__}


def _alert_row(alert: Alert) -> dict[str, Any]:
    event = alert.happening
    return {
        "id": alert.id, "rule": alert.rule, "owner": alert.owner, "mark": alert.mark, "kind": event.kind,
        "key": event.key, "status": event.status, "ts": alert.ts, "ts_event": event.ts, "ts_seen": event.ts_seen,
        "ts_processed": event.ts_processed, "title": event.title, "url": event.url, "source": event.source,
        "facts": dict(event.facts), "ts_read": 0,
    }  # fmt: skip


def to_alert(row: Row[Any]) -> Alert:
    """Return an alert as it was told."""
    event = AlertEvent(
        row.kind, row.key, row.title, row.ts_seen, row.ts_processed, row.ts_event, row.status, row.url,
        row.source, row.facts,
    )  # fmt: skip
    return Alert(row.id, row.rule, row.owner, event, row.ts, row.mark)


def to_delivery(row: Row[Any]) -> AlertDelivery:
    """Return a delivery as it was noted last."""
    return AlertDelivery(
        row.id, row.alert, row.channel, cast(DeliveryState, row.state), row.ts_due, row.tries, row.ts_done,
        from_stored(row.why, row.refusal), row.bundle,
    )  # fmt: skip
