"""The entities of a title and its text, with their places: names first, then what evidence around them decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final, Literal

from vigie.intelligence.news.gazetteer.entries import Entry, listed
from vigie.intelligence.news.gazetteer.evidence import Read, is_meant
from vigie.intelligence.news.gazetteer.lookup import Gazetteer, Place
from vigie.intelligence.news.reading.words import TEXT_READ, TITLE_READ, words

Where = Literal["title", "text"]
# Companies whose name the press gives to their coin as well; the coin is the less sure of the two.
ALSO: Final = {"org:ripple": "coin:ripple"}
SURE: Final = 1.0
BY_TICKER: Final = 0.95
BY_EVIDENCE: Final = 0.85
BY_COMPANY: Final = 0.6
_PASSES: Final = 3
# What stands before the name of an outlet that signs a headline, and what may stand behind it.
_SIGNS: Final = re.compile(r"(?:[-\u2010-\u2015|(\[:\u2022]|\bvia)\s*$", re.IGNORECASE)
_CLOSES: Final = frozenset(" )].!'\"\u2019\u00bb")


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity at a place.

    Attributes
    ----------
    id : str
        ``coin:bitcoin``.
    text : str
        As written: the characters from `start` to `end` of the title or the text.
    surety : float
        1 for a name that means nothing else.
    """

    id: str
    text: str
    start: int
    end: int
    where: Where
    surety: float

    @property
    def kind(self) -> str:
        """What stands before the colon of the id."""
        return self.id.partition(":")[0]


def link(gazetteer: Gazetteer, title: str, text: str = "") -> list[Mention]:
    """Return the entities of a title and its text, in their order."""
    parts: list[tuple[Where, Read]] = []
    for where, part, limit in (("title", title, TITLE_READ), ("text", text, TEXT_READ)):
        found = words(part, limit)
        parts.append((where, Read(found, gazetteer.places(found))))  # type: ignore[arg-type]  # a literal of the loop
    mentions: list[Mention] = []
    meant = _meant(gazetteer, [read for _, read in parts])
    for number, (where, read) in enumerate(parts):
        for at in sorted(meant[number]):
            if where == "text" or not _signs(read, read.places[at]):
                mentions += _mentions(read, read.places[at], where)
    return mentions


def _meant(gazetteer: Gazetteer, reads: list[Read]) -> list[set[int]]:
    # Numbers of the places that are meant, for each part; what one place makes sure may decide another.
    sure = [{at for at, place in enumerate(read.places) if not place.needs_evidence} for read in reads]
    if all(len(known) == len(read.places) for known, read in zip(sure, reads, strict=True)):
        return sure
    said: dict[str, set[tuple[str, ...]]] = {}
    for read in reads:
        for place in read.places:
            # The same word once as a sure ticker, once as a name, is two ways of saying it.
            way = place.form.folded if place.needs_evidence else ("", *place.form.folded)
            said.setdefault(place.form.entity, set()).add(way)
    phrases = _phrases(reads)
    for _ in range(_PASSES):
        before = sum(map(len, sure))
        for read, known in zip(reads, sure, strict=True):
            for at, place in enumerate(read.places):
                entry = gazetteer.entries[place.form.entity]
                if at not in known and is_meant(read, place, entry, said=said, sure=known, phrases=phrases):
                    known.add(at)
        if sum(map(len, sure)) == before:
            break
    return sure


def _phrases(reads: list[Read]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for read in reads:
        folded = read.words.folded
        found.update((word,) for word in folded)
        found.update(pairwise(folded))
    return found


@cache
def _outlets() -> frozenset[str]:
    return frozenset(one.id for one in listed("outlets") if isinstance(one, Entry))


def _signs(read: Read, place: Place) -> bool:
    """Tell whether an outlet signs a headline: «Bitcoin falls - CoinDesk» does not name CoinDesk."""
    if place.form.entity not in _outlets():
        return False
    text = read.words.text
    after = text[read.words.ends[place.last - 1] :]
    return _CLOSES.issuperset(after) and _SIGNS.search(text[: read.words.starts[place.first]]) is not None


def _mentions(read: Read, place: Place, where: Where) -> list[Mention]:
    start, end = read.words.starts[place.first], read.words.ends[place.last - 1]
    start -= place.is_cashtag
    surety = BY_EVIDENCE if place.needs_evidence else BY_TICKER if place.form.is_ticker else SURE
    written = read.words.text[start:end]
    found = [Mention(place.form.entity, written, start, end, where, surety)]
    if (also := ALSO.get(place.form.entity)) is not None:
        found.append(Mention(also, written, start, end, where, BY_COMPANY))
    return found
