"""What a text says happens or does not, by the families of the lexicon that have two sides, negations counted in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.lexicon import LexiconHit, find_hits, meanings, verbs
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import Tokens

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


class StatedEvent(NamedTuple):
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


def clause_numbers(tokens: Tokens) -> list[int]:
    """Return the number of the clause that each word stands in."""
    numbers, number = list[int](), 0
    inserted = _inserted_commas(tokens)
    for at, word in enumerate(tokens.folded):
        if at and at not in inserted:
            between = tokens.text[tokens.ends[at - 1] : tokens.starts[at]]
            # The comma of «750,000» and the dash of «6–3» part nothing.
            is_number = word[0].isdigit() and tokens.folded[at - 1][-1].isdigit() and len(between) == 1
            number += (not is_number and not _BREAKS.isdisjoint(between)) or word in _ENDS
        numbers.append(number)
    return numbers


def _inserted_commas(tokens: Tokens) -> frozenset[int]:
    """Return where a comma only begins or ends words put in: «n'envisage pas, à ce stade, d'interdire»."""
    commas = [
        at
        for at in range(1, len(tokens.folded))
        if "," in tokens.text[tokens.ends[at - 1] : tokens.starts[at]]
    ]
    pairs = pairwise(commas)
    return frozenset(
        at
        for begin, end in pairs
        if end - begin <= _INSERTED
        and all(word in _SMALL or word in ASIDES for word in tokens.folded[begin:end])
        for at in (begin, end)
    )


def find_events(tokens: Tokens, stems: frozenset[str] = frozenset()) -> list[StatedEvent]:
    """Return the turns of a sentence.

    Parameters
    ----------
    stems : frozenset of str
        Beginnings of words that count as turns of their own, since a negation stands at them somewhere.
    """
    parts = clause_numbers(tokens)
    found_hits = [hit for hit in find_hits(tokens.folded) if not is_declined(tokens.folded, hit.start)]
    negated = _negated_indexes(tokens.folded, parts, found_hits)
    events = [
        StatedEvent(hit.family, _signed(hit, negated), parts[hit.start], _hit_text(tokens, hit), hit.start)
        for hit in found_hits
        if hit.sign
        and not _is_lifted_or_requested(hit, found_hits, tokens.folded)
        and not _is_charge_dismissed(hit, found_hits, parts)
    ]
    for at, word in enumerate(tokens.folded):
        stem = word[:_STEM]
        if stem in stems and len(word) >= _LEAST:
            event_text = _hit_text(tokens, LexiconHit("", 0, at, at + 1))
            events.append(StatedEvent(f"word:{stem}", -1 if at in negated else 1, parts[at], event_text, at))
    return events


def is_opposite(event: StatedEvent, other: StatedEvent) -> bool:
    """Tell whether one turn says the contrary of another."""
    return event.family == other.family and event.sign != other.sign


def is_same_event(event: StatedEvent, other: StatedEvent) -> bool:
    """Tell whether two turns say the same."""
    return event.family == other.family and event.sign == other.sign


def negated_stems(tokens: Tokens) -> frozenset[str]:
    """Return the beginnings of the words that a negation of a verb stands at and that no family has."""
    stems = set[str]()
    for at, word in enumerate(tokens.folded):
        is_forgone = is_declined(tokens.folded, at)
        if word not in _AFTER_VERB and not is_forgone and not _is_short_not(tokens.folded, at):
            continue
        begin = _negation_start(tokens.folded, at)
        places = [*range(begin, at), *range(at + 1, min(at + 4, len(tokens.folded)))]
        content = (tokens.folded[place] for place in places)
        stem = next(
            (word_ahead for word_ahead in content if len(word_ahead) >= _LEAST and word_ahead not in _SMALL),
            "",
        )
        if stem and not meanings(stem):
            stems.add(stem[:_STEM])
    return frozenset(stems)


def _is_charge_dismissed(hit: LexiconHit, all_hits: Sequence[LexiconHit], parts: Sequence[int]) -> bool:
    """Tell whether a charge is named by who throws it out: «l'accusation a été rejetée» charges nobody."""
    if hit.family != "charge" or hit.sign < 0:
        return False
    return any(
        other.sign < 0 and other.family in _THROWS_OUT and parts[other.start] == parts[hit.start]
        for other in all_hits
    )


def _is_lifted_or_requested(hit: LexiconHit, all_hits: Sequence[LexiconHit], folded: Sequence[str]) -> bool:
    """Tell whether what is stopped is named by what ends it: «lifted the suspension» is no suspension."""
    index = hit.start - 1
    while index > 0 and folded[index] in _LINKS:
        index -= 1
    if hit.start - 1 > index >= 0 and folded[index] in _REQUESTS:
        # What is asked for has not happened.
        return True
    if hit.family not in _UNDONE or hit.sign < 0:
        return False
    return any(
        other.family in _UNDONE and other.sign < 0 and 0 < abs(hit.start - other.start) <= _NEAR
        for other in all_hits
    )


