"""What a text says happens or does not, by the families of the lexicon that have two sides, negations counted in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.lexicon import LexiconHit, hits, meanings, verbs
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import Words

_AUXILIARY: Final = frozenset(
    "been being did does do fait faire done avoir etre have must should would could also peut peuvent pouvait pourra "
    "pourrait doit doivent devait devra devrait sera seront serait aurait avaient etaient faut veut named used "
    "aussi also egalement such same other autre meme toujours always".split()
)
_SMALL: Final = SMALL["en"] | SMALL["fr"] | _AUXILIARY
# How far a negation reaches, in words, unless the clause ends before.
_AFTER_VERB: Final = frozenset("not never cannot pas jamais guere rien".split())
_AFTER_NOUN: Final = frozenset("no none nobody neither nor nothing aucun aucune nul nulle ni".split())
_OBJECTS: Final = frozenset("no nothing nobody".split())
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
_THROWS_OUT: Final = frozenset({"charge", "approve", "guilty"})
_STOPS: Final = frozenset({("open", -1), ("continue", -1), ("suspend", 1), ("charge", -1)})
_UNDONE: Final = frozenset({"suspend"})
_ENDS: Final = frozenset("but mais while whereas although though tandis alors".split())
_JOINS: Final = frozenset("and et or ou".split())
_ONLY: Final = frozenset("only just merely seulement uniquement later more less fewer".split())
_BREAKS: Final = frozenset(',;:()—–«»“”"')
_OF: Final = frozenset("de d du des of".split())
# «Did not uphold the charge relating to frozen accounts» denies no freeze.
_ABOUT: Final = frozenset(
    "relatif relatifs relative relatives relating concernant concerning regarding".split()
)
# What is admitted or not happened all the same: «did not admit the charges».
_STANCES: Final = frozenset({"admit", "contest"})
_OR: Final = frozenset("or nor ou ni".split())
_TO_NOUN: Final = 3
_INSERTED: Final = 5
_INFINITIVES: Final = ("er", "ir", "dre", "tre", "ire")
ASIDES: Final = frozenset(
    """stade stage now heure jour date moment toutefois cependant however present actuel instant therefore donc moreover
    outre effet indeed meanwhile contrast revanche contre particular particulier notamment""".split()
)
_EXCEPTS: Final = frozenset(
    "except excepted excepting excepte exceptee sauf hormis exception seul seule seuls alone".split()
)
_EXCEPT_PAIRS: Final = frozenset(
    {("other", "than"), ("apart", "from"), ("aside", "from"), ("en", "dehors"), ("mis", "part")}
)
# Words that say which way a figure went, and much else: «up», «lost».
FIGURED: Final = "moved"
_LEAST: Final = 4
_LONG: Final = 6
_SAID: Final = 4
_STEM: Final = 5
_BESIDE_VERB: Final = frozenset(
    """is are was were be been has have had will would can could may might must did does do t est sont etait etaient a
    ont avait avaient sera seront serait aurait aura auront n ne ete""".split()
)


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
        The words that say it, with what denies it.
    at : int
        Number of the word in its sentence.
    """

    family: str
    sign: int
    clause: int
    text: str
    at: int


def clauses(found: Words) -> list[int]:
    """Return the number of the clause that each word stands in."""
    numbers, number = list[int](), 0
    inserted = _inserted(found)
    for at, word in enumerate(found.folded):
        if at and at not in inserted:
            between = found.text[found.ends[at - 1] : found.starts[at]]
            # The comma of «750,000» and the dash of «6–3» part nothing.
            is_number = word[0].isdigit() and found.folded[at - 1][-1].isdigit() and len(between) == 1
            number += (not is_number and not _BREAKS.isdisjoint(between)) or word in _ENDS
        numbers.append(number)
    return numbers


def _inserted(found: Words) -> frozenset[int]:
    """Return where a comma only begins or ends words put in: «n'envisage pas, à ce stade, d'interdire»."""
    commas = [
        at for at in range(1, len(found.folded)) if "," in found.text[found.ends[at - 1] : found.starts[at]]
    ]
    pairs = pairwise(commas)
    return frozenset(
        at
        for begin, end in pairs
        if end - begin <= _INSERTED
        and all(word in _SMALL or word in ASIDES for word in found.folded[begin:end])
        for at in (begin, end)
    )


