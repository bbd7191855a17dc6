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
def happening_prefixes() -> Mapping[str, str]:
    """Return what happens by the beginnings of the words for it."""
    text = (resources.files(__package__) / "happenings.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {prefix: row["happening"] for row in rows for prefix in row["begins"].split("|")}


@lru_cache(maxsize=65_536)
def happening_of(word: str) -> str:
    """Return what a word, as compared, says happens; nothing where it says none."""
    prefixes = happening_prefixes()
    if word in prefixes:
        return prefixes[word]
    for size in range(min(len(word), 12), _WHOLE - 1, -1):
        kind = prefixes.get(word[:size])
        if kind is not None and (size > _WHOLE or len(word) - size <= 4):
            return kind
    return ""


def happenings_of(folded: Iterable[str]) -> set[str]:
    """Return what some words, as compared, say happens."""
    return {kind for word in folded if (kind := happening_of(word))}
