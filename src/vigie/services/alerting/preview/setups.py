"""What a rule about setups would have told: each that formed or was confirmed, whatever the number a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.domain.time import DAY_MS
from vigie.intelligence.alerts.rule_matching import LEAST
from vigie.ports.clock import Clock
from vigie.services.alerting.preview.past_events import DAYS, PastEvents, at_time
from vigie.services.alerting.watching.setup_texts import setup_event
from vigie.services.people.ownership import accounts_of
from vigie.services.setups.ended import live_changes
from vigie.services.setups.noticing import CANDIDATES, NoticeSources, contributions_at

MOST: Final = 5_000
# Of so many the contributions are read.
MOST_WEIGHED: Final = 300


def find_setup_events(
    sources: NoticeSources, clock: Clock, owner: str, when: Mapping[str, tuple[str, ...]]
) -> PastEvents:
    """Return the setups of a person's accounts that formed or were confirmed in the last 90 days.

    What counted for and against each is read only where a rule asks for a total, of the newest ones.
    """
    is_weighed, most = bool(when.get(LEAST)), MOST
    if is_weighed:
        most = MOST_WEIGHED
    after = clock.market_now() - DAYS * DAY_MS
    changes = [
        change
        for change in live_changes(sources.setups, accounts_of(sources.trades, owner))
        if change.ts_known > after and change.state in CANDIDATES
    ]
    changes.sort(key=lambda change: (change.ts_known, change.number), reverse=True)
    events = [
        at_time(
            setup_event(
                change, (), owner=owner, ts_market=change.ts_known, now=change.ts_known,
                total=contributions_at(sources, owner, change).total if is_weighed else None,
            ),
            change.ts_known,
        )
        for change in changes[:most]
    ]  # fmt: skip
    return PastEvents(events, len(events), len(changes) <= most)
