"""Words of a period: how often they stand in headlines, and how far they stand out against their own usual."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from vigie.intelligence.news.filler import word_kind
from vigie.intelligence.news.reading.logodds import standing_out
from vigie.intelligence.news.reading.words import TITLE_READ, tokenize
from vigie.intelligence.news.steps.keywords import JOINTS, may_say

# A word of one headline alone is nobody's trend.
LEAST: Final = 2
# From here on, in standard deviations, a word is emerging.
EMERGING: Final = 1.96


@dataclass(frozen=True, slots=True)
class CloudWord:
    """One word, a name of several, or a pair of neighbours.

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


class NamingHeadline(NamedTuple):
    """A headline, and the places of whom it names, in characters of it."""

    title: str
    names: Sequence[tuple[int, int]] = ()


class _Unit(NamedTuple):
    """A word of a headline, or a whole name; where it stands, in its order."""

    folded: str
    start: int
    end: int
    kind: str


def build_cloud(
    headlines: Iterable[NamingHeadline],
    earlier: Iterable[NamingHeadline],
    *,
    max_words: int = 60,
    outlets: frozenset[str] = frozenset(),
) -> Sequence[CloudWord]:
    """Return the words that stand out most; a longer term replaces the words that occur only in it.

    Parameters
    ----------
    outlets : frozenset of str
        Names of those who publish, as compared: who tells something is not what is told.
    """
    counts, spellings = _count_terms(headlines, outlets)
    usual, _ = _count_terms(earlier, outlets)
    now_counts = {word: float(count) for word, count in counts.items()}
    before_counts = {word: float(usual.get(word, 0)) for word in now_counts}
    scores = (
        standing_out(now_counts, before_counts, usual_total=float(sum(usual.values()))) if now_counts else {}
    )
    candidates = [word for word in scores if counts[word] >= LEAST]
    longer_counts = _counts_of_longer_terms(candidates, counts)
    standing = [word for word in candidates if longer_counts.get(word, 0) < counts[word]]
    ranked = sorted(standing, key=lambda word: (-scores[word], -counts[word], word))[:max_words]
    return [
        CloudWord(spellings[word], counts[word], usual.get(word, 0), round(scores[word], 2))
        for word in ranked
    ]


def _counts_of_longer_terms(terms: Iterable[str], counts: Mapping[str, int]) -> dict[str, int]:
    """Return for each part of a longer term how often the most frequent term stands that has it."""
    longer: dict[str, int] = {}
    for term in terms:
        words = term.split(" ")
        for first in range(len(words)):
            for end in range(first + 1, len(words) + 1):
                if end - first < len(words):
                    part = " ".join(words[first:end])
                    longer[part] = max(longer.get(part, 0), counts[term])
    return longer


def _count_terms(
    headlines: Iterable[NamingHeadline], outlets: frozenset[str]
) -> tuple[dict[str, int], dict[str, str]]:
    counts: dict[str, int] = {}
    spellings: dict[str, str] = {}
    for headline in headlines:
        for term, spelling in dict(_find_terms(headline, outlets)).items():
            counts[term] = counts.get(term, 0) + 1
            spellings.setdefault(term, spelling)
    return counts, spellings


def _find_terms(headline: NamingHeadline, outlets: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield names, words and pairs of neighbours that name something, as compared and as written."""
    title = headline.title
    units = _units(headline, outlets)
    for unit in units:
        if unit.kind == "":
            yield unit.folded, title[unit.start : unit.end]
    for unit, following in pairwise(units):
        pair = f"{unit.folded} {following.folded}"
        if title[unit.end : following.start] in JOINTS and (
            word_kind(pair) == "notion" or _is_naming_pair(unit.kind, following.kind)
        ):
            yield pair, title[unit.start : following.end]


def _is_naming_pair(kind: str, following_kind: str) -> bool:
    if "filler" in (kind, following_kind) or following_kind == "leading":
        return False
    return "" in (kind, following_kind)


def _units(headline: NamingHeadline, outlets: frozenset[str]) -> list[_Unit]:
    title = headline.title[:TITLE_READ]
    tokens = tokenize(title)
    # A name may begin with the sign of a ticker, a word does not.
    name_ends = {start + (title[start : start + 1] == "$"): end for start, end in headline.names}
    units: list[_Unit] = []
    words: list[str] = []
    name_start, name_end = 0, -1
    for folded, start, end in zip(tokens.folded, tokens.starts, tokens.ends, strict=True):
        if start >= name_end and start in name_ends:
            name_start, name_end, words = start, name_ends[start], []
        if start < name_end:
            words.append(folded)
            if end >= name_end:
                name = " ".join(words)
                units.append(_Unit(name, name_start, end, "filler" if name in outlets else ""))
        elif may_say(folded):
            kind = "filler" if folded in outlets else word_kind(folded)
            units.append(_Unit(folded, start, end, kind))
    return units
