"""Novelty: how much of what an item tells is new in its story, within 72 hours.

Body: ``novelty``, from 0 (a copy) to 1. The first item of a story is as new as its title is unlike every other; one
that follows, as much of its names, numbers, happenings and words as no earlier item of the story had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.domain.item import ItemFinding, NewsItem
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.reading.features import features, weight
from vigie.intelligence.news.reading.named import copied, likeness, story
from vigie.intelligence.news.reading.rejoined import stories
from vigie.intelligence.news.step import Context, Seen, Step

SPAN_MS: Final = 72 * HOUR_MS
# A long story has said everything in its last items.
_LOOKED_AT: Final = 12


class Novelty:
    """Weighs what is new."""

    name = "novelty"
    version = 2
    needs: tuple[str, ...] = ("entities", "duplicate", "story")

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return how much is new."""
        if copied(context.found):
            return self._finding(0.0, "a copy")
        ours_is = story(context.found) or item.id
        if ours_is == item.id:
            return self._finding(1.0 - likeness(context.found), "begins a story")
        told = _told(context.window.before(item, SPAN_MS), ours_is, stories(context.found))
        said = {term for seen in told for term in features(seen)}
        ours = features(Seen(item, context.found))
        total = sum(map(weight, ours))
        new = sum(weight(term) for term in ours if term not in said)
        count = len(said.intersection(ours))
        return self._finding(new / total if total else 0.0, f"{count} of {len(ours)} terms were in its story")

    def _finding(self, share: float, why: str) -> ItemFinding:
        return ItemFinding(self.name, self.version, {"novelty": round(share, 4)}, why)


def _told(window: Sequence[Seen], ours: str, every: frozenset[str]) -> list[Seen]:
    # The latest items of a story, back to its first one.
    told: list[Seen] = []
    for seen in reversed(window):
        if story(seen.found) in every:
            told.append(seen)
        if seen.item.id == ours or len(told) == _LOOKED_AT:
            break
    return told


def make() -> Step:
    """Return the step."""
    return Novelty()
