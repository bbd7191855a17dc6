"""Channels, rules, alerts and deliveries as one store; keeps the contract of `vigie.ports.alerts.AlertStore`."""

from __future__ import annotations

from sqlalchemy import delete, or_, select

from vigie.adapters.stores.sql.alerts.log import Log
from vigie.adapters.stores.sql.alerts.outbox import Outbox
from vigie.adapters.stores.sql.alerts.tables import AlertRow, AlertRuleRow, ChannelRow, DeliveryRow
from vigie.adapters.stores.sql.alerts.wishes import Wishes


class SqlAlerts(Wishes, Outbox, Log):
    """Alerts in the database; the three parts share nothing but database and clock."""

    __slots__ = ()

    def remove_before(self, ts: int) -> int:
        """Remove alerts made before a time of which nothing waits, with their deliveries; return how many."""
        waits = select(DeliveryRow.alert).where(DeliveryRow.state == "waiting")
        old = select(AlertRow.id).where(AlertRow.ts < ts, AlertRow.id.not_in(waits))
        with self.database.writing("alerts") as connection:
            connection.execute(delete(DeliveryRow).where(DeliveryRow.alert.in_(old)))
            return connection.execute(
                delete(AlertRow).where(AlertRow.ts < ts, AlertRow.id.not_in(waits))
            ).rowcount

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person."""
        hers = select(AlertRow.id).where(AlertRow.owner == owner)
        with self.database.writing("alerts") as connection:
            theirs = or_(DeliveryRow.owner == owner, DeliveryRow.alert.in_(hers))
            connection.execute(delete(DeliveryRow).where(theirs))
            for kind in (AlertRow, AlertRuleRow, ChannelRow):
                connection.execute(delete(kind).where(kind.owner == owner))
