"""Which levels of an open plan the price is near, and how much of the planned risk is lost so far.

One distance serves all: a quarter of the way from the entry to the stop. It needs nothing but the plan and one price.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from vigie.domain.trade_plan import TradePlan

PlanLevel = Literal["zone", "stop", "target"]

# Share of the way from entry to stop within which a level is near.
NEAR_SHARE: Final = 0.25
# Share of the planned risk that is lost, and share of an account's limit that is used, from which both are told.
LOSS_SHARE: Final = 0.5
LIMIT_SHARE: Final = 0.8


@dataclass(frozen=True, slots=True)
class NearLevel:
    """A level that the price is near.

    Attributes
    ----------
    level : str
        ``zone``, ``stop`` or ``target``.
    price : float
        Of the level, quote units; of a zone its nearer end.
    distance : float
        From the present price, quote units; 0 inside a zone.
    within : float
        Distance within which a level of this plan is near, quote units.
    """

    level: PlanLevel
    price: float
    distance: float
    within: float


def near_levels(plan: TradePlan, price: float, entry: float | None) -> list[NearLevel]:
    """Return the levels of a plan that a price is near: of one that waits its zone, of one in position the others.

    Parameters
    ----------
    plan : TradePlan
        Armed.
    price : float
        Present price, quote units.
    entry : float or None
        Price at which it entered; None while it waits.

    Returns
    -------
    list of NearLevel
        Empty for one that enters at once and waits: it has no zone.
    """
    low, high = plan.zone
    reference = entry if entry is not None else high if plan.side == "long" else low
    within = NEAR_SHARE * abs(reference - plan.stop)
    if entry is None:
        if plan.is_at_once:
            return []
        end = low if price < low else high if price > high else price
        levels: list[tuple[PlanLevel, float]] = [("zone", end)]
    else:
        levels = [("stop", plan.stop), ("target", plan.target)]
    found = [NearLevel(name, level, abs(price - level), within) for name, level in levels]
    return [one for one in found if one.distance <= one.within]


def lost_share(plan: TradePlan, price: float, *, entry: float, qty: float, planned_risk: float) -> float:
    """Return the share of its planned risk that a position has lost so far, before costs; below 0 it gains.

    Parameters
    ----------
    plan : TradePlan
        Whose side counts.
    price, entry : float
        Present price and that of the entry, quote units.
    qty : float
        Base units.
    planned_risk : float
        Quote units, above 0.

    Returns
    -------
    float
        1 where all that was planned to be lost is lost.
    """
    return plan.sign * (entry - price) * qty / planned_risk
