"""Channels, rules, alerts and deliveries as one store; keeps the contract of `vigie.ports.alerts.AlertStore`."""

from __future__ import annotations

from sqlalchemy import delete, or_, select, update

from vigie.adapters.stores.sql.alerts.delivery_log import DeliveryLog
from vigie.adapters.stores.sql.alerts.outbox import Outbox
from vigie.adapters.stores.sql.alerts.rules_and_channels import RulesAndChannels
from vigie.adapters.stores.sql.alerts.tables import AlertRow, AlertRuleRow, ChannelRow, DeliveryRow


class SqlAlertStore(RulesAndChannels, Outbox, DeliveryLog):
    """Alerts in the database; the three parts share nothing but database and clock."""

    __slots__ = ()

    def remove_before(self, ts: int) -> int:
        """Remove alerts made before a time of which nothing waits, with their deliveries; return how many."""
        waiting_alerts = select(DeliveryRow.alert).where(DeliveryRow.state == "waiting")
        old = select(AlertRow.id).where(AlertRow.ts < ts, AlertRow.id.not_in(waiting_alerts))
        with self.database.writing("alerts") as connection:
            connection.execute(delete(DeliveryRow).where(DeliveryRow.alert.in_(old)))
            return connection.execute(
                delete(AlertRow).where(AlertRow.ts < ts, AlertRow.id.not_in(waiting_alerts))
            ).rowcount

    def hand_over(self, before: str, after: str) -> None:
        """Give all that is kept of a person to another."""
        with self.database.writing("alerts") as connection:
            for row_class in (ChannelRow, AlertRuleRow, AlertRow, DeliveryRow):
                connection.execute(update(row_class).where(row_class.owner == before).values(owner=after))

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person."""
        alert_ids = select(AlertRow.id).where(AlertRow.owner == owner)
        with self.database.writing("alerts") as connection:
            is_owned = or_(DeliveryRow.owner == owner, DeliveryRow.alert.in_(alert_ids))
            connection.execute(delete(DeliveryRow).where(is_owned))
            for row_class in (AlertRow, AlertRuleRow, ChannelRow):
                connection.execute(delete(row_class).where(row_class.owner == owner))
