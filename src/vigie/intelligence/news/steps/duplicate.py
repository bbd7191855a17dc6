"""Duplicate: whether an item is another one anew, by its address, its title, or nearly the same words within 72 hours.

Body: ``of``, the id of the first item of its kind, or nothing; ``how``: address, title or near; ``likeness`` to the
nearest item of the window, from 0 to 1, also where that is no copy.

Nearly the same words are a copy only with the same numbers (a column appears weekly, with another date) and where no
name was exchanged: «Turkey bans» and «China bans» differ in one word and in everything. One headline over texts that
count other things, or name other coins, is another item: a column, a release that is worded as always. Reports of
prices are copies within a day, as one headline comes again with the next fall, and so are round-ups that name nothing
of what is in them.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, Literal

from vigie.domain.item import ItemFinding, NewsItem
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.reading.addresses import canonical
from vigie.intelligence.news.reading.alike import may_be_copies
from vigie.intelligence.news.reading.named import copied, kind, named, named_in_title
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.reading.parties import parties
from vigie.intelligence.news.reading.shelf import Near, Shelf, Terms
from vigie.intelligence.news.reading.strangers import are_exchanged
from vigie.intelligence.news.reading.words import TITLE_READ, words
from vigie.intelligence.news.step import Context, Seen, Step

SPAN_MS: Final = 72 * HOUR_MS
COPY: Final = 0.6
# Below this a window has nothing worth naming as the nearest.
LOOSE: Final = 0.3
# A title of fewer words is one that others have by chance: «Price analysis».
TITLE_WORDS: Final = 4
# Marks of what is compared whole; a word never begins so.
_ADDRESS: Final = "@ "
_TITLE: Final = "= "
_WHOLE: Final = (_ADDRESS, _TITLE)
# So many of them at most, behind all others.
_EXACT: Final = 2

How = Literal["address", "title", "near"]


class Duplicate:
    """Compares an item with what was seen in 72 hours before it."""

    name = "duplicate"
    version = 6
    needs: tuple[str, ...] = ("entities",)

    def __init__(self) -> None:
        self.shelf = Shelf(all_terms, weigh=_squares)

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return what it is a copy of."""
        self.shelf.hold(context.window.before(item, SPAN_MS))
        this = Seen(item, context.found)
        terms = self.shelf.describing(this)
        near = self.shelf.nearest(terms, LOOSE)
        found = self._by_address(terms) or self._by_title(this, terms) or _by_words(this, near)
        if found is None:
            likeness = round(near[0].likeness, 4) if near else 0.0
            body = {"of": "", "how": "", "likeness": likeness}
            return ItemFinding(self.name, self.version, body, "nothing like it within 72 hours")
        how, other = found
        body = {"of": first_of(other.seen), "how": how, "likeness": round(other.likeness, 4)}
        return ItemFinding(self.name, self.version, body, f"{_WHY[how]} as {other.seen.item.id}")

    def _by_address(self, terms: Terms) -> tuple[How, Near] | None:
        found = self.shelf.holders([term for term in terms[-_EXACT:] if term.startswith(_ADDRESS)])
        # An address that stands under several titles is a page, a live blog or a fault of the feed, no article.
        if len({plain_title(one) for one in found}) != 1:
            return None
        shared = set(terms).intersection(self.shelf.terms_of(found[0]))
        return ("address", Near(found[0], 1.0)) if any(map(_is_word, shared)) else None

    def _by_title(self, this: Seen, terms: Terms) -> tuple[How, Near] | None:
        found = self.shelf.holders([term for term in terms[-_EXACT:] if term.startswith(_TITLE)])
        same = (one for one in found if agree(this, one))
        return next((("title", Near(one, 1.0)) for one in same), None)


_WHY: Final = {"address": "same address", "title": "same title", "near": "nearly the same words"}


def _by_words(this: Seen, near: list[Near]) -> tuple[How, Near] | None:
    copies = (one for one in near if one.likeness >= COPY and agree(this, one.seen))
    return next((("near", one) for one in copies), None)


