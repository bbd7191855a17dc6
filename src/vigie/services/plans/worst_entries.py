"""The closes in a plan's zone from which its stop may lose most: near the stop sizes are larger, and costs too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from vigie.domain.trade_plan import TradePlan
from vigie.engine.level_results import LevelResults

# Other caps than leverage are found by what they leave; the second may be below the first.
_CAPS: Final = 3
# Where all closes up to the target enter, the last before it are a tick away: of coarse ticks farther.
_BEFORE: Final = (0.9999, 0.99, 0.9)


def worst_entries(
    plan: TradePlan, risk: float, cap: float, at: Callable[[float], LevelResults]
) -> Iterator[LevelResults]:
    """Yield what is made from the closes that may lose most.

    Where risk decides the size, less distance to the stop means more units, so more costs; where a cap decides it, the
    distance alone counts. Most is lost where the two meet, or at the end of the zone that is nearest to that.

    Parameters
    ----------
    risk, cap : float
        What is lost at the stop before costs, and the largest position by leverage, quote units.
    at : callable
        Gives what the plan makes, entered at a price.
    """
    low, high = (abs(price - plan.stop) for price in plan.zone)
    nearest, farthest = min(low, high), max(low, high)
    told: LevelResults | None = None
    if nearest > 0.0:
        yield (told := at(plan.stop + plan.sign * nearest))
    else:
        for share in _BEFORE:
            yield at(plan.stop + plan.sign * share * farthest)
    for _ in range(_CAPS):
        if cap <= plan.sign * risk:
            return
        distance = risk * plan.stop / (cap - plan.sign * risk)
        if nearest < distance < farthest:
            yield (told := at(plan.stop + plan.sign * distance))
        elif distance >= farthest:
            return
        # Nearer than the zone this cap decides nothing; a lower one that the nearest close met may.
        if told is None or told.refusal or told.notional >= cap * 0.99:
            return
        cap = told.notional
