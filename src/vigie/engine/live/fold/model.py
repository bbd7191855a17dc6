"""What the fill model makes of a live account: paper trading's venue, one slot and one bar at a time.

Takes a slot's record and prices; gives what a venue would report. Changes nothing: the account books it when it
comes back as a step, as it does with a venue's own reports. Rule numbers refer to the fill model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vigie.domain import codes
from vigie.engine.live.fold.steps import ClosedBar, EntryResult, FinerBar, Payment, PositionExit
from vigie.quant import money
from vigie.trading import execution, exits, ledger


def _market_price(raw: float, direction: int, rule: Any, settings: Any) -> float:
    grid = rule["tick_multiple"], rule["tick_scale"], rule["figures"]
    return float(execution.market_price(raw, direction, settings["slip"], *grid))


def _to_amount(minor: int) -> float:
    return float(money.amount_of(minor))


def fundings(
    number: int, slot: Any, due: Sequence[tuple[int, float, float]], open_: float
) -> tuple[Payment, ...]:
    """Return what settlements cost an open position (rule 8).

    Parameters
    ----------
    due : sequence of (int, float, float)
        Time, rate and mark of each settlement; NaN for a mark that is not known.
    open_ : float
        Open of the bar, used where no mark is known.
    """
    if slot["side"] == 0:
        return ()
    return tuple(
        Payment(
            number,
            ts,
            _to_amount(ledger.funding(slot["side"], slot["qty"], open_ if mark != mark else mark, rate)),
        )
        for ts, rate, mark in due
    )


def exit_inside(
    number: int, slot: Any, rule: Any, settings: Any, open_: float, high: float, low: float, close_ts: int
) -> PositionExit | None:
    """Return how a bar ended an open position, None where it stays (rules 5 and 9)."""
    side = slot["side"]
    if side == 0:
        return None
    reason = exits.touched(side, slot["stop"], slot["target"], slot["liquidation"], open_, high, low)
    if reason == 0:
        return None
    if reason == codes.LIQUIDATION:
        return PositionExit(number, reason, float(slot["liquidation"]), 0.0, close_ts)
    level = slot["stop"] if reason == codes.STOP else slot["target"]
    raw = float(exits.touch_price(side, level, open_, reason == codes.STOP))
    if reason == codes.TARGET and settings["limit_target"] == 1:
        return PositionExit(
            number, reason, raw, _to_amount(ledger.fee(slot["qty"], raw, rule["maker"])), close_ts
        )
    return exit_at_market(number, slot, rule, settings, reason, raw, close_ts)


def exit_at_market(
    number: int, slot: Any, rule: Any, settings: Any, reason: int, raw: float, ts: int
) -> PositionExit:
    """Return the end of a position at a market price, with slippage and taker fee."""
    price = _market_price(raw, -int(slot["side"]), rule, settings)
    return PositionExit(number, reason, price, _to_amount(ledger.fee(slot["qty"], price, rule["taker"])), ts)


def exit_at_open(number: int, slot: Any, rule: Any, settings: Any, open_: float, ts: int) -> PositionExit:
    """Return how a decided exit was filled at the open (rule 4)."""
    if exits.beyond_liquidation(slot["side"], slot["liquidation"], open_):
        return PositionExit(number, codes.LIQUIDATION, float(slot["liquidation"]), 0.0, ts)
    return exit_at_market(number, slot, rule, settings, int(slot["exit_reason"]), open_, ts)


def fill_entry(number: int, slot: Any, rule: Any, settings: Any, open_: float, ts: int) -> EntryResult:
    """Return how an entry that the kernel let pass was filled."""
    price = _market_price(open_, int(slot["pending_side"]), rule, settings)
    fee = _to_amount(ledger.fee(slot["pending_qty"], price, rule["taker"]))
    return EntryResult(number, int(slot["pending_lots"]), price, open_, fee, ts)


def ending_bar(slot: Any, finer: FinerBar | None, bar: ClosedBar | None) -> FinerBar | ClosedBar | None:
    """Return the bar inside which a position ended: the finer one where that meets one of its levels."""
    if finer is None or slot["side"] == 0:
        return bar
    levels = slot["stop"], slot["target"], slot["liquidation"]
    met = exits.touched(slot["side"], *levels, finer.open, finer.high, finer.low)
    return finer if met else bar


def raw_price(
    slot: Any, position_exit: PositionExit, bar: FinerBar | ClosedBar | None, opened: float
) -> float:
    """Return the market's price before slippage where a position ended, as the kernel would see it.

    Parameters
    ----------
    bar : FinerBar or ClosedBar or None
        The bar inside which it ended.
    opened : float
        The last first price of the slot's bars.
    """
    if position_exit.reason == codes.LIQUIDATION:
        return position_exit.price
    if position_exit.reason == codes.END_OF_DATA:
        return position_exit.price if bar is None else bar.close
    if position_exit.reason not in (codes.STOP, codes.TARGET):
        return opened
    is_stop = position_exit.reason == codes.STOP
    level = float(slot["stop"] if is_stop else slot["target"])
    return level if bar is None else float(exits.touch_price(slot["side"], level, bar.open, is_stop))
