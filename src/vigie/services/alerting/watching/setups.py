"""Setups of one's accounts: what forms and is confirmed, by the budget of its owner, and what was told and is void."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Final

from vigie.domain.alert import AlertEvent, AlertRule
from vigie.domain.time import DAY_MS
from vigie.intelligence.alerts.pacing import decide_pacing
from vigie.intelligence.alerts.rule_matching import first_unmet_condition
from vigie.intelligence.setups.expectation import EndedTrade
from vigie.ports.audit import AuditLog
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.setup_notices import SetupNotice
from vigie.ports.setups import StoredChange
from vigie.services.alerting.dispatch import (
    SETUP_ENDS,
    STALE_MS,
    AlertDispatch,
    dispatch_events,
    expand_followed,
    is_in_inbox,
    zone_of,
)
from vigie.services.alerting.watching.setup_texts import setup_event
from vigie.services.setups.noticing import (
    CANDIDATES,
    NoticeSources,
    contributions_at,
    decide_notice,
    trades_before,
)

PLACE: Final = "alerts/setups"
KIND: Final = "setup"
_PAGE: Final = 200


def look(
    dispatch: AlertDispatch, sources: NoticeSources, bookmarks: SourceBookmarks, audit: AuditLog, clock: Clock
) -> int:
    """Raise the changes that were written since the last look; return how many alerts that makes."""
    saved, rules = bookmarks.get(PLACE), dispatch.alerts.rules_of(KIND)
    if not rules or not saved:
        # Nobody asked before: what was written until now is not told.
        newest = str(sources.setups.last_number()) if rules else ""
        if newest != saved:
            bookmarks.put(PLACE, newest)
        return 0
    number, alert_count = int(saved), 0
    while page := sources.setups.after(number, limit=_PAGE):
        past = cache(partial(trades_before, sources))
        for change in page:
            # One moment for the budget and for what is sent: between two, a day or a mute ends.
            now = clock.wall_now()
            events = _events_of(dispatch, sources, audit, clock, rules, change, past, now)
            alert_count += dispatch_events(dispatch, clock, list(events), now=now)
            # What is decided of one change counts for the next: each is noted when it is done.
            number = change.number
            bookmarks.put(PLACE, str(number))
    return alert_count


def _events_of(
    dispatch: AlertDispatch,
    sources: NoticeSources,
    audit: AuditLog,
    clock: Clock,
    rules: Sequence[AlertRule],
    change: StoredChange,
    past: Callable[[str], Sequence[EndedTrade]],
    now: int,
) -> Iterable[AlertEvent]:
    run = sources.trades.run(change.account)
    if run is None or change.is_replayed:
        return []
    own = [rule for rule in rules if rule.owner == run.owner]
    if not own or change.state not in (*CANDIDATES, *SETUP_ENDS):
        return []
    event = event_of_change(sources, audit, clock, change, run.owner)
    if change.state in SETUP_ENDS:
        return [event] if sources.notices.was_told(change.account, change.setup) else []
    about = [rule for rule in own if not first_unmet_condition(_expanded(dispatch, rule), event)]
    if not about:
        return []
    notice = _decide(dispatch, sources, now, about, change, event, past(run.owner))
    held = {"held": "rule" if notice.held == "rule" else "budget"} if notice.held else {}
    return [replace(event, facts={**event.facts, **held})]


def event_of_change(
    sources: NoticeSources, audit: AuditLog, clock: Clock, change: StoredChange, owner: str
) -> AlertEvent:
    """Return a change as what rules may be about, with its place in the chain."""
    event = sealed_event(sources, audit, change, owner, ts_market=clock.market_now(), now=clock.wall_now())
    return replace(event, facts={**event.facts, "age_ms": max(0, clock.wall_now() - change.ts_written)})


def sealed_event(
    sources: NoticeSources, audit: AuditLog, change: StoredChange, owner: str, *, ts_market: int, now: int
) -> AlertEvent:
    """Return a change as a message says it that is written at some time of the market and on the wall."""
    record = next(iter(audit.after(change.sealed_at - 1, limit=1)), None) if change.sealed_at else None
    told = contributions_at(sources, owner, change)
    return setup_event(
        change,
        told.parts,
        total=told.total,
        owner=owner,
        ts_market=ts_market,
        now=now,
        change_number=change.number,
        record={"number": record.seq, "head": record.hash} if record is not None else None,
    )


def _expanded(dispatch: AlertDispatch, rule: AlertRule) -> AlertRule:
    return expand_followed(dispatch.accounts, dispatch.names, rule)


def _decide(
    dispatch: AlertDispatch,
    sources: NoticeSources,
    now: int,
    about: Sequence[AlertRule],
    change: StoredChange,
    event: AlertEvent,
    past: Sequence[EndedTrade],
) -> SetupNotice:
    owner = about[0].owner
    zone = zone_of(dispatch.accounts, owner)
    sent = dispatch.alerts.sent_since([rule.id for rule in about], now - 2 * DAY_MS)
    is_old = event.facts["age_ms"] > STALE_MS
    channels = {channel.id: channel for channel in dispatch.alerts.channels(owner)}
    dues: list[int] = []
    for rule in [] if is_old else about:
        pacing = decide_pacing(rule, now, sent.get(rule.id, ()), zone)
        if pacing.ts_due:
            # What waits for the morning may be in the inbox today: it counts in both days.
            dues += [pacing.ts_due, *([now] if is_in_inbox(rule, channels) else [])]
    told = dispatch.alerts.sent_statuses(KIND, [event.key])
    is_sent = any(event.status in told.get((rule.id, event.key), ()) for rule in about)
    return decide_notice(sources, owner, change, dues=dues, past=past, zone=zone, now=now, is_sent=is_sent)
