"""Who holds which office: a copy that names somebody else in the office of whom the release names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.alignment import Alignment, NearWord
from vigie.intelligence.news.facts.names import StatedName, is_known, is_neutral, sound
from vigie.intelligence.news.facts.outcome import FactDifference
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import words

_SMALL: Final = SMALL["en"] | SMALL["fr"]
# One office in a row, by the beginnings of its words in both languages.
_OFFICES: Final = {
    begin: row.split()[0]
    for row in (
        "founder fondat",
        "cofound cofondat",
        "chairman chairwoman president presidente chair",
        "ceo pdg chief directeur directrice director patron boss",
        "cfo financ",
        "treasurer tresor",
        "lawyer avocat counsel attorney",
        "judge juge justice magistrat",
        "auditor auditeur commissaire reviseur",
        "trader negociat",
        "broker courtier",
        "adviser advisor conseiller",
        "secretary secretaire",
        "minister ministre",
        "governor gouverneur",
        "receiver liquidat administrat trustee",
        "monitor controleur mandataire",
        "owner propriet",
        "accountant comptable",
        "spokes porte",
        "manager gerant gerante",
        "sponsor",
        "parent",
        "subsidiary filiale",
        "supplier fourniss",
        "hacker pirate",
        "developer developp",
        "employee employe salarie",
        "ringleader cerveau mastermind",
    )
    for begin in row.split()
}
_TITLES: Final = frozenset("mr mrs ms miss dr mme mlle m sir lord maitre me mm".split())
# A law has its name before or behind these: «the Brague Act», «la loi Brague».
_ENDS_LAW: Final = frozenset("act acts bill regulation directive statute decree code".split())
_BEGINS_LAW: Final = frozenset("loi lois reglement directive decret ordonnance regulation".split())
_REACH: Final = 5
_OF: Final = frozenset("of de d du des".split())
_LED: Final = 2
_LEAST: Final = 4
_ALIKE: Final = 0.45


class Held(NamedTuple):
    """A name with the office beside it."""

    office: str
    name: StatedName
    sentence: FactSentence


def party_names(sentence: FactSentence) -> list[StatedName]:
    """Return the names of a sentence that may be of a party: no law sells anything to anybody."""
    return [name for name in sentence.names if not _is_law(sentence, name)]


def _is_law(sentence: FactSentence, name: StatedName) -> bool:
    own = words(name.text).folded
    if own[-1] in _ENDS_LAW or own[0] in _BEGINS_LAW:
        return True
    found = sentence.found
    at = next((at for at, start in enumerate(found.starts) if start >= name.start), 0)
    is_led = at > 0 and found.folded[at - 1] in _BEGINS_LAW
    return is_led and not found.text[found.ends[at - 1] : found.starts[at]].strip()


def offices(sentences: Sequence[FactSentence]) -> list[Held]:
    """Return the names that an office stands beside: «its founder, Ada Quill», «Ada Quill, fondatrice»."""
    return [
        Held(office, name, one) for one in sentences for name in one.names for office in _beside(one, name)
    ]


def is_of_office(sentence: FactSentence, name: StatedName) -> bool:
    """Tell whether a name only says whose office it is: «the founder of Quill Partners must pay»."""
    found = sentence.found
    first = next((at for at, start in enumerate(found.starts) if start >= name.start), len(found.starts))
    return (
        first >= _LED
        and found.folded[first - 1] in _OF
        and any(found.folded[first - _LED].startswith(begin) and len(begin) >= _LEAST for begin in _OFFICES)
    )


def office_findings(
    copy: Sequence[FactSentence], release: Sequence[FactSentence], known: set[str]
) -> list[FactDifference]:
    """Return where an office is another's in a copy.

    Parameters
    ----------
    known : set of str
        Folded words of the release.
    """
    theirs, said = offices(release), {word for one in copy for word in one.found.folded}
    ours, alignment = offices(copy), Alignment(release)
    found = []
    for one in ours:
        if one.sentence.is_title or len(one.name.words) < 2:
            continue
        held = [other for other in theirs if other.office == one.office]
        if not held or any(_is_same(one.name, other.name) for other in held):
            continue
        missing = [
            other
            for other in held
            if not all(is_known(word, said) for word in other.name.words)
            and not any(_is_same(other.name, mine.name) for mine in ours)
        ]
        is_stranger = not all(is_known(word, known) for word in one.name.words)
        is_other = any(_is_same(one.name, other.name) and other.office != one.office for other in theirs)
        # An office of somebody else's firm is another office.
        # Whom the release does not know may hold the same office of somebody else.
        is_here = (not is_stranger and _is_here(one, known)) or any(
            alignment.alike(_near(one, alignment), _near(other, alignment)) >= _ALIKE for other in missing
        )
        if missing and len(held) == 1 and (is_stranger or is_other) and is_here:
            found.append(FactDifference("name", one.name.text, missing[0].name.text, "office"))
    return found


def _is_here(one: Held, known: set[str]) -> bool:
    """Tell whether a sentence names somebody whom the release knows, besides who holds the office."""
    return any(
        mine is not one.name and bool(mine.words) and all(is_known(word, known) for word in mine.words)
        for mine in one.sentence.names
    )


def _near(one: Held, alignment: Alignment) -> tuple[NearWord, ...]:
    return alignment.near(one.sentence, one.name.start, one.name.end, is_figured=True)


def _beside(sentence: FactSentence, name: StatedName) -> Iterator[str]:
    found = sentence.found
    first = next((at for at, start in enumerate(found.starts) if start >= name.start), len(found.starts))
    last = next((at for at, start in enumerate(found.starts) if start >= name.end), len(found.starts))
    within = _office(word for word in found.folded[first:last])
    before = within or _office(found.folded[at] for at in range(first - 1, max(-1, first - 1 - _REACH), -1))
    is_apart = (
        last < len(found.starts) and found.text[found.ends[last - 1] : found.starts[last]].strip() == ","
    )
    after = (
        _office(found.folded[at] for at in range(last, min(len(found.folded), last + _REACH)))
        if is_apart
        else ""
    )
    yield from dict.fromkeys(office for office in (before, after) if office)


def _office(words: Iterator[str]) -> str:
    for word in words:
        office = _office_of(word)
        if office is not None:
            return office
    return ""


@lru_cache(maxsize=16_384)
def _office_of(word: str) -> str | None:
    # Nothing of a word that no office is looked for behind, None where it may follow.
    for begin, office in _OFFICES.items():
        if word.startswith(begin) and len(word) >= min(_LEAST, len(begin)):
            return office
    return None if word in _SMALL or word in _TITLES or is_neutral(word) else ""


def _is_same(one: StatedName, other: StatedName) -> bool:
    sounds = {sound(word) for word in other.words}
    return any(is_known(word, other.words) or sound(word) in sounds for word in one.words)
