"""Novelty: how much of what an item tells is new in its story, within 72 hours.

Body: ``novelty``, from 0 (a copy) to 1. The first item of a story is as new as its title is unlike every other; one
that follows, as much of its names, numbers, happenings and words as no earlier item of the story had.
"""

from __future__ import annotations

from typing import Final

from vigie.domain.item import Finding, Item
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.reading.features import features, weight
from vigie.intelligence.news.step import Context, Seen, Step

SPAN_MS: Final = 72 * HOUR_MS
# A long story has said everything in its last items.
_LOOKED_AT: Final = 12


class Novelty:
    """Weighs what is new."""

    name = "novelty"
    version = 1
    needs: tuple[str, ...] = ("entities", "duplicate", "story")

    def read(self, item: Item, context: Context) -> Finding:
        """Return how much is new."""
        copied, story = context.found["duplicate"].body, context.found["story"].body
        if copied["of"]:
            return self._finding(0.0, "a copy")
        if story["place"] == "first":
            return self._finding(1.0 - copied["likeness"], "begins a story")
        told = [seen for seen in context.window.before(item, SPAN_MS) if _is_of(seen, story["story"])]
        said = {term for seen in told[-_LOOKED_AT:] for term in features(seen)}
        ours = features(Seen(item, context.found))
        total = sum(map(weight, ours))
        new = sum(weight(term) for term in ours if term not in said)
        count = len(said.intersection(ours))
        return self._finding(new / total if total else 0.0, f"{count} of {len(ours)} terms were in its story")

    def _finding(self, share: float, why: str) -> Finding:
        return Finding(self.name, self.version, {"novelty": round(share, 4)}, why)


def _is_of(seen: Seen, story: str) -> bool:
    finding = seen.found.get("story")
    return finding is not None and finding.body["story"] == story


def make() -> Step:
    """Return the step."""
    return Novelty()
