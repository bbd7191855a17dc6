"""Against whom a release acts, and for how much: what tells one regulator's alike releases apart."""

from __future__ import annotations

import re
from typing import Final

from vigie.domain.accents import fold_text
from vigie.intelligence.news.reading.numbers import numbers

# Before the name of whom it is against; in French too.
_ACTS: Final = (
    r"charge[sd]?|charging|sue[sd]?|fine[sd]?|sanctions|sanctioned|censure[sd]?|against|halts?|suspends?|bars|barred|"
    r"warns (?:about|of|against|on)|settle[sd]? with|in the matter of|registration of|licen[cs]e (?:of|to)|"
    r"contre|sanctionne|condamne|suspend|inflige (?:à|a)|met en garde contre|agr[ée]ment (?:de|d['’]|à|a)"
)
_NAME: Final = r"[A-ZÀ-Ý0-9][\w&.'’-]*"
_PARTY: Final = re.compile(
    rf"\b(?i:{_ACTS})\s+(?P<party>{_NAME}(?:\s+(?:(?:and|et|&|of|de)\s+)?{_NAME}){{0,5}})"
)
# Of the form of a firm, and of nobody in particular.
_EMPTY: Final = frozenset(
    "inc ltd llc lp plc corp co sa ag gmbh sas se and et of de the former executive executives ceo founder founders "
    "company companies firm firms broker brokers dealer dealers adviser advisers investment crypto".split()
)


def find_parties(title: str) -> frozenset[str]:
    """Return the words by which those are named against whom a title says that somebody acts."""
    party_words = (
        word.strip(".,'’-") for match in _PARTY.finditer(title) for word in fold_text(match["party"]).split()
    )
    return frozenset(word for word in party_words if word and word not in _EMPTY and not word[0].isdigit())


def have_other_parties(title: str, other: str) -> bool:
    """Tell whether two releases of one publisher act against others, or over other amounts."""
    ours, theirs = find_parties(title), find_parties(other)
    if ours and theirs:
        return ours.isdisjoint(theirs)
    amounts = [frozenset(number for number in numbers(text) if "/" not in number) for text in (title, other)]
    return all(amounts) and amounts[0].isdisjoint(amounts[1])