def agree(this: Seen, other: Seen) -> bool:
    """Tell whether two titles have the same numbers, and neither puts another name in the place of one.

    Names that nobody listed count where the title says that somebody acts against them, and where capitals tell them.
    """
    if numbers(this.item.said.title) != numbers(other.item.said.title) or are_exchanged(this, other):
        return False
    against, others = parties(this.item.said.title), parties(other.item.said.title)
    is_against_others = bool(against and others) and against.isdisjoint(others)
    if is_against_others or _tell_otherwise(this, other) or not may_be_copies(this, other):
        return False
    ours, theirs = named_in_title(this.found), named_in_title(other.found)
    kinds = {kind(one) for one in ours ^ theirs}
    return all(_is_held(ours, theirs, one) for one in kinds)


def _tell_otherwise(this: Seen, other: Seen) -> bool:
    # One headline over two texts: what both count, or which coins both name, is wholly another.
    if not numbers(this.item.said.title):
        counts, theirs = (numbers(one.item.said.text) for one in (this, other))
        if counts and theirs and counts.isdisjoint(theirs):
            return True
    coins, others = (_coins(one) for one in (this, other))
    return bool(coins and others) and coins.isdisjoint(others)


def _coins(seen: Seen) -> frozenset[str]:
    return frozenset(one for one in named(seen.found) if kind(one) == "coin")


def _is_held(ours: frozenset[str], theirs: frozenset[str], one: str) -> bool:
    # A copy may leave a name out; it does not put another one in its place.
    mine = {entity for entity in ours if kind(entity) == one}
    other = {entity for entity in theirs if kind(entity) == one}
    return mine <= other or other <= mine


def first_of(seen: Seen) -> str:
    """Return the first item of the copies that one belongs to."""
    return copied(seen.found) or seen.item.id


def plain_title(seen: Seen) -> str:
    """Return a title as compared, without the publisher's name at its end."""
    title = seen.item.said.title[:TITLE_READ]
    head, mark, tail = _last_part(title)
    if mark and len(words(head).raw) >= TITLE_WORDS and _is_publisher(tail):
        title = head
    return " ".join(words(title).folded)


_TAIL: Final = re.compile(r"^(?P<head>.+?)\s+(?P<mark>[|\u2013\u2014-])\s+(?P<tail>[^|\u2013\u2014]{2,40})$")


def _last_part(title: str) -> tuple[str, str, str]:
    found = _TAIL.match(title)
    return (found["head"], found["mark"], found["tail"]) if found else (title, "", "")


def _is_publisher(tail: str) -> bool:
    # Outlets sign with a few capitalised words; a subtitle has others.
    signed = words(tail).raw
    return 0 < len(signed) <= 4 and all(word[0].isupper() and word.isalpha() for word in signed)


def all_terms(seen: Seen) -> Terms:
    """Return the words of a title and the pairs of neighbours; whole, its address and the title where they name it."""
    title = plain_title(seen)
    return title_terms(title) + exact_terms(seen, title)


def title_terms(title: str) -> Terms:
    """Return the words of a title as compared, and the pairs of neighbours."""
    folded = title.split()
    single = [word for word in folded if len(word) > 1]
    return tuple(dict.fromkeys(single + [f"{a} {b}" for a, b in pairwise(single)]))


def exact_terms(seen: Seen, title: str) -> Terms:
    """Return the address and the whole title of an item, where they name it."""
    address = canonical(seen.item.said.url)
    found = [f"{_ADDRESS}{address}"] if address else []
    if title.count(" ") >= TITLE_WORDS - 1:
        found.append(f"{_TITLE}{title}")
    return tuple(found)


def _is_word(term: str) -> bool:
    return not term.startswith(_WHOLE)


def _squares(terms: Terms) -> tuple[float, ...]:
    exact = [0.0 if term.startswith(_WHOLE) else 1.0 for term in terms[-_EXACT:]]
    return (1.0,) * (len(terms) - len(exact)) + tuple(exact)


def make() -> Step:
    """Return the step."""
    return Duplicate()
