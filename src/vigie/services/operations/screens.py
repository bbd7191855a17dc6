"""Looking through the market: heat map, screener, movers, correlations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import Field

from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, timeframe_ms
from vigie.intelligence.market.correlation import align_closes, correlations
from vigie.intelligence.market.fields import FIELDS
from vigie.intelligence.market.metrics import columns_of
from vigie.intelligence.market.movers import FLOOR_USD, find_movers
from vigie.intelligence.market.screener import parse_where, render_sentence, render_where, screen
from vigie.ports.clock import Clock
from vigie.services.caches.asset_metrics import (
    AssetMetricsCache,
    AssetReading,
    closed_bars,
    is_stale,
    readings_of,
)
from vigie.services.languages import answer_languages
from vigie.services.market_data.licence_terms import venue_names
from vigie.services.operation import Column, CurrencyInput, NoInput, OperationInput, Origin, Table, operation
from vigie.services.operations.markets import (
    MarketFilterInput,
    MarketRow,
    finite_or_none,
    mapped_readings,
    sort_rows,
    time_of,
)
from vigie.services.rows import Row, row_columns, shown, table_of

Span = Literal["1h", "24h", "7d", "30d", "1y"]
MOST_CORRELATED: Final = 15
AsOf = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")
# How the screener's units are written on pages and in exports.
_UNITS: Final = {"price": "usd", "flag": "count"}
# Fractions that rise and fall; other fractions are shares and have no direction.
_SIGNED_PREFIXES: Final = ("change_", "from_", "sma_50_", "sma_200_")
_DEFAULT_FIELDS: Final = ("price", "change_24h", "change_7d", "volume_24h", "rsi_14", "volatility_30d")


class HeatmapInput(MarketFilterInput):
    """By what areas and shades are made, of which assets."""

    span: Span = Field("24h", description="Whose change is the shade.")
    size: Literal["cap", "volume"] = Field(
        "cap", description="What the area is; volume where no cap is known."
    )
    limit: int = Field(60, ge=2, le=200)
    as_of: int | None = AsOf


class ScreenInput(CurrencyInput):
    """Conditions that must all hold."""

    where: str = Field(
        "", max_length=2_000, description="`change_24h>0.05,rsi_14<30`; fields may be compared."
    )
    sort: str = Field("-volume_24h", max_length=60, description="Field, `-` before it for largest first.")
    limit: int = Field(100, ge=1, le=500)
    as_of: int | None = AsOf


class MoversInput(CurrencyInput):
    """Over what span, above which volume."""

    span: Span = "24h"
    floor_usd: float = Field(FLOOR_USD, ge=0, le=1e15, description="Least volume of 24 hours.")
    count: int = Field(10, ge=1, le=50)
    as_of: int | None = AsOf


class CorrelationInput(OperationInput):
    """Of which assets, over which window, of which bars."""

    assets: str = Field(
        "", max_length=2_000, description="Catalogue ids, comma-separated; empty: the largest."
    )
    days: int = Field(90, ge=2, le=1_500, description="Window.")
    interval: Literal["1h", "4h", "1d"] = Field("1d", description="Of the returns.")
    method: Literal["pearson", "spearman"] = "pearson"
    order: Literal["cluster", "name"] = "cluster"
    as_of: int | None = AsOf


def reading_origins(readings: Sequence[AssetReading]) -> list[Origin]:
    """Return where measured numbers come from."""
    newest = max((reading.metrics.ts for reading in readings), default=0)
    return [
        Origin(source=venue_names(reading.place for reading in readings) or "venues", ts_event=newest or None)
    ]


class HeatCellRow(Row):
    """One cell of the heat map."""

    asset: str = shown("Asset", definition="Catalogue id.")
    symbol: str = shown("Symbol")
    name: str = shown("Name")
    weight_usd: float = shown("Size", unit="usd", definition="Market cap, or the 24 h volume if unknown.")
    change: float | None = shown("Change", unit="change", definition="Over the chosen period.")
    ts_event: int | None = shown("Time", unit="ms", definition="Time of this price.")
    is_stale: bool = shown("Stale", definition="Whether this price is older than usual.")


@operation("markets.heatmap", example={"span": "24h"})
def list_heatmap(
    caller: Caller, params: HeatmapInput, catalog: BarCatalog, asset_metrics: AssetMetricsCache, clock: Clock
) -> Table[HeatCellRow]:
    """List the weights and changes a heat map is drawn from, largest first."""
    readings = mapped_readings(catalog, asset_metrics, params, params.as_of)
    now = time_of(clock, params.as_of)
    rows: list[HeatCellRow] = []
    for reading in readings:
        metrics = reading.metrics
        cap = metrics.market_cap if params.size == "cap" else math.nan
        weight = metrics.volume_24h if math.isnan(cap) else cap
        if weight > 0:
            rows.append(
                HeatCellRow(
                    asset=reading.asset.id,
                    symbol=reading.asset.symbol,
                    name=reading.asset.name,
                    weight_usd=weight,
                    change=finite_or_none(getattr(metrics, f"change_{params.span}")),
                    ts_event=reading.metrics.ts or None,
                    is_stale=is_stale(reading, now),
                )
            )
    rows.sort(key=lambda row: -row.weight_usd)
    origins = reading_origins(readings)
    return table_of(HeatCellRow, rows[: params.limit], origins=origins, total=len(rows), as_of=params.as_of)


class ScreenTable(Table):
    """Assets that meet the conditions."""

    where: str
    sentences: dict[str, str]
    unknown: dict[str, list[str]]
    looked_at: int


@operation("markets.screen", example={"where": "change_24h>0.01,volume_24h>10000000"})
def screen_assets(
    caller: Caller, params: ScreenInput, catalog: BarCatalog, asset_metrics: AssetMetricsCache, clock: Clock
) -> ScreenTable:
    """List the assets that meet every condition, and say of how many a value is not known."""
    conditions = parse_where(params.where)
    readings, now = readings_of(catalog, asset_metrics, params.as_of), time_of(clock, params.as_of)
    metrics = [entry.metrics for entry in readings]
    result = screen(conditions, columns_of(metrics), len(metrics))
    condition_fields = [
        name for entry in conditions for name in (entry.field, entry.bound) if isinstance(name, str)
    ]
    names = list(dict.fromkeys([*condition_fields, *_DEFAULT_FIELDS]))
    rows: list[dict[str, Any]] = [
        {
            "asset": entry.asset.id,
            "symbol": entry.asset.symbol,
            "name": entry.asset.name,
            "instrument": entry.place or None,
        }
        | {name: finite_or_none(getattr(entry.metrics, name)) for name in names}
        | {"ts_event": entry.metrics.ts or None, "is_stale": is_stale(entry, now)}
        for entry, matches in zip(readings, result.matches, strict=True)
        if matches
    ]
    columns = [
        Column(name="asset", title="Asset", definition="Catalogue id."),
        Column(name="symbol", title="Symbol"),
        Column(name="name", title="Name"),
        *(field_column(name) for name in names),
        Column(name="instrument", title="Instrument"),
        *(column for column in row_columns(MarketRow) if column.name in ("ts_event", "is_stale")),
    ]
    languages = answer_languages(caller)
    return ScreenTable(
        columns=columns,
        rows=sort_rows(rows, params.sort, [*columns, *map(field_column, FIELDS)])[: params.limit],
        origins=reading_origins(readings),
        total=len(rows),
        as_of=params.as_of,
        where=render_where(conditions),
        sentences={language: render_sentence(conditions, language) for language in languages},
        unknown={language: list(result.unknown_text(language)) for language in languages},
        looked_at=len(metrics),
    )


def field_column(name: str) -> Column:
    """Return the column of a measured field."""
    field = FIELDS[name]
    is_move = field.unit == "fraction" and name.startswith(_SIGNED_PREFIXES)
    return Column(
        name=name,
        title=field.title("en"),
        unit="change" if is_move else _UNITS.get(field.unit, field.unit),
        definition=field.definition("en"),
        source="venues",
    )


class ScreenFieldRow(Row):
    """One field that the screener can ask for."""

    field: str = shown("Field")
    unit: str = shown("Unit")
    title_en: str = shown("Name (English)")
    title_fr: str = shown("Name (French)")
    definition_en: str = shown("Definition (English)")
    definition_fr: str = shown("Definition (French)")


@operation("markets.fields")
def list_fields(caller: Caller, params: NoInput) -> Table[ScreenFieldRow]:
    """List the fields that conditions may use, with their units and definitions in both languages."""
    rows = [
        ScreenFieldRow(
            field=field.name,
            unit=field.unit,
            title_en=field.title("en"),
            title_fr=field.title("fr"),
            definition_en=field.definition("en"),
            definition_fr=field.definition("fr"),
        )
        for field in FIELDS.values()
    ]
    return table_of(ScreenFieldRow, rows)


class MoverRow(Row):
    """One asset that moved."""

    list: str = shown("List", definition="up, down, new_highs, new_lows or unusual_volume.")
    asset: str = shown("Asset", definition="Catalogue id.")
    symbol: str = shown("Symbol")
    name: str = shown("Name")
    price_usd: float | None = shown("Price", unit="usd")
    change: float | None = shown("Change", unit="change", definition="Over the chosen period.")
    volume_24h_usd: float | None = shown("Volume 24 h", unit="usd")
    volume_ratio: float | None = shown(
        "Relative volume", unit="ratio", definition="24 h volume divided by its 30-day average."
    )
    instrument: str | None = shown("Instrument", definition="Source of the price and the volume.")
    ts_event: int | None = shown("Time", unit="ms", definition="Time of this price.")
    is_stale: bool = shown("Stale", definition="Whether this price is older than usual.")


class MoversTable(Table[MoverRow]):
    """The movers, and what the floor left out."""

    span: str
    floor_usd: float
    below_floor: int
    unknown: int


@operation("markets.movers", example={"span": "24h"})
def list_movers(
    caller: Caller, params: MoversInput, catalog: BarCatalog, asset_metrics: AssetMetricsCache, clock: Clock
) -> MoversTable:
    """List the largest rises and falls, new highs and lows and unusual volume above a floor of liquidity."""
    readings, now = readings_of(catalog, asset_metrics, params.as_of), time_of(clock, params.as_of)
    by_id = {entry.asset.id: entry for entry in readings}
    metrics = [entry.metrics for entry in readings]
    result = find_movers(metrics, span=params.span, floor_usd=params.floor_usd, count=params.count)
    rows = []
    for name in ("up", "down", "new_highs", "new_lows", "unusual_volume"):
        for entry in getattr(result, name):
            reading = by_id[entry.asset]
            rows.append(
                MoverRow(
                    list=name,
                    asset=entry.asset,
                    symbol=entry.symbol,
                    name=reading.asset.name,
                    price_usd=finite_or_none(entry.price),
                    change=finite_or_none(getattr(entry, f"change_{params.span}")),
                    volume_24h_usd=finite_or_none(entry.volume_24h),
                    volume_ratio=finite_or_none(entry.volume_ratio),
                    instrument=reading.place or None,
                    ts_event=reading.metrics.ts or None,
                    is_stale=is_stale(reading, now),
                )
            )
    return MoversTable(
        columns=row_columns(MoverRow),
        rows=rows,
        origins=reading_origins(readings),
        total=len(rows),
        as_of=params.as_of,
        span=params.span,
        floor_usd=params.floor_usd,
        below_floor=result.below_floor,
        unknown=result.unknown,
    )


class CorrelationRow(Row):
    """How two assets move together."""

    first: str = shown("Asset", definition="Catalogue id.")
    second: str = shown("With", definition="Catalogue id.")
    correlation: float | None = shown(
        "Correlation", unit="ratio", definition="Correlation of log returns, from -1 to 1."
    )
    low: float | None = shown(
        "Low (95 per cent)", unit="ratio", definition="Lower bound of the 95 per cent confidence interval."
    )
    high: float | None = shown(
        "High (95 per cent)", unit="ratio", definition="Upper bound of the 95 per cent confidence interval."
    )
    observations: int = shown(
        "Returns", unit="count", definition="Number of returns that both assets have in common."
    )


class CorrelationTable(Table[CorrelationRow]):
    """Correlations of every pair, and the order in which related assets stand together."""

    names: list[str]
    symbols: list[str]


@operation("markets.correlation", example={"days": 60})
def list_correlations(
    caller: Caller,
    params: CorrelationInput,
    catalog: BarCatalog,
    bar_reader: BarReader,
    asset_metrics: AssetMetricsCache,
) -> CorrelationTable:
    """List the correlation of every pair of assets with its interval and number of observations."""
    assets = _correlated_assets(catalog, asset_metrics, params)
    span = timeframe_ms(params.interval)
    count = params.days * DAY_MS // span + 2
    bars: dict[str, Bars] = {}
    stored = bar_reader.instruments()
    for asset in assets:
        last = None if params.as_of else count
        asset_bars = closed_bars(bar_reader.of_asset(asset.id, params.interval, last=last), params.as_of)
        if asset_bars is not None:
            bars[asset.id] = asset_bars
    if not bars:
        return CorrelationTable(
            columns=row_columns(CorrelationRow), rows=[], names=[], symbols=[], as_of=params.as_of
        )
    end = max(int(series_bars.ts[-1]) + span for series_bars in bars.values())
    _, values = align_closes(bars, start=end - params.days * DAY_MS, end=end)
    result = correlations(tuple(bars), values, method=params.method, order=params.order)
    rows = [
        CorrelationRow(
            first=first,
            second=second,
            correlation=finite_or_none(float(result.values[row_index, column_index])),
            low=finite_or_none(float(result.low[row_index, column_index])),
            high=finite_or_none(float(result.high[row_index, column_index])),
            observations=int(result.observations[row_index, column_index]),
        )
        for row_index, first in enumerate(result.names)
        for column_index, second in enumerate(result.names)
        if row_index < column_index
    ]
    symbols = {asset.id: asset.symbol for asset in assets}
    return CorrelationTable(
        columns=row_columns(CorrelationRow),
        rows=rows,
        origins=[
            Origin(source=venue_names(venue for name in bars for venue, _ in stored[name]), ts_event=end)
        ],
        total=len(rows),
        as_of=params.as_of,
        names=list(result.names),
        symbols=[symbols[name] for name in result.names],
    )


def _correlated_assets(
    catalog: BarCatalog, asset_metrics: AssetMetricsCache, params: CorrelationInput
) -> list[Asset]:
    asset_words = [word for word in params.assets.split(",") if word.strip()]
    if asset_words:
        return [catalog.find(word) for word in dict.fromkeys(asset_words)][:100]
    readings = readings_of(catalog, asset_metrics, params.as_of)
    readings.sort(
        key=lambda reading: -(reading.metrics.volume_24h if reading.metrics.volume_24h > 0 else 0.0)
    )
    return [reading.asset for reading in readings[:MOST_CORRELATED]]
