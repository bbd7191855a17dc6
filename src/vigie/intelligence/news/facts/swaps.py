"""Whether a figure of the release is told of another party, or of another purpose, than the release does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.intelligence.news.facts.figures import same_unit, same_value
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.name_roles import is_of_office
from vigie.intelligence.news.facts.names import is_known
from vigie.intelligence.news.facts.placed import Placed
from vigie.intelligence.news.facts.statement import beside

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


def is_swapped(one: Placed, same: Sequence[Placed], theirs: Sequence[Placed]) -> Placed | None:
    """Return the figure that the release has for whom or what a copy tells another of its figures of; else nothing."""
    if one.figure.kind not in ("money", "time", "part", "count", ""):
        return None
    found = [
        (one.figure.kind in _OWNED and _other_owner(one, other, theirs)) or _other_role(one, other, theirs)
        for other in same
    ]
    return found[0] if found and all(found) else None


def is_anybodys(one: Placed, same: Sequence[Placed], theirs: Sequence[Placed]) -> bool:
    """Tell whether the release leaves open of whom or of what a figure is told: a copy may have taken another."""
    if one.figure.kind != "money":
        return False
    return all(
        _is_shared(one, other) or _is_vague(one, other, theirs) or _is_nearer_to_others(one, other)
        for other in same
    )


def _is_nearer_to_others(one: Placed, other: Placed) -> bool:
    """Tell whether what stands beside a figure stands rather beside another figure of the release's sentence."""
    rivals = [
        each
        for each in other.sentence.figures
        if each.kind == "money" and not same_value(each, other.figure) and same_unit(each, other.figure)
    ]
    if not rivals:
        return False
    ours = beside(one.sentence, one.figure.start, one.figure.end, _BESIDE)
    own = len(ours & beside(other.sentence, other.figure.start, other.figure.end, _BESIDE))
    return any(len(ours & beside(other.sentence, each.start, each.end, _BESIDE)) > own for each in rivals)


def _is_shared(one: Placed, other: Placed) -> bool:
    owners, held = _owners(one), _owners(other)
    rivals = [
        each for each in other.sentence.figures if each.kind == "money" and not same_value(each, other.figure)
    ]
    return bool(owners and rivals) and not all(is_known(name, owners) for name in held)


def _is_vague(one: Placed, other: Placed, theirs: Sequence[Placed]) -> bool:
    role = _role(one)
    return (
        bool(role)
        and not _role(other)
        and any(_role(third) == role and _are_rivals(other, third) for third in theirs)
    )


def _other_owner(one: Placed, other: Placed, theirs: Sequence[Placed]) -> Placed | None:
    owners, held = _owners(one), _owners(other)
    if not owners or not held or any(is_known(name, held) for name in owners):
        return None
    for third in theirs:
        is_of_them = any(is_known(name, _owners(third)) for name in owners)
        if is_of_them and _are_rivals(other, third) and third.sentence is other.sentence:
            return third
    return None


def _are_rivals(other: Placed, third: Placed) -> bool:
    return same_unit(third.figure, other.figure) and not same_value(third.figure, other.figure)


def _owners(one: Placed) -> frozenset[str]:
    """Return the names that stand between the figures on both sides of one."""
    sentence, figure = one.sentence, one.figure
    if any(word.startswith("respectiv") for word in sentence.found.folded):
        return frozenset()
    before = max((each.end for each in sentence.figures if each.end <= figure.start), default=0)
    after = min(
        (each.start for each in sentence.figures if each.start >= figure.end),
        default=len(sentence.found.text),
    )
    return frozenset(
        word
        for name in sentence.names
        if name.start >= before and name.end <= after and not is_of_office(sentence, name)
        for word in name.words
    )


def _other_role(one: Placed, other: Placed, theirs: Sequence[Placed]) -> Placed | None:
    ours, held = _role(one), _role(other)
    if not ours or not held or ours & held:
        return None
    for third in theirs:
        if _role(third) == ours and _are_rivals(other, third) and third.figure.kind == one.figure.kind:
            return third
    return None


def _role(one: Placed) -> frozenset[str]:
    """Return what a figure is for, by the nearest words of its clause."""
    sentence, figure = one.sentence, one.figure
    found, clause = sentence.found, sentence.clause_at(figure.start)
    near = [
        (_distance(found.starts[at], found.ends[at], figure.start, figure.end), at)
        for at, part in enumerate(sentence.clause_of)
        if part == clause
        and not figure.start <= found.starts[at] < figure.end
        and not any(name.start <= found.starts[at] < name.end for name in sentence.names)
    ]
    for distance, at in sorted(near):
        roles = frozenset(family for family, _ in meanings(found.folded[at]) if family in _ROLES)
        if (
            roles
            and _INCLUDES.isdisjoint(found.folded[max(0, at - _BETWEEN) : at])
            and distance <= _NEAR
            and not _is_of_another(one, found.starts[at], found.ends[at], distance)
        ):
            return roles
    return frozenset()


def _is_of_another(one: Placed, start: int, end: int, distance: int) -> bool:
    """Tell whether a word stands nearer to another figure: «$6.1 million to victims and a penalty of $18 million»."""
    return any(
        _distance(start, end, each.start, each.end) < distance
        for each in one.sentence.figures
        if each is not one.figure and each.kind == one.figure.kind
    )


def _distance(start: int, end: int, first: int, last: int) -> int:
    return first - end if end <= first else start - last
