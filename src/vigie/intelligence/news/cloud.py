"""Words of a period: how often they stand in headlines, and how far they stand out against their own usual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.intelligence.news.filler import is_filler
from vigie.intelligence.news.reading.logodds import standing_out
from vigie.intelligence.news.steps.keywords import headline_terms

# A word of one headline alone is nobody's trend.
LEAST: Final = 2
# From here on, in standard deviations, a word is emerging.
EMERGING: Final = 1.96


@dataclass(frozen=True, slots=True)
class CloudWord:
    """One word or pair of neighbours.

    Attributes
    ----------
    text : str
        As it is written first.
    count, before : int
        Headlines of the period that have it, and of the time before.
    stands_out : float
        Standard deviations above its usual, see `vigie.intelligence.news.reading.logodds`.
    """

    text: str
    count: int
    before: int
    stands_out: float

    @property
    def is_emerging(self) -> bool:
        """Whether it stands out beyond chance."""
        return self.stands_out >= EMERGING


def build_cloud(
    titles: Iterable[str],
    earlier: Iterable[str],
    *,
    max_words: int = 60,
    outlets: frozenset[str] = frozenset(),
) -> Sequence[CloudWord]:
    """Return the words that stand out most, at most so many; a pair takes the place of the words that only it has.

    Parameters
    ----------
    outlets : frozenset of str
        Names of those who publish, as compared: who tells something is not what is told.
    """
    counts, spellings = _count_terms(titles, outlets)
    usual, _ = _count_terms(earlier, outlets)
    now_counts = {word: float(count) for word, count in counts.items()}
    before_counts = {word: float(usual.get(word, 0)) for word in now_counts}
    scores = (
        standing_out(now_counts, before_counts, usual_total=float(sum(usual.values()))) if now_counts else {}
    )
    candidates = [word for word in scores if counts[word] >= LEAST]
    best_pair_count = {part: max(counts[pair] for pair in candidates if part in pair.split(" ")[:2] and " " in pair)
              for pair in candidates if " " in pair for part in pair.split(" ")}  # fmt: skip
    standing = [word for word in candidates if " " in word or best_pair_count.get(word, 0) < counts[word]]
    ranked = sorted(standing, key=lambda word: (-scores[word], -counts[word], word))[:max_words]
    return [
        CloudWord(spellings[word], counts[word], usual.get(word, 0), round(scores[word], 2))
        for word in ranked
    ]


def _count_terms(titles: Iterable[str], outlets: frozenset[str]) -> tuple[dict[str, int], dict[str, str]]:
    counts: dict[str, int] = {}
    spellings: dict[str, str] = {}
    for title in titles:
        for word, spelling in headline_terms(title).items():
            if is_filler(word, outlets):
                continue
            counts[word] = counts.get(word, 0) + 1
            spellings.setdefault(word, spelling)
    return counts, spellings
