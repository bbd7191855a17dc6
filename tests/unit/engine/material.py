"""Bars, slots and strategies small enough to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from vigie.domain.account import AccountSettings, Costs
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.inputs import SlotInput
from vigie.engine.run import PlannedSlot
from vigie.trading.loaded_strategy import Strategy
from vigie.trading.strategy import param

HOUR = 3_600_000
FREE = Costs(taker=0.0, maker=0.0, slippage_bps=0.0)


def steps(
    closes: Iterable[float], *, instrument: str = "btc-usdt-perp", hours: Iterable[int] | None = None
) -> Bars:
    """Bars that open where the last one closed, with half a unit above and below."""
    close = np.array(list(closes), np.float64)
    open_ = np.concatenate((close[:1], close[:-1]))
    ts = np.array(list(hours) if hours is not None else range(len(close)), np.int64) * HOUR
    high, low = np.maximum(open_, close) + 0.5, np.minimum(open_, close) - 0.5
    return Bars(instrument, HOUR, ts, open_, high, low, close, np.ones(len(close)))


def walk(count: int, *, seed: int = 1, instrument: str = "btc-usdt-perp") -> Bars:
    """A seeded walk around 100 with a range of its own for every bar."""
    dice = np.random.default_rng(seed)
    close = np.round(100.0 + np.cumsum(dice.normal(0.0, 0.5, count)), 1)
    bars = steps(close, instrument=instrument)
    reach = dice.uniform(0.0, 1.0, (2, count))
    high, low = np.round(bars.high + reach[0], 1), np.round(bars.low - reach[1], 1)
    return Bars(instrument, HOUR, bars.ts, bars.open, high, low, close, dice.uniform(1.0, 9.0, count))


def rules(instrument: str = "btc-usdt-perp", **changes: Any) -> Instrument:
    """Tick 0.1 and lot 0.01."""
    return Instrument("", instrument, tick=parse_step("0.1"), lot=parse_step("0.01"), **changes)


def slot_input(bars: Bars, *, long: Iterable[int] = (), short: Iterable[int] = (), long_exit: Iterable[int] = (),
               short_exit: Iterable[int] = (), unit: float = 1.0, **more: Any) -> SlotInput:  # fmt: skip
    """Signals at the closes of given bars, a distance unit that never changes, no costs."""
    flags = np.zeros(len(bars), np.uint8)
    for bit, where in (
        (LONG_ENTRY, long),
        (SHORT_ENTRY, short),
        (LONG_EXIT, long_exit),
        (SHORT_EXIT, short_exit),
    ):
        flags[list(where)] |= bit
    units = np.full(len(bars), unit)
    return SlotInput(bars, flags, units, units, (rules(bars.instrument),), **{"costs": FREE, **more})


@dataclass(frozen=True, slots=True)
class Params:
    """One number, for whatever a made-up strategy needs."""

    span: int = param(3, low=1, high=50)


def strategy(criteria: Callable[[Bars, Any], Any], *, name: str = "made_up", warmup: int = 0) -> Strategy:
    """A strategy of one function."""
    return Strategy(name, name, name, "1h", Params, lambda params: warmup, criteria, "")


def criterion(name: str, holds: np.ndarray, **more: Any) -> Criterion:
    """A required criterion that holds where it is said to."""
    return Criterion(name, Reading(holds.astype(np.float64), 0.5, holds), **more)


def momentum(bars: Bars, params: Any) -> Criteria:
    """Long when the close is above that of `span` bars ago, short when below; leaves on one bar against it."""
    past = np.concatenate((np.full(params.span, np.nan), bars.close[: -params.span]))[: len(bars)]
    before = np.concatenate(([np.nan], bars.close[:-1]))
    with np.errstate(invalid="ignore"):
        return Criteria(
            long=(criterion("above its past", bars.close > past + 0.3),),
            short=(criterion("below its past", bars.close < past - 0.3),),
            long_exit=criterion("a bar down", bars.close < before),
            short_exit=criterion("a bar up", bars.close > before),
        )


def plan(
    bars: Bars, *, of: Strategy | None = None, account: AccountSettings | None = None, **more: Any
) -> PlannedSlot:
    """Plan a slot with default parameters."""
    chosen = of or strategy(momentum)
    return PlannedSlot(
        SlotId(bars.instrument, bars.timeframe, chosen.name),
        bars,
        chosen,
        more.pop("params", chosen.defaults()),
        more.pop("versions", (rules(bars.instrument),)),
        account or AccountSettings(costs=FREE),
        **more,
    )
