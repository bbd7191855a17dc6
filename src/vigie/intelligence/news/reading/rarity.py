"""How rare a term is: in news of months that no story is measured on, and in what was seen lately.

A word that is in every second headline says nothing about an event; neither does one that is in every second headline
of this week. Counts of terms and of capitals are in ``term_counts.csv``; ``python -m benchmarks.news.fit_stories``
writes it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from vigie.intelligence.news.reading.words import BEGINNING
from vigie.intelligence.news.word_cache import WordCache

# An item seen lately counts as so many of the background, up to so many items.
_RECENT: Final = 8.0
_MOST_RECENT: Final = 120
ENTITY: Final = "e:"


class TermCounts(NamedTuple):
    """Documents by term, of how many; and the share of capitals of words that were seen inside sentences."""

    documents: dict[str, float]
    capitals: dict[str, float]
    total: float


@cache
def term_counts() -> TermCounts:
    """Return the counts that Vigie comes with."""
    text = (resources.files(__package__) / "term_counts.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    return TermCounts(
        {row["term"]: float(row["documents"]) for row in rows if row["term"]},
        {row["term"]: float(row["capital"]) for row in rows if row["capital"]},
        next(float(row["documents"]) for row in rows if not row["term"]),
    )


def document_count(term: str) -> float:
    """Return how many documents of the background have a term; of an unlisted id the rarest word of its name."""
    counts = term_counts().documents
    n_documents = counts.get(term)
    if n_documents is not None:
        return n_documents
    if not term.startswith(ENTITY):
        return 0.0
    parts = term.rpartition(":")[2].split("-")
    return min((counts.get(part[:BEGINNING], 0.0) for part in parts), default=0.0)


def _background_rarity(term: str) -> float:
    return math.log((term_counts().total + 1.0) / (DOCUMENTS[term] + 1.0))


DOCUMENTS: Final = WordCache(document_count)
# How rare a term is in the background alone: what lengths are made of, so that an item's is found once.
PLAIN_RARITY: Final = WordCache(_background_rarity)


class Rarity(dict[str, float]):
    """Rarity by term, for one window; each is found once.

    Parameters
    ----------
    items : int
        In the window.
    window_count : callable
        From a term to how many items of the window have it.
    """

    def __init__(self, items: int, window_count: Callable[[str], int]) -> None:
        super().__init__()
        recent = _RECENT * min(items, _MOST_RECENT)
        self._held = window_count
        self._each = recent / items if items else 0.0
        self._total = math.log(term_counts().total + recent + 1.0)

    def __missing__(self, term: str) -> float:
        """Find the rarity of a term."""
        rarity = self[term] = self._total - math.log(DOCUMENTS[term] + self._each * self._held(term) + 1.0)
        return rarity

    def of(self, terms: frozenset[str]) -> float:
        """Return how much terms count together."""
        return sum([self[term] for term in terms])

    def squared(self, terms: frozenset[str]) -> float:
        """Return the sum of squared rarities."""
        return sum([self[term] ** 2 for term in terms])
