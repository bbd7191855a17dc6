"""Setups of one's accounts: what forms and is confirmed, by the budget of its owner, and what was told and is void."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from vigie.domain.alert import AlertEvent, AlertRule
from vigie.intelligence.alerts.rule_matching import first_unmet_condition
from vigie.intelligence.setups.contributions import Family
from vigie.ports.audit import AuditLog
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.setup_notices import SetupNotice
from vigie.ports.setups import StoredChange
from vigie.services.alerting.arrivals import arrival_times
from vigie.services.alerting.dispatch import (
    SETUP_ENDS,
    STALE_MS,
    AlertDispatch,
    dispatch_events,
    expand_followed,
    zone_in,
)
from vigie.services.alerting.watching.setup_texts import setup_event
from vigie.services.people.ownership import accounts_of
from vigie.services.setups.contributing import Contributions, contributions_of
from vigie.services.setups.noticing import (
    CANDIDATES,
    NoticePerson,
    NoticeSources,
    budget_in,
    contributions_at,
    decide_notice,
    trades_before,
)
from vigie.services.setups.weights import weights_in

PLACE: Final = "alerts/setups"
KIND: Final = "setup"
# Ends the place while there are no rules.
_ENDS: Final = "/ends"
_PAGE: Final = 200


class _Read:
    """What is read of people once for a page of changes, each when it is needed first."""

    def __init__(self, sources: NoticeSources) -> None:
        self._sources = sources
        self._settings = cache(lambda owner: sources.accounts.settings(owner)[1])
        self.person = cache(self._read_person)

    def weights(self, owner: str) -> Mapping[Family, float]:
        """Return how much each family of contributions weighs for a person."""
        return weights_in(self._settings(owner))

    def _read_person(self, owner: str) -> NoticePerson:
        kept = self._settings(owner)
        return NoticePerson(
            accounts_of(self._sources.trades, owner),
            budget_in(kept),
            zone_in(kept),
            trades_before(self._sources, owner),
        )


def look(
    dispatch: AlertDispatch, sources: NoticeSources, bookmarks: SourceBookmarks, audit: AuditLog, clock: Clock
) -> int:
    """Raise the changes that were written since the last look; return how many alerts that makes."""
    saved, rules = bookmarks.get(PLACE), dispatch.alerts.rules_of(KIND)
    number, alert_count = int(saved.removesuffix(_ENDS) or sources.setups.last_number()), 0
    if saved.endswith(_ENDS) and rules:
        # What was written before the first rule is not told; the end of what was told before that is.
        alert_count = _look(dispatch, sources, bookmarks, audit, clock, (), number)
        number = int(bookmarks.get(PLACE).removesuffix(_ENDS))
    return alert_count + _look(dispatch, sources, bookmarks, audit, clock, rules, number)


def _look(
    dispatch: AlertDispatch,
    sources: NoticeSources,
    bookmarks: SourceBookmarks,
    audit: AuditLog,
    clock: Clock,
    rules: Sequence[AlertRule],
    number: int,
) -> int:
    """Raise the changes after one: without rules the ends of what was told."""
    alert_count, suffix = 0, "" if rules else _ENDS
    if bookmarks.get(PLACE) != f"{number}{suffix}":
        bookmarks.put(PLACE, f"{number}{suffix}")
    while page := sources.setups.after(number, limit=_PAGE):
        # Once a page, after it is read: what ended before its changes is in it.
        read = _Read(sources)
        for change in page:
            # One moment for the budget and for what is sent: between two, a day or a mute ends.
            now = clock.wall_now()
            events = _events_of(dispatch, sources, audit, clock, rules, change, read, now)
            alert_count += dispatch_events(dispatch, clock, list(events), now=now)
            # What is decided of one change counts for the next: each is noted when it is done.
            number = change.number
            bookmarks.put(PLACE, f"{number}{suffix}")
    return alert_count


def _events_of(
    dispatch: AlertDispatch,
    sources: NoticeSources,
    audit: AuditLog,
    clock: Clock,
    rules: Sequence[AlertRule],
    change: StoredChange,
    read: _Read,
    now: int,
) -> Iterable[AlertEvent]:
    run = sources.trades.run(change.account)
    if run is None or change.is_replayed:
        return []
    own = [rule for rule in rules if rule.owner == run.owner]
    if change.state in SETUP_ENDS:
        # Also where no rule is left: whoever was told of it is told.
        was_told = sources.notices.was_told(change.account, change.setup)
        return [event_of_change(sources, audit, clock, change, run.owner)] if was_told else []
    if not own or change.state not in CANDIDATES:
        return []
    told = contributions_of(sources.facts, sources.data.bars, change, read.weights(run.owner))
    event = _aged(
        _sealed(audit, change, run.owner, told, clock.market_now(), clock.wall_now()), change, clock
    )
    about = [rule for rule in own if not first_unmet_condition(_expanded(dispatch, rule), event)]
    if not about:
        return []
    notice = _decide(dispatch, sources, now, about, change, event, read.person(run.owner), told.total or 0.0)
    held = {"held": "rule" if notice.held == "rule" else "budget"} if notice.held else {}
    return [replace(event, facts={**event.facts, **held})]


def event_of_change(
    sources: NoticeSources, audit: AuditLog, clock: Clock, change: StoredChange, owner: str
) -> AlertEvent:
    """Return a change as what rules may be about, with its place in the chain."""
    event = sealed_event(sources, audit, change, owner, ts_market=clock.market_now(), now=clock.wall_now())
    return _aged(event, change, clock)


def sealed_event(
    sources: NoticeSources, audit: AuditLog, change: StoredChange, owner: str, *, ts_market: int, now: int
) -> AlertEvent:
    """Return a change as a message says it that is written at some time of the market and on the wall."""
    return _sealed(audit, change, owner, contributions_at(sources, owner, change), ts_market, now)


def _sealed(
    audit: AuditLog, change: StoredChange, owner: str, told: Contributions, ts_market: int, now: int
) -> AlertEvent:
    record = next(iter(audit.after(change.sealed_at - 1, limit=1)), None) if change.sealed_at else None
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


def _aged(event: AlertEvent, change: StoredChange, clock: Clock) -> AlertEvent:
    return replace(event, facts={**event.facts, "age_ms": max(0, clock.wall_now() - change.ts_written)})


def _expanded(dispatch: AlertDispatch, rule: AlertRule) -> AlertRule:
    return expand_followed(dispatch.accounts, dispatch.names, rule)


def _decide(
    dispatch: AlertDispatch,
    sources: NoticeSources,
    now: int,
    about: Sequence[AlertRule],
    change: StoredChange,
    event: AlertEvent,
    person: NoticePerson,
    total: float,
) -> SetupNotice:
    is_old = event.facts["age_ms"] > STALE_MS
    dues = [] if is_old else arrival_times(dispatch.alerts, about[0].owner, about, now, person.zone)
    told = dispatch.alerts.sent_statuses(KIND, [event.key])
    is_sent = any(event.status in told.get((rule.id, event.key), ()) for rule in about)
    return decide_notice(sources, person, change, dues=dues, total=total, now=now, is_sent=is_sent)
