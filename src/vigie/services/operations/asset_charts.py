"""Bars of an asset as a table and as a chart, with indicators."""

from __future__ import annotations

import math
from typing import Any, Final, Literal
from urllib.parse import urlencode

import numpy as np
from pydantic import BaseModel, Field

from vigie.domain.asset import Asset
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.person import Caller
from vigie.ports.plugins import PluginDirectory
from vigie.quant.indicators._spec import Pane
from vigie.services.market_data.asset_history import (
    AssetHistory,
    HistorySources,
    Range,
    Timeframe,
    merge_bars,
    read_history,
)
from vigie.services.market_data.indicator_lines import chart_indicators, limits
from vigie.services.market_data.series import LAST_MS
from vigie.services.operation import Column, CurrencyInput, NoInput, OperationResult, Origin, Table, operation

# Older bars that a chart gets at once when a person scrolls back.
PAGE: Final = 500


class BarRangeInput(CurrencyInput):
    """Which bars of which asset, as of when."""

    asset: str = Field(
        "bitcoin", max_length=80, description="Catalogue id, or a ticker that only one asset has."
    )
    range: Range = Field("1m", description="How far back, from the newest bar that is known.")
    timeframe: Timeframe = Field("auto", description="Length of a bar; `auto` is what suits the range.")
    place: str = Field(
        "", max_length=80, description="`<venue>:<instrument>`; empty is where the price is from."
    )
    as_of: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms; bars that were closed then.")


class ListBarsInput(BarRangeInput):
    """A page of bars, with indicators beside them."""

    lines: str = Field(
        "", max_length=200, description="Indicators, such as `sma_50,ema_20,bollinger,rsi_14`."
    )
    limit: int = Field(10_000, ge=1, le=100_000)
    cursor: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms; bars that open before it.")


BARS: Final = [
    Column(
        name="ts", title="Open time", unit="ms", definition="When the bar opened; days start at 00:00 UTC."
    ),
    Column(name="open", title="Open price", unit="usd", definition="First price.", source="venue"),
    Column(name="high", title="High", unit="usd", definition="Highest price.", source="venue"),
    Column(name="low", title="Low", unit="usd", definition="Lowest price.", source="venue"),
    Column(name="close", title="Close price", unit="usd", definition="Last price.", source="venue"),
    Column(
        name="volume", title="Volume", unit="coins", definition="Volume traded, in coins.", source="venue"
    ),
]


@operation("assets.bars", example={"asset": "bitcoin", "range": "1w", "limit": 5})
def list_bars(
    caller: Caller, params: ListBarsInput, sources: HistorySources, plugins: PluginDirectory
) -> Table:
    """List the bars of an asset over a range with indicators beside them, the newest first; only closed ones."""
    chosen = chart_indicators(plugins)
    chosen.parse(params.lines)
    history = _read_history(sources, sources.catalog.find(params.asset), params)
    if history is None:
        return Table(columns=BARS, rows=[], total=0, as_of=params.as_of)
    bars = history.shown
    stop = len(bars) if params.cursor is None else int(np.searchsorted(bars.ts, params.cursor))
    start = max(0, stop - params.limit)
    indicators = {line.name: line for line in chosen.lines(history.bars, params.lines)}
    columns = [
        *(
            column.model_copy(update={"unit": history.unit}) if column.unit == "usd" else column
            for column in BARS
        ),
        *(
            Column(name=name, title=line.title, unit=history.unit if line.unit == "usd" else "")
            for name, line in indicators.items()
        ),
    ]
    rows = [
        {
            "ts": int(bars.ts[index]), "open": float(bars.open[index]), "high": float(bars.high[index]),
            "low": float(bars.low[index]), "close": float(bars.close[index]),
            "volume": finite_or_none(float(bars.volume[index])),
            **{name: finite_or_none(float(line.values[history.first + index])) for name, line in indicators.items()},
        }
        for index in range(stop - 1, start - 1, -1)
    ]  # fmt: skip
    return Table(
        columns=columns,
        rows=rows,
        origins=[origin_of(history)],
        next_cursor=str(int(bars.ts[start])) if start > 0 and rows else None,
        total=len(bars),
        as_of=params.as_of,
    )


class ChartInput(BarRangeInput):
    """A chart: bars and lines, not more of them than a screen shows."""

    lines: str = Field(
        "", max_length=200, description="Indicators, such as `sma_50,ema_20,bollinger,rsi_14`."
    )
    points: int = Field(
        1_500, ge=20, le=5_000, description="Maximum number of bars, roughly; more are combined."
    )
    before: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms; older bars, up to 500 of them.")


class ChartLine(BaseModel):
    """One line: [time, value] where it is known; `pane` is `price` over the bars, else `own` below them.

    `indicator` is the word that asks for it, such as `rsi_14`, and empty of an asset's price. `name` is what people
    read, `unit` empty for those below that have none or are not told apart by it.
    """

    key: str
    indicator: str = ""
    name: str
    pane: Pane
    unit: str
    values: list[tuple[int, float]]
    ts: int | None = Field(
        default=None, description="When what it says happened; null: with its newest value."
    )


class Chart(OperationResult):
    """What a chart is drawn from.

    `bars` are [opened, open, high, low, close, volume], ascending; `next` is the address of older ones.
    """

    asset: str
    symbol: str
    name: str
    place: str
    timeframe: str
    range: str
    step_ms: int
    ts_end: int | None
    unit: Literal["usd", "eur"] = "usd"
    bars: list[tuple[int, float, float, float, float, float]]
    lines: list[ChartLine]
    next: str | None = None


