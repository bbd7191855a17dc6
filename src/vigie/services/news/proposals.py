"""Names that no list has, told by several publishers: proposed with the sentences that they stand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.accents import fold_text
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.gazetteer.unlisted import sentence_with
from vigie.intelligence.news.reading.named import copied
from vigie.intelligence.news.step import Publisher
from vigie.ports.items import StoredRevision
from vigie.services.house import House
from vigie.services.news.naming import ids_by_name
from vigie.services.news.publishers import publisher_of, publishers

# Of the items tagged so, see `vigie.services.news.reading`.
TAG: Final = "unlisted"
LEAST: Final = 3
DAYS: Final = 30
MOST: Final = 50
_LOOKED_AT: Final = 300
_ITEMS: Final = 30
_SENTENCES: Final = 5
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of an item that holds a name."""

    item: str
    sentence: str
    publisher: str
    language: str
    ts: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A name that no list has, and who told it.

    Attributes
    ----------
    publishers : int
        How many that have nothing to do with one another; copies of one article are one.
    quotes : sequence of Quote
        One of each, the newest first.
    """

    name: str
    publishers: int
    items: int
    ts_first: int
    ts_last: int
    quotes: Sequence[Quote]


def proposals(house: House, rejected: Sequence[str] = ()) -> list[Proposal]:
    """Return the names that at least three publishers told in thirty days, most publishers first.

    Parameters
    ----------
    rejected : sequence of str
        Names that are not proposed.
    """
    gone = {fold_text(name) for name in rejected}
    named = ids_by_name(house)
    after = house.clock.market_now() - DAYS * DAY_MS
    told = {
        one.value: one
        for one in house.items.count_tags(TAG, after_ms=after, limit=_LOOKED_AT)
        if one.items >= LEAST
        and fold_text(one.value) not in gone
        and fold_text(one.value.strip()) not in named
    }
    items = house.items.list_tagged(TAG, list(told), limit=_ITEMS, steps=("duplicate",)) if told else {}
    known = publishers(house)
    found = []
    for name, tally in told.items():
        quotes = _quotes(name, [one for one in items.get(name, ()) if one.item.ts >= after], known)
        if len(quotes) >= LEAST:
            found.append(
                Proposal(
                    name, len(quotes), tally.items, tally.ts_first, tally.ts_last, tuple(quotes[:_SENTENCES])
                )
            )
    return sorted(found, key=lambda one: (-one.publishers, -one.items, one.name))[:MOST]


def _quotes(name: str, items: Sequence[StoredRevision], known: Mapping[str, Publisher]) -> list[Quote]:
    by_owner: dict[str, Quote] = {}
    for one in items:
        said = one.item.said
        publisher = publisher_of(known, said.source)
        sentence = sentence_with(said.title, name) or sentence_with(said.text, name)
        if sentence and not copied(one.findings):
            language = said.language or publisher.language
            quote = Quote(one.item.id, sentence[:_LONGEST], publisher.title, language, one.item.ts)
            by_owner.setdefault(publisher.owner or publisher.id, quote)
    return sorted(by_owner.values(), key=lambda quote: (-quote.ts, quote.item))
