"""Derivatives over time: what was liquidated, what options expect, and any measure of an asset as lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal

import numpy as np
from pydantic import Field

from vigie.data.catalog import Catalog
from vigie.domain.asset import Asset
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.intelligence.market.usual import share_below
from vigie.services.desk.derivatives import DerivativesAsk
from vigie.services.desk.markets import number, sort_rows
from vigie.services.house import House
from vigie.services.measuring.perpetuals import Perpetual, named, perpetuals, settled_8h
from vigie.services.measuring.series import NO_VALUES, Values, thinned, values_of
from vigie.services.operation import Column, Counted, Origin, Table, operation

# What one value of the stream of forced orders covers.
BUCKET_MS: Final = 5 * MINUTE_MS
MOST_POINTS: Final = 400
MOST_LINES: Final = 7
DVOL: Final = "volatility/{}/dvol_index"

LIQUIDATIONS: Final = [
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="symbol", title="Symbol"),
    Column(name="name", title="Name"),
    Column(name="venue", title="Venue"),
    Column(name="place", title="Instrument", definition="Where the number comes from."),
    Column(
        name="long_1h_usd", title="Longs, 1 h", unit="usd", source="venue",
        definition="At least so much was closed by force in the last hour.",
    ),
    Column(
        name="short_1h_usd", title="Shorts, 1 h", unit="usd", source="venue",
        definition="At least so much was closed by force in the last hour.",
    ),
    Column(
        name="long_24h_usd", title="Longs, 24 h", unit="usd", source="venue",
        definition="At least so much was closed by force in the last 24 hours.",
    ),
    Column(
        name="short_24h_usd", title="Shorts, 24 h", unit="usd", source="venue",
        definition="At least so much was closed by force in the last 24 hours.",
    ),
    Column(name="total_24h_usd", title="Both, 24 h", unit="usd", definition="Longs and shorts: a lower bound."),
    Column(name="long_share", title="Longs of both", unit="fraction", definition="Of what was seen in 24 hours."),
    Column(
        name="heard", title="Listened to", unit="fraction",
        definition="Share of the last 24 hours that was listened to; nothing is known of the rest.",
    ),
    Column(name="ts_event", title="Time", unit="ms", definition="When the value was so."),
]  # fmt: skip


@operation("derivatives.liquidations", example={"limit": 5})
def list_liquidations(house: House, caller: Caller, ask: DerivativesAsk) -> Table:
    """List what was closed by force in an hour and a day: a lower bound, venues publish only some of it."""
    now = ask.as_of or house.clock.market_now()
    places = perpetuals(house, ask.assets, ask.as_of)
    names = [one.series(f"liquidations_{side}_usd") for one in places for side in ("long", "short")]
    past = values_of(house, names, start_ms=now - DAY_MS, end_ms=now + 1, as_of=ask.as_of)
    rows = []
    for one in places:
        longs = past[one.series("liquidations_long_usd")]
        shorts = past[one.series("liquidations_short_usd")]
        if not len(longs) and not len(shorts):
            continue
        sums = {
            f"{side}_{span}_usd": _sum_since(values, now - span_ms)
            for side, values in (("long", longs), ("short", shorts))
            for span, span_ms in (("1h", HOUR_MS), ("24h", DAY_MS))
        }
        total = sums["long_24h_usd"] + sums["short_24h_usd"]
        rows.append({
            **named(one), **sums, "total_24h_usd": total,
            "long_share": sums["long_24h_usd"] / total if total > 0 else None,
            "heard": min(1.0, len(longs) * BUCKET_MS / DAY_MS),
            "ts_event": int(max(values.ts[-1] for values in (longs, shorts) if len(values))),
        })  # fmt: skip
    return _table(LIQUIDATIONS, rows, ask, "-total_24h_usd")


def _sum_since(values: Values, since: int) -> float:
    return float(np.sum(values.values[values.ts >= since]))


VOLATILITY: Final = [
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="symbol", title="Symbol"),
    Column(name="name", title="Name"),
    Column(
        name="dvol", title="Implied (DVOL)", unit="index", source="deribit",
        definition="Volatility of the next 30 days that option prices imply, in per cent a year.",
    ),
    Column(name="change_24h", title="24 h, points", unit="index", definition="Of the index, in points."),
    Column(name="low_30d", title="Lowest, 30 d", unit="index"),
    Column(name="high_30d", title="Highest, 30 d", unit="index"),
    Column(
        name="percentile", title="Own year", unit="fraction",
        definition="Share of its own last 365 days below this value; nothing where the history is short.",
    ),
    Column(
        name="realised_30d", title="Realised, 30 d", unit="index",
        definition="Volatility of daily closes over the last 30 days, in per cent a year.",
    ),
    Column(name="premium", title="Implied less realised", unit="index", definition="Points of per cent a year."),
    Column(name="ts_event", title="Time", unit="ms", definition="When the value was so."),
    Column(name="is_stale", title="Old", definition="Whether the value is old."),
]  # fmt: skip


@operation("derivatives.volatility", example={})
def list_volatility(house: House, caller: Caller, ask: DerivativesAsk) -> Table:
    """List the volatility that options imply (DVOL) against its own year and against what was realised."""
    now = ask.as_of or house.clock.market_now()
    by_asset = _with_dvol(house, ask)
    past = values_of(
        house, [DVOL.format(one.id) for one in by_asset], start_ms=now - 365 * DAY_MS, as_of=ask.as_of
    )
    readings = {one.asset.id: one for one in house.gauge.readings(by_asset, as_of=ask.as_of)}
    rows = []
    for asset in by_asset:
        values = past[DVOL.format(asset.id)]
        last, ts = values.at(now), int(values.ts[-1]) if len(values) else 0
        if last is None:
            continue
        month = values.values[values.ts > now - 30 * DAY_MS]
        before = values.at(now - DAY_MS, within_ms=DAY_MS)
        realised = number(readings[asset.id].metrics.volatility_30d)
        rows.append({
            "asset": asset.id, "symbol": asset.symbol, "name": asset.name, "dvol": last,
            "change_24h": None if before is None else last - before,
            "low_30d": float(month.min()) if len(month) else None,
            "high_30d": float(month.max()) if len(month) else None,
            "percentile": number(share_below(last, values.values[:-1], 90)),
            "realised_30d": None if realised is None else 100.0 * realised,
            "premium": None if realised is None else last - 100.0 * realised, "ts_event": ts,
            "is_stale": now - ts > 6 * HOUR_MS,
        })  # fmt: skip
    return _table(VOLATILITY, rows, ask, "", "deribit")


def _with_dvol(house: House, ask: DerivativesAsk) -> list[Asset]:
    catalog = Catalog(house.facts, house.shelf)
    wanted = {catalog.find(word).id for word in ask.assets.split(",") if word.strip()}
    told = {name.split("/")[1] for name in house.facts.list_series("volatility/")}
    return [
        one for one in catalog.assets(as_of=ask.as_of) if one.id in told and (not wanted or one.id in wanted)
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


class HistoryAsk(Counted):
    """Which measure of which asset, over how many days."""

    measure: Measured = Field("funding", description="What the lines are.")
    asset: str = Field("bitcoin", max_length=80, description="Catalogue id or ticker; volatility shows all.")
    days: int = Field(30, ge=1, le=1_500)
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


HISTORY: Final = [
    Column(
        name="ts", title="Time", unit="ms", definition="What the value is about; of a sum, its last part."
    ),
    Column(name="line", title="Line", definition="Instrument, side, asset, or total."),
    Column(name="value", title="Value", definition="In the unit of the answer."),
]


class History(Table):
    """Lines over time in long form; of sums `step_ms` tells over how long each is."""

    measure: str
    unit: str
    asset: str
    name: str
    lines: list[str]
    step_ms: int | None = None


@operation("derivatives.history", example={"measure": "funding", "asset": "bitcoin", "days": 7})
def read_history(house: House, caller: Caller, ask: HistoryAsk) -> History:
    """Read a measure of an asset over time, one line a venue: at most 400 points each."""
    now = ask.as_of or house.clock.market_now()
    asset = Catalog(house.facts, house.shelf).find(ask.asset)
    start, step = now - ask.days * DAY_MS, None
    if ask.measure == "volatility":
        every = DerivativesAsk.model_validate({"as_of": ask.as_of})
        names = {one.symbol: DVOL.format(one.id) for one in _with_dvol(house, every)}
        found = values_of(house, list(names.values()), start_ms=start, as_of=ask.as_of)
        lines, unit = {symbol: found[name] for symbol, name in names.items()}, "index"
    elif ask.measure == "liquidations":
        step = _step_of(ask.days)
        # The span in progress would always look calm.
        end, start = now // step * step, -(-start // step) * step
        lines = _forced(
            house, perpetuals(house, asset.id, ask.as_of), start=start, end=end, step=step, ask=ask
        )
        unit = "usd"
    else:
        lines, unit = _by_venue(house, ask.measure, perpetuals(house, asset.id, ask.as_of), start, ask.as_of)
    rows, kept = [], []
    for name, values in lines.items():
        thin = thinned(values, MOST_POINTS)
        kept += [name] if len(thin) else []
        rows += [
            {"ts": ts, "line": name, "value": value}
            for ts, value in zip(thin.ts.tolist(), thin.values.tolist(), strict=True)
        ]
    newest = max((row["ts"] for row in rows), default=None)
    forced = (one for one in house.facts.list_series("derivatives/") if "/liquidations_" in one)
    source = _venues(forced if ask.measure == "liquidations" else kept) or "venues"
    source = "deribit" if ask.measure == "volatility" else source
    columns = [one.model_copy(update={"unit": unit}) if one.name == "value" else one for one in HISTORY]
    return History(
        columns=columns, rows=rows, origins=[Origin(source=source, ts_event=newest)], total=len(rows),
        as_of=ask.as_of, measure=ask.measure, unit=unit, asset=asset.id, name=asset.name, lines=kept, step_ms=step,
    )  # fmt: skip


def _venues(names: Iterable[str]) -> str:
    """Return the venues of instruments, each once."""
    found = {name.removeprefix("derivatives/").partition(":")[0] for name in names if ":" in name}
    return ", ".join(sorted(found))


def _by_venue(
    house: House, measure: str, places: list[Perpetual], start: int, as_of: int | None
) -> tuple[dict[str, Values], str]:
    fact, unit = _FACTS[measure]
    names = {one.place: one.series(fact) for one in places[:MOST_LINES]}
    # A settlement's length is told by the one before it.
    begin = start - (2 * DAY_MS if measure == "funding" else 0)
    found = values_of(house, list(names.values()), start_ms=begin, as_of=as_of)
    lines = {}
    for place, name in names.items():
        values = found[name]
        rates = settled_8h(values) if measure == "funding" else values.values
        held = values.ts >= start
        lines[place] = Values(values.ts[held], values.ts_known[held], rates[held])
    return lines, unit


def _step_of(days: int) -> int:
    """Return over how long sums are made so that so many days are at most `MOST_POINTS`."""
    hours = next(one for one in _STEPS_H if days * 24 < MOST_POINTS * one)
    return hours * HOUR_MS


def _forced(
    house: House, places: list[Perpetual], *, start: int, end: int, step: int, ask: HistoryAsk
) -> dict[str, Values]:
    """Return what was closed by force over all places, span by span, longs and shorts."""
    found = {}
    for side in ("long", "short"):
        names = [one.series(f"liquidations_{side}_usd") for one in places]
        read = values_of(house, names, start_ms=start, end_ms=end, as_of=ask.as_of)
        parts = [one for one in read.values() if len(one)]
        if not parts:
            continue
        spans = np.concatenate([one.ts // step * step for one in parts])
        known = np.concatenate([one.ts_known for one in parts])
        ts, at = np.unique(spans, return_inverse=True)
        sums, newest = np.zeros(len(ts)), np.zeros(len(ts), np.int64)
        np.add.at(sums, at, np.concatenate([one.values for one in parts]))
        np.maximum.at(newest, at, known)
        found[side] = Values(ts, newest, sums)
    return found or {"long": NO_VALUES, "short": NO_VALUES}


def _table(
    columns: list[Column], rows: list[dict[str, Any]], ask: DerivativesAsk, sort: str, source: str = ""
) -> Table:
    order = ask.sort or sort
    ordered = sort_rows(rows, order, columns) if order else rows
    newest = max((row["ts_event"] for row in rows), default=None)
    venues = ", ".join(sorted({row["venue"] for row in rows if "venue" in row}))
    origins = [Origin(source=source or venues or "venues", ts_event=newest)]
    return Table(
        columns=columns, rows=ordered[: ask.limit], origins=origins, total=len(rows), as_of=ask.as_of
    )
