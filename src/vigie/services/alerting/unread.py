"""What the bell says: how many alerts of the inbox a person has not read, and the newest of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.alert import INBOX, AlertEvent
from vigie.ports.alerts import AlertStore
from vigie.services.alerting.watching.event_texts import short_title_of

LOOKED_AT: Final = 20
FIRST_LOOKED_AT: Final = 4


@dataclass(frozen=True, slots=True)
class UnreadAlerts:
    """Alerts that were not read.

    Attributes
    ----------
    count : int
        How many.
    ts : int
        When the newest came, epoch milliseconds; 0 without any.
    newest : AlertEvent or None
        What that one is about; None where it is not known.
    """

    count: int
    ts: int = 0
    newest: AlertEvent | None = None

    def title(self, language: str) -> str:
        """Return what the newest is about, the short title where there is one; empty where it is not known."""
        return short_title_of(self.newest, language) if self.newest is not None else ""


def unread_alerts(alerts: AlertStore, owner: str) -> UnreadAlerts:
    """Return what the bell of a person says.

    Parameters
    ----------
    alerts : AlertStore
        Where alerts and their deliveries are.
    owner : str
        Whose inbox.
    """
    count = alerts.count_unread(owner)
    if count == 0:
        return UnreadAlerts(0)
    # The newest deliveries may be read, or held back; where all of these are, the bell tells the number alone.
    # Mostly one of the newest few is the one: every page asks this.
    deliveries = (
        entry
        for limit in (FIRST_LOOKED_AT, LOOKED_AT)
        for entry in alerts.list_deliveries(owner, channel=INBOX, limit=limit)
    )
    for entry in deliveries:
        if entry.delivery.state == "sent" and not entry.ts_read:
            event = entry.alert.happening
            return UnreadAlerts(count, entry.alert.ts, event)
    return UnreadAlerts(count)
