"""Derivatives across venues: funding, open interest, basis, long against short, liquidations, implied volatility."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import Field

from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.funding import Rate, funding_rows, funding_spreads, median_8h
from vigie.intelligence.market.usual import share_below
from vigie.services.desk.markets import number, sort_rows
from vigie.services.house import House
from vigie.services.measuring.perpetuals import (
    STALE_MS,
    Perpetual,
    change_over,
    dollars,
    latest,
    named,
    perpetuals,
    settled_8h,
    spacing_hours,
)
from vigie.services.measuring.series import Values, values_of
from vigie.services.operation import Column, Counted, Figure, Origin, Table, operation

# Own history that a value is compared with.
HISTORY_MS: Final = 120 * DAY_MS
USUAL_MS: Final = 30 * DAY_MS
LEAST_HOURS: Final = 48


class DerivativesAsk(Counted):
    """Of which assets, in which order, as of when."""

    assets: str = Field(
        "", max_length=2_000, description="Catalogue ids or tickers, comma-separated; empty: all."
    )
    sort: str = Field(
        "", max_length=60, description="Column, `-` before it for largest first; empty: by asset and venue."
    )
    limit: int = Field(200, ge=1, le=1_000)
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


_NAMES: Final = [
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="symbol", title="Symbol"),
    Column(name="name", title="Name"),
    Column(name="venue", title="Venue"),
    Column(name="place", title="Instrument", definition="Where the number comes from."),
]
_TIME: Final = Column(name="ts_event", title="Time", unit="ms", definition="When the value was so.")
_STALE: Final = Column(name="is_stale", title="Old", definition="Whether the value is old.")
_OWN: Final = "Share of its own history below this value; nothing where the history is short."

FUNDING: Final = [
    *_NAMES,
    Column(
        name="rate", title="As stated", unit="rate",
        definition="What longs pay to shorts at one settlement; negative: shorts pay.", source="venue",
    ),
    Column(name="hours", title="Every, hours", unit="count", definition="Between settlements.", source="venue"),
    Column(name="per_8h", title="For 8 h", unit="rate", definition="Rate x 8 / hours between settlements."),
    Column(
        name="per_year", title="A year", unit="change",
        definition="Rate x 8,760 / hours between settlements; simple, not compounded.",
    ),
    Column(
        name="spread_8h", title="Between venues", unit="rate",
        definition="Highest minus lowest rate for 8 h of the asset; before fees, and while both last.",
    ),
    Column(name="percentile", title="Own history", unit="fraction", definition=_OWN),
    Column(
        name="outlier", title="Unusual",
        definition="high or low: in the outer two per cent of its own history of 120 days.",
    ),
    Column(name="history", title="Settlements", unit="count", definition="How many it is compared with."),
    Column(name="next_ts", title="Next settlement", unit="ms", source="venue"),
    Column(name="state", title="State", definition="expected: of the next settlement; settled: of the last one."),
    _TIME,
    _STALE,
]  # fmt: skip


class Funding(Table):
    """Funding rates that can be compared; `spreads` are rows of ``derivatives.spreads``, widest first."""

    median: Figure
    unusual: int
    spreads: list[dict[str, Any]]


@operation("derivatives.funding", example={"limit": 5})
def list_funding(house: House, caller: Caller, ask: DerivativesAsk) -> Funding:
    """List funding across venues for 8 hours and a year, with the spread between venues and unusual rates marked."""
    now = ask.as_of or house.clock.market_now()
    places = perpetuals(house, ask.assets, ask.as_of)
    settled = values_of(
        house, [one.series("funding_fraction") for one in places], start_ms=now - HISTORY_MS, as_of=ask.as_of
    )
    rates, histories, more = [], {}, {}
    for one in places:
        past = settled[one.series("funding_fraction")]
        rate, history, told = _rate_of(one, past, now)
        if rate is not None:
            rates.append(rate)
            histories[rate.asset, rate.venue] = history
            more[one.place] = told
    found = funding_rows(rates, histories)
    by_place = {row.venue: row for row in found}
    spreads = {spread.asset: spread.per_8h for spread in funding_spreads(found)}
    rows = []
    for one in places:
        row = by_place.get(one.place)
        if row is None:
            continue
        outlier = "" if not row.is_outlier else "high" if row.percentile > 0.5 else "low"
        rows.append({
            **named(one), "rate": row.rate, "hours": row.hours, "per_8h": row.per_8h, "per_year": row.per_year,
            "spread_8h": spreads.get(one.asset.id), "percentile": number(row.percentile), "outlier": outlier,
            "history": row.history, "ts_event": row.ts, **more[one.place],
        })  # fmt: skip
    fresh = [row for row in found if not more[row.venue]["is_stale"]]
    median = Figure(
        value=number(median_8h(fresh)), unit="rate", source=f"{len(fresh)} perpetuals",
        ts_event=max((row.ts for row in fresh), default=None),
        formula="median of funding rates, each for 8 h",
    )  # fmt: skip
    table = _table(FUNDING, rows, ask)
    return Funding(
        **table.model_dump(), median=median, unusual=sum(bool(row["outlier"]) for row in rows),
        spreads=_spreads([row for row in rows if not row["is_stale"]]),
    )  # fmt: skip


def _rate_of(one: Perpetual, past: Values, now: int) -> tuple[Rate | None, Any, dict[str, Any]]:
    quote, hours, history = one.quote, spacing_hours(past.ts), settled_8h(past)
    if quote is not None and quote.funding_rate is not None:
        hours = quote.funding_hours or hours
        rate = Rate(one.asset.id, one.place, quote.funding_rate, hours, quote.ts_event)
        told = {"next_ts": quote.funding_next_ts, "state": "expected"}
        return rate, history, {**told, "is_stale": now - quote.ts_event > STALE_MS}
    if not len(past):
        return None, history, {}
    ts, step = int(past.ts[-1]), round(hours * HOUR_MS)
    rate = Rate(one.asset.id, one.place, float(past.values[-1]), hours, ts)
    told = {"next_ts": ts + step, "state": "settled", "is_stale": now - ts > step + STALE_MS}
    return rate, history[:-1], told


SPREADS: Final = [
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="name", title="Name"),
    Column(name="lowest_venue", title="Lowest at"),
    Column(name="lowest_8h", title="Lowest, for 8 h", unit="rate"),
    Column(name="highest_venue", title="Highest at"),
    Column(name="highest_8h", title="Highest, for 8 h", unit="rate"),
    Column(
        name="spread_8h", title="Between venues", unit="rate",
        definition="Highest minus lowest rate for 8 h of the asset; before fees, and while both last.",
    ),
    Column(name="spread_year", title="A year", unit="change", definition="If it lasted; nobody promises that."),
    Column(name="venues", title="Venues", unit="count"),
]  # fmt: skip


@operation("derivatives.spreads", example={"limit": 5})
def list_spreads(house: House, caller: Caller, ask: DerivativesAsk) -> Table:
    """List how far the funding of an asset lies apart between venues, widest first."""
    found = list_funding(house, caller, ask.model_copy(update={"sort": ""}))
    rows = found.spreads
    ordered = sort_rows(rows, ask.sort or "-spread_8h", SPREADS)
    return Table(
        columns=SPREADS, rows=ordered[: ask.limit], origins=found.origins, total=len(rows), as_of=ask.as_of
    )


def _spreads(held: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    by_place = {row["place"]: row for row in held}
    rates = [Rate(row["asset"], row["place"], row["rate"], row["hours"], row["ts_event"]) for row in held]
    return [
        {
            "asset": one.asset, "name": by_place[one.lowest.venue]["name"],
            "lowest_venue": by_place[one.lowest.venue]["venue"], "lowest_8h": one.lowest.per_8h,
            "highest_venue": by_place[one.highest.venue]["venue"], "highest_8h": one.highest.per_8h,
            "spread_8h": one.per_8h, "spread_year": one.per_year, "venues": one.venues,
        }
        for one in funding_spreads(funding_rows(rates))
    ]  # fmt: skip


INTEREST: Final = [
    *_NAMES,
    Column(
        name="coins", title="Open, coins", unit="coins", definition="Contracts that are open, in coins.",
        source="venue",
    ),
    Column(
        name="usd", title="Open, worth", unit="usd",
        definition="Coins x mark price x what the quote currency is worth.",
    ),
    Column(
        name="change_24h", title="24 h, coins", unit="change",
        definition="Of the coins, so that it does not move with the price.",
    ),
    Column(
        name="share", title="Share of all", unit="fraction", definition="Of the dollars of all rows that are not old."
    ),
    _TIME,
    _STALE,
]  # fmt: skip


class InterestAsk(DerivativesAsk):
    """By instrument, or added up by asset."""

    by: Literal["instrument", "asset"] = Field(
        "instrument", description="asset: added up over venues, in coins and in dollars."
    )


class Interest(Table):
    """Open interest; the total leaves out what is old."""

    total_usd: Figure
    left_out: int


@operation("derivatives.open_interest", example={"by": "asset"})
def list_open_interest(house: House, caller: Caller, ask: InterestAsk) -> Interest:
    """List open interest in coins and dollars by instrument or by asset; sums are made after converting only."""
    now = ask.as_of or house.clock.market_now()
    places = perpetuals(house, ask.assets, ask.as_of)
    worth = dollars(house, ask.as_of)
    names = {one.place: one.series("open_interest_coins") for one in places}
    past = values_of(house, list(names.values()), start_ms=now - 3 * DAY_MS, as_of=ask.as_of)
    facts = latest(house, places, ("open_interest_coins", "open_interest_usd"), ask.as_of)
    rows: list[dict[str, Any]] = []
    for one in places:
        coins, usd, ts = _interest_of(one, facts, worth)
        if coins is None and usd is None:
            continue
        change = change_over(past[names[one.place]], now)
        rows.append({
            **named(one), "coins": coins, "usd": usd, "change_24h": change, "ts_event": ts,
            "is_stale": now - ts > STALE_MS,
        })  # fmt: skip
    fresh = [row for row in rows if not row["is_stale"] and row["usd"] is not None]
    total = math.fsum(row["usd"] for row in fresh)
    for row in rows:
        row["share"] = None if row["is_stale"] or row["usd"] is None or total <= 0 else row["usd"] / total
    left_out = len(rows) - len(fresh)
    if ask.by == "asset":
        rows = _by_asset(fresh, {one.asset.id: one.asset.symbol for one in places})
    table = _table(INTEREST, rows, ask, "-usd" if ask.by == "asset" else "")
    figure = Figure(
        value=total if fresh else None, unit="usd", source=f"{len(fresh)} perpetuals",
        ts_event=max((row["ts_event"] for row in fresh), default=None),
        formula="sum of coins x mark price x the quote currency in dollars",
    )  # fmt: skip
    return Interest(**table.model_dump(), total_usd=figure, left_out=left_out)


def _interest_of(
    one: Perpetual, facts: Any, worth: dict[str, float]
) -> tuple[float | None, float | None, int]:
    quote = one.quote
    in_dollars = worth.get(one.instrument.quote, 1.0)
    if quote is not None and quote.open_interest is not None:
        price = quote.mark or quote.last
        usd_now = quote.open_interest * price * in_dollars
        return quote.open_interest * one.instrument.multiplier, usd_now, quote.ts_event
    coins = facts.get(one.series("open_interest_coins"))
    usd = facts.get(one.series("open_interest_usd"))
    ts = max((fact.ts_event for fact in (coins, usd) if fact), default=0)
    # What venues call dollars is their quote currency.
    held = coins.value * one.instrument.multiplier if coins else None
    return held, usd.value * in_dollars if usd else None, ts


def _by_asset(rows: Sequence[dict[str, Any]], symbols: Mapping[str, str]) -> list[dict[str, Any]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["asset"], []).append(row)
    found = []
    for held in grouped.values():
        counted = [row for row in held if row["coins"] is not None]
        moved = [row for row in counted if row["change_24h"] is not None]
        now = math.fsum(row["coins"] for row in moved)
        before = math.fsum(row["coins"] / (1.0 + row["change_24h"]) for row in moved)
        found.append({
            **held[0], "symbol": symbols[held[0]["asset"]],
            "venue": ",".join(row["venue"] for row in held), "place": None,
            "coins": math.fsum(row["coins"] for row in counted) if counted else None,
            "usd": math.fsum(row["usd"] for row in held),
            "change_24h": now / before - 1.0 if before > 0 else None,
            "share": math.fsum(row["share"] or 0.0 for row in held),
            "ts_event": min(row["ts_event"] for row in held),
        })  # fmt: skip
    return found


def _outlier(share: float) -> str:
    # NaN, a short history, is neither.
    return "high" if share >= 0.98 else "low" if share <= 0.02 else ""


BASIS: Final = [
    *_NAMES,
    Column(name="mark", title="Mark", unit="price", definition="At which positions are valued.", source="venue"),
    Column(name="index", title="Index", unit="price", definition="Of spot venues, by the venue.", source="venue"),
    Column(name="basis", title="Basis", unit="rate", definition="(mark - index) / index"),
    Column(name="percentile", title="Own history", unit="fraction", definition=_OWN),
    Column(name="outlier", title="Unusual", definition="high or low: in the outer two per cent of 30 days."),
    _TIME,
    _STALE,
]  # fmt: skip


@operation("derivatives.basis", example={"limit": 5})
def list_basis(house: House, caller: Caller, ask: DerivativesAsk) -> Table:
    """List how far mark prices lie above their index, (mark - index) / index, against their own 30 days."""
    now = ask.as_of or house.clock.market_now()
    places = perpetuals(house, ask.assets, ask.as_of)
    names = {one.place: one.series("basis_fraction") for one in places}
    past = values_of(house, list(names.values()), start_ms=now - USUAL_MS, as_of=ask.as_of)
    rows = []
    for one in places:
        quote, history = one.quote, past[names[one.place]]
        mark, index = (quote.mark, quote.index) if quote else (None, None)
        if quote is not None and mark and index:
            basis, ts, before = (mark - index) / index, quote.ts_event, history.values
        elif len(history):
            mark = index = None
            basis, ts, before = float(history.values[-1]), int(history.ts[-1]), history.values[:-1]
        else:
            continue
        share = share_below(basis, before, LEAST_HOURS)
        rows.append({
            **named(one), "mark": mark, "index": index, "basis": basis, "percentile": number(share),
            "outlier": _outlier(share), "ts_event": ts,
            "is_stale": now - ts > STALE_MS,
        })  # fmt: skip
    return _table(BASIS, rows, ask)


LONG_SHORT: Final = [
    *_NAMES,
    Column(
        name="ratio", title="Long for each short", unit="ratio",
        definition="Accounts that are long for each that is short, whatever their size.", source="venue",
    ),
    Column(name="long_share", title="Long accounts", unit="fraction", definition="ratio / (1 + ratio)"),
    Column(name="change_24h", title="24 h", unit="change", definition="Of the ratio."),
    Column(name="percentile", title="Own history", unit="fraction", definition=_OWN),
    Column(name="outlier", title="Unusual", definition="high or low: in the outer two per cent of 30 days."),
    _TIME,
    _STALE,
]  # fmt: skip


@operation("derivatives.long_short", example={"limit": 5})
def list_long_short(house: House, caller: Caller, ask: DerivativesAsk) -> Table:
    """List how many accounts are long for each that is short; compare a ratio with its own past only."""
    now = ask.as_of or house.clock.market_now()
    places = perpetuals(house, ask.assets, ask.as_of)
    names = {one.place: one.series("long_short_ratio") for one in places}
    past = values_of(house, list(names.values()), start_ms=now - USUAL_MS, as_of=ask.as_of)
    rows = []
    for one in places:
        history = past[names[one.place]]
        if not len(history):
            continue
        ratio, ts = float(history.values[-1]), int(history.ts[-1])
        share = share_below(ratio, history.values[:-1], LEAST_HOURS)
        rows.append({
            **named(one), "ratio": ratio, "long_share": ratio / (1.0 + ratio),
            "change_24h": change_over(history, ts), "percentile": number(share),
            "outlier": _outlier(share), "ts_event": ts,
            # Published once an hour, for the hour before.
            "is_stale": now - ts > STALE_MS + 2 * HOUR_MS,
        })  # fmt: skip
    return _table(LONG_SHORT, rows, ask)


def _table(columns: list[Column], rows: list[dict[str, Any]], ask: DerivativesAsk, sort: str = "") -> Table:
    order = ask.sort or sort
    ordered = sort_rows(rows, order, columns) if order else rows
    newest = max((row["ts_event"] for row in rows if row.get("ts_event")), default=None)
    venues = sorted({venue for row in rows for venue in (row.get("venue") or "").split(",") if venue})
    origins = [Origin(source=", ".join(venues) or "venues", ts_event=newest)]
    return Table(
        columns=columns, rows=ordered[: ask.limit], origins=origins, total=len(rows), as_of=ask.as_of
    )