def stated_turns(found: Words, asked: frozenset[str] = frozenset()) -> list[StatedTurn]:
    """Return the turns of a sentence.

    Parameters
    ----------
    asked : frozenset of str
        Beginnings of words that count as turns of their own, since a negation stands at them somewhere.
    """
    parts = clauses(found)
    every = [one for one in hits(found.folded) if not forgoes(found.folded, one.start)]
    negated = _negated(found.folded, parts, every)
    turns = [
        StatedTurn(one.family, _sign(one, negated), parts[one.start], _text(found, one), one.start)
        for one in every
        if one.sign and not _is_undone(one, every, found.folded) and not _is_thrown_out(one, every, parts)
    ]
    for at, word in enumerate(found.folded):
        stem = word[:_STEM]
        if stem in asked and len(word) >= _LEAST:
            said = _text(found, LexiconHit("", 0, at, at + 1))
            turns.append(StatedTurn(f"word:{stem}", -1 if at in negated else 1, parts[at], said, at))
    return turns


def is_opposite(one: StatedTurn, other: StatedTurn) -> bool:
    """Tell whether one turn says the contrary of another."""
    return one.family == other.family and one.sign != other.sign


def is_same_turn(one: StatedTurn, other: StatedTurn) -> bool:
    """Tell whether two turns say the same."""
    return one.family == other.family and one.sign == other.sign


def negated_stems(found: Words) -> frozenset[str]:
    """Return the beginnings of the words that a negation of a verb stands at and that no family has."""
    stems = set[str]()
    for at, word in enumerate(found.folded):
        is_forgone = forgoes(found.folded, at)
        if word not in _AFTER_VERB and not is_forgone and not _is_short_not(found.folded, at):
            continue
        begin = _begin(found.folded, at)
        places = [*range(begin, at), *range(at + 1, min(at + 4, len(found.folded)))]
        content = (found.folded[place] for place in places)
        stem = next((one for one in content if len(one) >= _LEAST and one not in _SMALL), "")
        if stem and not meanings(stem):
            stems.add(stem[:_STEM])
    return frozenset(stems)


def _is_thrown_out(one: LexiconHit, every: Sequence[LexiconHit], parts: Sequence[int]) -> bool:
    """Tell whether a charge is named by who throws it out: «l'accusation a été rejetée» charges nobody."""
    if one.family != "charge" or one.sign < 0:
        return False
    return any(
        other.sign < 0 and other.family in _THROWS_OUT and parts[other.start] == parts[one.start]
        for other in every
    )


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
        other.family in _UNDONE and other.sign < 0 and 0 < abs(one.start - other.start) <= _NEAR
        for other in every
    )


def is_excepted(folded: Sequence[str]) -> bool:
    """Tell whether a sentence tells of all but some: what it says is not so of these."""
    pairs = zip(folded, [*folded[1:], ""], strict=False)
    return not _EXCEPTS.isdisjoint(folded) or any(pair in _EXCEPT_PAIRS for pair in pairs)


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
    # A phrase that holds its own negation is not negated by it; «ne met pas fin» holds another's.
    held = {
        place
        for one in every
        if one.end - one.start > 1
        for place in range(one.start, one.end)
        if folded[place] != "pas" or folded[max(0, one.start - 1)] not in ("ne", "n")
    }
    # «Does not end the proceedings»: these go on.
    ends = {one.end - 1 for one in every if (one.family, one.sign) in _STOPS}
    stances = {one.end - 1 for one in every if one.family in _STANCES}
    found = set[int]()
    for at in range(len(folded)):
        reach = _reach(folded, at)
        if not reach or at in held or (at + 1 < len(folded) and folded[at + 1] in _ONLY):
            continue
        before = range(_begin(folded, at), at)
        found.update(before)
        if not ends.isdisjoint(before):
            continue
        for place in range(at + 1, min(at + 1 + reach, len(folded))):
            if parts[place] != parts[at] or _is_end(folded, at, place) or _is_complement(folded, at, place):
                break
            found.add(place)
            if place in ends or (place in stances and _OR.isdisjoint(folded[place + 1 : place + 2])):
                break
    return frozenset(found)


