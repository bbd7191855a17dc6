"""The market as a table: every asset with its price, its changes and what is traded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from vigie.data.catalog import Catalog
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_instrument
from vigie.domain.person import Caller
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.house import House
from vigie.services.operation import Ask, Column, Origin, Table, operation

_HOURS = 31 * 24 + 1
_DAYS = 370
SPARK_HOURS = 168


class MarketsAsk(Ask):
    """Which assets, in which order, as of when."""

    sort: str = Field("cap", description="Column to sort by, `-` before it for ascending.")
    assets: str = Field("", description="Catalogue ids, comma-separated; empty means all that have a price.")
    limit: int = Field(100, ge=1, le=500)
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


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
    Column(name="ts_event", title="Time", unit="ms", definition="When the price was so."),
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
    quotes = {} if ask.as_of else quotes_by_asset(house)
    caps = house.facts.latest([f"market/{asset.id}/cap_usd" for asset in assets], as_of=ask.as_of)
    places = house.shelf.instruments()
    rows = []
    for asset in assets:
        cap = caps.get(f"market/{asset.id}/cap_usd")
        row = row_of(house, asset, places.get(asset.id, []), quotes.get(asset.id), ask.as_of)
        if row["price_usd"] is not None or wanted:
            rows.append({**row, "cap_usd": cap.value if cap else None})
    ordered = sort_rows(rows, ask.sort, COLUMNS)
    newest = max((row["ts_event"] for row in rows if row["ts_event"]), default=None)
    origins = [Origin(source="venue", ts_event=newest)]
    if caps:
        origins.append(Origin(source="coingecko", ts_event=max(cap.ts_event for cap in caps.values())))
    return Table(
        columns=COLUMNS, rows=ordered[: ask.limit], origins=origins, total=len(ordered), as_of=ask.as_of
    )


def quotes_by_asset(house: House) -> dict[str, Quote]:
    """Return the newest quote of each asset: of the venue with most volume."""
    found: dict[str, Quote] = {}
    for quote in house.quotes.since(0)[1]:
        asset = parse_instrument(quote.instrument).asset
        known = found.get(asset)
        if known is None or (quote.volume_24h or 0.0) > (known.volume_24h or 0.0):
            found[asset] = quote
    return found


def row_of(
    house: House, asset: Asset, places: Sequence[tuple[str, str]], quote: Quote | None, as_of: int | None
) -> dict[str, object]:
    """Return the row of one asset; what is not known is None."""
    bars = known_bars(house.shelf.newest(places, "1h", last=_HOURS if as_of is None else None), as_of)
    price = quote.last if quote else float(bars.close[-1]) if bars is not None and len(bars) else None
    ts = quote.ts_event if quote else int(bars.ts[-1]) + HOUR_MS if bars is not None and len(bars) else None
    row: dict[str, object] = {
        "asset": asset.id,
        "symbol": asset.symbol,
        "name": asset.name,
        "price_usd": price,
        "ts_event": ts,
    }
    spans = {"change_1h": HOUR_MS, "change_24h": DAY_MS, "change_7d": 7 * DAY_MS, "change_30d": 30 * DAY_MS}
    for name, span in spans.items():
        before = price_at(bars, ts - span) if bars is not None and ts else None
        row[name] = price / before - 1.0 if price and before else None
    row["volume_24h_usd"] = quote.volume_24h if quote else _volume(bars, ts)
    where = quote.id if quote else f"{bars.venue}:{bars.instrument}" if bars is not None else None
    row["instrument"] = where
    row["spark"] = [float(value) for value in bars.close[-SPARK_HOURS:]] if bars is not None else []
    return row


def known_bars(bars: Bars | None, as_of: int | None) -> Bars | None:
    """Return the bars that were closed by an instant."""
    if bars is None or as_of is None:
        return bars
    return bars.slice(0, int(np.searchsorted(bars.ts, as_of - bars.span_ms, side="right")))


def price_at(bars: Bars, ts: int) -> float | None:
    """Return the close that was known at a time, None before the first and where the last is older than a day."""
    at = int(np.searchsorted(bars.ts + bars.span_ms, ts, side="right")) - 1
    if at < 0 or ts - int(bars.ts[at]) > DAY_MS + bars.span_ms:
        return None
    return float(bars.close[at])


def _volume(bars: Bars | None, ts: int | None) -> float | None:
    if bars is None or ts is None:
        return None
    chosen = bars.ts >= ts - DAY_MS
    return float((bars.volume[chosen] * bars.close[chosen]).sum())


def sort_rows(
    rows: Sequence[dict[str, object]], sort: str, columns: Sequence[Column]
) -> list[dict[str, object]]:
    """Return rows by a column, largest first (`-` before the name: smallest first); what is not known comes last."""
    name = sort.removeprefix("-")
    name = {"cap": "cap_usd", "price": "price_usd", "volume": "volume_24h_usd"}.get(name, name)
    known = [column.name for column in columns]
    if name not in known:
        raise UsageError(f"sort must be one of {' '.join(known)}, was {sort!r}")
    have = [row for row in rows if isinstance(row.get(name), int | float | str)]
    lack = [row for row in rows if not isinstance(row.get(name), int | float | str)]
    is_text = bool(have) and isinstance(have[0][name], str)
    have.sort(key=lambda row: row[name], reverse=sort.startswith("-") == is_text)  # type: ignore[arg-type, return-value]
    return have + sorted(lack, key=lambda row: -float(row.get("volume_24h_usd") or 0.0))  # type: ignore[arg-type]
