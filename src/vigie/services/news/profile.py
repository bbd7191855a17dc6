"""What items say of an entity over time: how they sound, day by day; whom they name beside it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from vigie.domain.time import DAY_MS
from vigie.ports.items import StoredRevision, TagCount
from vigie.services.news.item_rows import finding_body


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


def moods(revisions: Sequence[StoredRevision], *, begin_ms: int, end_ms: int) -> list[DayMood]:
    """Return a mood for each day from one instant to another, days without items too; copies count once."""
    by_day: dict[int, list[tuple[float, str]]] = {}
    for revision in revisions:
        sentiment_body = finding_body(revision.findings, "sentiment")
        if not finding_body(revision.findings, "duplicate").get("of") and (
            probabilities := sentiment_body.get("probabilities")
        ):
            index = float(probabilities.get("positive", 0.0)) - float(probabilities.get("negative", 0.0))
            by_day.setdefault(revision.item.ts // DAY_MS, []).append(
                (index, str(sentiment_body.get("label") or ""))
            )
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