class ChartParameterRow(BaseModel):
    """A parameter of an indicator, with its usual value and what it may be; whole numbers are bars."""

    name: str
    usual: float
    least: float
    most: float
    is_whole: bool


class ChartIndicatorRow(BaseModel):
    """One indicator that the chart draws; `keys` end the names of its lines where it has several."""

    name: str
    title: str
    pane: Pane
    unit: str
    window: int
    keys: list[str]
    parameters: list[ChartParameterRow] = Field(description="In the order in which a word gives them.")


class ChartIndicatorsResult(OperationResult):
    """The indicators that the chart draws, those over the price first."""

    indicators: list[ChartIndicatorRow]


@operation("assets.indicators", example={})
def list_chart_indicators(caller: Caller, params: NoInput, plugins: PluginDirectory) -> ChartIndicatorsResult:
    """List the indicators that a chart can draw, with their usual window in bars; 0 where none can be chosen."""
    indicators = chart_indicators(plugins)
    rows = [
        ChartIndicatorRow(
            name=name, title=style.title, pane=style.pane, unit=style.unit, window=style.window,
            keys=[output.key for output in style.outputs],
            parameters=[_parameter_row(key, usual) for key, usual in indicators.usual(name).items()],
        )
        for name, style in indicators.styles().items()
    ]  # fmt: skip
    return ChartIndicatorsResult(indicators=rows)


def _parameter_row(name: str, usual: float) -> ChartParameterRow:
    least, most = limits(usual)
    return ChartParameterRow(name=name, usual=usual, least=least, most=most, is_whole=isinstance(usual, int))


@operation("assets.chart", example={"asset": "bitcoin", "range": "1w", "lines": "sma_20"})
def read_chart(
    caller: Caller, params: ChartInput, sources: HistorySources, plugins: PluginDirectory
) -> Chart:
    """Read what a chart is drawn from: bars and indicator lines over a range, as many as a screen shows."""
    asset = sources.catalog.find(params.asset)
    chosen = chart_indicators(plugins)
    chosen.parse(params.lines)
    head: dict[str, Any] = {
        "as_of": params.as_of, "asset": asset.id, "symbol": asset.symbol, "name": asset.name, "range": params.range,
    }  # fmt: skip
    history = _read_history(sources, asset, params)
    if history is None:
        return Chart(
            **head, place=params.place, timeframe=params.timeframe, step_ms=0, ts_end=None, bars=[], lines=[]
        )
    first, stop = history.first, len(history.bars)
    if params.before is not None:
        stop = int(np.searchsorted(history.bars.ts, params.before))
        first = max(0, stop - PAGE)
    bars = merge_bars(history.bars.slice(first, stop), params.points)
    lines = [
        ChartLine(
            key=line.name, indicator=line.indicator, name=line.title, pane=line.pane,
            # Amounts below the price have a scale of their own.
            unit=line.unit if line.unit != "usd" else history.unit if line.pane == "price" else "",
            values=_line_points(history.bars, line.values, first, stop, bars),
        )
        for line in chosen.lines(history.bars, params.lines)
    ]  # fmt: skip
    has_older = first > 0 and bars.span_ms == history.bars.span_ms
    return Chart(
        **head,
        place=history.place,
        timeframe=history.bars.timeframe,
        step_ms=bars.span_ms,
        ts_end=int(history.bars.ts[-1]) + history.bars.span_ms,
        unit=history.unit,
        bars=bar_rows(bars),
        lines=lines,
        next=_older_url(params, asset, history, int(bars.ts[0])) if has_older and len(bars) else None,
    )


def _read_history(sources: HistorySources, asset: Asset, params: BarRangeInput) -> AssetHistory | None:
    return read_history(
        sources, asset, span=params.range, timeframe=params.timeframe, place=params.place, as_of=params.as_of,
        currency=params.currency,
    )  # fmt: skip


def origin_of(history: AssetHistory) -> Origin:
    """Return where bars come from, and until when."""
    return Origin(source=history.place, ts_event=int(history.bars.ts[-1]) + history.bars.span_ms)


def bar_rows(bars: Bars) -> list[tuple[int, float, float, float, float, float]]:
    """Return bars as [opened, open, high, low, close, volume], ascending."""
    columns = (bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _line_points(
    bars: Bars, values: FloatArray, first: int, stop: int, shown_bars: Bars
) -> list[tuple[int, float]]:
    """Return a line at the bars shown: of bars put together the value at the last of them."""
    if not len(shown_bars):
        return []
    starts = np.searchsorted(bars.ts[first:stop], shown_bars.ts[1:])
    at = first + np.append(starts, stop - first) - 1
    return [
        (int(ts), float(f"{value:.9g}"))
        for ts, value in zip(shown_bars.ts.tolist(), values[at].tolist(), strict=True)
        if not math.isnan(value)
    ]


def _older_url(params: ChartInput, asset: Asset, history: AssetHistory, before: int) -> str:
    query = {
        "asset": asset.id, "range": params.range, "timeframe": history.bars.timeframe, "place": history.place,
        "lines": params.lines, "points": params.points, "as_of": params.as_of, "before": before,
        "currency": params.currency if params.currency != "usd" else None,
    }  # fmt: skip
    query_values = {key: value for key, value in query.items() if value not in (None, "")}
    return f"/api/v1/assets/chart?{urlencode(query_values)}"


def finite_or_none(value: float) -> float | None:
    """Return None for what is not known."""
    return None if math.isnan(value) else value
