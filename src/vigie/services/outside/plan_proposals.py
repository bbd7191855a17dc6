"""Which plans a trade made elsewhere may have followed: of its coin and side, valid when it was opened.

A proposal is never made a match by itself: only its person knows what they followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.ids import parse_instrument
from vigie.ports.plans import MarkedPlan
from vigie.services.outside.round_trips import RoundTrip

MOST: Final = 3


@dataclass(frozen=True, slots=True)
class ProposedPlan:
    """A version of a plan that a trade may have followed, from when it was made until `ts_end`, inclusive."""

    marked: MarkedPlan
    ts_end: int


class PlanProposals:
    """Finds plans for trades: drafts too, which are there to be acted on by hand.

    Parameters
    ----------
    versions : sequence of MarkedPlan
        All versions of a person's plans, oldest first.
    """

    def __init__(self, versions: Sequence[MarkedPlan]) -> None:
        self._plans = [
            ProposedPlan(marked, _end_of(marked, versions[place + 1 :]))
            for place, marked in enumerate(versions)
        ]

    def of(self, trip: RoundTrip) -> Sequence[ProposedPlan]:
        """Return the plans that a trade may have followed, the last made first; of each plan one version."""
        market = parse_instrument(trip.instrument)
        found = [
            plan
            for plan in self._plans
            if plan.marked.plan.side == trip.side
            and _is_same(plan.marked.plan.instrument, market.coin, market.market)
            and plan.marked.plan.ts_made <= trip.ts_opened <= plan.ts_end
        ]
        return sorted(found, key=lambda one: (-one.marked.plan.ts_made, -one.marked.number))[:MOST]


def _is_same(instrument: str, coin: str, market: str) -> bool:
    own = parse_instrument(instrument)
    return (own.coin, own.market) == (coin, market)


def _end_of(marked: MarkedPlan, later: Sequence[MarkedPlan]) -> int:
    """Return until when a version could be followed: its validity, its cancelling, or the version after it."""
    after = next((one.plan.ts_made - 1 for one in later if one.plan.id == marked.plan.id), None)
    ends = (marked.plan.until, marked.ts_cancelled, after)
    return min(end for end in ends if end is not None)
