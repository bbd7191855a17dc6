"""Looking through the market: heat map, screener, movers, correlations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import Field

from vigie.data.catalog import Catalog
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, timeframe_ms
from vigie.intelligence.market.correlation import closes, correlations
from vigie.intelligence.market.fields import FIELDS
from vigie.intelligence.market.metrics import columns_of
from vigie.intelligence.market.movers import FLOOR_USD, movers
from vigie.intelligence.market.screener import parse_where, render_sentence, render_where, screen
from vigie.services.desk.markets import AGES, age_of, asked_at, number, sort_rows
from vigie.services.house import House
from vigie.services.measuring.gauge import Reading, closed
from vigie.services.measuring.terms import places_told
from vigie.services.operation import Ask, Column, Counted, Nothing, Origin, Table, operation

Span = Literal["1h", "24h", "7d", "30d", "1y"]
MOST_CORRELATED: Final = 15
AsOf = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")
# How the screener's units are written on pages and in exports.
_UNITS: Final = {"price": "usd", "flag": "count"}
# Fractions that rise and fall; other fractions are shares and have no direction.
_MOVES: Final = ("change_", "from_", "sma_50_", "sma_200_")
_SHOWN: Final = ("price", "change_24h", "change_7d", "volume_24h", "rsi_14", "volatility_30d")


class HeatmapAsk(Counted):
    """By what areas and shades are made."""

    span: Span = Field("24h", description="Whose change is the shade.")
    size: Literal["cap", "volume"] = Field(
        "cap", description="What the area is; volume where no cap is known."
    )
    limit: int = Field(60, ge=2, le=200)
    as_of: int | None = AsOf


class ScreenAsk(Counted):
    """Conditions that must all hold."""

    where: str = Field(
        "", max_length=2_000, description="`change_24h>0.05,rsi_14<30`; fields may be compared."
    )
    sort: str = Field("-volume_24h", max_length=60, description="Field, `-` before it for largest first.")
    limit: int = Field(100, ge=1, le=500)
    as_of: int | None = AsOf


class MoversAsk(Counted):
    """Over what span, above which volume."""

    span: Span = "24h"
    floor_usd: float = Field(FLOOR_USD, ge=0, le=1e15, description="Least volume of 24 hours.")
    count: int = Field(10, ge=1, le=50)
    as_of: int | None = AsOf


class CorrelationAsk(Ask):
    """Of which assets, over which window, of which bars."""

    assets: str = Field(
        "", max_length=2_000, description="Catalogue ids, comma-separated; empty: the largest."
    )
    days: int = Field(90, ge=2, le=1_500, description="Window.")
    interval: Literal["1h", "4h", "1d"] = Field("1d", description="Of the returns.")
    method: Literal["pearson", "spearman"] = "pearson"
    order: Literal["cluster", "name"] = "cluster"
    as_of: int | None = AsOf


def readings_of(house: House, as_of: int | None, *, with_stable: bool = False) -> list[Reading]:
    """Return every asset that has a price; stablecoins only where they are asked for."""
    assets = Catalog(house.facts, house.shelf).assets(as_of=as_of)
    wanted = [asset for asset in assets if with_stable or asset.kind == "coin"]
    found = house.gauge.readings(wanted, as_of=as_of)
    return [one for one in found if not math.isnan(one.metrics.price)]


def origin(found: Sequence[Reading]) -> list[Origin]:
    """Return where measured numbers come from."""
    newest = max((one.metrics.ts for one in found), default=0)
    return [Origin(source=places_told(one.place for one in found) or "venues", ts_event=newest or None)]


CELLS: Final = [
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="symbol", title="Symbol"),
    Column(name="name", title="Name"),
    Column(
        name="weight_usd", title="Area", unit="usd", definition="Market cap, else the volume of 24 hours."
    ),
    Column(name="change", title="Change", unit="change", definition="Over the span that was asked for."),
    *AGES,
]


@operation("markets.heatmap", example={"span": "24h"})
def heatmap(house: House, caller: Caller, ask: HeatmapAsk) -> Table:
    """List the weights and changes a heat map is drawn from, largest first."""
    found, now = readings_of(house, ask.as_of), asked_at(house, ask.as_of)
    rows: list[dict[str, Any]] = []
    for one in found:
        known = one.metrics
        cap = known.market_cap if ask.size == "cap" else math.nan
        weight = known.volume_24h if math.isnan(cap) else cap
        if weight > 0:
            rows.append({
                "asset": one.asset.id, "symbol": one.asset.symbol, "name": one.asset.name,
                "weight_usd": weight, "change": number(getattr(known, f"change_{ask.span}")),
                **age_of(one, now),
            })  # fmt: skip
    rows.sort(key=lambda row: -row["weight_usd"])
    origins = origin(found)
    return Table(columns=CELLS, rows=rows[: ask.limit], origins=origins, total=len(rows), as_of=ask.as_of)


class Screened(Table):
    """Assets that meet the conditions."""

    where: str
    sentences: dict[str, str]
    unknown: dict[str, list[str]]
    looked_at: int


@operation("markets.screen", example={"where": "change_24h>0.01,volume_24h>10000000"})
def screen_assets(house: House, caller: Caller, ask: ScreenAsk) -> Screened:
    """List the assets that meet every condition, and say of how many a value is not known."""
    conditions = parse_where(ask.where)
    found, now = readings_of(house, ask.as_of), asked_at(house, ask.as_of)
    measured = [one.metrics for one in found]
    result = screen(conditions, columns_of(measured), len(measured))
    asked = [name for one in conditions for name in (one.field, one.bound) if isinstance(name, str)]
    names = list(dict.fromkeys([*asked, *_SHOWN]))
    rows: list[dict[str, Any]] = [
        {
            "asset": one.asset.id,
            "symbol": one.asset.symbol,
            "name": one.asset.name,
            "instrument": one.place or None,
        }
        | {name: number(getattr(one.metrics, name)) for name in names}
        | age_of(one, now)
        for one, matches in zip(found, result.matches, strict=True)
        if matches
    ]
    columns = [
        Column(name="asset", title="Asset", definition="Catalogue id."),
        Column(name="symbol", title="Symbol"),
        Column(name="name", title="Name"),
        *(field_column(name) for name in names),
        Column(name="instrument", title="Instrument"),
        *AGES,
    ]
    return Screened(
        columns=columns,
        rows=sort_rows(rows, ask.sort, [*columns, *map(field_column, FIELDS)])[: ask.limit],
        origins=origin(found),
        total=len(rows),
        as_of=ask.as_of,
        where=render_where(conditions),
        sentences={language: render_sentence(conditions, language) for language in ("en", "fr")},
        unknown={language: list(result.unknown_text(language)) for language in ("en", "fr")},
        looked_at=len(measured),
    )


def field_column(name: str) -> Column:
    """Return the column of a measured field."""
    field = FIELDS[name]
    is_move = field.unit == "fraction" and name.startswith(_MOVES)
    return Column(
        name=name,
        title=field.title("en"),
        unit="change" if is_move else _UNITS.get(field.unit, field.unit),
        definition=field.definition("en"),
        source="venues",
    )


class FieldsAnswer(Table):
    """What the screener can ask for."""


@operation("markets.fields")
def list_fields(house: House, caller: Caller, ask: Nothing) -> FieldsAnswer:
    """List the fields that conditions may use, with their units and definitions in both languages."""
    rows: list[dict[str, Any]] = [
        {
            "field": field.name,
            "unit": field.unit,
            **{f"title_{one}": field.title(one) for one in ("en", "fr")},
            **{f"definition_{one}": field.definition(one) for one in ("en", "fr")},
        }
        for field in FIELDS.values()
    ]
    return FieldsAnswer(columns=[Column(name=name, title=name) for name in rows[0]], rows=rows)


MOVES: Final = [
    Column(name="list", title="List", definition="up, down, new_highs, new_lows or unusual_volume."),
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="symbol", title="Symbol"),
    Column(name="name", title="Name"),
    Column(name="price_usd", title="Price", unit="usd"),
    Column(name="change", title="Change", unit="change", definition="Over the span that was asked for."),
    Column(name="volume_24h_usd", title="Volume 24 h", unit="usd"),
    Column(
        name="volume_ratio", title="Volume, times usual", unit="ratio", definition="Against its 30-day mean."
    ),
    Column(name="instrument", title="Instrument", definition="Where price and volume come from."),
    *AGES,
]


class Moved(Table):
    """The movers, and what the floor left out."""

    span: str
    floor_usd: float
    below_floor: int
    unknown: int


@operation("markets.movers", example={"span": "24h"})
def list_movers(house: House, caller: Caller, ask: MoversAsk) -> Moved:
    """List the largest rises and falls, new highs and lows and unusual volume above a floor of liquidity."""
    found, now = readings_of(house, ask.as_of), asked_at(house, ask.as_of)
    by_id = {one.asset.id: one for one in found}
    measured = [one.metrics for one in found]
    result = movers(measured, span=ask.span, floor_usd=ask.floor_usd, count=ask.count)
    rows = []
    for name in ("up", "down", "new_highs", "new_lows", "unusual_volume"):
        for one in getattr(result, name):
            reading = by_id[one.asset]
            rows.append({
                "list": name, "asset": one.asset, "symbol": one.symbol, "name": reading.asset.name,
                "price_usd": number(one.price), "change": number(getattr(one, f"change_{ask.span}")),
                "volume_24h_usd": number(one.volume_24h), "volume_ratio": number(one.volume_ratio),
                "instrument": reading.place or None, **age_of(reading, now),
            })  # fmt: skip
    return Moved(
        columns=MOVES, rows=rows, origins=origin(found), total=len(rows), as_of=ask.as_of, span=ask.span,
        floor_usd=ask.floor_usd, below_floor=result.below_floor, unknown=result.unknown,
    )  # fmt: skip


PAIRS: Final = [
    Column(name="first", title="Asset", definition="Catalogue id."),
    Column(name="second", title="With", definition="Catalogue id."),
    Column(name="correlation", title="Correlation", unit="ratio", definition="Of log returns, from -1 to 1."),
    Column(name="low", title="At least", unit="ratio", definition="Lower end of the interval, 95 in 100."),
    Column(name="high", title="At most", unit="ratio", definition="Upper end of the interval, 95 in 100."),
    Column(name="observations", title="Returns", unit="count", definition="That both assets have."),
]


class Correlated(Table):
    """Correlations of every pair, and the order in which related assets stand together."""

    names: list[str]
    symbols: list[str]


@operation("markets.correlation", example={"days": 60})
def correlate(house: House, caller: Caller, ask: CorrelationAsk) -> Correlated:
    """List the correlation of every pair of assets with its interval and number of observations."""
    chosen = _chosen(house, ask)
    span = timeframe_ms(ask.interval)
    count = ask.days * DAY_MS // span + 2
    bars: dict[str, Bars] = {}
    stored = house.shelf.instruments()
    for asset in chosen:
        last = None if ask.as_of else count
        found = closed(house.shelf.of_asset(asset.id, ask.interval, last=last), ask.as_of)
        if found is not None:
            bars[asset.id] = found
    if not bars:
        return Correlated(columns=PAIRS, rows=[], names=[], symbols=[], as_of=ask.as_of)
    end = max(int(one.ts[-1]) + span for one in bars.values())
    _, values = closes(bars, start=end - ask.days * DAY_MS, end=end)
    result = correlations(tuple(bars), values, method=ask.method, order=ask.order)
    rows = [
        {
            "first": first,
            "second": second,
            "correlation": number(float(result.values[i, j])),
            "low": number(float(result.low[i, j])),
            "high": number(float(result.high[i, j])),
            "observations": int(result.observations[i, j]),
        }
        for i, first in enumerate(result.names)
        for j, second in enumerate(result.names)
        if i < j
    ]
    symbols = {asset.id: asset.symbol for asset in chosen}
    return Correlated(
        columns=PAIRS,
        rows=rows,
        origins=[
            Origin(source=places_told(venue for name in bars for venue, _ in stored[name]), ts_event=end)
        ],
        total=len(rows),
        as_of=ask.as_of,
        names=list(result.names),
        symbols=[symbols[name] for name in result.names],
    )


def _chosen(house: House, ask: CorrelationAsk) -> list[Asset]:
    catalog = Catalog(house.facts, house.shelf)
    named = [word for word in ask.assets.split(",") if word.strip()]
    if named:
        return [catalog.find(word) for word in dict.fromkeys(named)][:100]
    found = readings_of(house, ask.as_of)
    found.sort(key=lambda one: -(one.metrics.volume_24h if one.metrics.volume_24h > 0 else 0.0))
    return [one.asset for one in found[:MOST_CORRELATED]]
