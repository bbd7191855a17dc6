"""What the bell says: how many alerts of the inbox a person has not read, and the newest of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.alert import INBOX
from vigie.ports.alerts import AlertStore
from vigie.services.alerting.watching.event_texts import short_title_of

LOOKED_AT: Final = 20
FIRST_LOOKED_AT: Final = 4


@dataclass(frozen=True, slots=True)
class UnreadAlerts:
    """Alerts that were not read; without any, `ts` is 0 and the titles are empty.

    Attributes
    ----------
    count : int
        How many.
    ts : int
        When the newest came, epoch milliseconds.
    title, title_fr : str
        Of the newest, in both languages, the short one where there is one; news stay in their own.
    """

    count: int
    ts: int = 0
    title: str = ""
    title_fr: str = ""


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
            # What has a short name is named by it: the whole text is in the list.
            return UnreadAlerts(
                count, entry.alert.ts, short_title_of(event, "en"), short_title_of(event, "fr")
            )
    return UnreadAlerts(count)
