"""What items say of an entity over time, day by day, and whom they name beside it; the rows of its tables."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.data.catalog import BarCatalog
from vigie.domain.time import DAY_MS
from vigie.ports.accounts import UserStore
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.item_glances import ItemGlance
from vigie.ports.item_queries import TagCount
from vigie.ports.items import ItemStore
from vigie.ports.names import NameStore
from vigie.ports.registers import RegisterStore
from vigie.services.rows import Row, shown

SOURCE: Final = "vigie"


@dataclass(frozen=True, slots=True)
class EntitySources:
    """What the page of an entity reads."""

    items: ItemStore
    bookmarks: SourceBookmarks
    directory: ConnectorDirectory
    registers: RegisterStore
    names: NameStore
    catalog: BarCatalog
    accounts: UserStore
    clock: Clock


@dataclass(frozen=True, slots=True)
class DayMood:
    """How a day's items sound.

    Attributes
    ----------
    index : float
        Mean of the probability of positive less that of negative, -1 to 1; NaN without an item that can be told.
    """

    ts: int
    index: float
    items: int
    positive: int
    negative: int


def moods(glances: Sequence[ItemGlance], *, begin_ms: int, end_ms: int) -> list[DayMood]:
    """Return a mood for each day from one instant to another, days without items too; copies count once."""
    by_day: dict[int, list[tuple[float, str]]] = {}
    for glance in glances:
        sentiment_body = glance.bodies.get("sentiment", {})
        if not glance.bodies.get("duplicate", {}).get("of") and (
            probabilities := sentiment_body.get("probabilities")
        ):
            index = float(probabilities.get("positive", 0.0)) - float(probabilities.get("negative", 0.0))
            by_day.setdefault(glance.ts // DAY_MS, []).append((index, str(sentiment_body.get("label") or "")))
    days = range(begin_ms // DAY_MS, end_ms // DAY_MS + 1)
    return [_mood(day * DAY_MS, by_day.get(day, [])) for day in days]


def _mood(ts: int, day_items: Sequence[tuple[float, str]]) -> DayMood:
    labels = Counter(label for _, label in day_items)
    index = math.fsum(value for value, _ in day_items) / len(day_items) if day_items else math.nan
    return DayMood(ts, index, len(day_items), labels["positive"], labels["negative"])


def relations(entity: str, tallies: Sequence[TagCount], n_items: int) -> list[tuple[str, int, float, int]]:
    """Return whom the items of an entity name beside it: id, items with both, their share of its items, the newest."""
    return [
        (tally.value, tally.items, tally.items / max(n_items, 1), tally.ts_last)
        for tally in tallies
        if tally.value != entity
    ]


class EntitySentimentRow(Row):
    """The sentiment of the news about an entity on one day."""

    ts: int = shown("Day", unit="ms")
    index: float | None = shown(
        "Sentiment",
        unit="ratio",
        definition="Average probability of positive minus that of negative, -1 to 1; copies count once.",
        source=SOURCE,
    )
    items: int = shown("News items", unit="count")
    positive: int = shown("Positive", unit="count")
    negative: int = shown("Negative", unit="count")


class EntityRelationRow(Row):
    """An entity that is named together with another."""

    entity: str = shown("Id")
    name: str = shown("Name")
    items: int = shown("News with both", unit="count")
    share: float = shown(
        "Share of news", unit="fraction", definition="Share of the news that names it.", source=SOURCE
    )
    ts_last: int = shown("Latest", unit="ms")
