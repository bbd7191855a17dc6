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
from vigie.intelligence.news.reading.addresses import canonical_address
from vigie.intelligence.news.reading.earlier_findings import copy_source, entity_kind, named_ids, title_ids
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.reading.parties import find_parties
from vigie.intelligence.news.reading.story_compatibility import may_be_copies
from vigie.intelligence.news.reading.tfidf_index import NearEntry, Terms, TfIdfIndex
from vigie.intelligence.news.reading.unlisted_capitals import have_swapped_names
from vigie.intelligence.news.reading.words import TITLE_READ, tokenize
from vigie.intelligence.news.step import AnalysedItem, Context, ReadingStep

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


class DuplicateStep:
    """Compares an item with what was seen in 72 hours before it."""

    name = "duplicate"
    version = 6
    needs: tuple[str, ...] = ("entities",)

    def __init__(self) -> None:
        self.index = TfIdfIndex(all_terms, weigh=_squared_weights)

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return what it is a copy of."""
        self.index.set_window(context.window.before(item, SPAN_MS))
        entry = AnalysedItem(item, context.findings)
        terms = self.index.describe_next(entry)
        neighbours = self.index.nearest(terms, LOOSE)
        match = self._by_address(terms) or self._by_title(entry, terms) or _by_words(entry, neighbours)
        if match is None:
            likeness = round(neighbours[0].likeness, 4) if neighbours else 0.0
            body = {"of": "", "how": "", "likeness": likeness}
            return ItemFinding(self.name, self.version, body, "nothing like it within 72 hours")
        how, other = match
        body = {"of": original_of(other.entry), "how": how, "likeness": round(other.likeness, 4)}
        return ItemFinding(self.name, self.version, body, f"{_WHY[how]} as {other.entry.item.id}")

    def _by_address(self, terms: Terms) -> tuple[How, NearEntry] | None:
        same_address = self.index.holders([term for term in terms[-_EXACT:] if term.startswith(_ADDRESS)])
        # An address that stands under several titles is a page, a live blog or a fault of the feed, no article.
        if len({normalised_title(entry) for entry in same_address}) != 1:
            return None
        shared = set(terms).intersection(self.index.terms_of_entry(same_address[0]))
        return ("address", NearEntry(same_address[0], 1.0)) if any(map(_is_word, shared)) else None

    def _by_title(self, new_entry: AnalysedItem, terms: Terms) -> tuple[How, NearEntry] | None:
        same_title = self.index.holders([term for term in terms[-_EXACT:] if term.startswith(_TITLE)])
        agreeing = (entry for entry in same_title if may_be_one_text(new_entry, entry))
        return next((("title", NearEntry(entry, 1.0)) for entry in agreeing), None)


_WHY: Final = {"address": "same address", "title": "same title", "near": "nearly the same words"}


def _by_words(entry: AnalysedItem, near: list[NearEntry]) -> tuple[How, NearEntry] | None:
    copies = (
        neighbour
        for neighbour in near
        if neighbour.likeness >= COPY and may_be_one_text(entry, neighbour.entry)
    )
    return next((("near", neighbour) for neighbour in copies), None)


def may_be_one_text(entry: AnalysedItem, other: AnalysedItem) -> bool:
    """Tell whether two titles have the same numbers, and neither puts another name in the place of one.

    Names that nobody listed count where the title says that somebody acts against them, and where capitals tell them.
    """
    if numbers(entry.item.content.title) != numbers(other.item.content.title) or have_swapped_names(
        entry, other
    ):
        return False
    own_parties, other_parties = (
        find_parties(entry.item.content.title),
        find_parties(other.item.content.title),
    )
    is_against_others = bool(own_parties and other_parties) and own_parties.isdisjoint(other_parties)
    if is_against_others or _have_other_content(entry, other) or not may_be_copies(entry, other):
        return False
    ours, theirs = title_ids(entry.findings), title_ids(other.findings)
    kinds = {entity_kind(wanted_kind) for wanted_kind in ours ^ theirs}
    return all(_is_subset_of_kind(ours, theirs, wanted_kind) for wanted_kind in kinds)


def _have_other_content(entry: AnalysedItem, other: AnalysedItem) -> bool:
    # One headline over two texts: what both count, or which coins both name, is wholly another.
    if not numbers(entry.item.content.title):
        counts, theirs = (numbers(either.item.content.text) for either in (entry, other))
        if counts and theirs and counts.isdisjoint(theirs):
            return True
    coins, others = (_coins(either) for either in (entry, other))
    return bool(coins and others) and coins.isdisjoint(others)


def _coins(entry: AnalysedItem) -> frozenset[str]:
    return frozenset(entity for entity in named_ids(entry.findings) if entity_kind(entity) == "coin")


def _is_subset_of_kind(ours: frozenset[str], theirs: frozenset[str], wanted_kind: str) -> bool:
    # A copy may leave a name out; it does not put another one in its place.
    own_entities = {entity for entity in ours if entity_kind(entity) == wanted_kind}
    other_entities = {entity for entity in theirs if entity_kind(entity) == wanted_kind}
    return own_entities <= other_entities or other_entities <= own_entities


def original_of(entry: AnalysedItem) -> str:
    """Return the first item of the copies that one belongs to."""
    return copy_source(entry.findings) or entry.item.id


def normalised_title(entry: AnalysedItem) -> str:
    """Return a title as compared, without the publisher's name at its end."""
    title = entry.item.content.title[:TITLE_READ]
    head, mark, tail = _last_part(title)
    if mark and len(tokenize(head).raw) >= TITLE_WORDS and _is_publisher(tail):
        title = head
    return " ".join(tokenize(title).folded)


_TAIL: Final = re.compile(r"^(?P<head>.+?)\s+(?P<mark>[|\u2013\u2014-])\s+(?P<tail>[^|\u2013\u2014]{2,40})$")


def _last_part(title: str) -> tuple[str, str, str]:
    match = _TAIL.match(title)
    return (match["head"], match["mark"], match["tail"]) if match else (title, "", "")


def _is_publisher(tail: str) -> bool:
    # Outlets sign with a few capitalised words; a subtitle has others.
    signed = tokenize(tail).raw
    return 0 < len(signed) <= 4 and all(word[0].isupper() and word.isalpha() for word in signed)


def all_terms(entry: AnalysedItem) -> Terms:
    """Return the words of a title and the pairs of neighbours; whole, its address and the title where they name it."""
    title = normalised_title(entry)
    return title_terms(title) + exact_terms(entry, title)


def title_terms(title: str) -> Terms:
    """Return the words of a title as compared, and the pairs of neighbours."""
    folded = title.split()
    single = [word for word in folded if len(word) > 1]
    return tuple(dict.fromkeys(single + [f"{a} {b}" for a, b in pairwise(single)]))


def exact_terms(entry: AnalysedItem, title: str) -> Terms:
    """Return the address and the whole title of an item, where they name it."""
    address = canonical_address(entry.item.content.url)
    terms = [f"{_ADDRESS}{address}"] if address else []
    if title.count(" ") >= TITLE_WORDS - 1:
        terms.append(f"{_TITLE}{title}")
    return tuple(terms)


def _is_word(term: str) -> bool:
    return not term.startswith(_WHOLE)


def _squared_weights(terms: Terms) -> tuple[float, ...]:
    exact = [0.0 if term.startswith(_WHOLE) else 1.0 for term in terms[-_EXACT:]]
    return (1.0,) * (len(terms) - len(exact)) + tuple(exact)


def make() -> ReadingStep:
    """Return the step."""
    return DuplicateStep()
