"""What items say of an entity over time: how they sound, day by day; whom they name beside it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from vigie.domain.time import DAY_MS
from vigie.ports.items import StoredRevision, TagCount
from vigie.services.news.shown import body


@dataclass(frozen=True, slots=True)
class Mood:
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


def moods(known: Sequence[StoredRevision], *, begin_ms: int, end_ms: int) -> list[Mood]:
    """Return a mood for each day from one instant to another, days without items too; copies count once."""
    by_day: dict[int, list[tuple[float, str]]] = {}
    for one in known:
        found = body(one.findings, "sentiment")
        if not body(one.findings, "duplicate").get("of") and (probabilities := found.get("probabilities")):
            index = float(probabilities.get("positive", 0.0)) - float(probabilities.get("negative", 0.0))
            by_day.setdefault(one.item.ts // DAY_MS, []).append((index, str(found.get("label") or "")))
    days = range(begin_ms // DAY_MS, end_ms // DAY_MS + 1)
    return [_mood(day * DAY_MS, by_day.get(day, [])) for day in days]


def _mood(ts: int, found: Sequence[tuple[float, str]]) -> Mood:
    labels = Counter(label for _, label in found)
    index = math.fsum(value for value, _ in found) / len(found) if found else math.nan
    return Mood(ts, index, len(found), labels["positive"], labels["negative"])


def relations(entity: str, together: Sequence[TagCount], alone: int) -> list[tuple[str, int, float, int]]:
    """Return whom the items of an entity name beside it: id, items with both, their share of its items, the newest."""
    return [
        (one.value, one.items, one.items / max(alone, 1), one.ts_last)
        for one in together
        if one.value != entity
    ]
