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
# Of somebody's standing these words speak beside a licence or an order, not of cash, coins and prices.
_LICENCES: Final = (
    "licen agrement autoris authoris authoriz approv approb registr register enregistr charter permission statut "
    "status habilit accredit passeport passport recogni radiation"
)
_ORDERS: Final = (
    "suspen ban freez frozen gel interdi restric sanction hold order injonct injunct mesure measure embargo cap halt "
    "block blocage limit moratori avoirs assets desist"
)
_STANDING: Final = frozenset("suspend keep grant allow list approve".split())
_OBJECTS: Final = (
    (("withdr", "retir", "retrai"), tuple(_LICENCES.split())),
    (("lift", "leve"), tuple(_ORDERS.split())),
)
# What is kept safe for others is nobody under arrest.
_KEPT: Final = tuple(
    "asset avoir actif crypto token jeton coin bitcoin ether stablecoin fund securit titre client customer custom "
    "segregat wallet platform plateforme digital numeri provid prestat servic safekeep conserv".split()
)
_NEAR: Final = 6
_NEGATES: Final = "pas"


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


class _Table(NamedTuple):
    exact: Mapping[str, tuple[tuple[str, int], ...]]
    prefixes: Mapping[str, tuple[tuple[str, int], ...]]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str, int], ...]]
    verbs: frozenset[str]


@cache
def _sided_table() -> _Table:
    return _load_table("lexicon.csv", "family", "sign")


@cache
def _concept_table() -> _Table:
    return _load_table("concepts.csv", "concept", "verb")


@cache
def _link_table() -> _Table:
    return _load_table("links.csv", "concept", "verb")


def _load_table(name: str, family: str, sign: str) -> _Table:
    text = (resources.files(__package__) / name).read_text(encoding="utf-8")
    exact: dict[str, tuple[tuple[str, int], ...]] = {}
    prefixes: dict[str, tuple[tuple[str, int], ...]] = {}
    phrases: dict[str, tuple[tuple[tuple[str, ...], str, int], ...]] = {}
    verbs = set[str]()
    for row in csv.DictReader(text.splitlines()):
        meaning = (row[family], {"+": 1, "-": -1}.get(row[sign], 0))
        verbs.update({row[family]} if row[sign] else ())
        for entry in row["begins"].split("|"):
            if " " in entry:
                parts = tuple(entry.split())
                phrases[parts[0]] = (*phrases.get(parts[0], ()), (parts, *meaning))
            elif entry.endswith("="):
                exact[entry[:-1]] = (*exact.get(entry[:-1], ()), meaning)
            else:
                prefixes[entry] = (*prefixes.get(entry, ()), meaning)
    return _Table(exact, prefixes, phrases, frozenset(verbs))


@cache
def verbs() -> frozenset[str]:
    """Return the families whose words are verbs, or nouns of what somebody does."""
    return _sided_table().verbs | _concept_table().verbs | {f"~{family}" for family in _link_table().verbs}


@lru_cache(maxsize=16_384)
def links(word: str) -> tuple[str, ...]:
    """Return what else a folded word may mean: what both languages say in words that no family joins."""
    return tuple(
        f"~{family}"
        for family, _ in (*_link_table().exact.get(word, ()), *_prefix_meanings(_link_table(), word))
    )


@lru_cache(maxsize=16_384)
def meanings(word: str) -> tuple[tuple[str, int], ...]:
    """Return the families of a folded word, each with its side."""
    sided = _table_meanings(_sided_table(), word)
    sided_families = {family for family, _ in sided}
    concepts = dict.fromkeys(
        (*_concept_table().exact.get(word, ()), *_prefix_meanings(_concept_table(), word))
    )
    return (*sided, *((family, sign) for family, sign in concepts if family not in sided_families))


@lru_cache(maxsize=16_384)
def first_meanings(word: str) -> tuple[str, ...]:
    """Return the families of a folded word that count where words are counted: its sides, else its first concept."""
    sided = tuple(family for family, _ in _table_meanings(_sided_table(), word))
    return sided or tuple(family for family, _ in meanings(word)[:1])


def _table_meanings(table: _Table, word: str) -> tuple[tuple[str, int], ...]:
    return table.exact[word] if word in table.exact else _prefix_meanings(table, word)


def _prefix_meanings(table: _Table, word: str) -> tuple[tuple[str, int], ...]:
    for size in range(min(len(word), _LONGEST), _SHORTEST - 1, -1):
        if word[:size] in table.prefixes:
            return table.prefixes[word[:size]]
    return ()


def find_hits(folded: Sequence[str]) -> list[LexiconHit]:
    """Return what of the lexicon stands in some folded words; a phrase hides the words it is made of."""
    table, hits_found = _sided_table(), list[LexiconHit]()
    at = 0
    while at < len(folded):
        phrases = [
            (parts, family, sign)
            for parts, family, sign in table.phrases.get(folded[at], ())
            if _skip_negation(folded[at : at + len(parts) + 1], len(parts)) == parts
        ]
        if phrases:
            size = max(len(parts) for parts, _, _ in phrases)
            end = at + size + (_NEGATES in folded[at : at + size])
            hits_found += [
                LexiconHit(family, sign, at, end) for parts, family, sign in phrases if len(parts) == size
            ]
            at = end
            continue
        word_meanings = (_REFUSED,) if _is_refused_request(folded, at) else meanings(folded[at])
        hits_found += [LexiconHit(family, sign, at, at + 1) for family, sign in word_meanings]
        at += 1
    return [hit for hit in hits_found if _has_fitting_context(folded, hit)]


def _has_fitting_context(folded: Sequence[str], hit: LexiconHit) -> bool:
    """Tell whether a word that means several things stands beside what it means this of."""
    word, near = folded[hit.start], folded[max(0, hit.start - _NEAR) : hit.end + _NEAR]
    if hit.family in _STANDING:
        return all(
            any(other.startswith(objects) for other in near)
            for begins, objects in _OBJECTS
            if word.startswith(begins)
        )
    if hit.family == "custody" and "custody" in folded[hit.start : hit.end]:
        return not any(other.startswith(_KEPT) for other in near)
    return True


def _skip_negation(words: Sequence[str], size: int) -> tuple[str, ...]:
    """Return so many words, without the negation that French puts within a phrase: «ne met pas fin»."""
    return tuple(word for at, word in enumerate(words) if not (at and word == _NEGATES))[:size]


def _is_refused_request(folded: Sequence[str], at: int) -> bool:
    near = folded[max(0, at - _BEFORE) : at + _AFTER]
    return folded[at] in _DENIES and not _REQUESTS.isdisjoint(near)
