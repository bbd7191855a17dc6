"""What a visitor sees first: the market in one sentence, six tiles, the watchlist, and how fresh it all is."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel, Field

from vigie.data.catalog import Catalog
from vigie.domain.fact import Observation
from vigie.domain.person import Caller
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.grammar import Verdict
from vigie.intelligence.market.verdict import market_reading, market_verdict
from vigie.intelligence.market.words import words
from vigie.ports.quotes import SourceHealth
from vigie.services.desk.markets import COLUMNS, number, row_of, spark_of
from vigie.services.house import House
from vigie.services.measuring.ages import STALE_MS, is_old
from vigie.services.measuring.deliveries import heard
from vigie.services.measuring.euros import euro_of
from vigie.services.measuring.gauge import Reading
from vigie.services.operation import Answer, Counted, Figure, Origin, Table, operation
from vigie.services.people.watched import watched

CAP: Final = "market/global/cap_usd"
DOMINANCE: Final = "market/global/btc_dominance_fraction"
FEAR: Final = "sentiment/fear_greed_index"
STABLE: Final = "stablecoins/total/supply_usd"
# Where fewer of the coins that had a price this week have one now, nothing is said of all of them.
_LEAST_CURRENT: Final = 0.5
_LATELY_MS: Final = 7 * DAY_MS
# Of figures that are told once a day, two days.
_OLD_FACT_MS: Final = 2 * DAY_MS
STABLE_SYMBOLS: Final = {"tether": "USDT", "usd-coin": "USDC"}


class TodayAsk(Counted):
    """Which assets are watched."""

    assets: str = Field(
        "", description="Catalogue ids, comma-separated; empty means the caller's first watchlist."
    )


class Tile(BaseModel):
    """One figure at a glance, with its change and a small picture."""

    key: str
    figure: Figure
    change: float | None = None
    span: str = ""
    spark: list[float] = []
    href: str = ""
    live: str = ""


class Clause(BaseModel):
    """One word of the market's sentence, with its number."""

    key: str
    word: str
    value: float
    unit: str


class SourceState(BaseModel):
    """How one connector does; `is_down`: it does not deliver."""

    source: str
    state: str
    is_down: bool = False
    ts_success: int | None = None
    error: str = ""


class Regulators(BaseModel):
    """How many sources of regulators are known, and how many of them answered in the last seven days."""

    known: int
    reached: int


class Today(Answer):
    """The first page as data.

    `ts_prices` is the time of the newest price; `is_stale` says that it is older than usual, and so all that is said
    of the market.
    """

    ts: int
    ts_prices: int | None = None
    is_stale: bool = False
    regulators: Regulators
    clauses: list[Clause]
    sentences: dict[str, str]
    tiles: list[Tile]
    sources: list[SourceState]
    watch: Table


@operation("today.read")
def read_today(house: House, caller: Caller, ask: TodayAsk) -> Today:
    """Read the market at a glance: one sentence, six tiles, the watchlist, and how fresh each source is."""
    catalog = Catalog(house.facts, house.shelf)
    assets = catalog.assets()
    readings = house.gauge.readings(assets)
    quotes = house.quotes.since(0)[1]
    facts = house.facts.latest([CAP, DOMINANCE, FEAR, STABLE])
    now = house.clock.market_now()
    newest = max(readings, key=lambda one: one.metrics.ts, default=None)
    ts_prices = newest.metrics.ts if newest is not None else 0
    present, near, known = _of_one_time(readings, quotes, facts, ts_prices)
    current, lately = _counted(readings, present, ts_prices)
    is_few = current < lately * _LEAST_CURRENT
    verdict = sentence_of(house, [] if is_few else present, near, known)
    by_id = {reading.asset.id: reading for reading in readings}
    shown = [catalog.find(word).id for word in ask.assets.split(",") if word] or watched_by(house, caller)
    rows = [row_of(by_id[asset], now) for asset in shown if asset in by_id]
    spoken, euro = heard(house), euro_of(house, ask)
    return Today(
        ts=now,
        ts_prices=ts_prices or None,
        is_stale=newest is not None and is_old(newest, now),
        regulators=_regulators(house, [said for _, said in spoken]),
        clauses=[
            Clause(key=one.key, word=one.word, value=one.value, unit=one.unit) for one in verdict.clauses
        ],
        sentences={
            language: verdict.sentence(language, is_brief=True, euro=euro)
            + (f" {words(language)('breadth.few', current=current, assets=lately)}" if is_few else "")
            for language in ("en", "fr")
        },
        tiles=tiles_of(house, by_id, quotes, facts, now),
        sources=[
            SourceState(
                source=one.source,
                state=one.state,
                is_down=one.is_down,
                ts_success=said.ts_success,
                error=said.error,
            )
            for one, said in spoken
        ],
        watch=Table(columns=COLUMNS, rows=rows, origins=[Origin(source="venue", ts_event=now)]),
    )


def _counted(readings: Sequence[Reading], present: Sequence[Reading], ts: int) -> tuple[int, int]:
    """Return how many coins have a price of the time of the newest one, and of the week before it."""
    current = sum(one.asset.kind == "coin" and bool(one.metrics.ts) for one in present)
    coins = [one.metrics.ts for one in readings if one.asset.kind == "coin" and one.metrics.ts]
    return current, sum(ts - at <= _LATELY_MS for at in coins)


def _of_one_time(
    readings: Sequence[Reading], quotes: Sequence[Quote], facts: Mapping[str, Observation], ts: int
) -> tuple[list[Reading], list[Quote], dict[str, Observation]]:
    """Return what was so when the newest price was: one sentence says nothing of two times."""
    return (
        [one for one in readings if not is_old(one, ts)],
        [one for one in quotes if abs(ts - one.ts_event) <= STALE_MS],
        {name: one for name, one in facts.items() if abs(ts - one.ts_known) <= _OLD_FACT_MS},
    )


