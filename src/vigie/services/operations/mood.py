"""Mood: fear and greed beside alternative.me's, how the news sound, and the words of a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.domain.item import ItemFinding
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.news.cloud import NamingHeadline, build_cloud
from vigie.intelligence.news.judging.model_card import load_model_card
from vigie.intelligence.news.mood import MARKET
from vigie.intelligence.news.reading.earlier_findings import title_places
from vigie.intelligence.news.reading.words import tokenize
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory, NewsSourceInfo
from vigie.ports.facts import FactStore
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore, StoredRevision
from vigie.services.caches.asset_metrics import STALE_DAILY_MS
from vigie.services.market_data.fear_greed import ALTERNATIVE_INDEX, OWN_INDEX
from vigie.services.market_data.series import (
    SeriesDescription,
    Values,
    describe_series,
    thin_values,
    values_of,
)
from vigie.services.operation import (
    Figure,
    NoInput,
    OperationInput,
    OperationResult,
    Origin,
    Table,
    operation,
)
from vigie.services.rows import Row, row_columns, shown, table_of

SPANS: Final = {"24h": DAY_MS, "1w": 7 * DAY_MS, "1m": 30 * DAY_MS}
# Words are compared with so many periods before.
BASELINE_PERIODS: Final = 4
# The newest of a period; reading more takes longer than a page may.
_MOST_ITEMS: Final = 1_000
# Whose findings say which headlines count and whom they name: nothing but these and the titles is read.
_HEADLINE_STEPS: Final = ("duplicate", "entities")
_POINTS: Final = 60
_STALE_MS: Final = 3 * HOUR_MS


class MoodInput(OperationInput):
    """Of what, and how far back."""

    asset: str = Field("", max_length=80, description="Catalogue id or ticker; empty: the whole market.")
    days: int = Field(90, ge=1, le=400, description="Days of history.")


class MoodSeries(BaseModel):
    """A series over the days asked for: pairs of time and value."""

    series: str
    figure: Figure
    points: list[tuple[int, float]]


class TopicCount(BaseModel):
    """How much is told of a topic within 24 hours, weighed."""

    topic: str
    count: float


class MoodResult(OperationResult):
    """How the market feels by two indices, and how its news sound."""

    subject: str
    name: str
    own: MoodSeries
    theirs: MoodSeries
    sentiment: MoodSeries
    items: MoodSeries
    topics: list[TopicCount]


@operation("mood.read", example={})
def read_mood(
    caller: Caller,
    params: MoodInput,
    catalog: BarCatalog,
    facts: FactStore,
    clock: Clock,
    directory: ConnectorDirectory,
) -> MoodResult:
    """Read fear and greed beside alternative.me's, and how the news of the market or an asset sound."""
    asset = catalog.find(params.asset) if params.asset else None
    subject = asset.id if asset else MARKET
    prefix = f"news/{subject}/topic_"
    sentiment, items = f"news/{subject}/sentiment_index", f"news/{subject}/items_count"
    lines = _mood_series_by_name(
        facts, clock, directory, (OWN_INDEX, ALTERNATIVE_INDEX, sentiment, items), params.days
    )
    topics = facts.latest(facts.list_series(prefix))
    return MoodResult(
        subject=subject,
        name=asset.name if asset else "",
        own=lines[OWN_INDEX],
        theirs=lines[ALTERNATIVE_INDEX],
        sentiment=lines[sentiment],
        items=lines[items],
        topics=sorted(
            (
                TopicCount(topic=name.removeprefix(prefix).removesuffix("_count"), count=count.value)
                for name, count in topics.items()
                if count.value > 0.0
            ),
            key=lambda count: (-count.count, count.topic),
        ),
    )


def _mood_series_by_name(
    facts: FactStore, clock: Clock, directory: ConnectorDirectory, names: Sequence[str], days: int
) -> dict[str, MoodSeries]:
    now = clock.market_now()
    values = values_of(facts, names, start_ms=now - days * DAY_MS, as_of=now)
    descriptions = describe_series(directory, names)
    return {name: _mood_series(name, values[name], descriptions[name], now) for name in names}


def _mood_series(series: str, values: Values, description: SeriesDescription, now: int) -> MoodSeries:
    thinned_values = thin_values(values, _POINTS)
    stale_after_ms = STALE_DAILY_MS if series == ALTERNATIVE_INDEX else _STALE_MS
    figure = Figure(
        value=float(values.values[-1]) if len(values) else None,
        unit=description.unit or "index",
        source=description.source_title or "vigie",
        ts_event=int(values.ts[-1]) if len(values) else None,
        ts_known=int(values.ts_known[-1]) if len(values) else None,
        formula=description.formula,
        # The mood of the news is written where it changed: an old value of it is still what is known.
        is_stale=bool(
            len(values)
            and series in (OWN_INDEX, ALTERNATIVE_INDEX)
            and now - int(values.ts_known[-1]) > stale_after_ms
        ),
    )
    points = list(zip(thinned_values.ts.tolist(), thinned_values.values.tolist(), strict=True))
    return MoodSeries(series=series, figure=figure, points=points)


class WordsInput(OperationInput):
    """Of which headlines."""

    period: Literal["24h", "1w", "1m"] = Field("24h", description="How far back.")
    asset: str = Field("", max_length=80, description="Catalogue id; empty for all.")
    source: str = Field("", max_length=60, description="Id of one source; empty for all.")
    language: str = Field(
        "", pattern=r"([a-z]{2})?", description="Language of the headlines, such as en or fr; empty for all."
    )
    limit: int = Field(40, ge=1, le=100)


