"""Bars of an asset as a table and as a chart, with indicators."""

from __future__ import annotations

import math
from typing import Any, Final, Literal
from urllib.parse import urlencode

import numpy as np
from pydantic import BaseModel, Field

from vigie.data.catalog import Catalog
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.person import Caller
from vigie.services.house import House
from vigie.services.measuring.chart_lines import Pane, lines_of, parse
from vigie.services.measuring.histories import History, Range, Timeframe, history, merged
from vigie.services.operation import Answer, Column, Counted, Origin, Table, operation

LAST_MS: Final = 4_102_444_800_000
# Older bars that a chart gets at once when a person scrolls back.
PAGE: Final = 500


class RangeAsk(Counted):
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


class BarsAsk(RangeAsk):
    """A page of bars, with indicators beside them."""

    lines: str = Field(
        "", max_length=200, description="Indicators, such as `sma_50,ema_20,bollinger,rsi_14`."
    )
    limit: int = Field(10_000, ge=1, le=100_000)
    cursor: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms; bars that open before it.")


BARS: Final = [
    Column(
        name="ts", title="Open time", unit="ms", definition="When the bar opened; days begin at 00:00 UTC."
    ),
    Column(name="open", title="Open price", unit="usd", definition="First price.", source="venue"),
    Column(name="high", title="Highest", unit="usd", definition="Highest price.", source="venue"),
    Column(name="low", title="Lowest", unit="usd", definition="Lowest price.", source="venue"),
    Column(name="close", title="Close price", unit="usd", definition="Last price.", source="venue"),
    Column(name="volume", title="Volume", unit="coins", definition="Traded, in coins.", source="venue"),
]


@operation("assets.bars", example={"asset": "bitcoin", "range": "1w", "limit": 5})
def list_bars(house: House, caller: Caller, ask: BarsAsk) -> Table:
    """List the bars of an asset over a range with indicators beside them, the newest first; only closed ones."""
    parse(ask.lines)
    known = _history(house, Catalog(house.facts, house.shelf).find(ask.asset), ask)
    if known is None:
        return Table(columns=BARS, rows=[], total=0, as_of=ask.as_of)
    shown = known.shown
    stop = len(shown) if ask.cursor is None else int(np.searchsorted(shown.ts, ask.cursor))
    start = max(0, stop - ask.limit)
    beside = {line.name: line for line in lines_of(known.bars, ask.lines)}
    columns = [
        *(one.model_copy(update={"unit": known.unit}) if one.unit == "usd" else one for one in BARS),
        *(
            Column(name=name, title=line.title, unit=known.unit if line.unit == "usd" else "")
            for name, line in beside.items()
        ),
    ]
    rows = [
        {
            "ts": int(shown.ts[k]), "open": float(shown.open[k]), "high": float(shown.high[k]),
            "low": float(shown.low[k]), "close": float(shown.close[k]), "volume": known_or_none(float(shown.volume[k])),
            **{name: known_or_none(float(line.values[known.first + k])) for name, line in beside.items()},
        }
        for k in range(stop - 1, start - 1, -1)
    ]  # fmt: skip
    return Table(
        columns=columns,
        rows=rows,
        origins=[origin_of(known)],
        next_cursor=str(int(shown.ts[start])) if start > 0 and rows else None,
        total=len(shown),
        as_of=ask.as_of,
    )


class ChartAsk(RangeAsk):
    """A chart: bars and lines, not more of them than a screen shows."""

    lines: str = Field(
        "", max_length=200, description="Indicators, such as `sma_50,ema_20,bollinger,rsi_14`."
    )
    points: int = Field(
        1_500, ge=20, le=5_000, description="At most about so many bars; more are put together."
    )
    before: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms; older bars, up to 500 of them.")


class ChartLine(BaseModel):
    """One line: [time, value] where it is known; `pane` is `price` over the bars, else `own` below them.

    `name` is what people read, `unit` empty for those below that have none or are not told apart by it.
    """

    key: str
    name: str
    pane: Pane
    unit: str
    values: list[tuple[int, float]]


class Chart(Answer):
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


@operation("assets.chart", example={"asset": "bitcoin", "range": "1w", "lines": "sma_20"})
def read_chart(house: House, caller: Caller, ask: ChartAsk) -> Chart:
    """Read what a chart is drawn from: bars and indicator lines over a range, as many as a screen shows."""
    asset = Catalog(house.facts, house.shelf).find(ask.asset)
    parse(ask.lines)
    found: dict[str, Any] = {
        "as_of": ask.as_of, "asset": asset.id, "symbol": asset.symbol, "name": asset.name, "range": ask.range,
    }  # fmt: skip
    known = _history(house, asset, ask)
    if known is None:
        return Chart(
            **found, place=ask.place, timeframe=ask.timeframe, step_ms=0, ts_end=None, bars=[], lines=[]
        )
    first, stop = known.first, len(known.bars)
    if ask.before is not None:
        stop = int(np.searchsorted(known.bars.ts, ask.before))
        first = max(0, stop - PAGE)
    shown = merged(known.bars.slice(first, stop), ask.points)
    drawn = [
        ChartLine(
            key=line.name, name=line.title, pane=line.pane,
            # Amounts below the price have a scale of their own.
            unit=line.unit if line.unit != "usd" else known.unit if line.pane == "price" else "",
            values=_points(known.bars, line.values, first, stop, shown),
        )
        for line in lines_of(known.bars, ask.lines)
    ]  # fmt: skip
    has_older = first > 0 and shown.span_ms == known.bars.span_ms
    return Chart(
        **found,
        place=known.place,
        timeframe=known.bars.timeframe,
        step_ms=shown.span_ms,
        ts_end=int(known.bars.ts[-1]) + known.bars.span_ms,
        unit=known.unit,
        bars=_rows(shown),
        lines=drawn,
        next=_older(ask, asset, known, int(shown.ts[0])) if has_older and len(shown) else None,
    )


def _history(house: House, asset: Asset, ask: RangeAsk) -> History | None:
    return history(
        house, asset, span=ask.range, timeframe=ask.timeframe, place=ask.place, as_of=ask.as_of,
        currency=ask.currency,
    )  # fmt: skip


def origin_of(known: History) -> Origin:
    """Return where bars come from, and until when."""
    return Origin(source=known.place, ts_event=int(known.bars.ts[-1]) + known.bars.span_ms)


def _rows(bars: Bars) -> list[tuple[int, float, float, float, float, float]]:
    columns = (bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _points(bars: Bars, values: FloatArray, first: int, stop: int, shown: Bars) -> list[tuple[int, float]]:
    """Return a line at the bars shown: of bars put together the value at the last of them."""
    if not len(shown):
        return []
    starts = np.searchsorted(bars.ts[first:stop], shown.ts[1:])
    at = first + np.append(starts, stop - first) - 1
    return [
        (int(ts), float(f"{value:.9g}"))
        for ts, value in zip(shown.ts.tolist(), values[at].tolist(), strict=True)
        if not math.isnan(value)
    ]


def _older(ask: ChartAsk, asset: Asset, known: History, before: int) -> str:
    query = {
        "asset": asset.id, "range": ask.range, "timeframe": known.bars.timeframe, "place": known.place,
        "lines": ask.lines, "points": ask.points, "as_of": ask.as_of, "before": before,
        "currency": ask.currency if ask.currency != "usd" else None,
    }  # fmt: skip
    kept = {key: value for key, value in query.items() if value not in (None, "")}
    return f"/api/v1/assets/chart?{urlencode(kept)}"


def known_or_none(value: float) -> float | None:
    """Return None for what is not known."""
    return None if math.isnan(value) else value
