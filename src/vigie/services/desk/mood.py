"""Mood: fear and greed beside alternative.me's, how the news sound, and the words of a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.data.catalog import Catalog
from vigie.domain.item import ItemFinding
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.greed import WEIGHTS
from vigie.intelligence.news.cloud import cloud
from vigie.intelligence.news.judging.card import card
from vigie.intelligence.news.mood import MARKET
from vigie.ports.items import ItemQuery, StoredRevision
from vigie.services.house import House
from vigie.services.measuring.greed import OWN, THEIRS, part
from vigie.services.measuring.series import Described, Values, describe, thinned, values_of
from vigie.services.operation import Answer, Ask, Column, Figure, Nothing, Origin, Table, operation

SPANS: Final = {"24h": DAY_MS, "1w": 7 * DAY_MS, "1m": 30 * DAY_MS}
# Words are compared with so many periods before.
USUAL: Final = 4
# The newest of a period; reading more takes longer than a page may.
_MOST_ITEMS: Final = 1_000
_POINTS: Final = 60
_STALE_MS: Final = 3 * HOUR_MS
_DAILY_STALE_MS: Final = 2 * DAY_MS


class MoodAsk(Ask):
    """Of what, and how far back."""

    asset: str = Field("", max_length=80, description="Catalogue id or ticker; empty: the whole market.")
    days: int = Field(90, ge=1, le=400, description="Days of history.")


class Line(BaseModel):
    """A series over the days asked for: pairs of time and value."""

    series: str
    figure: Figure
    points: list[tuple[int, float]]


class TopicCount(BaseModel):
    """How much is told of a topic within 24 hours, weighed."""

    topic: str
    count: float


class Mood(Answer):
    """How the market feels by two indices, and how its news sound."""

    subject: str
    name: str
    own: Line
    theirs: Line
    sentiment: Line
    items: Line
    topics: list[TopicCount]


@operation("mood.read", example={})
def read_mood(house: House, caller: Caller, ask: MoodAsk) -> Mood:
    """Read fear and greed beside alternative.me's, and how the news of the market or an asset sound."""
    asset = Catalog(house.facts, house.shelf).find(ask.asset) if ask.asset else None
    subject = asset.id if asset else MARKET
    prefix = f"news/{subject}/topic_"
    sentiment, items = f"news/{subject}/sentiment_index", f"news/{subject}/items_count"
    lines = _lines(house, (OWN, THEIRS, sentiment, items), ask.days)
    topics = house.facts.latest(house.facts.list_series(prefix))
    return Mood(
        subject=subject,
        name=asset.name if asset else "",
        own=lines[OWN],
        theirs=lines[THEIRS],
        sentiment=lines[sentiment],
        items=lines[items],
        topics=sorted(
            (
                TopicCount(topic=name.removeprefix(prefix).removesuffix("_count"), count=one.value)
                for name, one in topics.items()
                if one.value > 0.0
            ),
            key=lambda one: (-one.count, one.topic),
        ),
    )


_PARTS: Final = [
    Column(name="part", title="Part"),
    Column(
        name="weight",
        title="Weight in the index",
        unit="fraction",
        definition="Published, and the same for every hour.",
    ),
    Column(
        name="value",
        title="Value",
        unit="index",
        definition="From 0 to 100; where it is not known its weight goes to the other parts.",
    ),
]


@operation("mood.parts", example={})
def list_parts(house: House, caller: Caller, ask: Nothing) -> Table:
    """List the parts of the index of fear and greed that is computed here, as they were at its newest writing."""
    latest = house.facts.latest([part(name) for name in WEIGHTS] + [OWN])
    # A part that was not known at the newest writing is not shown with an older value.
    ts = latest[OWN].ts_event if OWN in latest else None
    rows = [
        {"part": name, "weight": weight, "value": held.value if held and held.ts_event == ts else None}
        for name, weight in WEIGHTS.items()
        for held in [latest.get(part(name))]
    ]
    return Table(columns=list(_PARTS), rows=rows, origins=[Origin(source="vigie", ts_event=ts)])


def _lines(house: House, names: Sequence[str], days: int) -> dict[str, Line]:
    now = house.clock.market_now()
    values = values_of(house, names, start_ms=now - days * DAY_MS, as_of=now)
    said = describe(house, names)
    return {name: _line(name, values[name], said[name], now) for name in names}


def _line(series: str, values: Values, said: Described, now: int) -> Line:
    shown = thinned(values, _POINTS)
    patience = _DAILY_STALE_MS if series == THEIRS else _STALE_MS
    figure = Figure(
        value=float(values.values[-1]) if len(values) else None,
        unit=said.unit or "index",
        source=said.source_title or "vigie",
        ts_event=int(values.ts[-1]) if len(values) else None,
        ts_known=int(values.ts_known[-1]) if len(values) else None,
        formula=said.formula,
        # The mood of the news is written where it changed: an old value of it is still what is known.
        is_stale=bool(len(values) and series in (OWN, THEIRS) and now - int(values.ts_known[-1]) > patience),
    )
    points = list(zip(shown.ts.tolist(), shown.values.tolist(), strict=True))
    return Line(series=series, figure=figure, points=points)


