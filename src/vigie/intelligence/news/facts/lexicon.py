"""Words for the same thing in both languages, with the side they take where two sides oppose each other."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Final, NamedTuple

_LONGEST: Final = 14
_SHORTEST: Final = 3
# Who denies a request refuses it; who denies anything else admits nothing.
_DENIES: Final = frozenset("deny denies denied denying".split())
_REQUESTS: Final = frozenset(
    "application applications request requests motion petition bid appeal licence license bail relief claim "
    "claims".split()
)
_REFUSED: Final = ("approve", -1)
_BEFORE, _AFTER = 7, 6


class LexiconHit(NamedTuple):
    """A word or phrase of the lexicon, by the places of its words.

    Attributes
    ----------
    sign : int
        1 or -1 for its side, 0 where its family has no sides.
    """

    family: str
    sign: int
    start: int
    end: int


class _Lexicon(NamedTuple):
    whole: Mapping[str, tuple[tuple[str, int], ...]]
    begins: Mapping[str, tuple[tuple[str, int], ...]]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str, int], ...]]


@cache
def _lexicon() -> _Lexicon:
    text = (resources.files(__package__) / "lexicon.csv").read_text(encoding="utf-8")
    whole: dict[str, tuple[tuple[str, int], ...]] = {}
    begins: dict[str, tuple[tuple[str, int], ...]] = {}
    phrases: dict[str, tuple[tuple[tuple[str, ...], str, int], ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        meant = (row["family"], {"+": 1, "-": -1}.get(row["sign"], 0))
        for entry in row["begins"].split("|"):
            if " " in entry:
                parts = tuple(entry.split())
                phrases[parts[0]] = (*phrases.get(parts[0], ()), (parts, *meant))
            elif entry.endswith("="):
                whole[entry[:-1]] = (*whole.get(entry[:-1], ()), meant)
            else:
                begins[entry] = (*begins.get(entry, ()), meant)
    return _Lexicon(whole, begins, phrases)


@lru_cache(maxsize=16_384)
def meanings(word: str) -> tuple[tuple[str, int], ...]:
    """Return the families of a folded word, each with its side."""
    known = _lexicon()
    if word in known.whole:
        return known.whole[word]
    for size in range(min(len(word), _LONGEST), _SHORTEST - 1, -1):
        if word[:size] in known.begins:
            return known.begins[word[:size]]
    return ()


def hits(folded: Sequence[str]) -> list[LexiconHit]:
    """Return what of the lexicon stands in some folded words; a phrase hides the words it is made of."""
    known, found = _lexicon(), list[LexiconHit]()
    at = 0
    while at < len(folded):
        phrases = [
            (parts, family, sign)
            for parts, family, sign in known.phrases.get(folded[at], ())
            if tuple(folded[at : at + len(parts)]) == parts
        ]
        if phrases:
            size = max(len(parts) for parts, _, _ in phrases)
            found += [
                LexiconHit(family, sign, at, at + size)
                for parts, family, sign in phrases
                if len(parts) == size
            ]
            at += size
            continue
        meant = (_REFUSED,) if _is_refused(folded, at) else meanings(folded[at])
        found += [LexiconHit(family, sign, at, at + 1) for family, sign in meant]
        at += 1
    return found


def _is_refused(folded: Sequence[str], at: int) -> bool:
    near = folded[max(0, at - _BEFORE) : at + _AFTER]
    return folded[at] in _DENIES and not _REQUESTS.isdisjoint(near)
