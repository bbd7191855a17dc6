"""What followed setups of one strategy and side: how many reached target or stop, with a rate from thirty on.

Live and replayed ones are told apart, and those that never were confirmed are a rate of their own, never a loss of 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.setup import SetupCause
from vigie.ports.setup_counts import SetupEnds
from vigie.quant.stats.proportion import wilson_interval

# Fewer say nothing of how often something happens.
LEAST: Final = 30
NEVER_CONFIRMED: Final[tuple[SetupCause, ...]] = ("not_near", "beyond_stop", "gap", "closes")
_NO_ENTRY: Final[tuple[SetupCause, ...]] = ("gap_through_level", "entry_refused")
_LEVELS: Final[tuple[SetupCause, ...]] = ("stop", "target", "liquidation")
# Of either state: it says nothing of the market.
_ASIDE: Final[tuple[SetupCause, ...]] = ("strategy_changed",)
# Ends that follow no trade, or none that counts.
WITHOUT_TRADE: Final = (*NEVER_CONFIRMED, *_NO_ENTRY, *_ASIDE)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What followed.

    Attributes
    ----------
    entered : int
        Setups whose trade began and ended.
    target, stop, liquidated, otherwise : int
        Of these, how they ended; `otherwise` by exit condition, opposite signal or time.
    no_entry : int
        Confirmed, but the next bar opened beyond a level.
    unconfirmed : int
        Ended without ever being confirmed.
    target_share, low, high : float or None
        Share of `entered` that reached the target, with its 95 % interval; None for fewer than 30.
    """

    entered: int
    target: int
    stop: int
    liquidated: int
    otherwise: int
    no_entry: int
    unconfirmed: int
    target_share: float | None
    low: float | None
    high: float | None


def outcomes_of(ends: Sequence[SetupEnds], *, is_replayed: bool) -> Outcomes:
    """Return what followed the live or the replayed ones of some setups."""
    counts = {end.cause: end.count for end in ends if end.is_replayed == is_replayed}

    def count(causes: Sequence[SetupCause]) -> int:
        return sum(counts.get(cause, 0) for cause in causes)

    entered = sum(counts.values()) - count(WITHOUT_TRADE)
    target = counts.get("target", 0)
    low, high = wilson_interval(target, entered) if entered >= LEAST else (None, None)
    return Outcomes(
        entered=entered,
        target=target,
        stop=counts.get("stop", 0),
        liquidated=counts.get("liquidation", 0),
        otherwise=entered - count(_LEVELS),
        no_entry=count(_NO_ENTRY),
        unconfirmed=count(NEVER_CONFIRMED),
        target_share=target / entered if entered >= LEAST else None,
        low=low,
        high=high,
    )
