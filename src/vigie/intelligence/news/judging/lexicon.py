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

from vigie.intelligence.news.judging.ngrams import split_words
from vigie.intelligence.news.word_cache import WordCache

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


def _negated_weight(tokens: Sequence[str], index: int, weight: int, length: int) -> int:
    if not _NOT.isdisjoint(tokens[max(0, index - _REACH) : index]):
        return -weight // 2 if weight > 0 else 1
    near = (*tokens[max(0, index - _REACH) : index], *tokens[index + 1 : index + 1 + _REACH])
    return 1 if weight < 0 and not _UNDONE.isdisjoint(near) else weight


def _french_negated_weight(tokens: Sequence[str], index: int, weight: int, length: int) -> int:
    before, after = tokens[max(0, index - _REACH) : index], tokens[index + 1 : index + 1 + _REACH]
    around_verb = tokens[max(0, index - _REACH - 1) : index]
    is_denied = not (
        _NE.isdisjoint(around_verb)
        or _PAS.isdisjoint((*around_verb, *tokens[index + length : index + length + 2]))
    )
    if is_denied or not _NOT.isdisjoint(before) or "pas" in before[-2:]:
        return -weight // 2 if weight > 0 else 1
    return 1 if weight < 0 and not _UNDONE_IN_FRENCH.isdisjoint((*before, *after)) else weight


class Lexicon:
    """Weights of words and phrases; the longest phrase counts, then the word itself, then the longest of its stems.

    Parameters
    ----------
    entries : mapping of tuple of str to int
        Weight by words; a last letter of a word that is a star stands for any ending.
    negate : callable
        What becomes of a weight among the words around it: from these, its place, itself and the length of its phrase.
    """

    def __init__(
        self,
        entries: Mapping[tuple[str, ...], int],
        negate: Callable[[Sequence[str], int, int, int], int],
    ) -> None:
        self._turned = negate
        self._words: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        # By the first word, then by the second, since most end with it; under a star where that may end otherwise.
        self._phrases: dict[str, dict[str, list[tuple[tuple[str, ...], int]]]] = {}
        for entry_words, weight in sorted(entries.items(), key=lambda entry: -len(entry[0])):
            first, second = entry_words[0], entry_words[1] if len(entry_words) > 1 else ""
            if second:
                second_key = "*" if second.endswith("*") else second
                self._phrases.setdefault(first, {}).setdefault(second_key, []).append((entry_words, weight))
            elif first.endswith("*"):
                self._stems[first[:-1]] = weight
            else:
                self._words[first] = weight
        self._by_word = WordCache(self._word_weight, _WORDS_REMEMBERED)

    def weights(self, text: str) -> list[int]:
        """Return the weight at each word, 0 where the lexicon has none; phrases count at their first word."""
        tokens = split_words(text)
        weights_found = [0] * len(tokens)
        phrases, phrase_end, last = self._phrases, 0, len(tokens) - 1
        for index, weight in enumerate(map(self._by_word.__getitem__, tokens)):
            # Words of a phrase count at its first.
            if index < phrase_end:
                continue
            length, phrases_by_second = 1, phrases.get(tokens[index]) if index < last else None
            if phrases_by_second is not None and (
                tokens[index + 1] in phrases_by_second or "*" in phrases_by_second
            ):
                weight, length = self._match_phrase(tokens, index, phrases_by_second) or (weight, 1)
                phrase_end = index + length
            if weight:
                weights_found[index] = self._turned(tokens, index, weight, length)
        return weights_found

    def _match_phrase(
        self,
        tokens: Sequence[str],
        index: int,
        phrases_by_second: Mapping[str, Sequence[tuple[tuple[str, ...], int]]],
    ) -> tuple[int, int] | None:
        best = None
        for place in (tokens[index + 1], "*"):
            for phrase, weight in phrases_by_second.get(place, ()):
                if all(
                    _is_word_match(tokens, index + offset, phrase[offset]) for offset in range(1, len(phrase))
                ):
                    if best is None or len(phrase) > best[1]:
                        best = weight, len(phrase)
                    break
        return best

    def _word_weight(self, word: str) -> int:
        if word in self._words:
            return self._words[word]
        stems = self._stems
        return next((stems[word[:size]] for size in range(len(word), 2, -1) if word[:size] in stems), 0)


def _build_scores(weights: Sequence[int], *, asks: bool) -> tuple[float, ...]:
    good = sum(weight for weight in weights if weight > 0)
    bad = -sum(weight for weight in weights if weight < 0)
    balance = (good - bad) / (good + bad + 2.0)
    best, worst = max(weights, default=0), min(weights, default=0)
    mixed = min(good, bad) / (good + bad + 1.0)
    return (
        min(good, 8) / 8, min(bad, 8) / 8, balance,
        max(best, 0) / 3, max(-worst, 0) / 3, float(asks), mixed,
    )  # fmt: skip


def _is_word_match(tokens: Sequence[str], index: int, word: str) -> bool:
    if index >= len(tokens):
        return False
    return tokens[index].startswith(word[:-1]) if word.endswith("*") else tokens[index] == word


@lru_cache(maxsize=256)
def lexicon_weights(text: str, language: str = "") -> tuple[int, ...]:
    """Return the weight that the shipped lexicon has at each word of a text, in French with the words of French."""
    return tuple(load_lexicon(FRENCH if language == FRENCH else "").weights(text))


@lru_cache(maxsize=256)
def lexicon_scores(text: str) -> tuple[float, ...]:
    """Return the figures named by `SCORES`, each roughly between -1 and 1, by the shipped lexicon."""
    return _build_scores(lexicon_weights(text), asks="?" in split_words(text))


@lru_cache(maxsize=256)
def french_lexicon_scores(text: str) -> tuple[float, ...]:
    """Return the figures named by `FRENCH_SCORES` of a French text: how it begins and how it ends besides."""
    weights = lexicon_weights(text, FRENCH)
    nonzero = [weight for weight in weights if weight] or [0]
    return (*_build_scores(weights, asks="?" in split_words(text)), nonzero[0] / 3, nonzero[-1] / 3)


@lru_cache(maxsize=2)
def load_lexicon(language: str = "") -> Lexicon:
    """Return the shipped lexicon: of both languages, or for French with the words that are others in English."""
    entries: dict[tuple[str, ...], int] = {}
    for row in _rows("lexicon.csv"):
        entry_words, weight = _parse_entry(row["words"]), int(row["weight"])
        # A word that both languages write alike is English, unless the text is known to be French.
        if language == FRENCH or entry_words[-1].endswith("*"):
            entries[entry_words] = weight
        else:
            entries.setdefault(entry_words, weight)
    if language == FRENCH:
        entries |= {_parse_entry(row["words"]): int(row["weight"]) for row in _rows("lexicon_fr.csv")}
    return Lexicon(entries, _french_negated_weight if language == FRENCH else _negated_weight)


def _rows(name: str) -> Iterator[Mapping[str, str]]:
    text = files("vigie.intelligence.news.judging").joinpath("data", name).read_text(encoding="utf-8")
    yield from csv.DictReader(io.StringIO(text))


def _parse_entry(text: str) -> tuple[str, ...]:
    return tuple(word + ("*" if star else "") for part in text.split() for word, star in _split_stars(part))


def _split_stars(part: str) -> list[tuple[str, bool]]:
    tokens = split_words(part.removesuffix("*"))
    return [(word, part.endswith("*") and place == len(tokens) - 1) for place, word in enumerate(tokens)]
