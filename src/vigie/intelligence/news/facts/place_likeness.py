"""How much of what stands beside a fact of a copy stands beside each fact of a release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.figures import StatedFigure
from vigie.intelligence.news.facts.parties import classify_names
from vigie.intelligence.news.facts.places import (
    FactPlace,
    fact_places,
    is_rival_fact,
    is_same_fact,
    part_bounds,
    word_keys,
)
from vigie.intelligence.news.facts.statement import FactSentence

_FADES: Final = 0.2
_APART: Final = 0.5
# What stands in a sentence without a name counts little for the names of the sentence before.
_CARRIED: Final = 0.35

_Keyed = tuple[frozenset[str], float]


class PlaceLikeness(NamedTuple):
    """What a place of a copy and one of a release share, each word by how rare it is in the release.

    Attributes
    ----------
    near : float
        By how near the words stand in both.
    wide : float
        Anywhere in both sentences.
    part : float
        In the parts of the sentences with one verb.
    part_count : int
        How many words those are.
    numbers : int
        How many of them are figures or dates.
    words : frozenset of int
        Which words of the copy's sentence.
    """

    place: FactPlace
    near: float
    wide: float
    part: float
    part_count: int
    numbers: int
    words: frozenset[int]

    @property
    def whole(self) -> float:
        """All of it in one figure, to rank places by."""
        return self.near + 0.2 * self.wide + 0.5 * self.part


class PlaceContext(NamedTuple):
    """A fact of a copy with how the places of the release are like its own.

    Attributes
    ----------
    own, rivals : tuple of PlaceLikeness
        Places of the same fact, and of others that might stand there.
    known, known_part : float
        What of its sentence, and of its part of it, the release has at all.
    words : int
        How many words of its sentence the release has.
    """

    place: FactPlace
    own: tuple[PlaceLikeness, ...]
    rivals: tuple[PlaceLikeness, ...]
    known: float
    known_part: float
    words: int


class _Indexed(NamedTuple):
    place: FactPlace
    near: tuple[_Keyed, ...]
    part: frozenset[str]


class PlaceIndex:
    """The facts of a release with the words around each.

    Parameters
    ----------
    release : sequence of FactSentence
        Its sentences weigh the words: what stands in many of them tells none from the others.
    """

    def __init__(self, release: Sequence[FactSentence]) -> None:
        self.name_kinds = classify_names(release)
        keys = {id(sentence): word_keys(sentence) for sentence in release}
        self._counts = Counter(
            key for sentence_keys in keys.values() for key in frozenset[str]().union(*sentence_keys)
        )
        self._figures: list[StatedFigure] = [item for sentence in release for item in sentence.figures]
        self._places = [
            _index_place(item, keys[id(item.sentence)])
            for item in fact_places(release, self.name_kinds, is_carrying=True)
        ]

    def contexts(self, copy: Sequence[FactSentence]) -> Iterator[PlaceContext]:
        """Yield the facts of a copy that others of the release might stand for."""
        for sentence in copy:
            keys = word_keys(sentence, self._figures)
            for place in fact_places((sentence,), self.name_kinds):
                context = self._context(place, keys)
                if context.rivals:
                    yield context

    def _context(self, place: FactPlace, keys: Sequence[frozenset[str]]) -> PlaceContext:
        begin, end = part_bounds(place)
        near = [
            (at, word, nearness, self._rarity(word))
            for at, word, nearness in _nearby_words(place, keys)
            if any(self._counts[key] for key in word)
        ]
        same_fact, rivals = list[PlaceLikeness](), list[PlaceLikeness]()
        for other in self._places:
            if other.place.kind != place.kind:
                continue
            is_own = is_same_fact(place, other.place)
            if is_own or is_rival_fact(place, other.place):
                part = [row for row in near if begin <= row[0] < end]
                (same_fact if is_own else rivals).append(self._likeness(near, part, other))
        return PlaceContext(
            place,
            tuple(same_fact),
            tuple(rivals),
            sum(rarity for *_, rarity in near),
            sum(rarity for at, *_, rarity in near if begin <= at < end),
            len(near),
        )

    def _rarity(self, keys: frozenset[str]) -> float:
        return max((1.0 / self._counts[key] for key in keys if self._counts[key]), default=0.0)

    def _likeness(
        self,
        near: Sequence[tuple[int, frozenset[str], float, float]],
        part: Sequence[tuple[int, frozenset[str], float, float]],
        indexed: _Indexed,
    ) -> PlaceLikeness:
        close = wide = 0.0
        words, numbers = set[int](), 0
        for at, keys, nearness, rarity in near:
            best = max(
                (
                    self._rarity(keys & other_keys) * weight
                    for other_keys, weight in indexed.near
                    if not keys.isdisjoint(other_keys)
                ),
                default=0.0,
            )
            if best:
                close += nearness * best
                wide += rarity
                words.add(at)
                numbers += any(key[0] in "#/" for key in keys)
        shared = [keys & indexed.part for _, keys, *_ in part if not keys.isdisjoint(indexed.part)]
        return PlaceLikeness(
            indexed.place, close, wide, sum(map(self._rarity, shared)), len(shared), numbers, frozenset(words)
        )


def _index_place(place: FactPlace, keys: Sequence[frozenset[str]]) -> _Indexed:
    if place.is_carried:
        near = tuple((word, _CARRIED) for word in keys if word)
        return _Indexed(place, near, frozenset[str]().union(*keys))
    begin, end = part_bounds(place)
    part = [keys[at] for at in range(begin, end) if not place.first <= at < place.last]
    near = tuple((word, nearness) for _, word, nearness in _nearby_words(place, keys))
    return _Indexed(place, near, frozenset[str]().union(*part))


def _nearby_words(
    place: FactPlace, keys: Sequence[frozenset[str]]
) -> Iterator[tuple[int, frozenset[str], float]]:
    """Yield the words of the sentence of a fact, with how near they are."""
    parts = place.sentence.clause_of
    own_clause = parts[min(place.first, len(parts) - 1)] if parts else 0
    for index, word in enumerate(keys):
        if not word or place.first <= index < place.last:
            continue
        distance = place.first - index if index < place.first else index - place.last + 1
        yield index, word, (1.0 if parts[index] == own_clause else _APART) / (1.0 + _FADES * (distance - 1))
