"""Several assets on one chart: closes over their common times, rebased to 100 or absolute."""

from __future__ import annotations

import math
from typing import Any, Final, Literal

import numpy as np
from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.intelligence.market.compare import MOST_SERIES, Mode, compare, series_of_bars
from vigie.intelligence.market.compare import SeriesComparison as Lines
from vigie.services.market_data.asset_history import (
    AssetHistory,
    HistorySources,
    Range,
    Timeframe,
    read_history,
)
from vigie.services.market_data.current_prices import current_rows, extend_to_now
from vigie.services.market_data.series import LAST_MS
from vigie.services.operation import Column, CurrencyInput, Table, operation
from vigie.services.operation_calls import OperationRunner
from vigie.services.operations.asset_charts import ChartLine, finite_or_none, origin_of


class CompareAssetsInput(CurrencyInput):
    """Which assets on one chart."""

    assets: str = Field(
        "bitcoin,ethereum", max_length=700, description=f"1 to {MOST_SERIES} ids or tickers, comma-separated."
    )
    mode: Mode = Field("rebased", description="`rebased` to 100 at the first common time, or `absolute`.")
    range: Range = Field("1y", description="How far back, from the newest bar that is known.")
    timeframe: Timeframe = Field("auto", description="Length of a bar; `auto` is what suits the range.")
    points: int = Field(1_000, ge=20, le=5_000, description="Maximum number of times, roughly.")
    at: Literal["close", "open"] = Field(
        "close", description="Whether lines stand at the end of their bars, or at the start as candles do."
    )
    until: Literal["close", "now"] = Field(
        "close",
        description="Whether lines and changes end with the last close that all have, or with the price of now.",
    )
    as_of: int | None = Field(None, ge=0, le=LAST_MS, description="Epoch ms; closes that were known then.")


class ComparedAsset(BaseModel):
    """One asset of a comparison: its close at the first common time and the change since, None where unknown."""

    asset: str
    symbol: str
    name: str
    place: str
    base: float | None
    last: float | None
    change: float | None


class AssetComparison(Table):
    """Closes of several assets over their common times; `lines` hold the same numbers for a chart.

    Where it was asked for, lines and `compared` go on to the price of now; `rows` are closes.
    """

    mode: Mode
    range: str
    timeframe: str
    step_ms: int
    unit: Literal["usd", "eur"] = "usd"
    compared: list[ComparedAsset]
    missing: list[str]
    lines: list[ChartLine]


TIME: Final = Column(name="ts", title="Close time", unit="ms", definition="When the bars closed.")
COMPARED_COLUMNS: Final = [TIME]
# What the column of one asset holds, rebased and absolute.
CLOSES: Final = (
    Column(
        name="close", title="", source="venue", definition="Close, rebased to 100 at the first common time."
    ),
    Column(name="close", title="", unit="usd", source="venue", definition="Close."),
)


@operation("assets.compare", example={"assets": "bitcoin,ethereum", "range": "1m"})
def compare_assets(
    caller: Caller,
    params: CompareAssetsInput,
    operations: OperationRunner,
    catalog: BarCatalog,
    sources: HistorySources,
) -> AssetComparison:
    """Compare closes of up to eight assets over their common times, rebased to 100 or absolute."""
    assets = _parse_assets(catalog, params.assets)
    histories = _common_histories(sources, assets, params)
    known_assets = [asset for asset in assets if asset.id in histories]
    frame: dict[str, Any] = {
        "as_of": params.as_of, "mode": params.mode, "range": params.range,
        "missing": [asset.id for asset in assets if asset.id not in histories],
        "columns": [TIME, *(_close_column(asset, params.mode, histories[asset.id].unit) for asset in known_assets)],
    }  # fmt: skip
    if not known_assets:
        return AssetComparison(
            **frame, rows=[], total=0, timeframe=params.timeframe, step_ms=0, compared=[], lines=[]
        )
    # From the close that the first bar of the range began with, so that changes are those of the whole range.
    first = max(int(history.bars.ts[history.first]) for history in histories.values())
    compared_lines = compare(
        [series_of_bars(asset.id, histories[asset.id].bars) for asset in known_assets],
        mode=params.mode,
        start=first,
    )
    indexes = _thin_indexes(compared_lines.ts, params.points)
    bars = histories[known_assets[0].id].bars
    shift = bars.span_ms if params.at == "open" else 0
    comparison = AssetComparison(
        **frame,
        rows=_close_rows(known_assets, compared_lines, indexes),
        origins=[origin_of(histories[asset.id]) for asset in known_assets],
        total=len(indexes),
        timeframe=bars.timeframe,
        step_ms=int(compared_lines.ts[indexes[-1]] - compared_lines.ts[indexes[-2]])
        if len(indexes) > 1
        else bars.span_ms,
        compared=[
            _compare_asset(asset, histories[asset.id], compared_lines, number)
            for number, asset in enumerate(known_assets)
        ],
        unit=histories[known_assets[0].id].unit,
        lines=_chart_lines(
            known_assets, compared_lines, indexes, params, histories[known_assets[0].id].unit, shift
        ),
    )
    if params.until == "close":
        return comparison
    common_values = {"as_of": params.as_of, "currency": params.currency}
    rows = current_rows(
        lambda name, **values: operations.run(caller, name, {**values, **common_values}),
        comparison.compared,
        comparison.unit,
    )
    return comparison.model_copy(update=extend_to_now(comparison, rows, shift=shift))


