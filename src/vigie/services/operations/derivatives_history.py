"""Derivatives over time: what was liquidated, what options expect, and any measure of an asset as lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import numpy as np
from pydantic import Field

from vigie.data.catalog import BarCatalog
from vigie.domain.asset import Asset
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.intelligence.market.historical_range import share_below
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.services.caches.asset_metrics import AssetMetricsCache
from vigie.services.market_data.derivatives_rows import InstrumentRow
from vigie.services.market_data.perpetuals import (
    Perpetual,
    PerpetualSources,
    list_perpetuals,
    perpetual_cells,
    settled_rates_8h,
)
from vigie.services.market_data.series import NO_VALUES, Values, thin_values, values_of
from vigie.services.operation import CurrencyInput, Origin, Table, operation
from vigie.services.operations.derivatives import DerivativesInput
from vigie.services.operations.markets import finite_or_none, sort_rows
from vigie.services.rows import Row, RowT, row_columns, shown, table_of

# What one value of the stream of forced orders covers.
BUCKET_MS: Final = 5 * MINUTE_MS
MOST_POINTS: Final = 400
MOST_LINES: Final = 7
DVOL: Final = "volatility/{}/dvol_index"


class LiquidationRow(InstrumentRow):
    """The liquidations of one instrument."""

    long_1h_usd: float = shown(
        "Longs, 1 h",
        unit="usd",
        definition="At least this much was liquidated in the last hour.",
        source="venue",
    )
    short_1h_usd: float = shown(
        "Shorts, 1 h",
        unit="usd",
        definition="At least this much was liquidated in the last hour.",
        source="venue",
    )
    long_24h_usd: float = shown(
        "Longs, 24 h",
        unit="usd",
        definition="At least this much was liquidated in the last 24 hours.",
        source="venue",
    )
    short_24h_usd: float = shown(
        "Shorts, 24 h",
        unit="usd",
        definition="At least this much was liquidated in the last 24 hours.",
        source="venue",
    )
    total_24h_usd: float = shown(
        "Total, 24 h", unit="usd", definition="Longs and shorts together; a minimum."
    )
    long_share: float | None = shown(
        "Share of longs", unit="fraction", definition="Of the liquidations seen in 24 hours."
    )
    heard: float = shown(
        "Coverage",
        unit="fraction",
        definition="Share of the last 24 hours during which Vigie was listening; nothing is known of the rest.",
    )
    ts_event: int = shown("Time", unit="ms", definition="Time of the value.")


@operation("derivatives.liquidations", example={"limit": 5})
def list_liquidations(
    caller: Caller, params: DerivativesInput, sources: PerpetualSources
) -> Table[LiquidationRow]:
    """List what was closed by force in an hour and a day: a lower bound, venues publish only some of it."""
    now = params.as_of or sources.clock.market_now()
    places = list_perpetuals(sources, params.assets, params.as_of)
    names = [
        perpetual.series(f"liquidations_{side}_usd") for perpetual in places for side in ("long", "short")
    ]
    values_by_series = values_of(
        sources.facts, names, start_ms=now - DAY_MS, end_ms=now + 1, as_of=params.as_of
    )
    rows = []
    for perpetual in places:
        longs = values_by_series[perpetual.series("liquidations_long_usd")]
        shorts = values_by_series[perpetual.series("liquidations_short_usd")]
        if not len(longs) and not len(shorts):
            continue
        long_24h_usd, short_24h_usd = _sum_since(longs, now - DAY_MS), _sum_since(shorts, now - DAY_MS)
        total = long_24h_usd + short_24h_usd
        rows.append(
            LiquidationRow(
                **perpetual_cells(perpetual),
                long_1h_usd=_sum_since(longs, now - HOUR_MS),
                short_1h_usd=_sum_since(shorts, now - HOUR_MS),
                long_24h_usd=long_24h_usd,
                short_24h_usd=short_24h_usd,
                total_24h_usd=total,
                long_share=long_24h_usd / total if total > 0 else None,
                heard=min(1.0, len(longs) * BUCKET_MS / DAY_MS),
                ts_event=int(max(values.ts[-1] for values in (longs, shorts) if len(values))),
            )
        )
    return _sorted_table(LiquidationRow, rows, params, "-total_24h_usd")


def _sum_since(values: Values, since: int) -> float:
    return float(np.sum(values.values[values.ts >= since]))


class VolatilityRow(Row):
    """The implied volatility of one asset."""

    asset: str = shown("Asset", definition="Catalogue id.")
    symbol: str = shown("Symbol")
    name: str = shown("Name")
    dvol: float = shown(
        "Implied (DVOL)",
        unit="index",
        definition="Volatility of the next 30 days that option prices imply, in per cent a year.",
        source="deribit",
    )
    change_24h: float | None = shown(
        "24 h (points)", unit="index", definition="Change of the index, in points."
    )
    low_30d: float | None = shown("30 d low", unit="index")
    high_30d: float | None = shown("30 d high", unit="index")
    percentile: float | None = shown(
        "Percentile (1 year)",
        unit="fraction",
        definition="Share of its last 365 days below this value; empty if the history is short.",
    )
    realised_30d: float | None = shown(
        "Realised (30 d)",
        unit="index",
        definition="Volatility of daily closes over the last 30 days, in per cent a year.",
    )
    premium: float | None = shown(
        "Implied minus realised", unit="index", definition="Percentage points of annual volatility."
    )
    ts_event: int = shown("Time", unit="ms", definition="Time of the value.")
    is_stale: bool = shown("Stale", definition="Whether the value is stale.")


@operation("derivatives.volatility", example={})
def list_volatility(
    caller: Caller,
    params: DerivativesInput,
    catalog: BarCatalog,
    asset_metrics: AssetMetricsCache,
    facts: FactStore,
    clock: Clock,
) -> Table[VolatilityRow]:
    """List the volatility that options imply (DVOL) against its own year and against what was realised."""
    now = params.as_of or clock.market_now()
    assets = _assets_with_dvol(catalog, facts, params)
    values_by_series = values_of(
        facts,
        [DVOL.format(item.id) for item in assets],
        start_ms=now - 365 * DAY_MS,
        as_of=params.as_of,
    )
    readings = {item.asset.id: item for item in asset_metrics.readings(assets, as_of=params.as_of)}
    rows = []
    for asset in assets:
        values = values_by_series[DVOL.format(asset.id)]
        last, ts = values.at(now), int(values.ts[-1]) if len(values) else 0
        if last is None:
            continue
        month = values.values[values.ts > now - 30 * DAY_MS]
        before = values.at(now - DAY_MS, within_ms=DAY_MS)
        realised = finite_or_none(readings[asset.id].metrics.volatility_30d)
        rows.append(
            VolatilityRow(
                asset=asset.id,
                symbol=asset.symbol,
                name=asset.name,
                dvol=last,
                change_24h=None if before is None else last - before,
                low_30d=float(month.min()) if len(month) else None,
                high_30d=float(month.max()) if len(month) else None,
                percentile=finite_or_none(share_below(last, values.values[:-1], 90)),
                realised_30d=None if realised is None else 100.0 * realised,
                premium=None if realised is None else last - 100.0 * realised,
                ts_event=ts,
                is_stale=now - ts > 6 * HOUR_MS,
            )
        )
    return _sorted_table(VolatilityRow, rows, params, "", "deribit")


def _assets_with_dvol(catalog: BarCatalog, facts: FactStore, params: DerivativesInput) -> list[Asset]:
    wanted_ids = {catalog.find(word).id for word in params.assets.split(",") if word.strip()}
    known_ids = {name.split("/")[1] for name in facts.list_series("volatility/")}
    return [
        asset
        for asset in catalog.assets(as_of=params.as_of)
        if asset.id in known_ids and (not wanted_ids or asset.id in wanted_ids)
    ]


_STEPS_H: Final = (1, 2, 3, 4, 6, 12, 24, 48, 96)
Measured = Literal["funding", "open_interest", "basis", "long_short", "liquidations", "volatility"]
# Of each measure: the facts it is made of, and the unit of its lines.
_FACTS: Final[dict[str, tuple[str, str]]] = {
    "funding": ("funding_fraction", "rate"),
    "open_interest": ("open_interest_usd", "usd"),
    "basis": ("basis_fraction", "rate"),
    "long_short": ("long_short_ratio", "ratio"),
}


class DerivativesHistoryInput(CurrencyInput):
    """Which measure of which asset, over how many days."""

    measure: Measured = Field("funding", description="What the lines are.")
    asset: str = Field("bitcoin", max_length=80, description="Catalogue id or ticker; volatility shows all.")
    days: int = Field(30, ge=1, le=1_500)
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


class DerivativesPointRow(Row):
    """One point of a line."""

    ts: int = shown(
        "Time", unit="ms", definition="Time the value refers to; for a sum, the time of its last part."
    )
    line: str = shown("Line", definition="Instrument, side, asset or total.")
    value: float = shown("Value", definition="In the unit of the answer.")


class DerivativesHistory(Table[DerivativesPointRow]):
    """Lines over time in long form; of sums `step_ms` tells over how long each is."""

    measure: str
    unit: str
    asset: str
    name: str
    lines: list[str]
    step_ms: int | None = None


@operation("derivatives.history", example={"measure": "funding", "asset": "bitcoin", "days": 7})
def read_derivatives_history(
    caller: Caller, params: DerivativesHistoryInput, sources: PerpetualSources
) -> DerivativesHistory:
    """Read a measure of an asset over time, one line a venue: at most 400 points each."""
    now = params.as_of or sources.clock.market_now()
    asset = sources.catalog.find(params.asset)
    start, step = now - params.days * DAY_MS, None
    if params.measure == "volatility":
        all_assets_input = DerivativesInput.model_validate({"as_of": params.as_of})
        names = {
            item.symbol: DVOL.format(item.id)
            for item in _assets_with_dvol(sources.catalog, sources.facts, all_assets_input)
        }
        values_by_series = values_of(sources.facts, list(names.values()), start_ms=start, as_of=params.as_of)
        lines, unit = {symbol: values_by_series[name] for symbol, name in names.items()}, "index"
    elif params.measure == "liquidations":
        step = _sum_step_ms(params.days)
        # The span in progress would always look calm.
        end, start = now // step * step, -(-start // step) * step
        places = list_perpetuals(sources, asset.id, params.as_of)
        lines = _liquidation_sums(sources.facts, places, start=start, end=end, step=step, params=params)
        unit = "usd"
    else:
        lines, unit = _lines_by_venue(
            sources.facts,
            params.measure,
            list_perpetuals(sources, asset.id, params.as_of),
            start,
            params.as_of,
        )
    rows, line_names = [], []
    for name, values in lines.items():
        thinned_values = thin_values(values, MOST_POINTS)
        line_names += [name] if len(thinned_values) else []
        rows += [
            DerivativesPointRow(ts=ts, line=name, value=value)
            for ts, value in zip(thinned_values.ts.tolist(), thinned_values.values.tolist(), strict=True)
        ]
    newest = max((row.ts for row in rows), default=None)
    liquidation_series = (
        item for item in sources.facts.list_series("derivatives/") if "/liquidations_" in item
    )
    source = _venue_names(liquidation_series if params.measure == "liquidations" else line_names) or "venues"
    source = "deribit" if params.measure == "volatility" else source
    columns = [
        item.model_copy(update={"unit": unit}) if item.name == "value" else item
        for item in row_columns(DerivativesPointRow)
    ]
    return DerivativesHistory(
        columns=columns,
        rows=rows,
        origins=[Origin(source=source, ts_event=newest)],
        total=len(rows),
        as_of=params.as_of,
        measure=params.measure,
        unit=unit,
        asset=asset.id,
        name=asset.name,
        lines=line_names,
        step_ms=step,
    )


def _venue_names(names: Iterable[str]) -> str:
    """Return the venues of instruments, each once."""
    venues = {name.removeprefix("derivatives/").partition(":")[0] for name in names if ":" in name}
    return ", ".join(sorted(venues))


def _lines_by_venue(
    facts: FactStore, measure: str, places: list[Perpetual], start: int, as_of: int | None
) -> tuple[dict[str, Values], str]:
    fact, unit = _FACTS[measure]
    names = {perpetual.place: perpetual.series(fact) for perpetual in places[:MOST_LINES]}
    # A settlement's length is told by the one before it.
    read_start = start - (2 * DAY_MS if measure == "funding" else 0)
    values_by_series = values_of(facts, list(names.values()), start_ms=read_start, as_of=as_of)
    lines = {}
    for place, name in names.items():
        values = values_by_series[name]
        rates = settled_rates_8h(values) if measure == "funding" else values.values
        in_range = values.ts >= start
        lines[place] = Values(values.ts[in_range], values.ts_known[in_range], rates[in_range])
    return lines, unit


def _sum_step_ms(days: int) -> int:
    """Return over how long sums are made so that so many days are at most `MOST_POINTS`."""
    hours = next(step_hours for step_hours in _STEPS_H if days * 24 < MOST_POINTS * step_hours)
    return hours * HOUR_MS


def _liquidation_sums(
    facts: FactStore,
    places: list[Perpetual],
    *,
    start: int,
    end: int,
    step: int,
    params: DerivativesHistoryInput,
) -> dict[str, Values]:
    """Return what was closed by force over all places, span by span, longs and shorts."""
    sums_by_side = {}
    for side in ("long", "short"):
        names = [item.series(f"liquidations_{side}_usd") for item in places]
        values_by_series = values_of(facts, names, start_ms=start, end_ms=end, as_of=params.as_of)
        non_empty = [item for item in values_by_series.values() if len(item)]
        if not non_empty:
            continue
        spans = np.concatenate([item.ts // step * step for item in non_empty])
        ts_known = np.concatenate([item.ts_known for item in non_empty])
        ts, positions = np.unique(spans, return_inverse=True)
        sums, newest = np.zeros(len(ts)), np.zeros(len(ts), np.int64)
        np.add.at(sums, positions, np.concatenate([item.values for item in non_empty]))
        np.maximum.at(newest, positions, ts_known)
        sums_by_side[side] = Values(ts, newest, sums)
    return sums_by_side or {"long": NO_VALUES, "short": NO_VALUES}


def _sorted_table(
    kind: type[RowT],
    rows: list[RowT],
    params: DerivativesInput,
    default_sort: str,
    source: str = "",
) -> Table[RowT]:
    order = params.sort or default_sort
    ordered = sort_rows(rows, order, row_columns(kind)) if order else rows
    newest = max((row["ts_event"] for row in rows), default=None)
    venues = ", ".join(sorted({row["venue"] for row in rows if "venue" in row}))
    origins = [Origin(source=source or venues or "venues", ts_event=newest)]
    return table_of(kind, ordered[: params.limit], origins=origins, total=len(rows), as_of=params.as_of)
