"""What a text says happens or does not, by the families of the lexicon that have two sides, negations counted in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.lexicon import LexiconHit, hits, meanings
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import Words

_AUXILIARY: Final = frozenset(
    "been being did does do fait faire done avoir etre have must should would could also peut peuvent pouvait pourra "
    "pourrait doit doivent devait devra devrait sera seront serait aurait avaient etaient faut veut named used".split()
)
_SMALL: Final = SMALL["en"] | SMALL["fr"] | _AUXILIARY
# How far a negation reaches, in words, unless the clause ends before.
_AFTER_VERB: Final = frozenset("not never cannot pas jamais guere rien".split())
_AFTER_NOUN: Final = frozenset("no none nobody neither nor nothing aucun aucune nul nulle ni".split())
_WITHOUT: Final = frozenset("without sans non".split())
_REACH: Final = {**dict.fromkeys(_AFTER_VERB, 6), **dict.fromkeys(_AFTER_NOUN, 9), **dict.fromkeys(_WITHOUT, 4)} | {
    "non": 1, "rien": 3,
}  # fmt: skip
# Who declines to do something does not do it.
_FORGOES: Final = frozenset(
    "declin refuse renonc failed fails omis omett forgo waived waives stoppe avoide".split()
)
_TO: Final = frozenset("to a de d".split())
# What is found or not reaches to the end of what it is about.
_FOUND: Final = frozenset("find found etabli constate trouve conclu conclude determine".split())
_FAR: Final = 12
_NEAR: Final = 5
_LINKS: Final = frozenset("de d la le l to for the of".split())
_REQUESTS: Final = frozenset(
    "demande demandes request requests application bid motion petition requete".split()
)
_UNDONE: Final = frozenset({"suspend"})
_ENDS: Final = frozenset("but mais while whereas although though tandis alors".split())
_JOINS: Final = frozenset("and et or ou".split())
_ONLY: Final = frozenset("only just merely seulement uniquement later more less fewer".split())
_BREAKS: Final = frozenset(',;:()—–«»“”"')
_LEAST: Final = 4
_STEM: Final = 5


class StatedTurn(NamedTuple):
    """Something that is said to happen, or not.

    Attributes
    ----------
    family : str
        Of the lexicon; ``word:`` and a beginning for a word that a negation stands at.
    sign : int
        1 or -1.
    clause : int
        Number of the clause in its sentence.
    text : str
        The words that say it.
    """

    family: str
    sign: int
    clause: int
    text: str


def clauses(found: Words) -> list[int]:
    """Return the number of the clause that each word stands in."""
    numbers, number = list[int](), 0
    for at, word in enumerate(found.folded):
        if at:
            between = found.text[found.ends[at - 1] : found.starts[at]]
            # The comma of «750,000» parts nothing.
            number += (between != "," and not _BREAKS.isdisjoint(between)) or word in _ENDS
        numbers.append(number)
    return numbers


def stated_turns(found: Words, asked: frozenset[str] = frozenset()) -> list[StatedTurn]:
    """Return the turns of a sentence.

    Parameters
    ----------
    asked : frozenset of str
        Beginnings of words that count as turns of their own, since a negation stands at them somewhere.
    """
    parts = clauses(found)
    every = [one for one in hits(found.folded) if not _forgoes(found.folded, one.start)]
    negated = _negated(found.folded, parts, every)
    turns = [
        StatedTurn(one.family, _sign(one, negated), parts[one.start], _text(found, one.start, one.end))
        for one in every
        if one.sign and not _is_undone(one, every, found.folded)
    ]
    for at, word in enumerate(found.folded):
        stem = word[:_STEM]
        if stem in asked and len(word) >= _LEAST:
            turns.append(StatedTurn(f"word:{stem}", -1 if at in negated else 1, parts[at], found.raw[at]))
    return turns


def negated_stems(found: Words) -> frozenset[str]:
    """Return the beginnings of the words that a negation of a verb stands at and that no family has."""
    stems = set[str]()
    for at, word in enumerate(found.folded):
        is_forgone = _forgoes(found.folded, at)
        if word not in _AFTER_VERB and not is_forgone and not _is_short_not(found.folded, at):
            continue
        begin = _begin(found.folded, at)
        places = [*range(begin, at), *range(at + 1, min(at + 4, len(found.folded)))]
        content = (found.folded[place] for place in places)
        stem = next((one for one in content if len(one) >= _LEAST and one not in _SMALL), "")
        if stem and not meanings(stem):
            stems.add(stem[:_STEM])
    return frozenset(stems)


def _is_undone(one: LexiconHit, every: Sequence[LexiconHit], folded: Sequence[str]) -> bool:
    """Tell whether what is stopped is named by what ends it: «lifted the suspension» is no suspension."""
    place = one.start - 1
    while place > 0 and folded[place] in _LINKS:
        place -= 1
    if one.start - 1 > place >= 0 and folded[place] in _REQUESTS:
        # What is asked for has not happened.
        return True
    if one.family not in _UNDONE or one.sign < 0:
        return False
    return any(
        other.family in _UNDONE and other.sign < 0 and 0 < one.start - other.start <= _NEAR for other in every
    )


def negated_clauses(found: Words) -> frozenset[int]:
    """Return the numbers of the clauses in which anything is negated."""
    parts, last = clauses(found), len(found.folded) - 1
    return frozenset(
        parts[at]
        for at in range(len(parts))
        if _reach(found.folded, at) and found.folded[min(at + 1, last)] not in _ONLY
    )


def _sign(one: LexiconHit, negated: frozenset[int]) -> int:
    return -one.sign if one.start in negated else one.sign


def _negated(folded: Sequence[str], parts: Sequence[int], every: Sequence[LexiconHit]) -> frozenset[int]:
    # A phrase that holds its own negation is not negated by it.
    held = {place for one in every if one.end - one.start > 1 for place in range(one.start, one.end)}
    found = set[int]()
    for at in range(len(folded)):
        reach = _reach(folded, at)
        if not reach or at in held or (at + 1 < len(folded) and folded[at + 1] in _ONLY):
            continue
        found.update(range(_begin(folded, at), at))
        for place in range(at + 1, min(at + 1 + reach, len(folded))):
            if parts[place] != parts[at] or _is_end(folded, at, place):
                break
            found.add(place)
    return frozenset(found)


def _reach(folded: Sequence[str], at: int) -> int:
    if folded[at] in _AFTER_VERB or _is_short_not(folded, at):
        is_found = any(word in _FOUND for word in folded[at + 1 : at + 3])
        return _FAR if is_found else _REACH.get(folded[at], 6)
    return _REACH.get(folded[at], 0) or (4 if _forgoes(folded, at) else 0)


def _forgoes(folded: Sequence[str], at: int) -> bool:
    return folded[at][:6] in _FORGOES and at + 1 < len(folded) and folded[at + 1] in _TO


def _is_end(folded: Sequence[str], at: int, place: int) -> bool:
    word = folded[place]
    if word not in _JOINS or folded[at] in _WITHOUT or folded[at] in ("neither", "nor", "ni"):
        return False
    return folded[at] not in _AFTER_NOUN or word in ("and", "et")


def _is_short_not(folded: Sequence[str], at: int) -> bool:
    return folded[at] == "t" and at > 0 and folded[at - 1].endswith("n") and len(folded[at - 1]) > 2


def _begin(folded: Sequence[str], at: int) -> int:
    # «ne saisira pas»: the verb stands before what negates it.
    if folded[at] in ("pas", "jamais", "guere", "rien", "aucun", "aucune"):
        for place in range(at - 1, max(-1, at - 4), -1):
            if folded[place] in ("ne", "n"):
                return place + 1
    return at


def _text(found: Words, start: int, end: int) -> str:
    return found.text[found.starts[start] : found.ends[end - 1]]