def is_excepted(folded: Sequence[str]) -> bool:
    """Tell whether a sentence tells of all but some: what it says is not so of these."""
    pairs = zip(folded, [*folded[1:], ""], strict=False)
    return not _EXCEPTS.isdisjoint(folded) or any(pair in _EXCEPT_PAIRS for pair in pairs)


def negated_clauses(tokens: Tokens) -> frozenset[int]:
    """Return the numbers of the clauses in which anything is negated."""
    numbers, last = clause_numbers(tokens), len(tokens.folded) - 1
    return frozenset(
        numbers[index]
        for index in range(len(numbers))
        if _negation_reach(tokens.folded, index) and tokens.folded[min(index + 1, last)] not in _ONLY
    )


def _signed(hit: LexiconHit, negated: frozenset[int]) -> int:
    return -hit.sign if hit.start in negated else hit.sign


def _negated_indexes(
    folded: Sequence[str], parts: Sequence[int], all_hits: Sequence[LexiconHit]
) -> frozenset[int]:
    # A phrase that holds its own negation is not negated by it; «ne met pas fin» holds another's.
    own_negations = {
        place
        for hit in all_hits
        if hit.end - hit.start > 1
        for place in range(hit.start, hit.end)
        if folded[place] != "pas" or folded[max(0, hit.start - 1)] not in ("ne", "n")
    }
    # «Does not end the proceedings»: these go on.
    ends = {hit.end - 1 for hit in all_hits if (hit.family, hit.sign) in _STOPS}
    stances = {hit.end - 1 for hit in all_hits if hit.family in _STANCES}
    negated = set[int]()
    for at in range(len(folded)):
        reach = _negation_reach(folded, at)
        if not reach or at in own_negations or (at + 1 < len(folded) and folded[at + 1] in _ONLY):
            continue
        before = range(_negation_start(folded, at), at)
        negated.update(before)
        if not ends.isdisjoint(before):
            continue
        for place in range(at + 1, min(at + 1 + reach, len(folded))):
            if parts[place] != parts[at] or _is_end(folded, at, place) or _is_complement(folded, at, place):
                break
            negated.add(place)
            if place in ends or (place in stances and _OR.isdisjoint(folded[place + 1 : place + 2])):
                break
    return frozenset(negated)


def _negation_reach(folded: Sequence[str], index: int) -> int:
    if folded[index] == "plus":
        return _REACH["pas"] if is_no_longer(folded, index) else 0
    if folded[index] in _AFTER_NOUN and not _WITHOUT.isdisjoint(folded[index + 1 : index + _FAR]):
        # «No authority acted without checking» denies neither.
        return 0
    if folded[index] == "personne":
        return _REACH["nobody"] if {"n", "ne"} & set(folded[index + 1 : index + 3]) else 0
    if folded[index] in _AFTER_VERB or _is_short_not(folded, index):
        is_found = any(word in _FOUND for word in folded[index + 1 : index + 3])
        return _FAR if is_found else _REACH.get(folded[index], 6)
    return _REACH.get(folded[index], 0) or (4 if is_declined(folded, index) else 0)


def is_no_longer(folded: Sequence[str], at: int) -> bool:
    """Tell whether «plus» denies: after «ne» and its verb, and not before what is compared."""
    is_compared = at + 1 < len(folded) and folded[at + 1] in ("de", "d", "que", "qu")
    return (
        folded[at] == "plus" and not is_compared and not {"ne", "n"}.isdisjoint(folded[max(0, at - 3) : at])
    )


def is_declined(folded: Sequence[str], at: int) -> bool:
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


def _negation_start(folded: Sequence[str], index: int) -> int:
    # «Admits nothing», «found no evidence»: the verb stands before.
    if (
        folded[index] in _OBJECTS
        and index
        and any(family in verbs() for family, _ in meanings(folded[index - 1]))
    ):
        return index - 1
    # «ne saisira pas»: the verb stands before what negates it.
    if folded[index] in ("pas", "jamais", "guere", "rien", "plus", "aucun", "aucune"):
        for place in range(index - 1, max(-1, index - 4), -1):
            if folded[place] in ("ne", "n"):
                return place + 1
    return index


def _hit_text(tokens: Tokens, hit: LexiconHit) -> str:
    """Return the words of a hit as written, with the auxiliaries, adverbs and negations beside them."""
    first, last = hit.start, hit.end - 1
    while first > 0 and hit.start - first < _SAID and _is_part_of_verb(tokens.folded[first - 1]):
        first -= 1
    if last + 1 < len(tokens.folded) and tokens.folded[last + 1] in ("pas", "jamais", "guere"):
        last += 1
    return tokens.text[tokens.starts[first] : tokens.ends[last]]


def _is_part_of_verb(word: str) -> bool:
    is_adverb = len(word) > _LONG and word.endswith(("ly", "ment"))
    return word in _BESIDE_VERB or word in _AFTER_VERB or is_adverb