def _parse_assets(catalog: BarCatalog, text: str) -> list[Asset]:
    words = [word for word in (part.strip() for part in text.split(",")) if word]
    if not 1 <= len(words) <= MOST_SERIES:
        raise UsageError(
            "too_many_assets_drawn",
            "give 1 to {most_series} assets, had {words_count}",
            most_series=MOST_SERIES,
            words_count=len(words),
        )
    return list({asset.id: asset for asset in (catalog.find(word) for word in words)}.values())


def _close_rows(assets: list[Asset], compared_lines: Lines, indexes: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "ts": int(compared_lines.ts[index]),
            **{asset.id: float(compared_lines.values[number, index]) for number, asset in enumerate(assets)},
        }
        for index in indexes[::-1]
    ]


def _chart_lines(
    assets: list[Asset],
    compared_lines: Lines,
    indexes: list[int],
    params: CompareAssetsInput,
    unit: str,
    shift: int,
) -> list[ChartLine]:
    return [
        ChartLine(
            key=asset.id, name=asset.name, pane="price", unit="" if params.mode == "rebased" else unit,
            values=[
                (int(compared_lines.ts[index]) - shift, float(f"{compared_lines.values[number, index]:.9g}"))
                for index in indexes
            ],
        )
        for number, asset in enumerate(assets)
    ]  # fmt: skip


def _compare_asset(asset: Asset, history: AssetHistory, compared_lines: Lines, number: int) -> ComparedAsset:
    return ComparedAsset(
        asset=asset.id, symbol=asset.symbol, name=asset.name, place=history.place,
        base=finite_or_none(compared_lines.bases[number]), last=_close_at(history.bars, compared_lines.ts),
        change=finite_or_none(compared_lines.changes[number]),
    )  # fmt: skip


def _common_histories(
    sources: HistorySources, assets: list[Asset], params: CompareAssetsInput
) -> dict[str, AssetHistory]:
    """Return histories of one and the same timeframe: the coarsest that any of the assets is shown with."""
    histories = _read_histories(sources, assets, params, params.timeframe)
    spans = {history.bars.timeframe: history.bars.span_ms for history in histories.values()}
    if len(spans) < 2:
        return histories
    return _read_histories(sources, assets, params, max(spans, key=spans.__getitem__))


def _read_histories(
    sources: HistorySources, assets: list[Asset], params: CompareAssetsInput, timeframe: str
) -> dict[str, AssetHistory]:
    histories = {}
    for asset in assets:
        asset_history = read_history(
            sources, asset, span=params.range, timeframe=timeframe, as_of=params.as_of,  # type: ignore[arg-type]  # words that the question was read for
            currency=params.currency,
        )  # fmt: skip
        if asset_history is not None:
            histories[asset.id] = asset_history
    return histories


def _close_column(asset: Asset, mode: str, unit: str) -> Column:
    column = CLOSES[0 if mode == "rebased" else 1]
    column_unit = unit if column.unit == "usd" else ""
    return column.model_copy(update={"name": asset.id, "title": asset.name, "unit": column_unit})


def _thin_indexes(ts: IntArray, most: int) -> list[int]:
    """Return which times are kept: the first, and each `n`-th counted from the newest."""
    step = max(1, math.ceil((len(ts) - 1) / (most - 1)))
    indexes = range(len(ts) - 1, 0, -step)
    return [0, *reversed(indexes)] if len(ts) else []


def _close_at(bars: Bars, ts: IntArray) -> float | None:
    return float(bars.close[np.searchsorted(bars.ts, ts[-1] - bars.span_ms)]) if len(ts) else None
