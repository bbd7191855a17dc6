"""What a rule about setups would have told: each that formed or was confirmed, whatever the number a day."""

from __future__ import annotations

from typing import Final

from vigie.domain.time import DAY_MS
from vigie.ports.clock import Clock
from vigie.services.alerting.preview.past_events import DAYS, PastEvents, at_time
from vigie.services.alerting.watching.setup_texts import setup_event
from vigie.services.people.ownership import accounts_of
from vigie.services.setups.ended import live_changes
from vigie.services.setups.noticing import CANDIDATES, NoticeSources

MOST: Final = 5_000


def find_setup_events(sources: NoticeSources, clock: Clock, owner: str) -> PastEvents:
    """Return the setups of a person's accounts that formed or were confirmed in the last 90 days."""
    after = clock.market_now() - DAYS * DAY_MS
    changes = [
        change
        for change in live_changes(sources.setups, accounts_of(sources.trades, owner))
        if change.ts_known > after and change.state in CANDIDATES
    ]
    changes.sort(key=lambda change: (change.ts_known, change.number), reverse=True)
    events = [
        at_time(
            setup_event(change, (), owner=owner, ts_market=change.ts_known, now=change.ts_known),
            change.ts_known,
        )
        for change in changes[:MOST]
    ]
    return PastEvents(events, len(events), len(changes) <= MOST)
