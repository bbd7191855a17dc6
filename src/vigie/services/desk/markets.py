"""The market as a table: every asset with its price, its changes and what is traded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from vigie.data.catalog import Catalog
from vigie.domain.person import Caller
from vigie.services.house import House
from vigie.services.measuring.ages import is_old
from vigie.services.measuring.gauge import Reading
from vigie.services.measuring.terms import places_told
from vigie.services.operation import Column, Counted, Origin, Table, UnknownOrder, operation

SPARK_HOURS = 168


class MarketsAsk(Counted):
    """Which assets, in which order, as of when."""

    sort: str = Field("-cap_usd", description="Column to sort by, `-` before it for largest first.")
    assets: str = Field("", description="Catalogue ids, comma-separated; empty means all that have a price.")
    limit: int = Field(100, ge=1, le=500)
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


# How old a price is, for everything that lists prices.
AGES = [
    Column(name="ts_event", title="Time", unit="ms", definition="When the price was so."),
    Column(name="is_stale", title="Stale", definition="Whether the price is older than is usual of it."),
]
_AGO = "Against the price {} before."

COLUMNS = [
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="symbol", title="Symbol"),
    Column(name="name", title="Name"),
    Column(
        name="price_usd",
        title="Price",
        unit="usd",
        definition="Last trade, else the last close.",
        source="venue",
    ),
    Column(name="change_1h", title="1 h", unit="change", definition=_AGO.format("an hour"), source="venue"),
    Column(
        name="change_24h", title="24 h", unit="change", definition=_AGO.format("24 hours"), source="venue"
    ),
    Column(name="change_7d", title="7 d", unit="change", definition=_AGO.format("7 days"), source="venue"),
    Column(name="change_30d", title="30 d", unit="change", definition=_AGO.format("30 days"), source="venue"),
    Column(
        name="volume_24h_usd", title="Volume 24 h", unit="usd", definition="On the venue.", source="venue"
    ),
    Column(name="cap_usd", title="Market cap", unit="usd", definition="Price x supply.", source="coingecko"),
    Column(name="instrument", title="Instrument", definition="Where price and volume come from."),
    *AGES,
    Column(
        name="spark", title="7 days", unit="usd", definition="Closes of the last 168 hours.", is_drawn=True
    ),
]


@operation("markets.list", example={"limit": 5})
def list_markets(house: House, caller: Caller, ask: MarketsAsk) -> Table:
    """List assets with price, changes over an hour to a month, volume and market cap."""
    wanted = [word for word in ask.assets.split(",") if word]
    catalog = Catalog(house.facts, house.shelf)
    assets = [catalog.find(word) for word in wanted] if wanted else catalog.assets(as_of=ask.as_of)
    readings = house.gauge.readings(assets, as_of=ask.as_of)
    now = asked_at(house, ask.as_of)
    rows = [row_of(reading, now) for reading in readings]
    ordered = sort_rows([row for row in rows if row["price_usd"] is not None or wanted], ask.sort, COLUMNS)
    newest = max((row["ts_event"] for row in ordered if row["ts_event"]), default=None)
    return Table(
        columns=COLUMNS,
        rows=ordered[: ask.limit],
        origins=[
            Origin(
                source=places_told(row["instrument"] or "" for row in ordered) or "venues", ts_event=newest
            ),
            Origin(source="coingecko"),
        ],
        total=len(ordered),
        as_of=ask.as_of,
    )


def asked_at(house: House, as_of: int | None) -> int:
    """Return the instant that a question is about."""
    return house.clock.market_now() if as_of is None else as_of


def age_of(reading: Reading, now: int) -> dict[str, Any]:
    """Return the values of `AGES` of one asset."""
    return {"ts_event": reading.metrics.ts or None, "is_stale": is_old(reading, now)}


def row_of(reading: Reading, now: int) -> dict[str, Any]:
    """Return the row of one asset; what is not known is None."""
    known = reading.metrics
    return {
        "asset": reading.asset.id,
        "symbol": reading.asset.symbol,
        "name": reading.asset.name,
        "price_usd": number(known.price),
        "change_1h": number(known.change_1h),
        "change_24h": number(known.change_24h),
        "change_7d": number(known.change_7d),
        "change_30d": number(known.change_30d),
        "volume_24h_usd": number(known.volume_24h),
        "cap_usd": number(known.market_cap),
        "instrument": reading.place or None,
        **age_of(reading, now),
        "spark": spark_of(reading),
    }


def number(value: float) -> float | None:
    """Return None for what is not known."""
    return None if math.isnan(value) else value


def spark_of(reading: Reading, hours: int = SPARK_HOURS, step: int = 4) -> list[float]:
    """Return closes for a small picture: the last hours, each `step`-th."""
    if reading.hourly is None:
        return []
    return [float(value) for value in reading.hourly.close[-hours:][::-1][::step][::-1]]


def sort_rows(rows: Sequence[dict[str, Any]], sort: str, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return rows by a column, smallest first (`-` before the name: largest first); what is not known comes last.

    Raises
    ------
    UnknownOrder
        If there is no such column.
    """
    name = sort.removeprefix("-")
    known = [column.name for column in columns if not column.is_drawn]
    if name not in known:
        raise UnknownOrder(f"sort must be one of {' '.join(known)}, was {sort!r}")
    have = [row for row in rows if row.get(name) is not None]
    lack = [row for row in rows if row.get(name) is None]
    have.sort(key=lambda row: row[name], reverse=sort.startswith("-"))
    return have + sorted(lack, key=lambda row: -(row.get("volume_24h_usd") or 0.0))
