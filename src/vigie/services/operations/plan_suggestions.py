"""Levels that a plan may begin with: of a setup, or by the usual distances from a price; and its chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from pydantic import Field

from vigie.data.instruments.versions import find_versions
from vigie.data.live_history import bars_until
from vigie.domain.account import Sizing
from vigie.domain.bar import Bars
from vigie.domain.errors import DataError, NotFound, UsageError
from vigie.domain.ids import SeriesId, parse_slot
from vigie.domain.money import GridStep
from vigie.domain.person import Caller
from vigie.domain.trade_plan import MAX_PRICE, MIN_PRICE, PlanSide
from vigie.ports.plans import MarkedPlan
from vigie.quant.indicators.atr import atr
from vigie.services.operation import OperationInput, OperationResult, Table, operation
from vigie.services.operations.asset_charts import ChartLine, bar_rows
from vigie.services.operations.plans import PlanIdInput, parse_place, plan_timeframe
from vigie.services.operations.setup_charts import SetupChart, candle_table
from vigie.services.operations.setups import SetupInput, SetupSources, find_setup
from vigie.services.people.ownership import owner_of
from vigie.services.plans.plan_rows import SOURCE
from vigie.services.plans.plan_sources import PlanSources, find_plan
from vigie.services.plans.plan_states import PlanOutcome, outcome_of
from vigie.services.setups.setup_bars import LEAST_BARS
from vigie.services.setups.setup_rows import SetupCandleRow, number_of
from vigie.services.setups.weighing import deciding_change
from vigie.services.typed_numbers import TypedNumber
from vigie.trading.strategy import ATR_WINDOW

# Bars in a plan's chart before it was made, and after it ended.
BEFORE: Final = 80
AFTER: Final = 15
# Share of the stop's distance by which a suggested zone reaches to either side of its price.
_ZONE: Final = 0.25
_HISTORY: Final = 200
# Colours follow the order of lines: stop and target have those that they have on the page of a setup.
_TRADED_ORDER: Final = ("entry", "stop", "target", "exit", "low", "high")
_PLANNED_ORDER: Final = ("low", "stop", "target", "high")


@dataclass(frozen=True, slots=True)
class SuggestionSources:
    """What suggestions are made of."""

    plans: PlanSources
    setups: SetupSources


class SuggestInput(OperationInput):
    """A setup of one's own; or an instrument, a side, and a price of one's choice."""

    setup: str = Field("", pattern=r"^([0-9a-f]{16})?$", description="Its levels; then the rest is not read.")
    account: str = Field("", max_length=60, description="Whose setup it is.")
    place: str = Field("", max_length=80, description="`<venue>:<instrument>`.")
    side: Literal["long", "short"] = "long"
    timeframe: Literal["1m", "5m", "15m", "1h", "4h", "1d"] = "1h"
    price: TypedNumber | None = Field(
        None, ge=MIN_PRICE, le=MAX_PRICE, description="Where to enter; the last price where it is left out."
    )


class PlanSuggestion(OperationResult):
    """Levels to begin with, on the instrument's grid; `price` is the middle of the zone."""

    place: str
    side: PlanSide
    timeframe: str
    price: float
    low: float
    high: float
    stop: float
    target: float
    setup: str


@operation("plans.suggest", example={"place": "binance-perp:btc-usdt-perp"})
def suggest_plan(caller: Caller, params: SuggestInput, sources: SuggestionSources) -> PlanSuggestion:
    """Suggest a zone, a stop and a target: those of a setup, or the usual multiples of the average true range."""
    if params.setup:
        return _of_setup(caller, params, sources)
    venue, instrument = parse_place(params.place)
    series, now = SeriesId(venue, instrument, params.timeframe), sources.plans.data.clock.market_now()
    bars = bars_until(sources.plans.data.bars, series, now - _HISTORY * series.span_ms, now)
    ranges = atr(bars.high, bars.low, bars.close, ATR_WINDOW) if len(bars) else np.array([np.nan])
    if not np.isfinite(ranges[-1]):
        raise NotFound(
            "plan_too_few_bars",
            "{series} has too few stored bars for its average true range; give stop and target yourself",
            series=series,
        )
    price, sign = params.price or float(bars.close[-1]), 1 if params.side == "long" else -1
    usual, unit = Sizing(), float(ranges[-1])
    stop, target = price - sign * usual.stop_atr * unit, price + sign * usual.target_atr * unit
    return _suggestion(sources, series, params.side, price, stop, target, "")


