"""Words of a period: how often they stand in headlines, and how far they stand out against their own usual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.intelligence.news.reading.logodds import standing_out
from vigie.intelligence.news.steps.keywords import terms_of

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
class Word:
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


def cloud(titles: Iterable[str], earlier: Iterable[str], *, most: int = 60) -> Sequence[Word]:
    """Return the words that stand out most, at most so many; a pair takes the place of the words that only it has."""
    counts, written = _counted(titles)
    usual, _ = _counted(earlier)
    ours = {word: float(count) for word, count in counts.items()}
    theirs = {word: float(usual.get(word, 0)) for word in ours}
    found = standing_out(ours, theirs, usual_total=float(sum(usual.values()))) if ours else {}
    kept = [word for word in found if counts[word] >= LEAST]
    paired = {part: max(counts[pair] for pair in kept if part in pair.split(" ")[:2] and " " in pair)
              for pair in kept if " " in pair for part in pair.split(" ")}  # fmt: skip
    alone = [word for word in kept if " " in word or paired.get(word, 0) < counts[word]]
    ranked = sorted(alone, key=lambda word: (-found[word], -counts[word], word))[:most]
    return [Word(written[word], counts[word], usual.get(word, 0), round(found[word], 2)) for word in ranked]


def _counted(titles: Iterable[str]) -> tuple[dict[str, int], dict[str, str]]:
    counts: dict[str, int] = {}
    written: dict[str, str] = {}
    for title in titles:
        for word, shown in terms_of(title).items():
            if not _EMPTY.isdisjoint(word.split()):
                continue
            counts[word] = counts.get(word, 0) + 1
            written.setdefault(word, shown)
    return counts, written