class WordsAsk(Ask):
    """Of which headlines."""

    period: Literal["24h", "1w", "1m"] = Field("24h", description="How far back.")
    asset: str = Field("", max_length=80, description="Catalogue id; empty for all.")
    source: str = Field("", max_length=60, description="Id of one source; empty for all.")
    limit: int = Field(40, ge=1, le=100)


_COLUMNS: Final = [
    Column(name="word", title="Word", definition="Or a pair of words, as it is written first."),
    Column(name="count", title="Headlines", unit="count", definition="Of the period that have it."),
    Column(name="before", title="Before", unit="count", definition="Of four such periods before it."),
    Column(
        name="stands_out",
        title="Stands out",
        unit="ratio",
        definition="Standard deviations above its own usual: log-odds with the time before as the prior.",
    ),
    Column(name="is_emerging", title="Emerging", definition="Stands out by 1.96 or more."),
]


@operation("mood.words", example={"period": "1w"})
def list_words(house: House, caller: Caller, ask: WordsAsk) -> Table:
    """List the words that stand out in the headlines of a period against their own usual, the strongest first."""
    now, span = house.clock.market_now(), SPANS[ask.period]
    sources = (ask.source,) if ask.source else None
    tags = {"asset": ask.asset} if ask.asset else {}

    def read(before: int, limit: int) -> list[StoredRevision]:
        after = now - (1 + USUAL) * span
        wanted = ItemQuery(
            sources=sources, tags=tags, is_relevant=True, after_ms=after, before_ms=before, limit=limit
        )
        return list(house.items.query(wanted))

    # One reading for both, unless the period alone fills it.
    found = read(now + 1, 2 * _MOST_ITEMS)
    earlier = [one for one in found if one.item.ts < now - span]
    if len(found) == 2 * _MOST_ITEMS and len(earlier) < _MOST_ITEMS:
        earlier = read(now - span, _MOST_ITEMS)
    recent = [one for one in found if one.item.ts >= now - span]
    words = cloud(_titles(recent[:_MOST_ITEMS]), _titles(earlier[:_MOST_ITEMS]), most=ask.limit)
    rows = [
        {
            "word": one.text,
            "count": one.count,
            "before": one.before,
            "stands_out": one.stands_out,
            "is_emerging": one.is_emerging,
        }
        for one in words
    ]
    return Table(columns=list(_COLUMNS), rows=rows, origins=[Origin(source="vigie", ts_event=now)])


_RECIPES: Final = [
    Column(name="recipe", title="Seen by the model"),
    Column(
        name="english",
        title="English, public",
        unit="fraction",
        definition="Macro-F1 on CryptoLin, which nothing is fitted to.",
    ),
    Column(
        name="french",
        title="French, held back",
        unit="fraction",
        definition="Macro-F1 on headlines written for Vigie and not learned from.",
    ),
]


class ModelCard(Table):
    """What the shipped model of sentiment is and how often it is right; rows compare what a model may see."""

    count: int
    english: int
    french: int
    in_french: int
    digest: str
    threshold: float
    macro_f1: tuple[float, float, float]
    surest_half: float
    flips: float
    unclear: float
    macro_f1_french: tuple[float, float, float]
    calibration_error: float
    calibration_error_french: float


@operation("mood.model", example={})
def read_model(house: House, caller: Caller, ask: Nothing) -> ModelCard:
    """Read the card of the model of sentiment, with counts and TF-IDF, words and letters compared."""
    told = card()
    public, held = told["sets"]["cryptolin"], told["sets"]["french_held"]
    again = told["sets"]["french_held_again"]
    languages = told["model"]["languages"]
    rows = [
        {"recipe": name, "english": one["cryptolin"], "french": one["french"]}
        for name, one in told["recipes"].items()
    ]
    return ModelCard(
        columns=list(_RECIPES),
        rows=sorted(rows, key=lambda row: -row["english"]),
        origins=[Origin(source="vigie")],
        count=told["model"]["count"],
        english=languages["en"],
        french=languages["fr"],
        in_french=told["french_model"]["count"],
        digest=told["model"]["rows"],
        threshold=told["threshold"],
        macro_f1=_interval(public["macro_f1"]),
        surest_half=public["surest_half"]["value"],
        flips=public["flips"]["value"],
        unclear=public["unclear"],
        macro_f1_french=_interval(held["macro_f1"]),
        calibration_error=told["sets"]["held_back"]["expected_error"],
        calibration_error_french=max(held["expected_error"], again["expected_error"]),
    )


def _interval(found: Mapping[str, float]) -> tuple[float, float, float]:
    return found["value"], found["low"], found["high"]


def _titles(known: Sequence[StoredRevision]) -> list[str]:
    """Return headlines; a copy says nothing new, and what was withdrawn says nothing."""
    return [one.item.said.title for one in known if not one.item.is_withdrawn and not _is_copy(one.findings)]


def _is_copy(found: Mapping[str, ItemFinding]) -> bool:
    finding = found.get("duplicate")
    return finding is not None and bool(finding.body.get("of"))
