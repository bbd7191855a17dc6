"""The words of a text with their places, and the form they are compared in: any text at all, nothing removed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

# What a step reads at most: a title or teaser that is longer is not one, and places before the cut stay right.
TITLE_READ: Final = 400
TEXT_READ: Final = 20_000
# Words are compared by so much of them where both languages took them from the same roots.
BEGINNING: Final = 6
_LONGEST: Final = 64
# So many long words at least tell whether a text is in capitals; four in five of three are three.
_FEWEST: Final = 3

# Accents that stand apart, joiners, and what shows nothing: part of a word, never of its compared form.
_SILENT: Final = "\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_WORD: Final = re.compile(rf"[^\W_](?:[^\W_]|[{_SILENT}])*")
# The same where nothing is silent, in a third of the time.
_ASCII_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_IS_SILENT: Final = re.compile(rf"[{_SILENT}]+")
_LETTERS: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "ı": "i"})


class Tokens(NamedTuple):
    """Words in their order, as lists of equal length.

    Attributes
    ----------
    raw : list of str
        As written, without what shows nothing.
    folded : list of str
        As compared.
    starts, ends : list of int
        Places in the text.
    """

    text: str
    raw: list[str]
    folded: list[str]
    starts: list[int]
    ends: list[int]


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Return a word as it is compared: small letters, no accents, nothing unseen."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    return _IS_SILENT.sub("", plain)


def tokenize(text: str, limit: int = TEXT_READ) -> Tokens:
    """Return the words of the first so many characters; the lists are shared and stay as they are."""
    return _tokenize_cached(text if len(text) <= limit else text[:limit])


# Steps read the same title one after the other.
@lru_cache(maxsize=512)
def _tokenize_cached(text: str) -> Tokens:
    is_ascii = text.isascii()
    matches = (_ASCII_WORD if is_ascii else _WORD).finditer(text)
    spans = [span for span in map(re.Match.span, matches) if span[1] - span[0] <= _LONGEST]
    raw = [text[start:end] for start, end in spans]
    starts, ends = [span[0] for span in spans], [span[1] for span in spans]
    if is_ascii:
        small = text.lower()
        return Tokens(text, raw, [small[start:end] for start, end in spans], starts, ends)
    raw = [word if word.isascii() else _drop_silent(word) for word in raw]
    return Tokens(text, raw, list(map(fold, raw)), starts, ends)


def _drop_silent(word: str) -> str:
    return _IS_SILENT.sub("", unicodedata.normalize("NFC", word))


def is_all_capitals(tokens: Tokens) -> bool:
    """Tell whether a text is in capitals throughout, so that capitals say nothing."""
    # Few texts have as many words in capitals as the fewest that are shouted.
    if sum(map(str.isupper, tokens.raw)) < _FEWEST:
        return False
    letters = [word for word in tokens.raw if len(word) > 3 and word.isalpha()]
    return len(letters) >= _FEWEST and sum(word.isupper() for word in letters) >= 0.8 * len(letters)
