"""Bars of an asset as a table and as a chart, and several assets on one chart."""

from __future__ import annotations

import math
from typing import Any, Final, Literal
from urllib.parse import urlencode

import numpy as np
from pydantic import BaseModel, Field

from vigie.data.catalog import Catalog
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.intelligence.market.compare import MOST_SERIES, Mode, compare, of_bars
from vigie.services.chart_lines import Pane, lines_of, parse
from vigie.services.histories import History, Range, Timeframe, history, merged
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Origin, Table, operation

LAST_MS: Final = 4_102_444_800_000
# Older bars that a chart gets at once when a person scrolls back.
PAGE: Final = 500


class RangeAsk(Ask):
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
        *BARS,
        *(
            Column(name=name, title=line.title, unit="usd" if line.unit == "usd" else "")
            for name, line in beside.items()
        ),
    ]
    rows = [
        {
            "ts": int(shown.ts[k]), "open": float(shown.open[k]), "high": float(shown.high[k]),
            "low": float(shown.low[k]), "close": float(shown.close[k]), "volume": float(shown.volume[k]),
            **{name: _known(float(line.values[known.first + k])) for name, line in beside.items()},
        }
        for k in range(stop - 1, start - 1, -1)
    ]  # fmt: skip
    return Table(
        columns=columns,
        rows=rows,
        origins=[_origin(known)],
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
            unit=line.unit if line.pane == "price" or line.unit != "usd" else "",
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
        bars=_rows(shown),
        lines=drawn,
        next=_older(ask, asset, known, int(shown.ts[0])) if has_older and len(shown) else None,
    )


def _history(house: House, asset: Asset, ask: RangeAsk) -> History | None:
    return history(house, asset, span=ask.range, timeframe=ask.timeframe, place=ask.place, as_of=ask.as_of)


def _origin(known: History) -> Origin:
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
    }  # fmt: skip
    kept = {key: value for key, value in query.items() if value not in (None, "")}
    return f"/api/v1/assets/chart?{urlencode(kept)}"


class CompareAsk(Ask):
    """Which assets on one chart."""

    assets: str = Field(
        "bitcoin,ethereum", max_length=700, description=f"1 to {MOST_SERIES} ids or tickers, comma-separated."
    )
    mode: Mode = Field("rebased", description="`rebased` to 100 at the first common time, or `absolute`.")
    range: Range = Field("1y", description="How far back, from the newest bar that is known.")
    timeframe: Timeframe = Field("auto", description="Length of a bar; `auto` is what suits the range.")
    points: int = Field(1_000, ge=20, le=5_000, description="At most about so many times.")
    at: Literal["close", "open"] = Field(
        "close", description="Whether lines stand at the end of their bars, or at the start as candles do."
    )
    as_of: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms; closes that were known then.")


class Compared(BaseModel):
    """One asset of a comparison: its close at the first common time and the change since, None where unknown."""

    asset: str
    symbol: str
    name: str
    place: str
    base: float | None
    last: float | None
    change: float | None


class Comparison(Table):
    """Closes of several assets over their common times; `lines` hold the same numbers for a chart."""

    mode: Mode
    range: str
    timeframe: str
    step_ms: int
    compared: list[Compared]
    missing: list[str]
    lines: list[ChartLine]


TIME: Final = Column(name="ts", title="Close time", unit="ms", definition="When the bars closed.")
COMPARED: Final = [TIME]


