"""Words of a period: how often they stand in headlines, and how far they stand out against their own usual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.intelligence.news.reading.logodds import standing_out
from vigie.intelligence.news.steps.keywords import headline_terms

# A word of one headline alone is nobody's trend.
LEAST: Final = 2
# From here on, in standard deviations, a word is emerging.
EMERGING: Final = 1.96
# Of headlines everywhere, and of nobody's subject: who speaks, how much, how long, and that a market is simulated.
_EMPTY: Final = frozenset(
    "simulated simule simulee simules simulees must may says said say dit dits disent selon according hour hours heure "
    "heures minute minutes day days jour jours week weeks semaine semaines million millions billion billions milliard "
    "milliards".split()
)


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


def build_cloud(titles: Iterable[str], earlier: Iterable[str], *, max_words: int = 60) -> Sequence[CloudWord]:
    """Return the words that stand out most, at most so many; a pair takes the place of the words that only it has."""
    counts, spellings = _count_terms(titles)
    usual, _ = _count_terms(earlier)
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


def _count_terms(titles: Iterable[str]) -> tuple[dict[str, int], dict[str, str]]:
    counts: dict[str, int] = {}
    spellings: dict[str, str] = {}
    for title in titles:
        for word, spelling in headline_terms(title).items():
            if not _EMPTY.isdisjoint(word.split()):
                continue
            counts[word] = counts.get(word, 0) + 1
            spellings.setdefault(word, spelling)
    return counts, spellings
