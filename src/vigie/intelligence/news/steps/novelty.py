"""Novelty: how much of what an item tells is new in its story, within 72 hours.

Body: ``novelty``, from 0 (a copy) to 1. The first item of a story is as new as its title is unlike every other; one
that follows, as much of its names, numbers, happenings and words as no earlier item of the story had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.domain.item import ItemFinding, NewsItem
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.reading.earlier_findings import copy_source, nearest_likeness, story_id
from vigie.intelligence.news.reading.features import item_features, term_weight
from vigie.intelligence.news.reading.merged_stories import story_ids
from vigie.intelligence.news.step import AnalysedItem, Context, ReadingStep

SPAN_MS: Final = 72 * HOUR_MS
# A long story has said everything in its last items.
_LOOKED_AT: Final = 12


class NoveltyStep:
    """Weighs what is new."""

    name = "novelty"
    version = 2
    needs: tuple[str, ...] = ("entities", "duplicate", "story")

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return how much is new."""
        if copy_source(context.findings):
            return self._finding(0.0, "a copy")
        own_story = story_id(context.findings) or item.id
        if own_story == item.id:
            return self._finding(1.0 - nearest_likeness(context.findings), "begins a story")
        earlier_entries = _latest_of_story(
            context.window.before(item, SPAN_MS), own_story, story_ids(context.findings)
        )
        earlier_terms = {term for entry in earlier_entries for term in item_features(entry)}
        own_terms = item_features(AnalysedItem(item, context.findings))
        total = sum(map(term_weight, own_terms))
        new = sum(term_weight(term) for term in own_terms if term not in earlier_terms)
        count = len(earlier_terms.intersection(own_terms))
        return self._finding(
            new / total if total else 0.0, f"{count} of {len(own_terms)} terms were in its story"
        )

    def _finding(self, share: float, why: str) -> ItemFinding:
        return ItemFinding(self.name, self.version, {"novelty": round(share, 4)}, why)


def _latest_of_story(
    window: Sequence[AnalysedItem], own_story: str, story_names: frozenset[str]
) -> list[AnalysedItem]:
    # The latest items of a story, back to its first one.
    entries: list[AnalysedItem] = []
    for entry in reversed(window):
        if story_id(entry.findings) in story_names:
            entries.append(entry)
        if entry.item.id == own_story or len(entries) == _LOOKED_AT:
            break
    return entries


def make() -> ReadingStep:
    """Return the step."""
    return NoveltyStep()