class MoodWordRow(Row):
    """One word that stands out."""

    word: str = shown("Word", definition="A word or a pair of words, as first written.")
    count: int = shown("Headlines", unit="count", definition="Headlines of the period with this word.")
    before: int = shown(
        "Before", unit="count", definition="Headlines with this word in the four periods before."
    )
    stands_out: float = shown(
        "Z-score",
        unit="ratio",
        definition="Standard deviations above its usual level (log-odds, with the time before as the prior).",
    )
    is_emerging: bool = shown("Emerging", definition="Z-score of 1.96 or more.")


@operation("mood.words", example={"period": "1w"})
def list_words(
    caller: Caller, params: WordsInput, items: ItemStore, clock: Clock, directory: ConnectorDirectory
) -> Table[MoodWordRow]:
    """List the words that stand out in the headlines of a period against their own usual, the strongest first.

    Words that name nothing are left out, and so are the names of outlets.
    """
    now, span = clock.market_now(), SPANS[params.period]
    sources = (params.source,) if params.source else None
    tags = {"asset": params.asset} if params.asset else {}

    def read(before: int, limit: int) -> list[StoredRevision]:
        after = now - (1 + BASELINE_PERIODS) * span
        query = ItemQuery(
            sources=sources,
            language=params.language,
            tags=tags,
            is_relevant=True,
            after_ms=after,
            before_ms=before,
            limit=limit,
            steps=_HEADLINE_STEPS,
            has_text=False,
        )
        return list(items.query(query))

    # One reading for both, unless the period alone fills it.
    known_items = read(now + 1, 2 * _MOST_ITEMS)
    earlier = [word for word in known_items if word.item.ts < now - span]
    if len(known_items) == 2 * _MOST_ITEMS and len(earlier) < _MOST_ITEMS:
        earlier = read(now - span, _MOST_ITEMS)
    recent = [word for word in known_items if word.item.ts >= now - span]
    words = build_cloud(
        _naming_headlines(recent[:_MOST_ITEMS]),
        _naming_headlines(earlier[:_MOST_ITEMS]),
        max_words=params.limit,
        outlets=outlet_names(directory.news()),
    )
    rows = [
        MoodWordRow(
            word=word.text,
            count=word.count,
            before=word.before,
            stands_out=word.stands_out,
            is_emerging=word.is_emerging,
        )
        for word in words
    ]
    return table_of(MoodWordRow, rows, origins=[Origin(source="vigie", ts_event=now)])


def outlet_names(sources: Iterable[NewsSourceInfo]) -> frozenset[str]:
    """Return the names of those who only tell, as headlines are compared; an office or exchange is a subject itself."""
    return frozenset(
        " ".join(tokenize(source.title).folded)
        for source in sources
        if source.tier in ("media", "aggregator", "social")
    )


class ModelInputRow(Row):
    """How often the model is right with one kind of input."""

    recipe: str = shown("Model input")
    english: float = shown(
        "English (public)",
        unit="fraction",
        definition="Macro-F1 on CryptoLin, which is not used for training.",
    )
    french: float = shown(
        "French (test set)",
        unit="fraction",
        definition="Macro-F1 on headlines written for Vigie and not used for training.",
    )


class ModelCard(Table[ModelInputRow]):
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
def read_model(caller: Caller, params: NoInput) -> ModelCard:
    """Read the card of the model of sentiment, with counts and TF-IDF, words and letters compared."""
    model_card = load_model_card()
    public, held_back = model_card["sets"]["cryptolin"], model_card["sets"]["french_held"]
    again = model_card["sets"]["french_held_again"]
    languages = model_card["model"]["languages"]
    rows = [
        ModelInputRow(recipe=name, english=scores["cryptolin"], french=scores["french"])
        for name, scores in model_card["recipes"].items()
    ]
    return ModelCard(
        columns=row_columns(ModelInputRow),
        rows=sorted(rows, key=lambda row: -row.english),
        origins=[Origin(source="vigie")],
        count=model_card["model"]["count"],
        english=languages["en"],
        french=languages["fr"],
        in_french=model_card["french_model"]["count"],
        digest=model_card["model"]["rows"],
        threshold=model_card["threshold"],
        macro_f1=_interval_of(public["macro_f1"]),
        surest_half=public["surest_half"]["value"],
        flips=public["flips"]["value"],
        unclear=public["unclear"],
        macro_f1_french=_interval_of(held_back["macro_f1"]),
        calibration_error=model_card["sets"]["held_back"]["expected_error"],
        calibration_error_french=max(held_back["expected_error"], again["expected_error"]),
    )


def _interval_of(estimate: Mapping[str, float]) -> tuple[float, float, float]:
    return estimate["value"], estimate["low"], estimate["high"]


def _naming_headlines(known_items: Sequence[StoredRevision]) -> list[NamingHeadline]:
    """Return headlines; a copy says nothing new, and what was withdrawn says nothing."""
    return [
        NamingHeadline(entry.item.content.title, title_places(entry.findings))
        for entry in known_items
        if not entry.item.is_withdrawn and not _is_copy(entry.findings)
    ]


def _is_copy(findings: Mapping[str, ItemFinding]) -> bool:
    finding = findings.get("duplicate")
    return finding is not None and bool(finding.body.get("of"))
