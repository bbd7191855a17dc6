"""The market as a table: every asset with its price, its changes and what is traded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeVar

from pydantic import Field

from vigie.data.catalog import BarCatalog
from vigie.domain.person import Caller
from vigie.ports.clock import Clock
from vigie.services.caches.asset_metrics import AssetMetricsCache, AssetReading, is_stale
from vigie.services.market_data.licence_terms import venue_names
from vigie.services.operation import Column, CurrencyInput, Origin, Table, UnknownSortColumn, operation
from vigie.services.rows import AnyRow, Row, row_columns, shown, table_of

SPARK_HOURS = 168


class MarketFilterInput(CurrencyInput):
    """Which assets of the market."""

    assets: str = Field("", description="Catalogue ids, comma-separated; empty means all that have a price.")
    kind: Literal["", "coin", "stablecoin"] = Field("", description="Only these; empty: all.")
    move: Literal["", "up", "down"] = Field(
        "", description="Only what rose or fell over 24 hours; empty: all."
    )
    floor_usd: float = Field(0.0, ge=0, le=1e15, description="Least volume of 24 hours; 0: any.")


class ListMarketsInput(MarketFilterInput):
    """Which assets, in which order, as of when."""

    sort: str = Field("-cap_usd", description="Column to sort by, `-` before it for largest first.")
    limit: int = Field(100, ge=1, le=500)
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


_AGO = "Against the price {} before."


class MarketRow(Row):
    """One asset with its price."""

    asset: str = shown("Asset", definition="Catalogue id.")
    symbol: str = shown("Symbol")
    name: str = shown("Name")
    price_usd: float | None = shown(
        "Price", unit="usd", definition="Price of the last trade, or the last close.", source="venue"
    )
    change_1h: float | None = shown("1 h", unit="change", definition=_AGO.format("an hour"), source="venue")
    change_24h: float | None = shown(
        "24 h", unit="change", definition=_AGO.format("24 hours"), source="venue"
    )
    change_7d: float | None = shown("7 d", unit="change", definition=_AGO.format("7 days"), source="venue")
    change_30d: float | None = shown("30 d", unit="change", definition=_AGO.format("30 days"), source="venue")
    volume_24h_usd: float | None = shown(
        "Volume 24 h", unit="usd", definition="Traded on the venue.", source="venue"
    )
    cap_usd: float | None = shown(
        "Market cap", unit="usd", definition="Price times supply.", source="coingecko"
    )
    instrument: str | None = shown("Instrument", definition="Source of the price and the volume.")
    ts_event: int | None = shown("Time", unit="ms", definition="Time of this price.")
    is_stale: bool = shown("Stale", definition="Whether this price is older than usual.")
    spark: list[float] = shown(
        "7 days", unit="usd", definition="Closing prices of the last 7 days.", is_drawn=True
    )


@operation("markets.list", example={"limit": 5})
def list_markets(
    caller: Caller,
    params: ListMarketsInput,
    catalog: BarCatalog,
    asset_metrics: AssetMetricsCache,
    clock: Clock,
) -> Table[MarketRow]:
    """List assets with price, changes over an hour to a month, volume and market cap."""
    readings = chosen_readings(catalog, asset_metrics, params, params.as_of)
    now = time_of(clock, params.as_of)
    rows = [market_row(reading, now) for reading in readings]
    ordered = sort_rows(
        [row for row in rows if row.price_usd is not None or params.assets],
        params.sort,
        row_columns(MarketRow),
    )
    newest = max((row.ts_event for row in ordered if row.ts_event), default=None)
    return table_of(
        MarketRow,
        ordered[: params.limit],
        origins=[
            Origin(source=venue_names(row.instrument or "" for row in ordered) or "venues", ts_event=newest),
            Origin(source="coingecko"),
        ],
        total=len(ordered),
        as_of=params.as_of,
    )


def chosen_readings(
    catalog: BarCatalog, asset_metrics: AssetMetricsCache, params: MarketFilterInput, as_of: int | None
) -> list[AssetReading]:
    """Return what is measured of the assets that are asked for."""
    words = [word for word in params.assets.split(",") if word]
    assets = [catalog.find(word) for word in words] if words else catalog.assets(as_of=as_of)
    readings = asset_metrics.readings(
        [asset for asset in assets if params.kind in ("", asset.kind)], as_of=as_of
    )
    return [reading for reading in readings if _is_chosen(reading, params)]


def mapped_readings(
    catalog: BarCatalog, asset_metrics: AssetMetricsCache, params: MarketFilterInput, as_of: int | None
) -> list[AssetReading]:
    """Return what a map of changes is of: assets with a price, and stablecoins only where they are asked for."""
    chosen = params if params.kind else params.model_copy(update={"kind": "coin"})
    readings = chosen_readings(catalog, asset_metrics, chosen, as_of)
    return [reading for reading in readings if not math.isnan(reading.metrics.price)]


def _is_chosen(reading: AssetReading, params: MarketFilterInput) -> bool:
    # What is not known (NaN) neither rose nor fell, and has no volume.
    change, volume = reading.metrics.change_24h, reading.metrics.volume_24h
    has_moved = change > 0 if params.move == "up" else change < 0 if params.move == "down" else True
    return has_moved and (params.floor_usd <= 0 or volume >= params.floor_usd)


def time_of(clock: Clock, as_of: int | None) -> int:
    """Return the instant that a question is about."""
    return clock.market_now() if as_of is None else as_of


def market_row(reading: AssetReading, now: int) -> MarketRow:
    """Return the row of one asset; what is not known is None."""
    metrics = reading.metrics
    return MarketRow(
        asset=reading.asset.id,
        symbol=reading.asset.symbol,
        name=reading.asset.name,
        price_usd=finite_or_none(metrics.price),
        change_1h=finite_or_none(metrics.change_1h),
        change_24h=finite_or_none(metrics.change_24h),
        change_7d=finite_or_none(metrics.change_7d),
        change_30d=finite_or_none(metrics.change_30d),
        volume_24h_usd=finite_or_none(metrics.volume_24h),
        cap_usd=finite_or_none(metrics.market_cap),
        instrument=reading.place or None,
        ts_event=reading.metrics.ts or None,
        is_stale=is_stale(reading, now),
        spark=sparkline(reading),
    )


def finite_or_none(value: float) -> float | None:
    """Return None for what is not known."""
    return None if math.isnan(value) else value


def sparkline(reading: AssetReading, hours: int = SPARK_HOURS, step: int = 4) -> list[float]:
    """Return closes for a small picture: the last hours, each `step`-th."""
    if reading.hourly is None:
        return []
    return [float(value) for value in reading.hourly.close[-hours:][::-1][::step][::-1]]


SortedT = TypeVar("SortedT", bound=AnyRow)


def sort_rows(rows: Sequence[SortedT], sort: str, columns: Sequence[Column]) -> list[SortedT]:
    """Return rows by a column, smallest first (`-` before the name: largest first); what is not known comes last.

    Raises
    ------
    UnknownSortColumn
        If there is no such column.
    """
    name = sort.removeprefix("-")
    sortable = [column.name for column in columns if not column.is_drawn]
    if name not in sortable:
        raise UnknownSortColumn(
            "unknown_sort",
            "sort must be one of {columns}, was {sort!r}",
            columns=" ".join(sortable),
            sort=sort,
        )
    with_value = [row for row in rows if row.get(name) is not None]
    without_value = [row for row in rows if row.get(name) is None]
    with_value.sort(key=lambda row: row[name], reverse=sort.startswith("-"))
    return with_value + sorted(without_value, key=lambda row: -(row.get("volume_24h_usd") or 0.0))
