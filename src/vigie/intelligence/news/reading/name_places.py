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

from vigie.intelligence.news.reading.happenings import happening
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.traits import Meant, meant, traits
from vigie.intelligence.news.reading.words import BEGINNING, TITLE_READ, Words, words
from vigie.intelligence.news.step import Seen

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


def name_others(this: Seen, other: Seen) -> bool:
    """Tell whether two titles have different firms, which no list has, in one place."""
    mine, yours = _placed(this), _placed(other)
    for place, ours in mine:
        for where, theirs in yours:
            if place == where and _are_two(this, other, ours, theirs):
                return True
    return False


def _are_two(this: Seen, other: Seen, ours: frozenset[str], theirs: frozenset[str]) -> bool:
    # Who names both tells of both.
    if not (_begun(ours).isdisjoint(traits(other).said) and _begun(theirs).isdisjoint(traits(this).said)):
        return False
    return this.item.said.source == other.item.said.source or not _is_altered(this, other, ours, theirs)


def _is_altered(this: Seen, other: Seen, ours: frozenset[str], theirs: frozenset[str]) -> bool:
    alike = SequenceMatcher(None, " ".join(sorted(ours)), " ".join(sorted(theirs)), autojunk=False).ratio()
    rest = traits(this).titled - _begun(ours), traits(other).titled - _begun(theirs)
    every = len(rest[0] | rest[1])
    return alike >= _NEAR and bool(every) and len(rest[0] & rest[1]) >= _SAME * every


def _begun(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name[:BEGINNING] for name in names)


@lru_cache(maxsize=1_024)
def _placed(seen: Seen) -> tuple[_Name, ...]:
    return _of_title(seen.item.said.title[:TITLE_READ], meant(seen))


@lru_cache(maxsize=8_192)
def _of_title(title: str, named: tuple[Meant, ...]) -> tuple[_Name, ...]:
    found = words(title)
    if not any(raw.islower() for raw in found.raw if len(raw) >= _LONG):
        # Where every word has a capital, capitals tell nothing.
        return ()
    held = {at for _, is_titled, start, end in named if is_titled for at in range(start, end)}
    return tuple(place for first, last in _runs(found, held) for place in _places(found, first, last))


def _runs(found: Words, held: set[int]) -> Iterator[tuple[int, int]]:
    """Yield where names that no list has begin and end, as numbers of words."""
    first = 0
    for at in range(len(found.raw) + 1):
        is_joined = at == first or (
            at < len(found.raw) and found.text[found.ends[at - 1] : found.starts[at]] == " "
        )
        if at < len(found.raw) and is_joined and _is_of_name(found, at, held):
            continue
        if at > first:
            yield first, at
        first = at if at < len(found.raw) and not is_joined and _is_of_name(found, at, held) else at + 1


def _is_of_name(found: Words, at: int, held: set[int]) -> bool:
    folded = found.folded[at]
    is_plain = folded in _SMALL or bool(happening(folded) and folded not in _FORMS)
    return found.raw[at][0].isupper() and found.starts[at] not in held and not is_plain


def _places(found: Words, first: int, last: int) -> Iterator[_Name]:
    telling = frozenset(
        word for word in found.folded[first:last] if word not in _FORMS and len(word) >= _LONG
    )
    if not telling:
        return
    if found.folded[last - 1] in _FORMS:
        yield found.folded[last - 1], telling
    text = found.text
    is_acted_on = _BEFORE.search(text[: found.starts[first]]) or _AFTER.match(text[found.ends[last - 1] :])
    if is_acted_on:
        yield "acted on", telling
