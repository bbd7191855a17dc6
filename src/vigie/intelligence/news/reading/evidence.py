"""What speaks for two items telling of one event and what against it, each with its weight; they are added up.

Whom both name that no list has, and what both count, speaks for one event; the same words about others, or over other
amounts, for two that are worded alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import mul
from typing import Final

from vigie.intelligence.news.reading.traits import Names, Traits

# Fitted to pieces of simulated worlds, with texts and without, and to the cases of stories, then rounded; what speaks
# for one event may not count against it. A day counts by choice: those worlds tell everything within hours.
WEIGHTS: Final[Mapping[str, float]] = {
    "words": 5.5,
    "words across": 3.0,
    "across": 0.3,
    "coin": 0.7,
    "other coin": -3.0,
    "party": 1.9,
    "other party": -1.8,
    "name": 0.7,
    "other name": -2.4,
    "perhaps name": 1.4,
    "perhaps other name": -1.0,
    "figure": 2.6,
    "other figures": -2.3,
    "happening": 0.7,
    "other happening": -0.4,
    "other country": -9.0,
    "other date": -9.0,
    "days": -1.5,
}
BASE: Final = -4.8
# More names, numbers and happenings in common than these say no more.
_NAMES: Final = 3
_FIGURES: Final = 2
_HAPPENINGS: Final = 2
_SHOWN: Final = 8


def evidence(
    ours: Traits, theirs: Traits, *, likeness: float, days: float, is_across: bool, usual: Names = frozenset()
) -> dict[str, float]:
    """Return how much there is of each kind of evidence, by its name.

    Parameters
    ----------
    likeness : float
        Of names, numbers and words together, from 0 to 1.
    days : float
        Between the two.
    is_across : bool
        Whether they are in two languages.
    usual : frozenset of str
        Numbers that many others have as well.
    """
    figures = ours.figures & theirs.figures
    return {
        "words": likeness,
        "coin": float(not ours.coins.isdisjoint(theirs.coins)),
        "other coin": _apart(ours.coins, theirs.coins, theirs.listed, ours.listed),
        "party": float(_meet(ours.others, theirs.others, theirs.listed, ours.listed)),
        "other party": _apart(ours.others, theirs.others, theirs.listed, ours.listed),
        "name": float(min(_NAMES, _shared(ours.names, theirs.names, theirs.said, ours.said))),
        "other name": _apart(ours.names, theirs.names, theirs.said, ours.said),
        "perhaps name": float(_meet(ours.perhaps, theirs.perhaps, theirs.said, ours.said)),
        "perhaps other name": _apart(ours.perhaps, theirs.perhaps, theirs.said, ours.said),
        "figure": float(min(_FIGURES, len(figures - usual))),
        "other figures": float(bool(ours.figures and theirs.figures) and not figures),
        "happening": float(min(_HAPPENINGS, len(ours.happens & theirs.happens))),
        "other happening": _apart(ours.happens, theirs.happens, theirs.turns, ours.turns),
        "other country": _apart(ours.countries, theirs.countries, theirs.countries, ours.countries),
        "other date": float(bool(ours.dates and theirs.dates) and ours.dates != theirs.dates),
        "days": days,
        "across": float(is_across),
        "words across": likeness * is_across,
    }


def _shared(ours: Names, theirs: Names, said: Names, told: Names) -> int:
    return len((ours & said) | (theirs & told))


def _meet(ours: Names, theirs: Names, said: Names, told: Names) -> bool:
    return not ours.isdisjoint(said) or not theirs.isdisjoint(told)


def _apart(ours: Names, theirs: Names, said: Names, told: Names) -> float:
    return float(bool(ours and theirs) and ours.isdisjoint(said) and theirs.isdisjoint(told))


def points(found: Mapping[str, float]) -> float:
    """Return what all evidence adds up to: above nought where more speaks for one event than against it."""
    weighed: float = sum(map(mul, map(WEIGHTS.__getitem__, found), found.values()))
    return BASE + weighed


def shared(ours: Traits, theirs: Traits) -> list[str]:
    """Return what two items have in common, what tells most first."""
    every = (
        *sorted(ours.listed & theirs.listed),
        *sorted(ours.names & theirs.said),
        *sorted(ours.figures & theirs.figures),
        *sorted(ours.happens & theirs.happens),
        *sorted(ours.titled & theirs.said),
    )
    return list(dict.fromkeys(every))[:_SHOWN]
