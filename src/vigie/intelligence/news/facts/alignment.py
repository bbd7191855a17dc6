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


def key_weights(sentences: Sequence[FactSentence]) -> Mapping[str, float]:
    """Return how much each key tells one part of a text from the others."""
    counts = Counter(
        key for sentence in sentences for predication in predications(sentence) for key in predication.keys
    )
    return {key: 1.0 / count for key, count in counts.items()}


def near_words(
    sentence: FactSentence, start: int, end: int, figures: Sequence[StatedFigure] = ()
) -> tuple[NearWord, ...]:
    """Return the words around a place of a sentence: those of its clause, and those of the next at half.

    Parameters
    ----------
    figures : sequence of StatedFigure
        Those of the release: a figure that is one of them counts as a word.
    """
    tokens = sentence.tokens
    clause = sentence.clause_at(start)
    first = next((at for at, place in enumerate(tokens.starts) if place >= start), len(tokens.starts))
    last = next((at for at, place in enumerate(tokens.starts) if place >= end), len(tokens.starts))
    marks = [
        (figure.start, frozenset(f"#{other.base:g}" for other in figures if _is_same_figure(figure, other)))
        for figure in sentence.figures
        if figures and not start <= figure.start < end
    ]
    by_word = {_word_index(tokens.starts, place): keys for place, keys in marks if keys}
    neighbours = []
    for at in range(max(0, first - _REACH), min(len(tokens.folded), last + _REACH)):
        keys = (
            by_word.get(at, content_keys(tokens.folded[at])) if not first <= at < last else frozenset[str]()
        )
        if keys:
            distance = first - at if at < first else at - last + 1
            is_here = sentence.clause_of[at] == clause
            neighbours.append(NearWord(keys, (1.0 if is_here else _APART) / (1.0 + _FADES * (distance - 1))))
    return tuple(neighbours)


def _is_same_figure(figure: StatedFigure, other: StatedFigure) -> bool:
    return figure.kind == other.kind and same_unit(figure, other) and same_value(figure, other)


def _word_index(starts: Sequence[int], start: int) -> int:
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
        self._weights = key_weights(release)
        self._figures = [
            figure for sentence in release for figure in sentence.figures if figure.base > _PLAIN
        ]
        self._near: dict[tuple[int, int], tuple[NearWord, ...]] = {}

    def near_words(
        self, sentence: FactSentence, start: int, end: int, *, is_figured: bool = False
    ) -> tuple[NearWord, ...]:
        """Return the words around a place, with the figures where asked; sentences live as long as the alignment."""
        key = (id(sentence), start)
        if key not in self._near:
            self._near[key] = near_words(sentence, start, end, self._figures if is_figured else ())
        return self._near[key]

    def similarity(self, ours: Sequence[NearWord], theirs: Sequence[NearWord]) -> float:
        """Return how much tells that two facts are one, by the words beside them."""
        return sum(self.shared_weights(ours, theirs))

    def shared_weights(self, ours: Sequence[NearWord], theirs: Sequence[NearWord]) -> list[float]:
        """Return what each word beside one fact tells that another is the same; nothing of those it has alone."""
        weights = []
        for word in ours:
            matches = [
                max(self._weights.get(key, 1.0) for key in word.keys & neighbour.keys) * neighbour.nearness
                for neighbour in theirs
                if not word.keys.isdisjoint(neighbour.keys)
            ]
            if matches:
                weights.append(word.nearness * max(matches))
        return weights

    def has_shared_figure(self, near_ours: Sequence[NearWord], near_theirs: Sequence[NearWord]) -> bool:
        """Tell whether a figure that the release states once stands beside both."""
        ours, theirs = (
            {key for word in near for key in word.keys if key[0] == "#"} for near in (near_ours, near_theirs)
        )
        return any(self._weights.get(key, 0.0) >= 1.0 for key in ours & theirs)
