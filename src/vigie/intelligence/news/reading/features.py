"""What an item tells of, in terms that items in other words and in the other language share.

Names by id, numbers by value, what happens by its kind, and the beginnings of the remaining words: names that no list
has, and what both languages took from the same root.
"""

from __future__ import annotations

from typing import Final

from vigie.intelligence.news.reading.happenings import happening
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.named import kind, mentions
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.reading.shelf import Terms
from vigie.intelligence.news.reading.words import TITLE_READ, words
from vigie.intelligence.news.step import Seen

TEASER_READ: Final = 160
_BEGINNING: Final = 6
# A coin that is only the company's other name says nothing that the company does not.
_MEANT: Final = 0.7
_SAID_ALWAYS: Final = (
    SMALL["en"] | SMALL["fr"] | frozenset("crypto cryptos cryptocurrency cryptomonnaie report".split())
)
# Small numbers and years stand anywhere.
_PLAIN: Final = frozenset([*map(str, range(13)), *map(str, range(2008, 2040)), "24", "100%"])
_WEIGHTS: Final = {"e": 2.0, "c": 1.0, "n": 1.5, "h": 1.2, "w": 1.0, "t": 0.5}


def features(seen: Seen) -> Terms:
    """Return the terms of an item.

    They begin with ``e:`` for who is named, ``c:`` which country, ``n:`` numbers, ``h:`` what happens, ``w:`` words of
    the title, ``t:`` of the text.
    """
    title, text = seen.item.said.title[:TITLE_READ], seen.item.said.text[:TEASER_READ]
    terms: dict[str, None] = {}
    held: set[tuple[str, int]] = set()
    for one in mentions(seen.found):
        if one["surety"] >= _MEANT and (one["in"] == "title" or one["start"] < TEASER_READ):
            mark = "c" if kind(one["id"]) == "country" else "e"
            terms[f"{mark}:{one['id']}"] = None
            held.update((one["in"], place) for place in range(one["start"], one["end"]))
    for number in sorted(numbers(title) - _PLAIN):
        terms[f"n:{number}"] = None
    for mark, part in (("w", title), ("t", text)):
        found, where = words(part), "title" if mark == "w" else "text"
        for word, start in zip(found.folded, found.starts, strict=True):
            if word in _SAID_ALWAYS or len(word) < 3 or word[0].isdigit() or (where, start) in held:
                continue
            event = happening(word)
            if event and mark == "w":
                terms[f"h:{event}"] = None
            elif not event and f"w:{word[:_BEGINNING]}" not in terms:
                terms[f"{mark}:{word[:_BEGINNING]}"] = None
    return tuple(terms)


def weight(term: str) -> float:
    """Return how much a kind of term counts beside its rarity."""
    return _WEIGHTS[term[0]]