def _regulators(house: House, spoken: Sequence[SourceHealth]) -> Regulators:
    names = {note.id for note in house.directory.news() if note.tier == "regulator"}
    since = house.clock.wall_now() - 7 * DAY_MS
    reached = {
        said.source.partition("/")[0] for said in spoken if said.ts_success and said.ts_success >= since
    }
    return Regulators(known=len(names), reached=len(names & reached))


def watched_by(house: House, caller: Caller) -> list[str]:
    """Return the assets of the caller's first watchlist, else three that everybody knows."""
    return watched(house, caller.user)


def sentence_of(
    house: House, readings: Sequence[Reading], quotes: Sequence[Quote], facts: Mapping[str, Observation]
) -> Verdict:
    """Return the market's one sentence as a verdict."""
    coins = [one.metrics for one in readings if one.asset.kind == "coin"]
    rates = eight_hourly(quotes)
    known: dict[str, float | Mapping[str, float]] = {}
    if rates:
        known["funding_8h"], known["funding_venues"] = statistics.median(rates), len(rates)
    if FEAR in facts:
        known["fear_greed"] = facts[FEAR].value
    if DOMINANCE in facts:
        newest = facts[DOMINANCE]
        known["dominance"] = newest.value
        before = value_before(house, DOMINANCE, newest.ts_event - 7 * DAY_MS)
        if before is not None:
            known["dominance_change_7d"] = newest.value - before
    pegs = house.facts.latest([f"stablecoins/{asset}/peg_usd" for asset in STABLE_SYMBOLS])
    known["stablecoins"] = {STABLE_SYMBOLS[series.split("/")[1]]: one.value for series, one in pegs.items()}
    return market_verdict(market_reading(coins, **known))


def eight_hourly(quotes: Sequence[Quote]) -> list[float]:
    """Return the funding rate of every perpetual that states one, for eight hours."""
    return [
        quote.funding_rate * 8.0 / (quote.funding_hours or 8.0)
        for quote in quotes
        if quote.funding_rate is not None
    ]


def value_before(house: House, series: str, ts: int, *, within_ms: int = 3 * DAY_MS) -> float | None:
    """Return the newest value at a time, None where the one before is too old."""
    frame = house.facts.read([series], start_ms=ts - within_ms, end_ms=ts + 1)
    return float(frame["value"][-1]) if len(frame) else None


def tiles_of(
    house: House,
    by_id: Mapping[str, Reading],
    quotes: Sequence[Quote],
    facts: Mapping[str, Observation],
    now: int,
) -> list[Tile]:
    """Return the six tiles; those whose source has said nothing yet are left out."""
    tiles = [_asset_tile(by_id[asset], now) for asset in ("bitcoin", "ethereum") if asset in by_id]
    for key, series, unit, span, href in (
        ("cap", CAP, "usd", DAY_MS, "/markets"),
        ("fear_greed", FEAR, "index", DAY_MS, "/onchain"),
        ("stablecoins", STABLE, "usd", 7 * DAY_MS, "/onchain"),
    ):
        if series in facts:
            tiles.append(_fact_tile(house, key, facts[series], unit, span, href, now))
    rates = eight_hourly(quotes)
    if rates:
        newest = max(quote.ts_event for quote in quotes if quote.funding_rate is not None)
        funding = Figure(
            value=statistics.median(rates),
            unit="rate",
            source=", ".join(sorted({quote.venue for quote in quotes if quote.funding_rate is not None})),
            ts_event=newest,
            formula=f"median of {len(rates)} funding rates, each for 8 h",
            is_stale=now - newest > STALE_MS,
        )
        tiles.insert(min(4, len(tiles)), Tile(key="funding", figure=funding, href="/derivatives"))
    return [tile for tile in tiles if tile.figure.value is not None]


def _asset_tile(reading: Reading, now: int) -> Tile:
    known = reading.metrics
    figure = Figure(
        value=number(known.price),
        unit="usd",
        source=reading.place,
        ts_event=known.ts or None,
        is_stale=bool(known.ts) and now - known.ts > STALE_MS,
    )
    live = f"quote:{reading.quote.id}:last" if reading.quote else ""
    return Tile(
        key=reading.asset.id,
        figure=figure,
        change=number(known.change_24h),
        span="24h",
        spark=spark_of(reading, hours=24, step=1),
        href=f"/asset/{reading.asset.id}",
        live=live,
    )


def _fact_tile(
    house: House, key: str, newest: Observation, unit: str, span: int, href: str, now: int
) -> Tile:
    frame = house.facts.read(
        [newest.series], start_ms=newest.ts_event - 30 * DAY_MS, end_ms=newest.ts_event + 1
    )
    values = frame["value"].to_list()
    before = value_before(house, newest.series, newest.ts_event - span, within_ms=span)
    is_index = unit == "index"
    change = None if before is None or is_index or not before else newest.value / before - 1.0
    step = max(1, math.ceil(len(values) / 40))
    source = {"cap": "coingecko", "fear_greed": "alternative.me", "stablecoins": "defillama"}[key]
    figure = Figure(
        value=newest.value,
        unit=unit,
        source=source,
        ts_event=newest.ts_event,
        ts_known=newest.ts_known,
        is_stale=now - newest.ts_known > 2 * DAY_MS,
    )
    return Tile(
        key=key,
        figure=figure,
        change=change,
        span="24h" if span == DAY_MS else "7d",
        spark=values[::-step][::-1],
        href=href,
    )
