"""What other conduct would have made of a trade, on the bars that came after.

Two kinds. *Levels alone*: entered as it was, left by stop or target and by nothing else. *Waited*: entered one bar
later, if that bar closed further in the trade's direction, with the same quantity and levels, and left at the trade's
own end unless a level was met before. Market prices have the plan's slippage and fees, as in the fill model; funding
is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from vigie.domain import codes
from vigie.domain.bar import Bars
from vigie.engine.live.fold.account import LiveAccount
from vigie.quant import money
from vigie.trading import execution, exits, ledger

CounterfactualKind = Literal["levels", "waited"]
CounterfactualEnd = Literal["stop", "target", "liquidation", "trade", "open", "not_entered"]


@dataclass(frozen=True, slots=True)
class TradeCounterfactual:
    """What would have come of it; `pnl` counts fees, at the last close where it would still be open."""

    kind: CounterfactualKind
    end: CounterfactualEnd
    pnl: float
    exit_ts: int | None


@dataclass(frozen=True, slots=True)
class _Terms:
    side: int
    qty: float
    slip: float
    taker: float
    grid: tuple[Any, Any, Any]

    def price(self, raw: float, direction: int) -> float:
        return float(execution.market_price(raw, direction, self.slip, *self.grid))

    def result(self, entry: float, exit_price: float) -> float:
        fees = ledger.fee(self.qty, entry, self.taker) + ledger.fee(self.qty, exit_price, self.taker)
        return float(money.amount_of(ledger.gross_result(self.side, self.qty, entry, exit_price) - fees))


def compute_counterfactuals(account: LiveAccount, trade: Any, bars: Bars) -> list[TradeCounterfactual]:
    """Return what would have come of a closed trade otherwise.

    Parameters
    ----------
    bars : Bars
        Of the slot, from the bar of the decision on.
    """
    number, entry_ts = int(trade["slot"]), int(trade["entry_ts"])
    rule, settings = account.rule(number, entry_ts), account.settings(number)
    terms = _Terms(
        int(trade["side"]), float(trade["qty"]), float(settings["slip"]), float(rule["taker"]),
        (rule["tick_multiple"], rule["tick_scale"], rule["figures"]),
    )  # fmt: skip
    first = int(np.searchsorted(bars.ts, entry_ts, side="right")) - 1
    if first < 1 or not len(bars):
        return []
    levels = _find_exit(terms, trade, bars, first, None)
    return [
        TradeCounterfactual("levels", levels[0], terms.result(float(trade["entry"]), levels[1]), levels[2]),
        _enter_later(terms, trade, bars, first),
    ]


def _find_exit(
    terms: _Terms, trade: Any, bars: Bars, first: int, own_end: int | None
) -> tuple[CounterfactualEnd, float, int | None]:
    """Return how, at which price and when a position is left from a bar on; at the trade's own end if it has one."""
    stop, target = float(trade["stop"]), float(trade["target"])
    # Isolated margin ends it far beyond its stop; the stop is met before.
    never = -1.0 if terms.side > 0 else np.inf
    for k in range(first, len(bars)):
        if own_end is not None and int(bars.ts[k]) >= own_end:
            return "trade", float(trade["exit"]), own_end
        open_, high, low = float(bars.open[k]), float(bars.high[k]), float(bars.low[k])
        reason = exits.touched(terms.side, stop, target, never, open_, high, low)
        if reason != 0:
            is_stop = reason == codes.STOP
            raw = exits.touch_price(terms.side, stop if is_stop else target, open_, is_stop)
            end: CounterfactualEnd = "stop" if is_stop else "target"
            return end, terms.price(float(raw), -terms.side), int(bars.ts[k]) + bars.span_ms
    if own_end is not None:
        return "trade", float(trade["exit"]), own_end
    return "open", terms.price(float(bars.close[-1]), -terms.side), None


def _enter_later(terms: _Terms, trade: Any, bars: Bars, first: int) -> TradeCounterfactual:
    is_confirmed = terms.side * (float(bars.close[first]) - float(bars.close[first - 1])) > 0.0
    own_end = int(trade["exit_ts"])
    later = first + 1
    if not is_confirmed or later >= len(bars) or int(bars.ts[later]) >= own_end:
        return TradeCounterfactual("waited", "not_entered", 0.0, None)
    opened = float(bars.open[later])
    worst, best = sorted((float(trade["stop"]), float(trade["target"])))
    if not worst < opened < best:
        return TradeCounterfactual("waited", "not_entered", 0.0, None)
    entry = terms.price(opened, terms.side)
    end, exit_price, ts = _find_exit(terms, trade, bars, later, own_end)
    return TradeCounterfactual("waited", end, terms.result(entry, exit_price), ts)
