"""Derivatives across venues: funding, open interest, basis, long against short, liquidations, implied volatility."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import Field

from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.funding import VenueFundingRate, funding_rows, funding_spreads, median_8h
from vigie.intelligence.market.historical_range import share_below
from vigie.services.caches.asset_metrics import STALE_MS
from vigie.services.market_data.derivatives_rows import (
    BasisRow,
    FundingRateRow,
    FundingSpreadRow,
    LongShortRow,
    OpenInterestRow,
)
from vigie.services.market_data.own_past import LEAST_DAYS
from vigie.services.market_data.perpetuals import (
    Perpetual,
    PerpetualSources,
    change_over,
    dollar_rates,
    latest_facts,
    list_perpetuals,
    perpetual_cells,
    settled_rates_8h,
    spacing_hours,
)
from vigie.services.market_data.series import Values, values_of
from vigie.services.operation import CurrencyInput, Figure, Origin, Table, operation
from vigie.services.operations.markets import finite_or_none, sort_rows
from vigie.services.rows import RowT, row_columns, table_of

# Own history that a value is compared with.
HISTORY_MS: Final = 120 * DAY_MS
USUAL_MS: Final = 30 * DAY_MS
MIN_HOURS: Final = 48


class DerivativesInput(CurrencyInput):
    """Of which assets, in which order, as of when."""

    assets: str = Field(
        "", max_length=2_000, description="Catalogue ids or tickers, comma-separated; empty: all."
    )
    sort: str = Field(
        "", max_length=60, description="Column, `-` before it for largest first; empty: by asset and venue."
    )
    limit: int = Field(200, ge=1, le=1_000)
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


class FundingTable(Table[FundingRateRow]):
    """Funding rates that can be compared; `spreads` are rows of ``derivatives.spreads``, widest first."""

    median: Figure
    unusual: int
    spreads: list[FundingSpreadRow]


@operation("derivatives.funding", example={"limit": 5})
def list_funding(caller: Caller, params: DerivativesInput, sources: PerpetualSources) -> FundingTable:
    """List funding across venues for 8 hours and a year, with the spread between venues and unusual rates marked."""
    now = params.as_of or sources.clock.market_now()
    places = list_perpetuals(sources, params.assets, params.as_of)
    settled_rates = values_of(
        sources.facts,
        [perpetual.series("funding_fraction") for perpetual in places],
        start_ms=now - HISTORY_MS,
        as_of=params.as_of,
    )
    rates, histories, states = [], {}, {}
    for perpetual in places:
        past = settled_rates[perpetual.series("funding_fraction")]
        rate, history, state = _funding_rate(perpetual, past, now)
        if rate is not None:
            rates.append(rate)
            histories[rate.asset, rate.venue] = history
            states[perpetual.place] = state
    funding = funding_rows(rates, histories)
    by_place = {row.venue: row for row in funding}
    spreads = {spread.asset: spread.per_8h for spread in funding_spreads(funding)}
    rows = []
    for perpetual in places:
        row = by_place.get(perpetual.place)
        if row is None:
            continue
        outlier = "" if not row.is_outlier else "high" if row.percentile > 0.5 else "low"
        rows.append(
            FundingRateRow(
                **perpetual_cells(perpetual),
                rate=row.rate,
                hours=row.hours,
                per_8h=row.per_8h,
                per_year=row.per_year,
                spread_8h=spreads.get(perpetual.asset.id),
                percentile=finite_or_none(row.percentile),
                outlier=outlier,
                history=row.history,
                ts_event=row.ts,
                **states[perpetual.place],
            )
        )
    fresh = [row for row in funding if not states[row.venue]["is_stale"]]
    median = Figure(
        value=finite_or_none(median_8h(fresh)),
        unit="rate",
        source=f"{len(fresh)} perpetuals",
        ts_event=max((row.ts for row in fresh), default=None),
        formula="median of funding rates, each for 8 h",
    )
    table = _sorted_table(FundingRateRow, rows, params)
    return FundingTable(
        **dict(table),
        median=median,
        unusual=sum(bool(row.outlier) for row in rows),
        spreads=_spread_rows([row for row in rows if not row.is_stale]),
    )


def _funding_rate(
    perpetual: Perpetual, settled: Values, now: int
) -> tuple[VenueFundingRate | None, Any, dict[str, Any]]:
    quote, hours, history = perpetual.quote, spacing_hours(settled.ts), settled_rates_8h(settled)
    if len(settled) and settled.ts[-1] - settled.ts[0] < (LEAST_DAYS - 1) * DAY_MS:
        # A rank among a few days says little: it needs as much of a past as a usual range does.
        history = history[:0]
    if quote is not None and quote.funding_rate is not None:
        hours = quote.funding_hours or hours
        rate = VenueFundingRate(
            perpetual.asset.id, perpetual.place, quote.funding_rate, hours, quote.ts_event
        )
        state = {"next_ts": quote.funding_next_ts, "state": "expected"}
        return rate, history, {**state, "is_stale": now - quote.ts_event > STALE_MS}
    if not len(settled):
        return None, history, {}
    ts, step = int(settled.ts[-1]), round(hours * HOUR_MS)
    rate = VenueFundingRate(perpetual.asset.id, perpetual.place, float(settled.values[-1]), hours, ts)
    state = {"next_ts": ts + step, "state": "settled", "is_stale": now - ts > step + STALE_MS}
    return rate, history[:-1], state


@operation("derivatives.spreads", example={"limit": 5})
def list_spreads(
    caller: Caller, params: DerivativesInput, sources: PerpetualSources
) -> Table[FundingSpreadRow]:
    """List how far the funding of an asset lies apart between venues, widest first."""
    funding = list_funding(caller, params.model_copy(update={"sort": ""}), sources)
    rows = funding.spreads
    ordered = sort_rows(rows, params.sort or "-spread_8h", row_columns(FundingSpreadRow))
    return table_of(
        FundingSpreadRow,
        ordered[: params.limit],
        origins=funding.origins,
        total=len(rows),
        as_of=params.as_of,
    )


def _spread_rows(fresh_rows: Sequence[FundingRateRow]) -> list[FundingSpreadRow]:
    by_place = {row.place or "": row for row in fresh_rows}
    rates = [
        VenueFundingRate(row.asset, place, row.rate, row.hours, row.ts_event)
        for place, row in by_place.items()
    ]
    return [
        FundingSpreadRow(
            asset=spread.asset,
            name=by_place[spread.lowest.venue].name,
            lowest_venue=by_place[spread.lowest.venue].venue,
            lowest_8h=spread.lowest.per_8h,
            highest_venue=by_place[spread.highest.venue].venue,
            highest_8h=spread.highest.per_8h,
            spread_8h=spread.per_8h,
            spread_year=spread.per_year,
            venues=spread.venues,
        )
        for spread in funding_spreads(funding_rows(rates))
    ]


class OpenInterestInput(DerivativesInput):
    """By instrument, or added up by asset."""

    by: Literal["instrument", "asset"] = Field(
        "instrument", description="asset: added up over venues, in coins and in dollars."
    )


class OpenInterestTable(Table[OpenInterestRow]):
    """Open interest; the total leaves out what is old."""

    total_usd: Figure
    left_out: int


@operation("derivatives.open_interest", example={"by": "asset"})
def list_open_interest(
    caller: Caller, params: OpenInterestInput, sources: PerpetualSources
) -> OpenInterestTable:
    """List open interest in coins and dollars by instrument or by asset; sums are made after converting only."""
    now = params.as_of or sources.clock.market_now()
    places = list_perpetuals(sources, params.assets, params.as_of)
    quote_rates = dollar_rates(sources.facts, params.as_of)
    names = {perpetual.place: perpetual.series("open_interest_coins") for perpetual in places}
    values_by_series = values_of(
        sources.facts, list(names.values()), start_ms=now - 3 * DAY_MS, as_of=params.as_of
    )
    facts = latest_facts(sources.facts, places, ("open_interest_coins", "open_interest_usd"), params.as_of)
    rows: list[OpenInterestRow] = []
    for perpetual in places:
        coins, usd, ts = _open_interest(perpetual, facts, quote_rates)
        if coins is None and usd is None:
            continue
        change = change_over(values_by_series[names[perpetual.place]], now)
        rows.append(
            OpenInterestRow(
                **perpetual_cells(perpetual),
                coins=coins,
                usd=usd,
                change_24h=change,
                share=None,
                ts_event=ts,
                is_stale=now - ts > STALE_MS,
            )
        )
    fresh = [row for row in rows if not row.is_stale and row.usd is not None]
    total = math.fsum(row.usd or 0.0 for row in fresh)
    left_out = len(rows) - len(fresh)
    rows = [row.with_values(share=_share_of(row, total)) for row in rows]
    if params.by == "asset":
        fresh = [row.with_values(share=_share_of(row, total)) for row in fresh]
        rows = _sum_by_asset(fresh, {perpetual.asset.id: perpetual.asset.symbol for perpetual in places})
    table = _sorted_table(OpenInterestRow, rows, params, "-usd" if params.by == "asset" else "")
    figure = Figure(
        value=total if fresh else None,
        unit="usd",
        source=f"{len(fresh)} perpetuals",
        ts_event=max((row.ts_event for row in fresh), default=None),
        formula="sum of coins x mark price x the quote currency in dollars",
    )
    return OpenInterestTable(**dict(table), total_usd=figure, left_out=left_out)


def _share_of(row: OpenInterestRow, total: float) -> float | None:
    return None if row.is_stale or row.usd is None or total <= 0 else row.usd / total


def _open_interest(
    perpetual: Perpetual, facts: Any, quote_rates: dict[str, float]
) -> tuple[float | None, float | None, int]:
    quote = perpetual.quote
    in_dollars = quote_rates.get(perpetual.instrument.quote, 1.0)
    if quote is not None and quote.open_interest is not None:
        price = quote.mark or quote.last
        usd_now = quote.open_interest * price * in_dollars
        return quote.open_interest * perpetual.instrument.multiplier, usd_now, quote.ts_event
    coins = facts.get(perpetual.series("open_interest_coins"))
    usd = facts.get(perpetual.series("open_interest_usd"))
    ts = max((fact.ts_event for fact in (coins, usd) if fact), default=0)
    # What venues call dollars is their quote currency.
    coin_amount = coins.value * perpetual.instrument.multiplier if coins else None
    return coin_amount, usd.value * in_dollars if usd else None, ts


def _sum_by_asset(rows: Sequence[OpenInterestRow], symbols: Mapping[str, str]) -> list[OpenInterestRow]:
    grouped: dict[str, list[OpenInterestRow]] = {}
    for row in rows:
        grouped.setdefault(row.asset, []).append(row)
    totals = []
    for asset_rows in grouped.values():
        coins = [row.coins for row in asset_rows if row.coins is not None]
        changes = [
            (row.coins, row.change_24h)
            for row in asset_rows
            if row.coins is not None and row.change_24h is not None
        ]
        now = math.fsum(amount for amount, _ in changes)
        before = math.fsum(amount / (1.0 + change) for amount, change in changes)
        totals.append(
            asset_rows[0].with_values(
                symbol=symbols[asset_rows[0].asset],
                venue=",".join(row.venue for row in asset_rows),
                place=None,
                coins=math.fsum(coins) if coins else None,
                usd=math.fsum(row.usd or 0.0 for row in asset_rows),
                change_24h=now / before - 1.0 if before > 0 else None,
                share=math.fsum(row.share or 0.0 for row in asset_rows),
                ts_event=min(row.ts_event for row in asset_rows),
            )
        )
    return totals


def _outlier_label(share: float) -> str:
    # NaN, a short history, is neither.
    return "high" if share >= 0.98 else "low" if share <= 0.02 else ""


@operation("derivatives.basis", example={"limit": 5})
def list_basis(caller: Caller, params: DerivativesInput, sources: PerpetualSources) -> Table[BasisRow]:
    """List how far mark prices lie above their index, (mark - index) / index, against their own 30 days."""
    now = params.as_of or sources.clock.market_now()
    places = list_perpetuals(sources, params.assets, params.as_of)
    names = {perpetual.place: perpetual.series("basis_fraction") for perpetual in places}
    values_by_series = values_of(
        sources.facts, list(names.values()), start_ms=now - USUAL_MS, as_of=params.as_of
    )
    rows = []
    for perpetual in places:
        quote, history = perpetual.quote, values_by_series[names[perpetual.place]]
        mark, index = (quote.mark, quote.index) if quote else (None, None)
        if quote is not None and mark and index:
            basis, ts, before = (mark - index) / index, quote.ts_event, history.values
        elif len(history):
            mark = index = None
            basis, ts, before = float(history.values[-1]), int(history.ts[-1]), history.values[:-1]
        else:
            continue
        share = share_below(basis, before, MIN_HOURS)
        rows.append(
            BasisRow(
                **perpetual_cells(perpetual),
                mark=mark,
                index=index,
                basis=basis,
                percentile=finite_or_none(share),
                outlier=_outlier_label(share),
                ts_event=ts,
                is_stale=now - ts > STALE_MS,
            )
        )
    return _sorted_table(BasisRow, rows, params)


@operation("derivatives.long_short", example={"limit": 5})
def list_long_short(
    caller: Caller, params: DerivativesInput, sources: PerpetualSources
) -> Table[LongShortRow]:
    """List how many accounts are long for each that is short; compare a ratio with its own past only."""
    now = params.as_of or sources.clock.market_now()
    places = list_perpetuals(sources, params.assets, params.as_of)
    names = {perpetual.place: perpetual.series("long_short_ratio") for perpetual in places}
    values_by_series = values_of(
        sources.facts, list(names.values()), start_ms=now - USUAL_MS, as_of=params.as_of
    )
    rows = []
    for perpetual in places:
        history = values_by_series[names[perpetual.place]]
        if not len(history):
            continue
        ratio, ts = float(history.values[-1]), int(history.ts[-1])
        share = share_below(ratio, history.values[:-1], MIN_HOURS)
        rows.append(
            LongShortRow(
                **perpetual_cells(perpetual),
                ratio=ratio,
                long_share=ratio / (1.0 + ratio),
                change_24h=change_over(history, ts),
                percentile=finite_or_none(share),
                outlier=_outlier_label(share),
                ts_event=ts,
                is_stale=now - ts > STALE_MS + 2 * HOUR_MS,
            )
        )
    return _sorted_table(LongShortRow, rows, params)


def _sorted_table(
    kind: type[RowT], rows: list[RowT], params: DerivativesInput, default_sort: str = ""
) -> Table[RowT]:
    order = params.sort or default_sort
    ordered = sort_rows(rows, order, row_columns(kind)) if order else rows
    newest = max((row["ts_event"] for row in rows if row.get("ts_event")), default=None)
    venues = sorted({venue for row in rows for venue in (row.get("venue") or "").split(",") if venue})
    origins = [Origin(source=", ".join(venues) or "venues", ts_event=newest)]
    return table_of(kind, ordered[: params.limit], origins=origins, total=len(rows), as_of=params.as_of)
