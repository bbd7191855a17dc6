"""The trade of each decision, made alone by the fill model: entry at the next open, then stop, target or time.

Composed of the kernel's own stations, so that there is one reading of the rules. What depends on size and on money is
left out: a label is about prices. Takes bars, sides and distance units; gives one trade a decision.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.compiled import BORROWING
from vigie.domain import codes, state
from vigie.domain.account import Costs, Sizing
from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.instrument import Instrument
from vigie.domain.state import Records
from vigie.quant.arrays import floats
from vigie.quant.grid import grid_price
from vigie.quant.labels.label import NO_BAR
from vigie.quant.labels.triple_barrier import BarrierTrades
from vigie.trading import execution, exits, sizing


def walk_barriers(
    bars: Bars,
    sides: ArrayLike,
    unit: ArrayLike,
    versions: Sequence[Instrument],
    *,
    terms: Sizing,
    costs: Costs,
) -> BarrierTrades:
    """Return the trade of each bar's decision as the fill model makes it, whatever the other bars decide.

    Parameters
    ----------
    bars : Bars
        The history.
    sides : int64 array, shape (n_bars,)
        What is decided at each close: +1 long, -1 short, 0 nothing.
    unit : float64 array, shape (n_bars,)
        Distance unit of stop and target, usually ATR(14), quote currency; without one nothing is decided.
    versions : sequence of Instrument
        The instrument's rules.
    terms : Sizing
        Distances in units, bars until the time stop (0 for none), leverage, how targets are filled.
    costs : Costs
        Only slippage is read.

    Returns
    -------
    BarrierTrades
        A trade that has not ended by the last bar is none.

    Raises
    ------
    UsageError
        If lengths differ, there are no rules, or a side is not -1, 0 or 1.

    Notes
    -----
    The trade of a bar reads that bar's close and what follows; its `last` says how far.
    """
    n_bars = len(bars)
    given, units = np.asarray(sides), floats(unit)
    if len(given) != n_bars or len(units) != n_bars:
        raise UsageError("sides_must_fit_bars", "sides and units must have {n_bars} values", n_bars=n_bars)
    # Before they become whole numbers: 0.9 is no decision, nor is NaN.
    if not np.isin(given, (-1, 0, 1)).all():
        raise UsageError("side_must_be_sign", "sides must be -1, 0 or 1")
    side = given.astype(np.int64)
    if not versions:
        raise UsageError(
            "instrument_needs_least_one_version", "an instrument needs at least one version of its rules"
        )
    reason, last = np.zeros(n_bars, np.int64), np.full(n_bars, NO_BAR)
    entry, exit_, gross = (np.full(n_bars, np.nan) for _ in range(3))
    prices = [floats(column) for column in (bars.open, bars.high, bars.low, bars.close)]
    _walk(
        bars.ts.copy(), *prices, side, units, state.rules_of(list(versions)), state.settings_of(terms, costs),
        reason, last, entry, exit_, gross,
    )  # fmt: skip
    return BarrierTrades(side, reason, last, entry, exit_, gross)


@njit(**BORROWING)
def _version_at(rules: Records, ts: int) -> int:
    row = 0
    while row + 1 < len(rules) and rules[row + 1]["valid_from"] <= ts:
        row += 1
    return row


@njit(**BORROWING)
def _walk(
    ts: IntArray,
    open_: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    sides: IntArray,
    units: FloatArray,
    rules: Records,
    all_settings: Records,
    reasons: IntArray,
    lasts: IntArray,
    entries: FloatArray,
    ends: FloatArray,
    gross: FloatArray,
) -> None:
    settings = all_settings[0]
    leverage = settings["leverage"]
    for bar in range(len(ts) - 1):
        side, unit = sides[bar], units[bar]
        if side == 0 or not unit >= 0.0:
            continue
        rule = rules[_version_at(rules, ts[bar])]
        multiple, scale, figures = rule["tick_multiple"], rule["tick_scale"], rule["figures"]
        # Levels at the close (rules 2 and 3).
        stop = grid_price(
            sizing.stop_ticks(side, close[bar], settings["stop_atr"] * unit, multiple, scale, figures),
            multiple,
            scale,
        )
        target = grid_price(
            sizing.target_ticks(side, close[bar], settings["target_atr"] * unit, multiple, scale, figures),
            multiple,
            scale,
        )
        code, _, _ = sizing.level_refusal(
            side,
            settings["capital"],
            close[bar],
            stop,
            target,
            rule["tick"],
            leverage,
            rule["maintenance_rate"],
        )
        # The entry at the next open (rule 4).
        first = bar + 1
        rule = rules[_version_at(rules, ts[first])]
        raw = open_[first]
        price = execution.market_price(
            raw, side, settings["slip"], rule["tick_multiple"], rule["tick_scale"], rule["figures"]
        )
        liquidation = sizing.liquidation_price(side, price, leverage, rule["maintenance_rate"])
        if code == 0 and ((raw <= stop or raw >= target) if side > 0 else (raw >= stop or raw <= target)):
            code = codes.GAP_THROUGH_LEVEL
        if code == 0 and exits.beyond_liquidation(side, liquidation, stop):
            code = codes.LIQUIDATION_TOO_NEAR
        if code != 0:
            reasons[bar] = code
            continue
        _follow(
            bar, side, price, stop, target, liquidation, ts, open_, high, low, rules, settings,
            reasons, lasts, ends,
        )  # fmt: skip
        if reasons[bar] == 0:
            continue
        entries[bar] = price
        if reasons[bar] == codes.LIQUIDATION:
            gross[bar] = -1.0 / leverage
        else:
            gross[bar] = side * (ends[bar] - price) / price


@njit(**BORROWING)
def _follow(
    bar: int,
    side: int,
    entry: float,
    stop: float,
    target: float,
    liquidation: float,
    ts: IntArray,
    open_: FloatArray,
    high: FloatArray,
    low: FloatArray,
    rules: Records,
    settings: Records,
    reasons: IntArray,
    lasts: IntArray,
    ends: FloatArray,
) -> None:
    """Walk the bars after an entry until a level or the time ends it (rules 4, 5, 7 and 9)."""
    is_limit = settings["limit_target"] == 1
    for i in range(bar + 1, len(ts)):
        is_over = settings["max_bars"] > 0 and i - bar > settings["max_bars"]
        if is_over:
            # Decided at the close before; executed at this open.
            reason = (
                codes.LIQUIDATION if exits.beyond_liquidation(side, liquidation, open_[i]) else codes.TIME
            )
        else:
            reason = exits.touched(side, stop, target, liquidation, open_[i], high[i], low[i])
        if reason == 0:
            continue
        price = liquidation
        if reason != codes.LIQUIDATION:
            raw = open_[i]
            if not is_over:
                level = stop if reason == codes.STOP else target
                raw = exits.touch_price(side, level, open_[i], reason == codes.STOP)
            rule = rules[_version_at(rules, ts[i])]
            price = raw
            if not (is_limit and reason == codes.TARGET):
                price = execution.market_price(
                    raw, -side, settings["slip"], rule["tick_multiple"], rule["tick_scale"], rule["figures"]
                )
        reasons[bar], lasts[bar], ends[bar] = reason, i, price
        return
