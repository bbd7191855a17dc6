"""Whether a figure of the release is told of another party, or of another purpose, than the release does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.intelligence.news.facts.figures import same_unit, same_value
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.name_roles import is_of_office
from vigie.intelligence.news.facts.names import is_known
from vigie.intelligence.news.facts.placed_figure import PlacedFigure
from vigie.intelligence.news.facts.statement import features_beside

_ROLES: Final = frozenset(
    "fine disgorge interest restitute deposit asset reserve loss branchprofit loan bribe transferred price".split()
)
_OWNED: Final = frozenset({"money", "time", "part"})
_NEAR: Final = 20
_BESIDE: Final = 4
# «$4.2 million including the fine» is no fine of $4.2 million.
_INCLUDES: Final = frozenset(
    "including includes plus besides excluding before compris dont outre hors".split()
)
_BETWEEN: Final = 2


def find_swapped(
    placed: PlacedFigure, same_figures: Sequence[PlacedFigure], release_figures: Sequence[PlacedFigure]
) -> PlacedFigure | None:
    """Return the figure that the release has for whom or what a copy tells another of its figures of; else nothing."""
    if placed.figure.kind not in ("money", "time", "part", "count", ""):
        return None
    swaps = [
        (placed.figure.kind in _OWNED and _figure_of_owner(placed, other, release_figures))
        or _figure_of_role(placed, other, release_figures)
        for other in same_figures
    ]
    return swaps[0] if swaps and all(swaps) else None


def is_owner_open(
    placed: PlacedFigure, same_figures: Sequence[PlacedFigure], release_figures: Sequence[PlacedFigure]
) -> bool:
    """Tell whether the release leaves open of whom or of what a figure is told: a copy may have taken another."""
    if placed.figure.kind != "money":
        return False
    return all(
        _has_several_owners(placed, other)
        or _has_unclear_role(placed, other, release_figures)
        or _is_nearer_to_others(placed, other)
        for other in same_figures
    )


def _is_nearer_to_others(placed: PlacedFigure, other: PlacedFigure) -> bool:
    """Tell whether what stands beside a figure stands rather beside another figure of the release's sentence."""
    rivals = [
        rival
        for rival in other.sentence.figures
        if rival.kind == "money" and not same_value(rival, other.figure) and same_unit(rival, other.figure)
    ]
    if not rivals:
        return False
    own_features = features_beside(placed.sentence, placed.figure.start, placed.figure.end, _BESIDE)
    n_own_shared = len(
        own_features & features_beside(other.sentence, other.figure.start, other.figure.end, _BESIDE)
    )
    return any(
        len(own_features & features_beside(other.sentence, rival.start, rival.end, _BESIDE)) > n_own_shared
        for rival in rivals
    )


def _has_several_owners(placed: PlacedFigure, other: PlacedFigure) -> bool:
    owners, release_owners = _owners(placed), _owners(other)
    rivals = [
        figure
        for figure in other.sentence.figures
        if figure.kind == "money" and not same_value(figure, other.figure)
    ]
    return bool(owners and rivals) and not all(is_known(name, owners) for name in release_owners)


def _has_unclear_role(
    placed: PlacedFigure, other: PlacedFigure, release_figures: Sequence[PlacedFigure]
) -> bool:
    role = _role(placed)
    return (
        bool(role)
        and not _role(other)
        and any(_role(candidate) == role and _are_rivals(other, candidate) for candidate in release_figures)
    )


def _figure_of_owner(
    placed: PlacedFigure, other: PlacedFigure, release_figures: Sequence[PlacedFigure]
) -> PlacedFigure | None:
    owners, release_owners = _owners(placed), _owners(other)
    if not owners or not release_owners or any(is_known(name, release_owners) for name in owners):
        return None
    for candidate in release_figures:
        is_of_them = any(is_known(name, _owners(candidate)) for name in owners)
        if is_of_them and _are_rivals(other, candidate) and candidate.sentence is other.sentence:
            return candidate
    return None


def _are_rivals(other: PlacedFigure, candidate: PlacedFigure) -> bool:
    return same_unit(candidate.figure, other.figure) and not same_value(candidate.figure, other.figure)


def _owners(placed: PlacedFigure) -> frozenset[str]:
    """Return the names that stand between the figures on both sides of one."""
    sentence, figure = placed.sentence, placed.figure
    if any(word.startswith("respectiv") for word in sentence.tokens.folded):
        return frozenset()
    before = max(
        (figure_beside.end for figure_beside in sentence.figures if figure_beside.end <= figure.start),
        default=0,
    )
    after = min(
        (figure_beside.start for figure_beside in sentence.figures if figure_beside.start >= figure.end),
        default=len(sentence.tokens.text),
    )
    return frozenset(
        word
        for name in sentence.names
        if name.start >= before and name.end <= after and not is_of_office(sentence, name)
        for word in name.words
    )


def _figure_of_role(
    placed: PlacedFigure, other: PlacedFigure, release_figures: Sequence[PlacedFigure]
) -> PlacedFigure | None:
    copy_role, release_role = _role(placed), _role(other)
    if not copy_role or not release_role or copy_role & release_role:
        return None
    for candidate in release_figures:
        if (
            _role(candidate) == copy_role
            and _are_rivals(other, candidate)
            and candidate.figure.kind == placed.figure.kind
        ):
            return candidate
    return None


def _role(placed: PlacedFigure) -> frozenset[str]:
    """Return what a figure is for, by the nearest words of its clause."""
    sentence, figure = placed.sentence, placed.figure
    tokens, clause = sentence.tokens, sentence.clause_at(figure.start)
    nearby_words = [
        (_distance(tokens.starts[index], tokens.ends[index], figure.start, figure.end), index)
        for index, part in enumerate(sentence.clause_of)
        if part == clause
        and not figure.start <= tokens.starts[index] < figure.end
        and not any(name.start <= tokens.starts[index] < name.end for name in sentence.names)
    ]
    for distance, index in sorted(nearby_words):
        roles = frozenset(family for family, _ in meanings(tokens.folded[index]) if family in _ROLES)
        if (
            roles
            and _INCLUDES.isdisjoint(tokens.folded[max(0, index - _BETWEEN) : index])
            and distance <= _NEAR
            and not _is_of_another(placed, tokens.starts[index], tokens.ends[index], distance)
        ):
            return roles
    return frozenset()


def _is_of_another(placed: PlacedFigure, start: int, end: int, distance: int) -> bool:
    """Tell whether a word stands nearer to another figure: «$6.1 million to victims and a penalty of $18 million»."""
    return any(
        _distance(start, end, figure.start, figure.end) < distance
        for figure in placed.sentence.figures
        if figure is not placed.figure and figure.kind == placed.figure.kind
    )


def _distance(start: int, end: int, first: int, last: int) -> int:
    return first - end if end <= first else start - last
