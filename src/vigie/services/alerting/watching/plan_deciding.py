"""What is told of plans: at most six a day of their owner, on each day on which anything of it arrives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vigie.domain.alert import AlertRule
from vigie.intelligence.alerts.pacing import wall_day
from vigie.intelligence.alerts.rule_matching import first_unmet_condition
from vigie.ports.plan_notices import PlanNotice, PlanNoticeStore
from vigie.ports.plans import MarkedPlan
from vigie.services.alerting.arrivals import arrival_times
from vigie.services.alerting.dispatch import STALE_MS, AlertDispatch, expand_followed
from vigie.services.alerting.watching.plan_texts import plan_event
from vigie.services.plans.plan_noticing import FoundNotice

# Told a day over all plans of a person; ends by stop and liquidation are told beside them.
MOST_A_DAY: Final = 6


@dataclass(frozen=True, slots=True)
class PlanDeciding:
    """Decides what is told of plans, and keeps that.

    Attributes
    ----------
    rules : sequence of AlertRule
        Of anybody, about plans.
    zones : mapping of str to str
        Time zone of each owner of a rule: its midnight begins a day.
    """

    notices: PlanNoticeStore
    dispatch: AlertDispatch
    rules: Sequence[AlertRule]
    zones: Mapping[str, str]

    def keep(self, marked: MarkedPlan, found: FoundNotice, now: int) -> PlanNotice | None:
        """Decide whether a thing is told and keep it; what was decided before stays so. None without a rule.

        Parameters
        ----------
        now : int
            Epoch milliseconds on the wall.
        """
        if not any(rule.owner == marked.plan.owner for rule in self.rules):
            return None
        notice = PlanNotice(
            marked.number,
            found.key,
            found.kind,
            found.facts,
            found.ts_known,
            now,
            is_counted=found.is_counted,
        )
        dues = self._arrivals(marked, notice, now)
        notice = replace(
            notice, ts_first=min(dues, default=0), ts_last=max(dues, default=0), held="" if dues else "rule"
        )
        return self.notices.keep(notice, self._days(marked, dues), MOST_A_DAY)

    def renew(self, marked: MarkedPlan, notice: PlanNotice, now: int) -> PlanNotice:
        """Return what is to be sent now as it was decided, or decided again where it would be sent on another day.

        So it is where a computer was switched off in between, or rules were changed: it would be one too many of that
        day. Where every rule is silent by now, it takes no place any more.

        Parameters
        ----------
        now : int
            Epoch milliseconds on the wall.
        """
        dues = self._arrivals(marked, notice, now)
        days = self._days(marked, dues)
        is_counted_there = all(
            any(begins <= ts < ends for ts in (notice.ts_first, notice.ts_last)) for begins, ends in days
        )
        if days and is_counted_there:
            return notice
        return self.notices.put_off(notice, dues, days, MOST_A_DAY)

    def _arrivals(self, marked: MarkedPlan, notice: PlanNotice, now: int) -> list[int]:
        owner = marked.plan.owner
        event = plan_event(marked, notice, now)
        if notice.is_counted and event.facts["age_ms"] > STALE_MS:
            return []
        about = [
            rule
            for rule in self.rules
            if rule.owner == owner
            and not first_unmet_condition(
                expand_followed(self.dispatch.accounts, self.dispatch.names, rule), event
            )
        ]
        if not notice.is_counted:
            about = [replace(rule, cool_down_s=0, daily_budget=0) for rule in about]
        return arrival_times(self.dispatch.alerts, owner, about, now, self.zones[owner])

    def _days(self, marked: MarkedPlan, dues: Sequence[int]) -> list[tuple[int, int]]:
        return sorted({wall_day(due, self.zones[marked.plan.owner]) for due in dues})
