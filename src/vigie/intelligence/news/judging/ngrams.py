"""What a headline is made of for a linear model: its words, their pairs, and the runs of letters inside them.

The same functions are used where a model is fitted and where it is read, so both see the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain, pairwise
from typing import Final

from vigie.domain.accents import strip_accents

NUMBER: Final = "0number"
SHARE: Final = "0share"
MONEY: Final = "0money"

_PIECE = re.compile(
    r"(?P<money>[$€£]\s?\d[\d.,]*|\d[\d\s.,]*(?:dollars?|euros?|usd|eur)\b)"
    r"|(?P<share>\d[\d.,]*\s?%)"
    r"|(?P<number>\d[\d.,]*)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<sign>[?!])"
)
# Where nothing is counted there are words and signs alone.
_DIGIT = re.compile(r"\d")
_PLAIN = re.compile(r"[^\W\d_]+|[?!]")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_SHORTEST, _LONGEST = 3, 5


@lru_cache(maxsize=256)
def fold_text(text: str) -> str:
    """Return text in small letters, without accents."""
    small = text.casefold()
    return small if small.isascii() else _FOREIGN.sub(_unaccent_match, small)


# Most of a text needs nothing done to it, and the same signs come again and again.
def _unaccent_match(match: re.Match[str]) -> str:
    return _unaccented(match.group())


@lru_cache(maxsize=4096)
def _unaccented(signs: str) -> str:
    return strip_accents(signs.replace("œ", "oe").replace("æ", "ae"))


@lru_cache(maxsize=256)
def split_words(text: str) -> tuple[str, ...]:
    """Return words and signs in their order; sums, shares and other numbers are each one word."""
    folded = fold_text(text)
    if not _DIGIT.search(folded):
        return tuple(_PLAIN.findall(folded))
    tokens = []
    for piece in _PIECE.finditer(folded):
        kind = piece.lastgroup
        if kind == "money":
            tokens.append(MONEY)
        elif kind == "share":
            tokens.append(SHARE)
        elif kind == "number":
            tokens.append(NUMBER)
        else:
            tokens.append(piece.group())
    return tuple(tokens)


# Several models read the same headline one after the other.
@lru_cache(maxsize=64)
def words_and_pairs(text: str) -> tuple[str, ...]:
    """Return words, then pairs of neighbours, in their order."""
    single = split_words(text)
    return (*single, *map(" ".join, pairwise(single)))


def word_grams(text: str) -> Mapping[str, int]:
    """Return how often words and pairs of neighbours stand, in their order."""
    return Counter(words_and_pairs(text))


@lru_cache(maxsize=16384)
def letter_runs(word: str) -> tuple[str, ...]:
    """Return the runs of three to five letters inside a word, its edges too, in their order."""
    edged = f" {word} "
    if len(edged) <= _SHORTEST:
        return (edged,)
    return tuple(
        edged[start : start + size]
        for size in range(_SHORTEST, min(_LONGEST, len(edged)) + 1)
        for start in range(len(edged) - size + 1)
    )


def letter_grams(text: str) -> Mapping[str, int]:
    """Return how often runs of three to five letters inside words stand; a word's edges count as letters."""
    return Counter(chain.from_iterable(map(letter_runs, split_words(text))))