def _of_setup(caller: Caller, params: SuggestInput, sources: SuggestionSources) -> PlanSuggestion:
    asked = SetupInput.model_validate({"setup": params.setup, "account": params.account})
    change = deciding_change(find_setup(sources.setups, caller, asked))
    slot = parse_slot(change.slot)
    entry, stop, target = (number_of(change.body, name) for name in ("entry", "stop", "target"))
    if entry is None or stop is None or target is None:
        raise UsageError(
            "setup_without_levels", "setup {setup} has no stop and target yet", setup=params.setup
        )
    timeframe = _plan_timeframe(caller, sources.plans, change.account, slot.instrument) or slot.timeframe
    series = SeriesId(change.venue, slot.instrument, timeframe)
    return _suggestion(sources, series, change.side, entry, stop, target, params.setup)


def _plan_timeframe(caller: Caller, sources: PlanSources, account: str, instrument: str) -> str:
    """Return on which bars the account of a setup decides plans; empty where that is unknown, or it decides none."""
    try:
        return plan_timeframe(sources, account, owner_of(sources.accounts, caller), instrument)
    except (NotFound, DataError):
        return ""


def _suggestion(
    sources: SuggestionSources,
    series: SeriesId,
    side: PlanSide,
    price: float,
    stop: float,
    target: float,
    setup: str,
) -> PlanSuggestion:
    if min(stop, target) <= 0.0:
        raise UsageError(
            "plan_levels_below_zero", "the usual distances reach below 0 here; give stop and target yourself"
        )
    versions = find_versions(sources.plans.data.instruments, series.venue, series.instrument)
    step = versions[-1].tick if versions else None
    reach = _ZONE * abs(price - stop)
    return PlanSuggestion(
        place=f"{series.venue}:{series.instrument}", side=side, timeframe=series.timeframe, setup=setup,
        price=_on_grid(price, step), low=_on_grid(price - reach, step), high=_on_grid(price + reach, step),
        stop=_on_grid(stop, step), target=_on_grid(target, step),
    )  # fmt: skip


def _on_grid(price: float, step: GridStep | None) -> float:
    return float(f"{price:.6g}") if step is None else step.point(round(price / step.value))


@operation("plans.chart", example={"plan": "p0123456789abcdef"})
def read_plan_chart(caller: Caller, params: PlanIdInput, sources: PlanSources) -> SetupChart:
    """Read what the chart of a plan is drawn from."""
    marked = find_plan(sources, caller, params.plan)[-1]
    bars = _bars_around(sources, marked)
    rows, lines = bar_rows(bars), []
    if rows:
        fills = _fills(bars, outcome_of(sources, marked, sources.data.clock.market_now()))
        order = _TRADED_ORDER if fills else _PLANNED_ORDER
        lines = sorted(_levels(bars, marked) + fills, key=lambda line: order.index(line.key))
    return SetupChart(step_ms=bars.span_ms, bars=rows, points=[], lines=lines, patterns=[])


@operation("plans.candles", example={"plan": "p0123456789abcdef"})
def list_plan_candles(caller: Caller, params: PlanIdInput, sources: PlanSources) -> Table[SetupCandleRow]:
    """List the bars around a plan, oldest first."""
    return candle_table(_bars_around(sources, find_plan(sources, caller, params.plan)[-1]), SOURCE)


def _bars_around(sources: PlanSources, marked: MarkedPlan) -> Bars:
    plan, now = marked.plan, sources.data.clock.market_now()
    series = SeriesId(plan.venue, plan.instrument, plan.timeframe)
    ended = outcome_of(sources, marked, now).ts_ended
    end = now if ended is None else min(now, ended + (AFTER + 1) * series.span_ms)
    return bars_until(sources.data.bars, series, plan.ts_made - BEFORE * series.span_ms, end)


def _levels(bars: Bars, marked: MarkedPlan) -> list[ChartLine]:
    """Return the plan's levels from where it was made to the last bar, some bars at least: one bar shows no line."""
    plan = marked.plan
    prices = [("stop", plan.stop), ("target", plan.target)]
    if plan.low is not None and plan.high is not None:
        prices = [("low", plan.low), ("high", plan.high), *prices]
    return [_line(bars, name, price, plan.ts_made) for name, price in prices]


def _fills(bars: Bars, outcome: PlanOutcome) -> list[ChartLine]:
    """Return the price of the entry from its fill to the exit, and that of the exit from there to the last bar."""
    if outcome.entry is None or outcome.ts_entered is None:
        return []
    fills = [_line(bars, "entry", outcome.entry, outcome.ts_entered, outcome.ts_ended)]
    if outcome.exit is not None and outcome.ts_ended is not None:
        fills.append(_line(bars, "exit", outcome.exit, outcome.ts_ended))
    return fills


def _line(bars: Bars, name: str, price: float, begin: int, end: int | None = None) -> ChartLine:
    last = int(bars.ts[-1]) if end is None else min(end, int(bars.ts[-1]))
    first = min(begin // bars.span_ms * bars.span_ms, last - (LEAST_BARS - 1) * bars.span_ms)
    values = [(ts, price) for ts in bars.ts.tolist() if first <= ts <= last]
    return ChartLine(key=name, name=name, pane="price", unit="price", values=values)
