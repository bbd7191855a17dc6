"""Names that are others of the release spelt otherwise, or with other words in the places of their own."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.names import StatedName, is_known, is_neutral, likeness, sound
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.reading.words import words

# In the names of many firms.
_GENERIC: Final = frozenset(
    """bank banque capital group groupe fund funds fonds securities markets trust financial finance credit
    asset assets management digital europe partners invest investment investments global international
    wealth advisers services technologies technology exchange trading energy energies energie insurance
    assurance assurances gestion patrimoine commodities ventures labs protocol network pay payments
    first royal national union biotech pharma holdings digital""".split()
)
# So alike two words are one name spelt otherwise; so alike, where their neighbours are one.
_ALIKE: Final = 0.72
_PERHAPS: Final = 0.5
_LONG_ALIKE: Final = 0.6
_SHORT: Final = 3
_BEGUN: Final = 0.7
_LEAST: Final = 4
# Before the name of a person, or of the form of a firm.
RANKS: Final = frozenset(
    """mr mrs ms miss dr mme mlle sir lord inc ltd llc lp plc corp corporation limited sa sas sarl ag gmbh
    nv bv spa ab president chairman chair director chief executive officer founder head commissioner
    governor compliance presidente directeur directrice general generale group groupe holding holdings
    company""".split()
)


def misspelt(
    others: Sequence[str], theirs: Sequence[tuple[FactSentence, StatedName]], here: set[str]
) -> StatedName | None:
    """Return a name of the release that one nearly is, and that its sentence does not have as it is written."""
    alike = []
    for _, other in theirs:
        gone = [
            word
            for word in other.words
            if len(word) > _LEAST and not is_known(word, here) and is_nobodys(word)
        ]
        if any(likeness(one, left) >= _ALIKE for one in others if is_nobodys(one) for left in gone):
            alike.append(other)
    return max(alike, key=lambda one: len(one.words), default=None)


def spelt_otherwise(
    name: StatedName,
    others: Sequence[str],
    theirs: Sequence[tuple[FactSentence, StatedName]],
    said: set[str],
    here: set[str],
    *,
    is_first: bool,
) -> StatedName | None:
    """Return a name of the release that one is with other letters, or with another word among its own."""
    best: tuple[float, StatedName] | None = None
    for _, other in theirs:
        parts = set(words(other.text).folded)
        shared = [
            word
            for word in words(name.text).folded
            if word not in others and word in parts and is_telling(word)
        ]
        # Whose name is written right elsewhere may be written wrong here, where part of it stands.
        held = here if shared else said
        gone = [word for word in other.words if not is_known(word, held) and not is_neutral(word)]
        if not gone:
            continue
        alike = max(likeness(mine, left) if mine not in _GENERIC else 0.0 for mine in others for left in gone)
        is_own = any(word not in _GENERIC and not is_neutral(word) for word in shared)
        is_own = is_own and len(name.words) == len(other.words) and not set(gone) <= _GENERIC
        is_own = is_own and not (is_first and set(others) == set(name.words[:1]))
        is_enough = alike >= _ALIKE or is_own or (alike >= _PERHAPS and bool(shared))
        is_long = len(others) > 1 and len(gone) > 1 and _all_alike(others, gone)
        if (is_enough or is_long) and (best is None or alike > best[0]):
            best = (alike, other)
    return best[1] if best is not None else None


def _all_alike(others: Sequence[str], gone: Sequence[str]) -> bool:
    return sum(max(likeness(one, other) for other in gone) for one in others) / len(others) >= _LONG_ALIKE


def is_nobodys(word: str) -> bool:
    """Tell whether a word is long enough to be misspelt, and no word of either language."""
    return len(word) > _LEAST and not meanings(word) and not is_neutral(word) and word not in _GENERIC


def is_telling(word: str) -> bool:
    """Tell whether a word tells a name: no short one, no rank."""
    return len(word) >= _LEAST and word not in RANKS


def substituted(
    sentence: FactSentence,
    name: StatedName,
    theirs: Sequence[tuple[FactSentence, StatedName]],
    known: set[str],
    said: set[str],
) -> StatedName | None:
    """Return a name of the release of as many words that has others in their places: «Quill Union Bank»."""
    mine = _bare(name)
    is_first = is_first_in_sentence(sentence, name)
    for _, other in theirs:
        held = _bare(other)
        if is_first and mine and held and mine[0] != held[0] and mine[1:] == held[1:]:
            continue
        if len(mine) != len(held) or len(mine) <= 1:
            continue
        same = [one for one, left in zip(mine, held, strict=True) if one == left]
        pairs = [(one, left) for one, left in zip(mine, held, strict=True) if one != left]
        is_shared = any(is_nobodys(word) or (len(word) >= _LEAST and word not in _GENERIC) for word in same)
        is_told = any(not {one, left} <= _GENERIC for one, left in pairs)
        is_new = all(len(one) > 1 and one not in known and not is_known(left, said) for one, left in pairs)
        if pairs and is_shared and is_told and is_new and not any(_mean_alike(*pair) for pair in pairs):
            return other
    return None


def _bare(name: StatedName) -> list[str]:
    return [word for word in words(name.text).folded if len(word) > 1 and word not in RANKS]


def is_first_in_sentence(sentence: FactSentence, name: StatedName) -> bool:
    """Tell whether a sentence begins with a name."""
    # Any word that a sentence begins with has a capital.
    return not sentence.found.text[: name.start].strip(" \u00a0«»“”\"'")


def _mean_alike(one: str, other: str) -> bool:
    families = {family for family, _ in meanings(other)}
    return any(family in families for family, _ in meanings(one)) or sound(one) == sound(other)


def begins_otherwise(
    sentence: FactSentence,
    others: Sequence[str],
    theirs: Sequence[tuple[FactSentence, StatedName]],
    said: set[str],
) -> StatedName | None:
    """Return a name of the release that a sentence nearly begins with, and that the copy never has."""
    if sentence.is_title or not all(map(is_nobodys, others)):
        return None
    for _, other in theirs:
        gone = [word for word in other.words if is_nobodys(word) and not is_known(word, said)]
        if any(
            one[:_SHORT] == left[:_SHORT] and _ratio(one, left) >= _BEGUN for one in others for left in gone
        ):
            return other
    return None


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def renamed(
    name: StatedName, others: Sequence[str], theirs: Sequence[tuple[FactSentence, StatedName]], said: set[str]
) -> StatedName | None:
    """Return a name of the release that begins as one does, and ends with a word that the copy never has."""
    first = name.words[0]
    for _, other in theirs:
        parts = other.words
        gone = [word for word in parts[1:] if not is_known(word, said) and not is_neutral(word)]
        is_begun = is_telling(first) and not meanings(first) and first not in _GENERIC
        is_alike = first == parts[0] or (len(others) > 1 and likeness(first, parts[0]) >= _ALIKE)
        if len(parts) > 1 and gone and is_begun and is_alike and others[-1] not in _GENERIC - {"partners"}:
            return other
    return None
