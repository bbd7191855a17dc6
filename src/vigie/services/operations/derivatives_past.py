"""What perpetuals and options show now against their own last 120 days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from pydantic import Field

from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.intelligence.market.historical_range import OwnPast
from vigie.services.caches.asset_metrics import STALE_MS
from vigie.services.caches.own_pasts import OwnPastCache
from vigie.services.market_data.own_past import PastRow, own_past, surprise_of, whole_bounds
from vigie.services.market_data.perpetuals import (
    Perpetual,
    PerpetualSources,
    list_perpetuals,
    settled_rates_8h,
)
from vigie.services.market_data.series import Values, values_of
from vigie.services.operation import CurrencyInput, Origin, Table, operation
from vigie.services.operations.derivatives_history import DVOL
from vigie.services.rows import table_of

# As long as the past that the table of funding rates is marked by.
PAST_MS: Final = 120 * DAY_MS
# Of each kind: the series, and the unit of its values.
SERIES: Final = {
    "funding": ("funding_fraction", "rate"),
    "open_interest": ("open_interest_coins", "count"),
    "basis": ("basis_fraction", "rate"),
    "long_short": ("long_short_ratio", "ratio"),
    "liquidations": ("liquidations_{}_usd", "usd"),
}
SIDES: Final = ("long", "short")
# Of a day, a sum of which less was heard than this is no sum of a day.
LEAST_HEARD: Final = 0.9
DAY_PARTS: Final = DAY_MS // (5 * MINUTE_MS)


class DerivativesPastInput(CurrencyInput):
    """Of which assets, as of when."""

    assets: str = Field(
        "", max_length=2_000, description="Catalogue ids or tickers, comma-separated; empty: all."
    )
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


@operation("derivatives.past", example={"assets": "bitcoin"})
def list_derivatives_past(
    caller: Caller, params: DerivativesPastInput, sources: PerpetualSources, own_pasts: OwnPastCache
) -> Table[PastRow]:
    """List each measure of derivatives with its value now and the range of its own last 120 days."""
    clock = sources.clock
    now = params.as_of or clock.market_now()
    all_places = list_perpetuals(sources, "", params.as_of)
    wanted = {sources.catalog.find(word).id for word in params.assets.split(",") if word.strip()}
    places = [place for place in all_places if not wanted or place.asset.id in wanted]
    if params.as_of is None:
        pasts = own_pasts.read(
            "derivatives", clock.wall_now(), lambda: _pasts(sources, all_places, now, None)
        )
    else:
        pasts = _pasts(sources, places, now, params.as_of)
    rows = [
        row
        for kind in SERIES
        for perpetual in places
        if (row := _row(kind, perpetual, pasts.get(_series(kind, perpetual)), now)) is not None
    ]
    named = {perpetual.asset.id: perpetual.asset.name for perpetual in places}
    rows += [
        past_row("volatility", DVOL.format(asset), asset, name, "deribit", "index", past, now)
        for asset, name in named.items()
        if (past := pasts.get(DVOL.format(asset))) is not None
    ]
    venues = ", ".join(sorted({row.venue for row in rows})) or "venues"
    newest = max((row.ts_event for row in rows), default=None)
    return table_of(
        PastRow,
        rows,
        origins=[Origin(source=venues, ts_event=newest)],
        total=len(rows),
        as_of=params.as_of,
    )


def _series(kind: str, perpetual: Perpetual) -> str:
    return perpetual.series(SERIES[kind][0].format("all"))


def _pasts(
    sources: PerpetualSources, places: Sequence[Perpetual], now: int, as_of: int | None
) -> Mapping[str, OwnPast]:
    facts, start = sources.facts, now - PAST_MS
    names = [
        perpetual.series(SERIES[kind][0])
        for kind in ("funding", "open_interest", "basis", "long_short")
        for perpetual in places
    ]
    names += [DVOL.format(asset) for asset in dict.fromkeys(perpetual.asset.id for perpetual in places)]
    found = dict(values_of(facts, names, start_ms=start, end_ms=now + 1, as_of=as_of))
    for perpetual in places:
        name = perpetual.series(SERIES["funding"][0])
        settled = found[name]
        found[name] = Values(settled.ts, settled.ts_known, settled_rates_8h(settled))
    forced = [
        perpetual.series(SERIES["liquidations"][0].format(side)) for perpetual in places for side in SIDES
    ]
    heard = values_of(facts, forced, start_ms=start, end_ms=now + 1, as_of=as_of)
    for perpetual in places:
        sides = [heard[perpetual.series(SERIES["liquidations"][0].format(side))] for side in SIDES]
        found[_series("liquidations", perpetual)] = _day_sums(sides, now)
    pasts = {name: own_past(values) for name, values in found.items()}
    return {name: past for name, past in pasts.items() if past is not None}


def _day_sums(sides: Sequence[Values], now: int) -> Values:
    """Return what was closed by force in each 24 hours before now, oldest first; days hardly heard are left out.

    Where no day was heard whole yet, the last one stands alone: it has no past to compare with.
    """
    ts = np.concatenate([side.ts for side in sides])
    amounts = np.concatenate([side.values for side in sides])
    back = ((now - ts) // DAY_MS).astype(np.int64)
    parts = np.bincount((now - sides[0].ts) // DAY_MS) if len(sides[0]) else np.zeros(0, np.int64)
    sums = np.bincount(back, weights=amounts).astype(np.float64)
    whole = np.flatnonzero(parts >= LEAST_HEARD * DAY_PARTS)[::-1]
    if not len(whole) and len(parts) and parts[0]:
        whole = np.zeros(1, np.int64)
    ends = now - whole * DAY_MS
    return Values(ends, ends, sums[whole])


def _row(kind: str, perpetual: Perpetual, past: OwnPast | None, now: int) -> PastRow | None:
    """Return a measure of one perpetual: as its venue quotes it now, else as it was stored last."""
    if past is None:
        return None
    quote, live = perpetual.quote, None
    if quote is not None and now - quote.ts_event <= STALE_MS:
        if kind == "funding" and quote.funding_rate is not None and quote.funding_hours:
            live = quote.funding_rate * 8.0 / quote.funding_hours
        elif kind == "basis" and quote.mark and quote.index:
            live = (quote.mark - quote.index) / quote.index
        elif kind == "open_interest" and quote.open_interest is not None:
            live = quote.open_interest
    asset = perpetual.asset
    return past_row(
        kind,
        _series(kind, perpetual),
        asset.id,
        asset.name,
        perpetual.venue,
        SERIES[kind][1],
        past,
        now,
        live=None if live is None or quote is None else (live, quote.ts_event),
    )


def past_row(
    kind: str,
    series: str,
    asset: str,
    name: str,
    venue: str,
    unit: str,
    past: OwnPast,
    now: int,
    *,
    live: tuple[float, int] | None = None,
) -> PastRow:
    """Return one row of perpetuals or options; `live` is a value newer than the stored ones, with its time."""
    value, ts = live or (past.last, past.ts)
    is_stale = now - ts > max(STALE_MS + 2 * HOUR_MS, past.stale_after_ms)
    # What is old says nothing of now.
    outlier, surprise = ("", 0.0) if is_stale else surprise_of(value, past)
    low, high = whole_bounds(past, unit)
    return PastRow(
        kind=kind, series=series, asset=asset, name=name, venue=venue, title=kind, value=value, unit=unit,
        low=low, high=high, outlier=outlier, surprise=surprise, days=past.days, is_change=False,
        spark=list(past.spark), source=venue, ts_event=ts, is_stale=is_stale,
    )  # fmt: skip
