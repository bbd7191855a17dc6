"""One asset: its price and changes, a verdict in words, what else is known of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.data.catalog import Catalog
from vigie.domain.bar import Bars
from vigie.domain.fact import Observation
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.grammar import Verdict
from vigie.intelligence.market.verdict import asset_verdict
from vigie.services.desk.markets import number
from vigie.services.house import House
from vigie.services.measuring.asset_facts import Card, Named, about_of, cards_of, supply_of
from vigie.services.measuring.euros import euro_of
from vigie.services.measuring.gauge import Reading, closed
from vigie.services.measuring.histories import places_of
from vigie.services.operation import Answer, Column, Counted, Figure, operation

# A price older than this is shown as stale.
STALE_MS: Final = 2 * HOUR_MS
LANGUAGES: Final = ("en", "fr")


class AssetAsk(Counted):
    """Which asset, as of when."""

    asset: str = Field(
        "bitcoin", max_length=80, description="Catalogue id, or a ticker that only one asset has."
    )
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


class Saying(BaseModel):
    """A word of the verdict in one language: its number, and what it does not mean."""

    title: str
    text: str
    number: str
    measure: str
    span: str
    limits: str


class AssetClause(BaseModel):
    """One word of the verdict with its number; it holds for `low` <= `value` < `high`, None where open."""

    key: str
    word: str
    value: float
    unit: str
    low: float | None
    high: float | None
    says: dict[str, Saying]


Span = Literal["24h", "1w", "1m", "1y"]


class Change(BaseModel):
    """How the price changed over a span, against the price before."""

    span: Span
    figure: Figure


class AssetAnswer(Answer):
    """One asset as data."""

    id: str
    symbol: str
    name: str
    kind: str
    ts: int
    price: Figure
    live: str
    place: str
    places: list[str]
    changes: list[Change]
    figures: list[Named]
    clauses: list[AssetClause]
    sentences: dict[str, str]
    unknown: dict[str, str]
    cards: list[Card]
    about: dict[str, str]
    about_source: str
    has_bars: bool


# What the figures of the header are; titles and definitions are translated like those of tables.
HEADER: Final = [
    Column(
        name="high_24h",
        title="24 h high",
        unit="usd",
        definition="Highest price of the last 24 closed hours.",
    ),
    Column(
        name="low_24h", title="24 h low", unit="usd", definition="Lowest price of the last 24 closed hours."
    ),
    Column(name="high_1y", title="1 y high", unit="usd", definition="Highest price of the last 365 days."),
    Column(name="low_1y", title="1 y low", unit="usd", definition="Lowest price of the last 365 days."),
    Column(
        name="volume_24h", title="Volume 24 h", unit="usd", definition="Traded in 24 hours on this venue."
    ),
    Column(name="market_cap", title="Market cap", unit="usd", definition="Price x circulating supply."),
]


@operation("assets.get", example={"asset": "bitcoin"})
def get_asset(house: House, caller: Caller, ask: AssetAsk) -> AssetAnswer:
    """Read one asset: price, changes, a verdict in words, on-chain and derivatives figures, each with its source."""
    catalog = Catalog(house.facts, house.shelf)
    asset = catalog.find(ask.asset)
    readings = house.gauge.readings(catalog.assets(as_of=ask.as_of), as_of=ask.as_of)
    reading = next((one for one in readings if one.asset.id == asset.id), None)
    if reading is None:
        reading = house.gauge.readings([asset], as_of=ask.as_of)[0]
    now = house.clock.market_now() if ask.as_of is None else ask.as_of
    facts = house.facts.latest([f"market/{asset.id}/{name}" for name in FACTS], as_of=ask.as_of)
    verdict = verdict_of(reading, readings)
    euro = euro_of(house, ask)
    about, source = about_of(house, asset, ask.as_of)
    return AssetAnswer(
        as_of=ask.as_of,
        id=asset.id,
        symbol=asset.symbol,
        name=asset.name,
        kind=asset.kind,
        ts=now,
        price=price_of(reading, facts.get(f"market/{asset.id}/price_usd"), now),
        live=f"quote:{reading.quote.id}:last" if reading.quote and ask.as_of is None else "",
        place=reading.place,
        places=places_of(house, asset),
        changes=changes_of(reading),
        figures=list(header_of(house, reading, facts, ask.as_of)) + supply_of(house, asset, ask.as_of),
        clauses=clauses_of(verdict, euro),
        sentences={language: verdict.sentence(language, is_brief=True, euro=euro) for language in LANGUAGES},
        unknown={language: verdict.unknown_text(language) for language in LANGUAGES},
        cards=cards_of(house, asset, reading, ask.as_of, now),
        about=about,
        about_source=source,
        has_bars=bool(places_of(house, asset)),
    )


FACTS: Final = ("price_usd", "cap_usd", "volume_usd")


def price_of(reading: Reading, fact: Observation | None, now: int) -> Figure:
    """Return the price: of the venue, else the mean of a source."""
    known = reading.metrics
    if math.isnan(known.price) and fact is not None:
        return Figure(
            value=fact.value, unit="usd", source="coingecko", ts_event=fact.ts_event, ts_known=fact.ts_known,
            is_stale=now - fact.ts_event > STALE_MS,
        )  # fmt: skip
    return Figure(
        value=number(known.price), unit="usd", source=reading.place, ts_event=known.ts or None,
        ts_known=reading.quote.ts_known if reading.quote else None,
        formula="last trade" if reading.quote else "close of the last bar",
        is_stale=bool(known.ts) and now - known.ts > STALE_MS,
    )  # fmt: skip


def changes_of(reading: Reading) -> list[Change]:
    """Return the changes over a day, a week, a month and a year."""
    known = reading.metrics
    spans: tuple[tuple[Span, float], ...] = (
        ("24h", known.change_24h), ("1w", known.change_7d), ("1m", known.change_30d), ("1y", known.change_1y),
    )  # fmt: skip
    return [
        Change(
            span=span,
            figure=Figure(
                value=number(value), unit="change", source=reading.place, ts_event=known.ts or None,
                formula="price / price then - 1",
            ),
        )
        for span, value in spans
    ]  # fmt: skip


def header_of(
    house: House, reading: Reading, facts: Mapping[str, Observation], as_of: int | None
) -> Iterator[Named]:
    """Yield highs and lows of a day and a year, volume and capitalisation, where known."""
    known, asset = reading.metrics, reading.asset.id
    end = known.ts or None
    daily = _daily(house, reading, as_of)
    day = (
        reading.hourly.slice(max(0, len(reading.hourly) - 24), len(reading.hourly))
        if reading.hourly
        else None
    )
    values = {
        "high_24h": _edge(day, "high", 24, DAY_MS), "low_24h": _edge(day, "low", 24, DAY_MS),
        "high_1y": _edge(daily, "high", 365, 365 * DAY_MS), "low_1y": _edge(daily, "low", 365, 365 * DAY_MS),
        "volume_24h": number(known.volume_24h),
    }  # fmt: skip
    cap = facts.get(f"market/{asset}/cap_usd")
    for column in HEADER:
        value = values.get(column.name)
        if value is not None:
            figure = Figure(
                value=value, unit=column.unit, source=reading.place, ts_event=end, formula=column.definition
            )
            yield Named(key=column.name, title=column.title, definition=column.definition, figure=figure)
        elif column.name == "market_cap" and cap is not None:
            figure = Figure(
                value=cap.value, unit="usd", source="coingecko", ts_event=cap.ts_event, ts_known=cap.ts_known,
                formula=column.definition,
            )  # fmt: skip
            yield Named(key=column.name, title=column.title, definition=column.definition, figure=figure)


def _daily(house: House, reading: Reading, as_of: int | None) -> Bars | None:
    if ":" not in reading.place:
        return None
    venue, _, instrument = reading.place.partition(":")
    return closed(house.shelf.newest([(venue, instrument)], "1d"), as_of)


def _edge(bars: Bars | None, side: str, least: int, span_ms: int) -> float | None:
    """Return the highest or lowest price over a span; None where fewer bars than that are known."""
    if bars is None or len(bars) < least:
        return None
    recent = getattr(bars, side)[bars.ts >= int(bars.ts[-1]) + bars.span_ms - span_ms]
    return float(recent.max() if side == "high" else recent.min())


def verdict_of(reading: Reading, readings: list[Reading]) -> Verdict:
    """Return the verdict, with the asset's place by volume among all."""
    volumes = [one.metrics.volume_24h for one in readings if not math.isnan(one.metrics.volume_24h)]
    mine = reading.metrics.volume_24h
    rank = math.nan if math.isnan(mine) else 1.0 + sum(volume > mine for volume in volumes)
    return asset_verdict(reading.metrics, rank=rank, assets=float(len(volumes)))


def clauses_of(verdict: Verdict, euro: float = 0.0) -> list[AssetClause]:
    """Return the clauses with both languages beside their numbers."""
    said = {language: verdict.say(language, euro=euro) for language in LANGUAGES}
    return [
        AssetClause(
            key=one.key, word=one.word, value=one.value, unit=one.unit,
            low=one.low if math.isfinite(one.low) else None, high=one.high if math.isfinite(one.high) else None,
            says={
                language: Saying(
                    title=part.title, text=part.text, number=part.number, measure=part.measure, span=part.span,
                    limits=part.limits,
                )
                for language in LANGUAGES
                for part in (said[language][place],)
            },
        )
        for place, one in enumerate(verdict.clauses)
    ]  # fmt: skip
