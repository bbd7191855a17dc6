"""Who holds which office: a copy that names somebody else in the office of whom the release names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.alignment import Alignment, NearWord
from vigie.intelligence.news.facts.names import StatedName, is_known, is_neutral, phonetic_form
from vigie.intelligence.news.facts.outcome import FactDifference
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import tokenize

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


class OfficeHolder(NamedTuple):
    """A name with the office beside it."""

    office: str
    name: StatedName
    sentence: FactSentence


def party_names(sentence: FactSentence) -> list[StatedName]:
    """Return the names of a sentence that may be of a party: no law sells anything to anybody."""
    return [name for name in sentence.names if not _is_law(sentence, name)]


def _is_law(sentence: FactSentence, name: StatedName) -> bool:
    name_words = tokenize(name.text).folded
    if name_words[-1] in _ENDS_LAW or name_words[0] in _BEGINS_LAW:
        return True
    tokens = sentence.tokens
    index = next((index for index, start in enumerate(tokens.starts) if start >= name.start), 0)
    is_led = index > 0 and tokens.folded[index - 1] in _BEGINS_LAW
    return is_led and not tokens.text[tokens.ends[index - 1] : tokens.starts[index]].strip()


def find_office_holders(sentences: Sequence[FactSentence]) -> list[OfficeHolder]:
    """Return the names that an office stands beside: «its founder, Ada Quill», «Ada Quill, fondatrice»."""
    return [
        OfficeHolder(office, name, sentence)
        for sentence in sentences
        for name in sentence.names
        for office in _offices_beside(sentence, name)
    ]


def is_of_office(sentence: FactSentence, name: StatedName) -> bool:
    """Tell whether a name only says whose office it is: «the founder of Quill Partners must pay»."""
    tokens = sentence.tokens
    first = next((at for at, start in enumerate(tokens.starts) if start >= name.start), len(tokens.starts))
    return (
        first >= _LED
        and tokens.folded[first - 1] in _OF
        and any(tokens.folded[first - _LED].startswith(begin) and len(begin) >= _LEAST for begin in _OFFICES)
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
    release_holders, copy_words = (
        find_office_holders(release),
        {word for holder in copy for word in holder.tokens.folded},
    )
    copy_holders, alignment = find_office_holders(copy), Alignment(release)
    differences = []
    for holder in copy_holders:
        if holder.sentence.is_title or len(holder.name.words) < 2:
            continue
        same_office = [other for other in release_holders if other.office == holder.office]
        if not same_office or any(_is_same(holder.name, other.name) for other in same_office):
            continue
        missing = [
            other
            for other in same_office
            if not all(is_known(word, copy_words) for word in other.name.words)
            and not any(_is_same(other.name, copy_holder.name) for copy_holder in copy_holders)
        ]
        is_stranger = not all(is_known(word, known) for word in holder.name.words)
        is_other = any(
            _is_same(holder.name, other.name) and other.office != holder.office for other in release_holders
        )
        # An office of somebody else's firm is another office.
        # Whom the release does not know may hold the same office of somebody else.
        is_here = (not is_stranger and _has_known_name(holder, known)) or any(
            alignment.similarity(_near(holder, alignment), _near(other, alignment)) >= _ALIKE
            for other in missing
        )
        if missing and len(same_office) == 1 and (is_stranger or is_other) and is_here:
            differences.append(FactDifference("name", holder.name.text, missing[0].name.text, "office"))
    return differences


def _has_known_name(holder: OfficeHolder, known: set[str]) -> bool:
    """Tell whether a sentence names somebody whom the release knows, besides who holds the office."""
    return any(
        name is not holder.name and bool(name.words) and all(is_known(word, known) for word in name.words)
        for name in holder.sentence.names
    )


def _near(holder: OfficeHolder, alignment: Alignment) -> tuple[NearWord, ...]:
    return alignment.near_words(holder.sentence, holder.name.start, holder.name.end, is_figured=True)


def _offices_beside(sentence: FactSentence, name: StatedName) -> Iterator[str]:
    tokens = sentence.tokens
    first = next((at for at, start in enumerate(tokens.starts) if start >= name.start), len(tokens.starts))
    last = next((at for at, start in enumerate(tokens.starts) if start >= name.end), len(tokens.starts))
    within = _first_office(word for word in tokens.folded[first:last])
    before = within or _first_office(
        tokens.folded[at] for at in range(first - 1, max(-1, first - 1 - _REACH), -1)
    )
    is_apart = (
        last < len(tokens.starts) and tokens.text[tokens.ends[last - 1] : tokens.starts[last]].strip() == ","
    )
    after = (
        _first_office(tokens.folded[at] for at in range(last, min(len(tokens.folded), last + _REACH)))
        if is_apart
        else ""
    )
    yield from dict.fromkeys(office for office in (before, after) if office)


def _first_office(words: Iterator[str]) -> str:
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


def _is_same(name: StatedName, other: StatedName) -> bool:
    sounds = {phonetic_form(word) for word in other.words}
    return any(is_known(word, other.words) or phonetic_form(word) in sounds for word in name.words)
