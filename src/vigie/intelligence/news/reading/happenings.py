"""What happens, in words that both languages share: «attaque» and «hack» are one happening, «amende» and «fine» one.

Only for finding items that tell of the same event; what an item is about is the step `topics`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Final

# Beginnings this short are whole words: «ban» is not «bank».
_WHOLE: Final = 4


@cache
def beginnings() -> Mapping[str, str]:
    """Return what happens by the beginnings of the words for it."""
    text = (resources.files(__package__) / "happenings.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {begin: row["happening"] for row in rows for begin in row["begins"].split("|")}


@lru_cache(maxsize=65_536)
def happening(word: str) -> str:
    """Return what a word, as compared, says happens; nothing where it says none."""
    known = beginnings()
    if word in known:
        return known[word]
    for size in range(min(len(word), 12), _WHOLE - 1, -1):
        found = known.get(word[:size])
        if found is not None and (size > _WHOLE or len(word) - size <= 4):
            return found
    return ""


def happenings(folded: Iterable[str]) -> set[str]:
    """Return what some words, as compared, say happens."""
    return {found for word in folded if (found := happening(word))}
