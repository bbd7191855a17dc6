"""Two firms that no list has, one in the place of the other: «Lorvik Digital authorised», «Karvik Digital authorised».

However near their letters are, two such names are of two events, in one language or two. Another publisher's headline
that alters a name by little and has nearly all other words is left to the weights: perhaps it is a copy with a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from vigie.intelligence.news.reading.happenings import happening_of
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.traits import MeantMention, item_traits, mentions_read
from vigie.intelligence.news.reading.words import BEGINNING, TITLE_READ, Tokens, tokenize
from vigie.intelligence.news.step import AnalysedItem

_SMALL: Final = SMALL["en"] | SMALL["fr"]
_LONG: Final = 4
# Stands behind the name of many firms and tells none from another.
_FORMS: Final = frozenset(
    """digital capital bank banque finance financial assets actifs vault custody keys chain chaine bourse labs partners
    markets exchange trading securities holdings group groupe ventures technologies pay payments trust fund funds
    fonds investments management gestion services""".split()
)
# Beside whom an authority lets in, keeps out or warns about.
_BEFORE: Final = re.compile(
    r"\b(?:licen[cs]e (?:for|of|to)|authori[sz]ation (?:of|for|to)|authori[sz]e[sd]|warns about|"
    r"agr[ée]ments? (?:pour|de|d['’]|à|a)|agr[ée]e|met en garde contre)\s*$",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    r"^\s*(?:(?:is|was|has been|est|a été|n['’]est pas) )?(?:not )?(?:authori[sz]ed|licen[cs]ed|agréée?|autorisée?|"
    r"gets its licen[cs]e|loses its (?:crypto )?licen[cs]e|obtient son agrément|perd son agrément)\b",
    re.IGNORECASE,
)
# So much alike two names are perhaps one, where so much of the other words is the same.
_NEAR: Final = 0.8
_SAME: Final = 0.8

# The place, and the words of the name that tell it from others.
_Name = tuple[str, frozenset[str]]


def have_other_firms(entry: AnalysedItem, other: AnalysedItem) -> bool:
    """Tell whether two titles have different firms, which no list has, in one place."""
    own_firms, other_firms = _title_firms(entry), _title_firms(other)
    for place, own_name in own_firms:
        for other_place, other_name in other_firms:
            if place == other_place and _are_two_firms(entry, other, own_name, other_name):
                return True
    return False


def _are_two_firms(
    entry: AnalysedItem, other: AnalysedItem, ours: frozenset[str], theirs: frozenset[str]
) -> bool:
    # Who names both tells of both.
    if not (
        _prefixes(ours).isdisjoint(item_traits(other).all_words)
        and _prefixes(theirs).isdisjoint(item_traits(entry).all_words)
    ):
        return False
    return entry.item.content.source == other.item.content.source or not _is_altered_name(
        entry, other, ours, theirs
    )


def _is_altered_name(
    entry: AnalysedItem, other: AnalysedItem, ours: frozenset[str], theirs: frozenset[str]
) -> bool:
    similarity = SequenceMatcher(
        None, " ".join(sorted(ours)), " ".join(sorted(theirs)), autojunk=False
    ).ratio()
    rest = (
        item_traits(entry).title_words - _prefixes(ours),
        item_traits(other).title_words - _prefixes(theirs),
    )
    n_words = len(rest[0] | rest[1])
    return similarity >= _NEAR and bool(n_words) and len(rest[0] & rest[1]) >= _SAME * n_words


def _prefixes(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name[:BEGINNING] for name in names)


@lru_cache(maxsize=1_024)
def _title_firms(entry: AnalysedItem) -> tuple[_Name, ...]:
    return _firms_in_title(entry.item.content.title[:TITLE_READ], mentions_read(entry))


@lru_cache(maxsize=8_192)
def _firms_in_title(title: str, mentions: tuple[MeantMention, ...]) -> tuple[_Name, ...]:
    tokens = tokenize(title)
    if not any(raw.islower() for raw in tokens.raw if len(raw) >= _LONG):
        # Where every word has a capital, capitals tell nothing.
        return ()
    taken_starts = {at for _, is_titled, start, end in mentions if is_titled for at in range(start, end)}
    return tuple(
        place for first, last in _runs(tokens, taken_starts) for place in _places_of_run(tokens, first, last)
    )


def _runs(tokens: Tokens, taken_starts: set[int]) -> Iterator[tuple[int, int]]:
    """Yield where names that no list has begin and end, as numbers of words."""
    first = 0
    for index in range(len(tokens.raw) + 1):
        is_joined = index == first or (
            index < len(tokens.raw) and tokens.text[tokens.ends[index - 1] : tokens.starts[index]] == " "
        )
        if index < len(tokens.raw) and is_joined and _is_of_name(tokens, index, taken_starts):
            continue
        if index > first:
            yield first, index
        first = (
            index
            if index < len(tokens.raw) and not is_joined and _is_of_name(tokens, index, taken_starts)
            else index + 1
        )


def _is_of_name(tokens: Tokens, index: int, taken_starts: set[int]) -> bool:
    folded = tokens.folded[index]
    is_plain = folded in _SMALL or bool(happening_of(folded) and folded not in _FORMS)
    return tokens.raw[index][0].isupper() and tokens.starts[index] not in taken_starts and not is_plain


def _places_of_run(tokens: Tokens, first: int, last: int) -> Iterator[_Name]:
    distinctive = frozenset(
        word for word in tokens.folded[first:last] if word not in _FORMS and len(word) >= _LONG
    )
    if not distinctive:
        return
    if tokens.folded[last - 1] in _FORMS:
        yield tokens.folded[last - 1], distinctive
    text = tokens.text
    is_acted_on = _BEFORE.search(text[: tokens.starts[first]]) or _AFTER.match(text[tokens.ends[last - 1] :])
    if is_acted_on:
        yield "acted on", distinctive
