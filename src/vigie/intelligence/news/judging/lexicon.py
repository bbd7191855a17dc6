"""The lexicon: words and phrases of crypto news in English and French, with how good or bad they sound.

What is known to be French is read with a second list besides, whose words would be others in English, and with the
way French denies: *ne ... pas* around the verb.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
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
# French denies around the verb; *plus* alone is more, *pas* alone is enough.
_NE: Final = frozenset(("ne", "n"))
_PAS: Final = frozenset("pas plus jamais guere rien aucun aucune personne".split())
_UNDONE_IN_FRENCH: Final = _UNDONE | frozenset(
    "abandon fin dejoues dejouees dejoue echappe echappent annule annulee annulation enterre enterrent rejette "
    "rejettent levee retire retrait disculpe disculpant dement nie tort rendus rend restitues recuperes clot".split()
)
SCORES: Final = ("good", "bad", "balance", "best", "worst", "asks", "mixed")
FRENCH_SCORES: Final = (*SCORES, "first", "last")
FRENCH: Final = "fr"
_WORDS_REMEMBERED: Final = 16_384


def _turned(said: Sequence[str], at: int, weight: int, length: int) -> int:
    if not _NOT.isdisjoint(said[max(0, at - _REACH) : at]):
        return -weight // 2 if weight > 0 else 1
    near = (*said[max(0, at - _REACH) : at], *said[at + 1 : at + 1 + _REACH])
    return 1 if weight < 0 and not _UNDONE.isdisjoint(near) else weight


def _turned_in_french(said: Sequence[str], at: int, weight: int, length: int) -> int:
    before, after = said[max(0, at - _REACH) : at], said[at + 1 : at + 1 + _REACH]
    verb = said[max(0, at - _REACH - 1) : at]
    denied = not (_NE.isdisjoint(verb) or _PAS.isdisjoint((*verb, *said[at + length : at + length + 2])))
    if denied or not _NOT.isdisjoint(before) or "pas" in before[-2:]:
        return -weight // 2 if weight > 0 else 1
    return 1 if weight < 0 and not _UNDONE_IN_FRENCH.isdisjoint((*before, *after)) else weight


class Lexicon:
    """Weights of words and phrases; the longest phrase counts, then the word itself, then the longest of its stems.

    Parameters
    ----------
    entries : mapping of tuple of str to int
        Weight by words; a last letter of a word that is a star stands for any ending.
    turned : callable
        What becomes of a weight among the words around it: from these, its place, itself and the length of its phrase.
    """

    def __init__(
        self,
        entries: Mapping[tuple[str, ...], int],
        turned: Callable[[Sequence[str], int, int, int], int],
    ) -> None:
        self._turned = turned
        self._words: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        # By the first word, then by the second, since most end with it; under a star where that may end otherwise.
        self._phrases: dict[str, dict[str, list[tuple[tuple[str, ...], int]]]] = {}
        for said, weight in sorted(entries.items(), key=lambda entry: -len(entry[0])):
            first, second = said[0], said[1] if len(said) > 1 else ""
            if second:
                place = "*" if second.endswith("*") else second
                self._phrases.setdefault(first, {}).setdefault(place, []).append((said, weight))
            elif first.endswith("*"):
                self._stems[first[:-1]] = weight
            else:
                self._words[first] = weight
        self._by_word = ByWord(self._of, _WORDS_REMEMBERED)

    def weights(self, text: str) -> list[int]:
        """Return the weight at each word, 0 where the lexicon has none; phrases count at their first word."""
        said = words(text)
        found = [0] * len(said)
        phrases, behind, last = self._phrases, 0, len(said) - 1
        for at, weight in enumerate(map(self._by_word.__getitem__, said)):
            # Words of a phrase count at its first.
            if at < behind:
                continue
            length, begun = 1, phrases.get(said[at]) if at < last else None
            if begun is not None and (said[at + 1] in begun or "*" in begun):
                weight, length = self._at(said, at, begun) or (weight, 1)
                behind = at + length
            if weight:
                found[at] = self._turned(said, at, weight, length)
        return found

    def _at(
        self, said: Sequence[str], at: int, begun: Mapping[str, Sequence[tuple[tuple[str, ...], int]]]
    ) -> tuple[int, int] | None:
        found = None
        for place in (said[at + 1], "*"):
            for phrase, weight in begun.get(place, ()):
                if all(_fits(said, at + offset, phrase[offset]) for offset in range(1, len(phrase))):
                    if found is None or len(phrase) > found[1]:
                        found = weight, len(phrase)
                    break
        return found

    def _of(self, word: str) -> int:
        if word in self._words:
            return self._words[word]
        stems = self._stems
        return next((stems[word[:size]] for size in range(len(word), 2, -1) if word[:size] in stems), 0)


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


@lru_cache(maxsize=4096)
def weights_of(text: str, language: str = "") -> tuple[int, ...]:
    """Return the weight that the shipped lexicon has at each word of a text, in French with the words of French."""
    return tuple(lexicon(FRENCH if language == FRENCH else "").weights(text))


@lru_cache(maxsize=4096)
def scores_of(text: str) -> tuple[float, ...]:
    """Return the figures named by `SCORES`, each roughly between -1 and 1, by the shipped lexicon."""
    return _scores(weights_of(text), asks="?" in words(text))


@lru_cache(maxsize=4096)
def french_scores_of(text: str) -> tuple[float, ...]:
    """Return the figures named by `FRENCH_SCORES` of a French text: how it begins and how it ends besides."""
    found = weights_of(text, FRENCH)
    heard = [weight for weight in found if weight] or [0]
    return (*_scores(found, asks="?" in words(text)), heard[0] / 3, heard[-1] / 3)


@lru_cache(maxsize=2)
def lexicon(language: str = "") -> Lexicon:
    """Return the shipped lexicon: of both languages, or for French with the words that are others in English."""
    entries: dict[tuple[str, ...], int] = {}
    for row in _rows("lexicon.csv"):
        said, weight = _said(row["words"]), int(row["weight"])
        # A word that both languages write alike is English, unless the text is known to be French.
        if language == FRENCH or said[-1].endswith("*"):
            entries[said] = weight
        else:
            entries.setdefault(said, weight)
    if language == FRENCH:
        entries |= {_said(row["words"]): int(row["weight"]) for row in _rows("lexicon_fr.csv")}
    return Lexicon(entries, _turned_in_french if language == FRENCH else _turned)


def _rows(name: str) -> Iterator[Mapping[str, str]]:
    text = files("vigie.intelligence.news.judging").joinpath("data", name).read_text(encoding="utf-8")
    yield from csv.DictReader(io.StringIO(text))


def _said(written: str) -> tuple[str, ...]:
    return tuple(word + ("*" if star else "") for part in written.split() for word, star in _starred(part))


def _starred(part: str) -> list[tuple[str, bool]]:
    said = words(part.removesuffix("*"))
    return [(word, part.endswith("*") and place == len(said) - 1) for place, word in enumerate(said)]