def _reach(folded: Sequence[str], at: int) -> int:
    if folded[at] == "plus":
        return _REACH["pas"] if is_no_longer(folded, at) else 0
    if folded[at] in _AFTER_NOUN and not _WITHOUT.isdisjoint(folded[at + 1 : at + _FAR]):
        # «No authority acted without checking» denies neither.
        return 0
    if folded[at] == "personne":
        return _REACH["nobody"] if {"n", "ne"} & set(folded[at + 1 : at + 3]) else 0
    if folded[at] in _AFTER_VERB or _is_short_not(folded, at):
        is_found = any(word in _FOUND for word in folded[at + 1 : at + 3])
        return _FAR if is_found else _REACH.get(folded[at], 6)
    return _REACH.get(folded[at], 0) or (4 if forgoes(folded, at) else 0)


def is_no_longer(folded: Sequence[str], at: int) -> bool:
    """Tell whether «plus» denies: after «ne» and its verb, and not before what is compared."""
    is_compared = at + 1 < len(folded) and folded[at + 1] in ("de", "d", "que", "qu")
    return (
        folded[at] == "plus" and not is_compared and not {"ne", "n"}.isdisjoint(folded[max(0, at - 3) : at])
    )


def forgoes(folded: Sequence[str], at: int) -> bool:
    """Tell whether somebody declines to do what follows."""
    return folded[at][:6] in _FORGOES and at + 1 < len(folded) and folded[at + 1] in _TO


def _is_end(folded: Sequence[str], at: int, place: int) -> bool:
    word = folded[place]
    if word not in _JOINS or folded[at] in _WITHOUT or folded[at] in ("neither", "nor", "ni"):
        return False
    return folded[at] not in _AFTER_NOUN or word in ("and", "et")


def _is_complement(folded: Sequence[str], at: int, place: int) -> bool:
    """Tell whether a word begins what only describes the denied: «ne pas modifier les conditions d'octroi»."""
    if folded[place] in _ABOUT:
        return True
    if folded[at] not in _AFTER_VERB or folded[place] not in _OF or place - at < _TO_NOUN:
        return False
    if place + 1 < len(folded) and folded[place + 1].endswith(_INFINITIVES):
        return False
    return not any(family in verbs() for family, _ in meanings(folded[place - 1]))


def _is_short_not(folded: Sequence[str], at: int) -> bool:
    return folded[at] == "t" and at > 0 and folded[at - 1].endswith("n") and len(folded[at - 1]) > 2


def _begin(folded: Sequence[str], at: int) -> int:
    # «Admits nothing», «found no evidence»: the verb stands before.
    if folded[at] in _OBJECTS and at and any(family in verbs() for family, _ in meanings(folded[at - 1])):
        return at - 1
    # «ne saisira pas»: the verb stands before what negates it.
    if folded[at] in ("pas", "jamais", "guere", "rien", "plus", "aucun", "aucune"):
        for place in range(at - 1, max(-1, at - 4), -1):
            if folded[place] in ("ne", "n"):
                return place + 1
    return at


def _text(found: Words, hit: LexiconHit) -> str:
    """Return the words of a hit as written, with the auxiliaries, adverbs and negations beside them."""
    first, last = hit.start, hit.end - 1
    while first > 0 and hit.start - first < _SAID and _is_of_verb(found.folded[first - 1]):
        first -= 1
    if last + 1 < len(found.folded) and found.folded[last + 1] in ("pas", "jamais", "guere"):
        last += 1
    return found.text[found.starts[first] : found.ends[last]]


def _is_of_verb(word: str) -> bool:
    is_adverb = len(word) > _LONG and word.endswith(("ly", "ment"))
    return word in _BESIDE_VERB or word in _AFTER_VERB or is_adverb
