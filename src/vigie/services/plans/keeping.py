"""A plan or an order under an id of its sender's choice: however often it is sent, it is kept once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.domain.errors import Conflict
from vigie.domain.time import timeframe_ms
from vigie.domain.trade_plan import TradePlan
from vigie.ports.plans import MarkedPlan
from vigie.services.plans.plan_sources import PlanSources

# An id that the sender may choose; empty for one that is chosen here.
CHOSEN_ID: Final = r"^(p[A-Za-z0-9_-]{16})?$"
# What two orders with one id must have in common; the rest is of when they were sent.
_ORDERED: Final = ("account", "venue", "instrument", "side", "low", "high", "stop", "target", "setup", "note")
_PLANNED: Final = (*_ORDERED, "timeframe", "leverage", "further_targets", "limit_entries")


def kept_order(sources: PlanSources, plan: TradePlan, order: str) -> MarkedPlan | None:
    """Return the order that was kept under an id before; None where there is none.

    Raises
    ------
    Conflict
        If that is another order.
    """
    kept = sources.plans.versions(plan.owner, order) if order else ()
    if not kept:
        return None
    same = kept[-1].plan
    if _bars(same) != _bars(plan) or any(getattr(same, name) != getattr(plan, name) for name in _ORDERED):
        raise Conflict(
            "order_id_is_taken",
            "the id {plan} is that of another order; choose another, or leave it out",
            plan=order,
        )
    return kept[-1]


def kept_plan(sources: PlanSources, plan: TradePlan) -> MarkedPlan | None:
    """Return the newest version of what was kept under a plan's id before; None where there is nothing.

    Raises
    ------
    Conflict
        If that began as another plan.
    """
    kept: Sequence[MarkedPlan] = sources.plans.versions(plan.owner, plan.id)
    if not kept:
        return None
    first = kept[0].plan
    if _bars(first) != _bars(plan) or any(getattr(first, name) != getattr(plan, name) for name in _PLANNED):
        raise Conflict(
            "plan_id_is_taken",
            "the id {plan} is that of another plan; choose another, or leave it out",
            plan=plan.id,
        )
    return kept[-1]


def _bars(plan: TradePlan) -> int:
    """Return for how many closes it was to wait when it was made."""
    span = timeframe_ms(plan.timeframe)
    return plan.until // span - plan.ts_made // span
