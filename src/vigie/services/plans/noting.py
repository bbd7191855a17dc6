"""What became of a plan, noted beside it: each mark once, by whoever sees it first."""

from __future__ import annotations

from typing import Final

from vigie.domain.errors import Conflict
from vigie.domain.trade_plan import PlanMark
from vigie.ports.plans import MarkedPlan
from vigie.services.plans.plan_sources import PlanSources
from vigie.services.plans.plan_states import PlanOutcome

_BY: Final = "vigie"
# States that are noted where they begin; the others are a person's own doing.
_ENTERED: Final[PlanMark] = "entered"
NOTED_ENDS: Final[dict[str, PlanMark]] = {"closed": "closed", "refused": "refused", "expired": "expired"}


def note_outcome(sources: PlanSources, marked: MarkedPlan, outcome: PlanOutcome) -> int:
    """Note what became of a plan as far as that is not noted yet; return how many marks that makes."""
    wanted: list[tuple[PlanMark, int | None]] = [(_ENTERED, outcome.ts_entered)]
    if mark := NOTED_ENDS.get(outcome.state):
        wanted.append((mark, outcome.ts_ended))
    n_marks = 0
    for mark, ts in wanted:
        if ts is None or mark in marked.marks:
            continue
        try:
            sources.plans.mark(marked.number, mark, ts, _BY, code="" if mark == _ENTERED else outcome.code)
        except Conflict:
            continue  # Another worker noted it first.
        n_marks += 1
    return n_marks
