"""The funding that a plan's position is expected to pay or get: its last settled rate, and when it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.time import HOUR_MS
from vigie.domain.trade_plan import TradePlan
from vigie.services.plans.plan_sources import PlanSources
from vigie.services.trading.accounts.account_status import next_close

# Of a venue that does not tell how far its settlements lie apart.
_USUAL_HOURS: Final = 8.0


@dataclass(frozen=True, slots=True)
class FundingTerms:
    """Rate and times of settlements as they are known now.

    Attributes
    ----------
    rate : float
        A settlement; longs pay where it is above 0.
    ts : int
        When it was settled, epoch milliseconds.
    entry_ts : int
        First close at which the plan may enter.
    every_ms, at_ms : int
        How far settlements lie apart, and when any of them is.
    """

    rate: float
    ts: int
    entry_ts: int
    every_ms: int = int(_USUAL_HOURS * HOUR_MS)
    at_ms: int = 0

    def count(self, held_ms: int) -> int:
        """Return how many settlements a position meets that is entered at the plan's first close.

        As the fill model counts them: the instant of the entry is before the position, that of the exit within it.
        """
        first, end = ((ts - self.at_ms) // self.every_ms for ts in (self.entry_ts, self.entry_ts + held_ms))
        return end - first

    def most(self, held_ms: int) -> int:
        """Return how many it meets at most, whenever it is entered."""
        return -(-held_ms // self.every_ms)


def funding_terms(sources: PlanSources, plan: TradePlan, now: int) -> FundingTerms | None:
    """Return the funding of a plan's market; None where no rate of it is known.

    Parameters
    ----------
    now : int
        The market's time, epoch milliseconds.
    """
    series = f"derivatives/{plan.venue}:{plan.instrument}/funding_fraction"
    known = sources.facts.latest([series]).get(series)
    if known is None:
        return None
    market = f"{plan.venue}:{plan.instrument}"
    quoted = [quote for quote in sources.quotes.since(0)[1] if quote.id == market]
    hours = next((quote.funding_hours for quote in quoted if quote.funding_hours), _USUAL_HOURS)
    at_ms = next((quote.funding_next_ts for quote in quoted if quote.funding_next_ts), 0)
    entry_ts = next_close(now, plan.timeframe)
    return FundingTerms(known.value, known.ts_event, entry_ts, int(hours * HOUR_MS), at_ms)
