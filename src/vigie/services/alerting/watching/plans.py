"""Open plans: what becomes of them, levels that the price is near, news of their asset, risk; six a day beside ends.

Each look first keeps what there is to tell, then what was kept is sent: whoever is killed between the two sends it at
the next look, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.alert import AlertRule
from vigie.intelligence.alerts.pacing import wall_day
from vigie.ports.audit import AuditEvent
from vigie.ports.clock import Clock
from vigie.ports.plan_notices import PlanNotice, PlanNoticeStore
from vigie.ports.plans import MarkedPlan
from vigie.services.alerting.dispatch import AlertDispatch, dispatch_events, zone_of
from vigie.services.alerting.watching.plan_deciding import PlanDeciding
from vigie.services.alerting.watching.plan_texts import SUBJECT, WRITTEN, plan_event
from vigie.services.plans.plan_news import StorySources, stories_since
from vigie.services.plans.plan_noticing import (
    FoundNotice,
    level_notices,
    limit_notices,
    news_notices,
    position_of,
    state_notice,
)
from vigie.services.plans.plan_sources import PlanSources

# How far what is written was read, and how far what was kept was sent.
READ: Final = "alerts/plans"
SENT: Final = "alerts/plans/sent"
# Where the same was kept before plans had a look of their own.
_BEFORE: Final = "alerts/audit"
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class PlanWatch:
    """What open plans are watched with."""

    dispatch: AlertDispatch
    plans: PlanSources
    notices: PlanNoticeStore
    stories: StorySources
    clock: Clock


def look(watch: PlanWatch) -> int:
    """Keep what was written of plans since the last look, then send what was kept; return how many alerts."""
    bookmarks = watch.stories.bookmarks
    rules, read = _rules(watch), bookmarks.get(READ)
    if not rules:
        if read:
            bookmarks.put(READ, "")
        return 0
    if not read:
        # Nobody asked before: what was written and kept until now is not told.
        bookmarks.put(SENT, str(watch.notices.newest()))
        read = bookmarks.get(_BEFORE) or str(watch.plans.audit.newest())
        bookmarks.put(READ, read)
    deciding, seq = _deciding(watch, rules), int(read)
    while page := watch.plans.audit.after(seq, limit=_PAGE, kinds=WRITTEN):
        for event in page:
            for marked, found in _states(watch, event):
                deciding.keep(marked, found, watch.clock.wall_now())
        seq = page[-1].seq
        bookmarks.put(READ, str(seq))
    return _send(watch, deciding)


def look_at_prices(watch: PlanWatch) -> int:
    """Keep which levels prices are near, and how much is lost; `look` sends it."""
    now, wall = watch.clock.market_now(), watch.clock.wall_now()
    deciding, is_first = _deciding(watch, _rules(watch)), set[str]()
    for marked, known in _open_plans(watch, deciding):
        position = position_of(watch.plans, marked, now)
        if "entered" in marked.marks and position is None:
            continue
        day, _ = wall_day(wall, deciding.zones[marked.plan.owner])
        found = list(level_notices(watch.plans, marked, position, now, day))
        if position is not None and marked.plan.account not in is_first:
            # The account's limits are told of one of its plans.
            is_first.add(marked.plan.account)
            found += limit_notices(watch.plans, marked.plan.account, now)
        _keep(deciding, marked, [event for event in found if event.key not in known], wall)
    return 0


def look_at_news(watch: PlanWatch) -> int:
    """Keep stories about the assets of open plans that matter; `look` sends them."""
    now, wall = watch.clock.market_now(), watch.clock.wall_now()
    deciding = _deciding(watch, _rules(watch))
    for marked, known in _open_plans(watch, deciding):
        since = marked.ts_armed
        if since is not None:
            stories = stories_since(watch.stories, marked.plan.instrument, since, now)
            _keep(deciding, marked, list(news_notices(stories, known)), wall)
    return 0


def _rules(watch: PlanWatch) -> list[AlertRule]:
    rules = watch.dispatch.alerts.rules_of("desk")
    return [rule for rule in rules if SUBJECT in rule.when.get("subject", (SUBJECT,))]


def _deciding(watch: PlanWatch, rules: Sequence[AlertRule]) -> PlanDeciding:
    zones = {owner: zone_of(watch.dispatch.accounts, owner) for owner in {rule.owner for rule in rules}}
    return PlanDeciding(watch.notices, watch.dispatch, rules, zones)


def _states(watch: PlanWatch, event: AuditEvent) -> Iterator[tuple[MarkedPlan, FoundNotice]]:
    """Yield the version of a plan that a record is of, with what became of it; nothing where it is gone."""
    text = event.text or {}
    run = watch.plans.logs.trades.run(str(text.get("account", "")))
    if run is None:
        return
    for state in ("entered", "closed", "refused", "expired"):
        if event.kind != f"plan.{state}":
            continue
        for marked in watch.plans.plans.versions(run.owner, event.subject):
            if marked.plan.version == text.get("version"):
                yield marked, state_notice(state, str(text.get("code") or ""), int(text.get("ts") or 0))


def _open_plans(watch: PlanWatch, deciding: PlanDeciding) -> Iterator[tuple[MarkedPlan, frozenset[str]]]:
    """Yield the plans that are traded and whose owner has a rule, each with what was kept of it already."""
    if not deciding.rules:
        return
    traded = [stored for stored in watch.plans.plans.traded() if stored.plan.owner in deciding.zones]
    keys: dict[int, set[str]] = {}
    for notice in watch.notices.of_versions([stored.number for stored in traded]) if traded else ():
        keys.setdefault(notice.version, set()).add(notice.key)
    for marked in traded:
        run = watch.plans.logs.trades.run(marked.plan.account)
        # While plan and account are of two people nothing of it is traded.
        if run is not None and run.owner == marked.plan.owner and not run.is_replayed:
            yield marked, frozenset(keys.get(marked.number, ()))


def _keep(deciding: PlanDeciding, marked: MarkedPlan, found: Sequence[FoundNotice], now: int) -> None:
    for event in found:
        deciding.keep(marked, event, now)


def _send(watch: PlanWatch, deciding: PlanDeciding) -> int:
    """Hand on what was kept after the last that was sent."""
    bookmarks, alert_count = watch.stories.bookmarks, 0
    number = int(bookmarks.get(SENT) or 0)
    while page := watch.notices.after(number, limit=_PAGE):
        plans = {
            stored.number: stored
            for stored in watch.plans.plans.numbered([change.version for change in page])
        }
        for change in page:
            if change.version in plans:
                alert_count += _send_one(watch, deciding, plans[change.version], change)
            number = change.number
            bookmarks.put(SENT, str(number))
    return alert_count


def _send_one(watch: PlanWatch, deciding: PlanDeciding, marked: MarkedPlan, notice: PlanNotice) -> int:
    """Send a notice as it was decided, or decide it again where that no longer holds."""
    # One moment for the places of a day and for what is sent: between two, a day or a mute ends.
    wall = watch.clock.wall_now()
    event = plan_event(marked, notice, wall)
    if watch.dispatch.alerts.sent_statuses(event.kind, [event.key]):
        # All of it was written together, before who sent it could note that.
        return 0
    if notice.held or marked.plan.owner not in deciding.zones:
        return dispatch_events(watch.dispatch, watch.clock, [event], now=notice.ts)
    event = plan_event(marked, deciding.renew(marked, notice, wall), wall)
    return dispatch_events(watch.dispatch, watch.clock, [event], now=wall)
