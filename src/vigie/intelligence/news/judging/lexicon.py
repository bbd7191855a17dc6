"""The lexicon: words and phrases of crypto news in English and French, with how good or bad they sound."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from vigie.intelligence.news.by_word import ByWord
from vigie.intelligence.news.judging.grams import words

# What turns the next words into their opposite, in both languages, without accents.
_NOT: Final = frozenset(
    "no not never without nor denies deny isn t aucun aucune sans ni jamais dement".split()
)
# What undoes a bad thing beside it: a ban that is lifted, a charge that is dropped.
_UNDONE: Final = frozenset(
    "lifted lifts lift dropped drops ease eases easing rejected reverses overturned foiled foils thwarted ends ended "
    "dismissed dismisses tosses recovered recovers recover returns return repealed repeals repeal removed from averted "
    "abandons abandonne abandonnees levee leve leves recule reculent recul rejetee renonce evite evitee dejouee "
    "apaise apaisent restitue restituent recupere abroge".split()
)
_REACH = 3
SCORES: Final = ("good", "bad", "balance", "best", "worst", "asks", "mixed")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Weights of words by first word, longest phrase first; stems end with a star.

    Attributes
    ----------
    phrases : mapping of str to sequence of (tuple of str, int)
        By first word, longest first.
    stems : mapping of str to int
    """

    phrases: Mapping[str, Sequence[tuple[tuple[str, ...], int]]]
    stems: Mapping[str, int]

    def weights(self, text: str) -> list[int]:
        """Return the weight at each word, 0 where the lexicon has none; phrases count at their first word."""
        said = words(text)
        found = [0] * len(said)
        phrases, behind = self.phrases, 0
        for at, weight in enumerate(map(_STEMS.__getitem__, said)):
            # Words of a phrase count at its first.
            if at < behind:
                continue
            begun = phrases.get(said[at])
            if begun is not None:
                weight, length = self._at(said, at, begun)
                behind = at + length
            if weight:
                found[at] = _turned(said, at, weight)
        return found

    def _at(
        self, said: Sequence[str], at: int, begun: Sequence[tuple[tuple[str, ...], int]]
    ) -> tuple[int, int]:
        for phrase, weight in begun:
            # The first word is the one by which they were found, and most end with the second.
            length = len(phrase)
            if length == 1 or (
                _fits(said, at + 1, phrase[1])
                and all(_fits(said, at + offset, phrase[offset]) for offset in range(2, length))
            ):
                return weight, length
        return _STEMS[said[at]], 1


def _scores(found: Sequence[int], *, asks: bool) -> tuple[float, ...]:
    good = sum(weight for weight in found if weight > 0)
    bad = -sum(weight for weight in found if weight < 0)
    balance = (good - bad) / (good + bad + 2.0)
    best, worst = max(found, default=0), min(found, default=0)
    mixed = min(good, bad) / (good + bad + 1.0)
    return (
        min(good, 8) / 8, min(bad, 8) / 8, balance,
        max(best, 0) / 3, max(-worst, 0) / 3, float(asks), mixed,
    )  # fmt: skip


def _fits(said: Sequence[str], at: int, word: str) -> bool:
    if at >= len(said):
        return False
    return said[at].startswith(word[:-1]) if word.endswith("*") else said[at] == word


def _turned(said: Sequence[str], at: int, weight: int) -> int:
    if not _NOT.isdisjoint(said[max(0, at - _REACH) : at]):
        return -weight // 2 if weight > 0 else 1
    near = (*said[max(0, at - _REACH) : at], *said[at + 1 : at + 1 + _REACH])
    return 1 if weight < 0 and not _UNDONE.isdisjoint(near) else weight


def _stem(word: str) -> int:
    stems = lexicon().stems
    return next((stems[word[:size]] for size in range(len(word), 2, -1) if word[:size] in stems), 0)


_STEMS: Final = ByWord(_stem, 16_384)


@lru_cache(maxsize=4096)
def weights_of(text: str) -> tuple[int, ...]:
    """Return the weight that the shipped lexicon has at each word of a text."""
    return tuple(lexicon().weights(text))


@lru_cache(maxsize=4096)
def scores_of(text: str) -> tuple[float, ...]:
    """Return the figures named by `SCORES`, each roughly between -1 and 1, by the shipped lexicon."""
    return _scores(weights_of(text), asks="?" in words(text))


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Return the shipped lexicon."""
    text = (
        files("vigie.intelligence.news.judging").joinpath("data", "lexicon.csv").read_text(encoding="utf-8")
    )
    phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    stems: dict[str, int] = {}
    for row in csv.DictReader(io.StringIO(text)):
        weight, written = int(row["weight"]), row["words"]
        said = tuple(
            word + ("*" if star else "") for part in written.split() for word, star in _starred(part)
        )
        if len(said) == 1 and said[0].endswith("*"):
            stems[said[0][:-1]] = weight
        else:
            phrases.setdefault(said[0], []).append((said, weight))
    for known in phrases.values():
        known.sort(key=lambda entry: -len(entry[0]))
    return Lexicon(phrases, stems)


def _starred(part: str) -> list[tuple[str, bool]]:
    said = words(part.removesuffix("*"))
    return [(word, part.endswith("*") and place == len(said) - 1) for place, word in enumerate(said)]
