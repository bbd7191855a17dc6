"""What those who watch from outside are told of an account: figures of now and counts since its run began."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.domain.order import TradeRun, TradingState
from vigie.domain.time import MINUTE_MS, SECOND_MS
from vigie.ports.clock import Clock
from vigie.ports.quotes import QuoteStore
from vigie.ports.trade_log import KnownIntent
from vigie.services.trading.accounts.figures import compute_totals, marks_of, open_rows
from vigie.services.trading.log.account_view import AccountLogs, open_account_view

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
class AccountMetrics:
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
class AccountMetricsReader:
    """Looks at accounts again and again, and counts what only grows no oftener than it must."""

    logs: AccountLogs
    quotes: QuoteStore
    clock: Clock
    _cached_counts: dict[str, tuple[tuple[str, int], int, OrderCounts]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, run: TradeRun) -> AccountMetrics:
        """Return how an account stands."""
        now = self.clock.market_now()
        with open_account_view(self.logs, run) as view:
            rows = open_rows(view, marks_of(self.quotes, run))
            totals = compute_totals(view, rows, now)
            refusals = Counter(item.code for item in view.refusals)
            number = view.number
            instruments = {item.slot.instrument for item in view.plan.slots}
        return AccountMetrics(
            run=run,
            state=self.logs.trades.state(run.account),
            equity=totals.equity,
            cash=totals.cash,
            day_open=totals.equity - totals.day_pnl,
            exposure=sum(_notional(row) for row in rows),
            positions=len(rows),
            refusals=dict(refusals),
            orders=self._orders(run, number),
            stream_age_s=_stream_age_s(self.quotes, self.clock, run, instruments),
        )

    def _orders(self, run: TradeRun, number: int) -> OrderCounts:
        now = self.clock.wall_now()
        with self._lock:
            cached = self._cached_counts.get(run.account)
            if cached is not None and cached[0] == (run.id, number) and 0 <= now - cached[1] < _RECOUNT_MS:
                return cached[2]
        counts = count_orders(self.logs.trades.intents(run.id))
        with self._lock:
            self._cached_counts[run.account] = (run.id, number), now, counts
        return counts


def count_orders(intents: Sequence[KnownIntent]) -> OrderCounts:
    """Count orders by state, and how long the venue took to answer for those that it took."""
    # The last move keeps the time at which the venue had the order; what it closed by itself has no id of an order.
    accepted = [item for item in intents if item.move.order_id]
    seconds = (max(0, item.move.ts - item.intent.ts) / SECOND_MS for item in accepted)
    return OrderCounts(dict(Counter(item.move.state for item in intents)), tuple(seconds))


def _notional(row: Mapping[str, Any]) -> float:
    notional = row["notional"]
    return float(notional if notional is not None else float(row["entry"]) * float(row["qty"]))


def _stream_age_s(quotes: QuoteStore, clock: Clock, run: TradeRun, instruments: set[str]) -> float | None:
    now = clock.market_now()
    newest: dict[str, int] = {}
    for quote in quotes.since(0)[1]:
        if quote.venue == run.venue and quote.instrument in instruments:
            newest[quote.instrument] = max(quote.ts_known, newest.get(quote.instrument, 0))
    return max(0, now - min(newest.values())) / SECOND_MS if newest else None