@operation("assets.compare", example={"assets": "bitcoin,ethereum", "range": "1m"})
def compare_assets(house: House, caller: Caller, ask: CompareAsk) -> Comparison:
    """Compare closes of up to eight assets over their common times, rebased to 100 or absolute."""
    catalog = Catalog(house.facts, house.shelf)
    words = [word for word in (part.strip() for part in ask.assets.split(",")) if word]
    if not 1 <= len(words) <= MOST_SERIES:
        raise UsageError(f"assets must be 1 to {MOST_SERIES}, were {len(words)}")
    assets = list({asset.id: asset for asset in (catalog.find(word) for word in words)}.values())
    known = _common(house, assets, ask)
    missing = [asset.id for asset in assets if asset.id not in known]
    frame: dict[str, Any] = {
        "as_of": ask.as_of, "mode": ask.mode, "range": ask.range, "missing": missing,
        "columns": [TIME, *(_column(asset, ask.mode) for asset in assets if asset.id in known)],
    }  # fmt: skip
    if not known:
        return Comparison(
            **frame, rows=[], total=0, timeframe=ask.timeframe, step_ms=0, compared=[], lines=[]
        )
    there = [asset for asset in assets if asset.id in known]
    # From the close that the first bar of the range began with, so that changes are those of the whole range.
    first = max(int(one.bars.ts[one.first]) for one in known.values())
    made = compare([of_bars(asset.id, known[asset.id].bars) for asset in there], mode=ask.mode, start=first)
    at = _thinned(made.ts, ask.points)
    span = max(one.bars.span_ms for one in known.values())
    shift = span if ask.at == "open" else 0
    return Comparison(
        **frame,
        rows=[
            {"ts": int(made.ts[k]), **{asset.id: float(made.values[n, k]) for n, asset in enumerate(there)}}
            for k in at[::-1]
        ],
        origins=[_origin(known[asset.id]) for asset in there],
        total=len(at),
        timeframe=next(iter(known.values())).bars.timeframe,
        step_ms=span * (int((made.ts[at[-1]] - made.ts[at[-2]]) // span) if len(at) > 1 else 1),
        compared=[
            Compared(
                asset=asset.id, symbol=asset.symbol, name=asset.name, place=known[asset.id].place,
                base=_known(made.bases[n]), change=_known(made.changes[n]),
                last=_close_at(known[asset.id].bars, made.ts),
            )
            for n, asset in enumerate(there)
        ],
        lines=[
            ChartLine(
                key=asset.id, name=asset.name, pane="price", unit="" if ask.mode == "rebased" else "usd",
                values=[(int(made.ts[k]) - shift, float(f"{made.values[n, k]:.9g}")) for k in at],
            )
            for n, asset in enumerate(there)
        ],
    )  # fmt: skip


def _common(house: House, assets: list[Asset], ask: CompareAsk) -> dict[str, History]:
    """Return histories of one and the same timeframe: the coarsest that any of the assets is shown with."""
    found = _histories(house, assets, ask, ask.timeframe)
    spans = {one.bars.timeframe: one.bars.span_ms for one in found.values()}
    if len(spans) < 2:
        return found
    return _histories(house, assets, ask, max(spans, key=spans.__getitem__))


def _histories(house: House, assets: list[Asset], ask: CompareAsk, timeframe: str) -> dict[str, History]:
    found = {}
    for asset in assets:
        known = history(
            house, asset, span=ask.range, timeframe=timeframe, as_of=ask.as_of,  # type: ignore[arg-type]
        )  # fmt: skip
        if known is not None:
            found[asset.id] = known
    return found


def _column(asset: Asset, mode: str) -> Column:
    is_rebased = mode == "rebased"
    return Column(
        name=asset.id, title=asset.name, unit="" if is_rebased else "usd", source="venue",
        definition="Close, 100 at the first common time." if is_rebased else "Close.",
    )  # fmt: skip


def _thinned(ts: IntArray, most: int) -> list[int]:
    """Return which times are kept: the first, and each `n`-th counted from the newest."""
    step = max(1, math.ceil((len(ts) - 1) / (most - 1)))
    kept = range(len(ts) - 1, 0, -step)
    return [0, *reversed(kept)] if len(ts) else []


def _close_at(bars: Bars, ts: IntArray) -> float | None:
    return float(bars.close[np.searchsorted(bars.ts, ts[-1] - bars.span_ms)]) if len(ts) else None


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
