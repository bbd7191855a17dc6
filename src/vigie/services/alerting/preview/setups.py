"""What a rule about setups would have told: each that formed or was confirmed, whatever the number a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.domain.alert import AlertEvent
from vigie.domain.setup import MARKET_TIME
from vigie.domain.time import DAY_MS
from vigie.intelligence.alerts.rule_matching import LEAST
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.services.alerting.preview.past_events import DAYS, PastEvents, at_time
from vigie.services.alerting.watching.setup_texts import setup_event
from vigie.services.alerting.watching.setups import sealed_event
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
                change_number=change.number,
            ),
            change.ts_known,
        )
        for change in changes[:most]
    ]  # fmt: skip
    return PastEvents(events, len(events), len(changes) <= most)


def as_mailed(sources: NoticeSources, audit: AuditLog, owner: str, event: AlertEvent) -> AlertEvent:
    """Return a past event with all that its mail says: its place in the chain, and sources as old as they were then.

    It is read for the one that is shown, not for each that is counted.
    """
    change = sources.setups.numbered(int(event.facts["change_number"]))
    if change is None:
        return event
    # When it was written, by the market's clock: that is when its mail was.
    written = int(str(change.body.get(MARKET_TIME, change.ts_written)))
    mailed = sealed_event(sources, audit, change, owner, ts_market=written, now=written)
    return at_time(mailed, change.ts_known)
