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
# Letters of initials that a translation puts in another order.
_INITIALS: Final = range(3, 6)


def weigh_evidence(
    ours: Traits,
    theirs: Traits,
    *,
    likeness: float,
    days: float,
    is_across: bool,
    is_denied: bool = False,
    common_figures: Names = frozenset(),
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
    is_denied : bool
        Whether one of the two denies something: it names whom the other names, in its own language's initials.
    common_figures : frozenset of str
        Numbers that many others have as well.
    """
    if is_across and is_denied:
        ours = _with_initials_of(ours, theirs)
    figures = ours.figures & theirs.figures
    return {
        "words": likeness,
        "coin": float(not ours.coins.isdisjoint(theirs.coins)),
        "other coin": _has_only_others(ours.coins, theirs.coins, theirs.listed, ours.listed),
        "party": float(_has_shared(ours.others, theirs.others, theirs.listed, ours.listed)),
        "other party": _has_only_others(ours.others, theirs.others, theirs.listed, ours.listed),
        "name": float(min(_NAMES, _n_shared(ours.names, theirs.names, theirs.all_words, ours.all_words))),
        "other name": _has_only_others(ours.names, theirs.names, theirs.all_words, ours.all_words),
        "perhaps name": float(
            _has_shared(ours.possible_names, theirs.possible_names, theirs.all_words, ours.all_words)
        ),
        "perhaps other name": _has_only_others(
            ours.possible_names, theirs.possible_names, theirs.all_words, ours.all_words
        ),
        "figure": float(min(_FIGURES, len(figures - common_figures))),
        "other figures": float(bool(ours.figures and theirs.figures) and not figures),
        "happening": float(min(_HAPPENINGS, len(ours.happens & theirs.happens))),
        "other happening": _has_only_others(
            ours.happens, theirs.happens, theirs.all_happenings, ours.all_happenings
        ),
        "other country": _has_only_others(ours.countries, theirs.countries, theirs.countries, ours.countries),
        "other date": float(bool(ours.dates and theirs.dates) and ours.dates != theirs.dates),
        "days": days,
        "across": float(is_across),
        "words across": likeness * is_across,
    }


def _with_initials_of(ours: Traits, theirs: Traits) -> Traits:
    """Return what an item tells with the initials of the other language: the ECB is the BCE."""
    own_names, other_names = ours.names | ours.possible_names, theirs.names | theirs.possible_names
    by_letters = {_letters(name): name for name in other_names if len(name) in _INITIALS}
    turned = {
        name: by_letters[_letters(name)]
        for name in own_names - other_names
        if len(name) in _INITIALS and _letters(name) in by_letters
    }
    if not turned:
        return ours
    return ours._replace(
        names=_replaced(ours.names, turned),
        possible_names=_replaced(ours.possible_names, turned),
        all_words=_replaced(ours.all_words, turned),
    )


def _letters(name: str) -> str:
    return "".join(sorted(name))


def _replaced(names: Names, turned: Mapping[str, str]) -> Names:
    return frozenset(turned.get(name, name) for name in names)


def _n_shared(ours: Names, theirs: Names, their_words: Names, own_words: Names) -> int:
    return len((ours & their_words) | (theirs & own_words))


def _has_shared(ours: Names, theirs: Names, their_words: Names, own_words: Names) -> bool:
    return not ours.isdisjoint(their_words) or not theirs.isdisjoint(own_words)


def _has_only_others(ours: Names, theirs: Names, their_words: Names, own_words: Names) -> float:
    return float(bool(ours and theirs) and ours.isdisjoint(their_words) and theirs.isdisjoint(own_words))


def sum_evidence(amounts: Mapping[str, float]) -> float:
    """Return what all evidence adds up to: above nought where more speaks for one event than against it."""
    weighed: float = sum(map(mul, map(WEIGHTS.__getitem__, amounts), amounts.values()))
    return BASE + weighed


def shared_terms(ours: Traits, theirs: Traits) -> list[str]:
    """Return what two items have in common, what tells most first."""
    terms = (
        *sorted(ours.listed & theirs.listed),
        *sorted(ours.names & theirs.all_words),
        *sorted(ours.figures & theirs.figures),
        *sorted(ours.happens & theirs.happens),
        *sorted(ours.title_words & theirs.all_words),
    )
    return list(dict.fromkeys(terms))[:_SHOWN]
