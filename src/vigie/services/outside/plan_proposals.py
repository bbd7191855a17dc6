"""Which plans a trade made elsewhere may have followed: of its coin and side, valid when it was opened.

A proposal is never made a match by itself: only its person knows what they followed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

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
        plans: defaultdict[tuple[str, str, str], list[ProposedPlan]] = defaultdict(list)
        for proposed in _with_ends(versions):
            plan = proposed.marked.plan
            plans[_market_of(plan.instrument, plan.side)].append(proposed)
        self._groups = {market: _Group(group) for market, group in plans.items()}

    def of(self, trip: RoundTrip) -> Sequence[ProposedPlan]:
        """Return the plans that a trade may have followed, the last made first; of each plan one version."""
        group = self._groups.get(_market_of(trip.instrument, trip.side))
        return () if group is None else group.at(trip.ts_opened)


class _Group:
    """Plans of one coin, kind of market and side."""

    def __init__(self, plans: Sequence[ProposedPlan]) -> None:
        self._plans = sorted(plans, key=lambda one: (one.marked.plan.ts_made, one.marked.number))
        self._made = [candidate.marked.plan.ts_made for candidate in self._plans]
        self._ends = np.array([candidate.ts_end for candidate in self._plans], np.int64)

    def at(self, ts: int) -> list[ProposedPlan]:
        made = bisect_right(self._made, ts)
        newest_first = np.flatnonzero(self._ends[:made] >= ts)[::-1]
        return [self._plans[place] for place in newest_first[:MOST].tolist()]


def _market_of(instrument: str, side: str) -> tuple[str, str, str]:
    own = parse_instrument(instrument)
    return own.coin, own.market, side


def _with_ends(versions: Sequence[MarkedPlan]) -> list[ProposedPlan]:
    """Return until when each version could be followed: its validity, its cancelling, or the version after it."""
    proposed = []
    made_after: dict[str, int] = {}
    for marked in reversed(versions):
        plan = marked.plan
        after = made_after.get(plan.id)
        ends = (plan.until, marked.ts_cancelled, None if after is None else after - 1)
        proposed.append(ProposedPlan(marked, min(end for end in ends if end is not None)))
        made_after[plan.id] = plan.ts_made
    return proposed
