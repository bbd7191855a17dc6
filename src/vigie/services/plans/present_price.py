"""The present price of a plan's instrument: the mark price where the venue tells one, else the last; never an old one.

Arming, previews, tickets and alerts all count with it.
"""

from __future__ import annotations

from typing import Final

from vigie.domain.time import timeframe_ms
from vigie.domain.trade_plan import TradePlan
from vigie.ports.quotes import QuoteStore
from vigie.services.trading.accounts.account_status import MarkPrice, venue_marks

# Bars of the plan's timeframe after which a price counts as old.
FRESH_BARS: Final = 2


def present_price(quotes: QuoteStore, plan: TradePlan, now: int) -> MarkPrice | None:
    """Return the present price of a plan's instrument at its venue; None where none is known that is fresh.

    Parameters
    ----------
    now : int
        The market's time, epoch milliseconds.
    """
    mark = venue_marks(quotes, plan.venue).get(plan.instrument)
    if mark is None or now - mark.ts > FRESH_BARS * timeframe_ms(plan.timeframe):
        return None
    return mark
