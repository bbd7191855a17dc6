"""Several assets on one chart: closes over their common times, rebased to 100 or absolute."""

from __future__ import annotations

import math
from typing import Any, Final, Literal

import numpy as np
from pydantic import BaseModel, Field

from vigie.data.catalog import Catalog
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.intelligence.market.compare import MOST_SERIES, Mode, compare, of_bars
from vigie.intelligence.market.compare import Comparison as Lines
from vigie.services.asking import ask as answer_of
from vigie.services.desk.asset_charts import LAST_MS, ChartLine, known_or_none, origin_of
from vigie.services.house import House
from vigie.services.measuring.histories import History, Range, Timeframe, history
from vigie.services.measuring.moment import rows_now, until_now
from vigie.services.operation import Column, Counted, Table, operation


class CompareAsk(Counted):
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
    until: Literal["close", "now"] = Field(
        "close",
        description="Whether lines and changes end with the last close that all have, or with the price of now.",
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
    """Closes of several assets over their common times; `lines` hold the same numbers for a chart.

    Where it was asked for, lines and `compared` go on to the price of now; `rows` are closes.
    """

    mode: Mode
    range: str
    timeframe: str
    step_ms: int
    unit: Literal["usd", "eur"] = "usd"
    compared: list[Compared]
    missing: list[str]
    lines: list[ChartLine]


TIME: Final = Column(name="ts", title="Close time", unit="ms", definition="When the bars closed.")
COMPARED: Final = [TIME]
# What the column of one asset holds, rebased and absolute.
CLOSES: Final = (
    Column(name="close", title="", source="venue", definition="Close, 100 at the first common time."),
    Column(name="close", title="", unit="usd", source="venue", definition="Close."),
)


@operation("assets.compare", example={"assets": "bitcoin,ethereum", "range": "1m"})
def compare_assets(house: House, caller: Caller, ask: CompareAsk) -> Comparison:
    """Compare closes of up to eight assets over their common times, rebased to 100 or absolute."""
    assets = _asked(house, ask.assets)
    known = _common(house, assets, ask)
    there = [asset for asset in assets if asset.id in known]
    frame: dict[str, Any] = {
        "as_of": ask.as_of, "mode": ask.mode, "range": ask.range,
        "missing": [asset.id for asset in assets if asset.id not in known],
        "columns": [TIME, *(_column(asset, ask.mode, known[asset.id].unit) for asset in there)],
    }  # fmt: skip
    if not there:
        return Comparison(
            **frame, rows=[], total=0, timeframe=ask.timeframe, step_ms=0, compared=[], lines=[]
        )
    # From the close that the first bar of the range began with, so that changes are those of the whole range.
    first = max(int(one.bars.ts[one.first]) for one in known.values())
    made = compare([of_bars(asset.id, known[asset.id].bars) for asset in there], mode=ask.mode, start=first)
    at = _thinned(made.ts, ask.points)
    bars = known[there[0].id].bars
    shift = bars.span_ms if ask.at == "open" else 0
    found = Comparison(
        **frame,
        rows=_rows(there, made, at),
        origins=[origin_of(known[asset.id]) for asset in there],
        total=len(at),
        timeframe=bars.timeframe,
        step_ms=int(made.ts[at[-1]] - made.ts[at[-2]]) if len(at) > 1 else bars.span_ms,
        compared=[_compared(asset, known[asset.id], made, n) for n, asset in enumerate(there)],
        unit=known[there[0].id].unit,
        lines=_lines(there, made, at, ask, known[there[0].id].unit, shift),
    )
    if ask.until == "close":
        return found
    asked = {"as_of": ask.as_of, "currency": ask.currency}
    rows = rows_now(
        lambda name, **more: answer_of(house, caller, name, {**more, **asked}), found.compared, found.unit
    )
    return found.model_copy(update=until_now(found, rows, shift=shift))


def _asked(house: House, text: str) -> list[Asset]:
    words = [word for word in (part.strip() for part in text.split(",")) if word]
    if not 1 <= len(words) <= MOST_SERIES:
        raise UsageError(f"assets must be 1 to {MOST_SERIES}, were {len(words)}")
    catalog = Catalog(house.facts, house.shelf)
    return list({asset.id: asset for asset in (catalog.find(word) for word in words)}.values())


def _rows(assets: list[Asset], made: Lines, at: list[int]) -> list[dict[str, Any]]:
    return [
        {"ts": int(made.ts[k]), **{asset.id: float(made.values[n, k]) for n, asset in enumerate(assets)}}
        for k in at[::-1]
    ]


def _lines(
    assets: list[Asset], made: Lines, at: list[int], ask: CompareAsk, unit: str, shift: int
) -> list[ChartLine]:
    return [
        ChartLine(
            key=asset.id, name=asset.name, pane="price", unit="" if ask.mode == "rebased" else unit,
            values=[(int(made.ts[k]) - shift, float(f"{made.values[n, k]:.9g}")) for k in at],
        )
        for n, asset in enumerate(assets)
    ]  # fmt: skip


def _compared(asset: Asset, known: History, made: Lines, n: int) -> Compared:
    return Compared(
        asset=asset.id, symbol=asset.symbol, name=asset.name, place=known.place,
        base=known_or_none(made.bases[n]), last=_close_at(known.bars, made.ts),
        change=known_or_none(made.changes[n]),
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
            house, asset, span=ask.range, timeframe=timeframe, as_of=ask.as_of,  # type: ignore[arg-type]  # words that the question was read for
            currency=ask.currency,
        )  # fmt: skip
        if known is not None:
            found[asset.id] = known
    return found


def _column(asset: Asset, mode: str, unit: str) -> Column:
    column = CLOSES[0 if mode == "rebased" else 1]
    told = unit if column.unit == "usd" else ""
    return column.model_copy(update={"name": asset.id, "title": asset.name, "unit": told})


def _thinned(ts: IntArray, most: int) -> list[int]:
    """Return which times are kept: the first, and each `n`-th counted from the newest."""
    step = max(1, math.ceil((len(ts) - 1) / (most - 1)))
    kept = range(len(ts) - 1, 0, -step)
    return [0, *reversed(kept)] if len(ts) else []


def _close_at(bars: Bars, ts: IntArray) -> float | None:
    return float(bars.close[np.searchsorted(bars.ts, ts[-1] - bars.span_ms)]) if len(ts) else None
