"""What those who watch from outside are told of an account: figures of now and counts since its run began."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.domain.order import TradeRun, TradingState
from vigie.domain.time import MINUTE_MS, SECOND_MS
from vigie.ports.tradebook import KnownIntent
from vigie.services.house import House
from vigie.services.trading.figures import marks_of, money, open_rows
from vigie.services.trading.story import story_of

# Upper bounds of the times from a written intent to the venue's answer.
BOUNDS_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
# Orders are counted anew when the log has grown, and at least so often.
_RECOUNT_MS: Final = MINUTE_MS


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """Orders of a run.

    Attributes
    ----------
    states : mapping of str to int
        How many are in each state.
    seconds : tuple of float
        From being written down to the venue's answer, of each that the venue took.
    """

    states: Mapping[str, int]
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """One account; amounts are in its quote currency, at present prices where they are known.

    Attributes
    ----------
    day_open : float
        Equity at 00:00 UTC.
    exposure : float
        Notional of everything that is held.
    stream_age_s : float or None
        Of the oldest among the newest prices of its instruments; None where there is none yet.
    """

    run: TradeRun
    state: TradingState
    equity: float
    cash: float
    day_open: float
    exposure: float
    positions: int
    refusals: Mapping[str, int]
    orders: OrderCounts
    stream_age_s: float | None


@dataclass(slots=True, eq=False)
class Watcher:
    """Looks at accounts again and again, and counts what only grows no oftener than it must."""

    house: House
    _counted: dict[str, tuple[tuple[str, int], int, OrderCounts]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, run: TradeRun) -> Watched:
        """Return how an account stands."""
        house, now = self.house, self.house.clock.market_now()
        with story_of(house, run) as story:
            rows = open_rows(story, marks_of(house, run))
            told = money(story, rows, now)
            refusals = Counter(one.code for one in story.refusals)
            number = story.number
            instruments = {one.slot.instrument for one in story.plan.slots}
        return Watched(
            run=run,
            state=house.trades.state(run.account),
            equity=told.equity,
            cash=told.cash,
            day_open=told.equity - told.day_pnl,
            exposure=sum(_notional(row) for row in rows),
            positions=len(rows),
            refusals=dict(refusals),
            orders=self._orders(run, number),
            stream_age_s=_stream_age_s(house, run, instruments),
        )

    def _orders(self, run: TradeRun, number: int) -> OrderCounts:
        now = self.house.clock.wall_now()
        with self._lock:
            known = self._counted.get(run.account)
            if known is not None and known[0] == (run.id, number) and 0 <= now - known[1] < _RECOUNT_MS:
                return known[2]
        counted = counts_of(self.house.trades.intents(run.id))
        with self._lock:
            self._counted[run.account] = (run.id, number), now, counted
        return counted


def counts_of(intents: Sequence[KnownIntent]) -> OrderCounts:
    """Count orders by state, and how long the venue took to answer for those that it took."""
    # The last move keeps the time at which the venue had the order; what it closed by itself has no id of an order.
    taken = [one for one in intents if one.move.order_id]
    seconds = (max(0, one.move.ts - one.intent.ts) / SECOND_MS for one in taken)
    return OrderCounts(dict(Counter(one.move.state for one in intents)), tuple(seconds))


def _notional(row: Mapping[str, Any]) -> float:
    known = row["notional"]
    return float(known if known is not None else float(row["entry"]) * float(row["qty"]))


def _stream_age_s(house: House, run: TradeRun, instruments: set[str]) -> float | None:
    now = house.clock.market_now()
    newest: dict[str, int] = {}
    for one in house.quotes.since(0)[1]:
        if one.venue == run.venue and one.instrument in instruments:
            newest[one.instrument] = max(one.ts_known, newest.get(one.instrument, 0))
    return max(0, now - min(newest.values())) / SECOND_MS if newest else None
