"""How near two facts stand by the words around them; rare words of a release tell more than common ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.figures import StatedFigure, same_unit, same_value
from vigie.intelligence.news.facts.predications import content_keys, predications
from vigie.intelligence.news.facts.statement import FactSentence

_REACH: Final = 9
_FADES: Final = 0.15
_APART: Final = 0.5
_PLAIN: Final = 12


class NearWord(NamedTuple):
    """A word beside a fact, with how near it is, from 0 to 1."""

    keys: frozenset[str]
    nearness: float


def weights(sentences: Sequence[FactSentence]) -> Mapping[str, float]:
    """Return how much each key tells one part of a text from the others."""
    counted = Counter(key for one in sentences for part in predications(one) for key in part.keys)
    return {key: 1.0 / count for key, count in counted.items()}


def near_words(
    sentence: FactSentence, start: int, end: int, figures: Sequence[StatedFigure] = ()
) -> tuple[NearWord, ...]:
    """Return the words around a place of a sentence: those of its clause, and those of the next at half.

    Parameters
    ----------
    figures : sequence of StatedFigure
        Those of the release: a figure that is one of them counts as a word.
    """
    found = sentence.found
    clause = sentence.clause_at(start)
    first = next((at for at, place in enumerate(found.starts) if place >= start), len(found.starts))
    last = next((at for at, place in enumerate(found.starts) if place >= end), len(found.starts))
    marks = [
        (one.start, frozenset(f"#{other.base:g}" for other in figures if _is_one(one, other)))
        for one in sentence.figures
        if figures and not start <= one.start < end
    ]
    by_word = {_at(found.starts, place): keys for place, keys in marks if keys}
    near = []
    for at in range(max(0, first - _REACH), min(len(found.folded), last + _REACH)):
        keys = by_word.get(at, content_keys(found.folded[at])) if not first <= at < last else frozenset[str]()
        if keys:
            far = first - at if at < first else at - last + 1
            is_here = sentence.clause_of[at] == clause
            near.append(NearWord(keys, (1.0 if is_here else _APART) / (1.0 + _FADES * (far - 1))))
    return tuple(near)


def _is_one(one: StatedFigure, other: StatedFigure) -> bool:
    return one.kind == other.kind and same_unit(one, other) and same_value(one, other)


def _at(starts: Sequence[int], start: int) -> int:
    # The sign of a currency stands before the first word of its figure.
    return next((at for at, place in enumerate(starts) if place >= start), len(starts))


class Alignment:
    """How near places of a copy stand to places of a release.

    Parameters
    ----------
    release : sequence of FactSentence
        Its sentences weigh the words: what stands in many of its parts tells none from the others.
    """

    def __init__(self, release: Sequence[FactSentence]) -> None:
        self._weights = weights(release)
        self._figures = [one for sentence in release for one in sentence.figures if one.base > _PLAIN]
        self._near: dict[tuple[int, int], tuple[NearWord, ...]] = {}

    def near(
        self, sentence: FactSentence, start: int, end: int, *, is_figured: bool = False
    ) -> tuple[NearWord, ...]:
        """Return the words around a place, with the figures where asked; sentences live as long as the alignment."""
        place = (id(sentence), start)
        if place not in self._near:
            self._near[place] = near_words(sentence, start, end, self._figures if is_figured else ())
        return self._near[place]

    def alike(self, one: Sequence[NearWord], other: Sequence[NearWord]) -> float:
        """Return how much tells that two facts are one, by the words beside them."""
        return sum(self.shared(one, other))

    def shared(self, one: Sequence[NearWord], other: Sequence[NearWord]) -> list[float]:
        """Return what each word beside one fact tells that another is the same; nothing of those it has alone."""
        found = []
        for word in one:
            shared = [
                max(self._weights.get(key, 1.0) for key in word.keys & each.keys) * each.nearness
                for each in other
                if not word.keys.isdisjoint(each.keys)
            ]
            if shared:
                found.append(word.nearness * max(shared))
        return found

    def is_figured(self, one: Sequence[NearWord], other: Sequence[NearWord]) -> bool:
        """Tell whether a figure that the release states once stands beside both."""
        ours, theirs = ({key for word in near for key in word.keys if key[0] == "#"} for near in (one, other))
        return any(self._weights.get(key, 0.0) >= 1.0 for key in ours & theirs)
