"""Figures of a copy that are not those of the release: another amount, unit or currency, or somebody else's amount."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import Final

from vigie.intelligence.news.facts.figures import (
    StatedFigure,
    is_rounded,
    same_currency,
    same_unit,
    same_value,
)
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.outcome import DifferenceKind, FactDifference, Findings
from vigie.intelligence.news.facts.placed import Placed
from vigie.intelligence.news.facts.stated_dates import StatedDate, as_day
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.facts.swaps import is_anybodys, is_swapped
from vigie.intelligence.news.facts.units import DAYS
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import fold

_SMALL: Final = SMALL["en"] | SMALL["fr"]
_STEM: Final = 5
_COINS: Final = frozenset({"btc", "eth", "usdt", "usdc", "xrp", "sol", "ltc", "xmr"})
_THOUSANDS: Final = (1e3, 1e-3, 1e6, 1e-6)
_TENS: Final = (10.0, 0.1, 100.0, 0.01)
# Smaller whole numbers are in every text.
_PLAIN: Final = 12
# So few of anything may be some of those that the release counts.
_FEW: Final = 4
_SUMMED: Final = 8
_SHARED: Final = 2
_DERIVED: Final = 0.1
_ALIKE: Final = 3
_MANY: Final = 6
_WITHIN: Final = 0.51
_LISTED: Final = 1.5


def figure_findings(
    copy: Sequence[FactSentence], release: Sequence[FactSentence], release_day: str = ""
) -> Findings:
    """Return which figures of a copy differ from those of a release, and which it does not state."""
    ours = [Placed(sentence, figure) for sentence in copy for figure in sentence.figures]
    theirs = [Placed(sentence, figure) for sentence in release for figure in sentence.figures]
    differences: dict[str, FactDifference] = {}
    unproven: list[str] = []
    for one in ours:
        same = [other for other in theirs if _is_same(one.figure, other.figure)]
        if same:
            other = is_swapped(one, same, theirs)
            if other is not None:
                differences.setdefault(one.figure.text, _difference("amount", one, other))
            elif is_anybodys(one, same, theirs):
                unproven.append(one.figure.text)
            continue
        kind, counterpart = _counterpart(one, ours, theirs, _days(release, release_day))
        if kind and counterpart is not None:
            differences.setdefault(one.figure.text, _difference(kind, one, counterpart))
        elif one.figure.kind or one.figure.value > _PLAIN:
            unproven.append(one.figure.text)
    return Findings(tuple(differences.values()), tuple(unproven))


def _difference(kind: DifferenceKind, one: Placed, other: Placed) -> FactDifference:
    return FactDifference(kind, _shown(one.figure), _shown(other.figure))


def _shown(figure: StatedFigure) -> str:
    first = figure.nouns[0] if figure.nouns and fold(figure.nouns[0]) not in _SMALL else ""
    return f"{figure.text} {first}".strip()


def _is_same(copy: StatedFigure, release: StatedFigure) -> bool:
    if _is_counted(copy, release):
        return same_value(copy, release) and not _is_other_measure(copy, release)
    if not release.kind and copy.bare == release.bare and copy.kind == "time":
        # «39-year-old» and «Ravenscar, 39,».
        return True
    return same_unit(copy, release) and same_value(copy, release)


def _is_counted(copy: StatedFigure, release: StatedFigure) -> bool:
    # «12,5 millions de profits» has its currency elsewhere, «31 million transactions» has none.
    kinds = {copy.kind, release.kind}
    if kinds == {"count"}:
        return True
    scaled = [one for one in (copy, release) if one.kind == "count" and one.scale > 1]
    return kinds == {"count", "money"} and bool(scaled) and not _families(scaled[0]) & _COUNTED


_PEOPLE: Final = frozenset("client investor victim person employee".split())
_PAPERS: Final = frozenset({"share", "bond"})
_COINED: Final = frozenset({"token", "crypto"})
_COUNTED: Final = frozenset(
    "share bond token account transaction record client investor victim person employee address alert file "
    "crypto".split()
)


def _is_other_measure(copy: StatedFigure, release: StatedFigure) -> bool:
    mine, yours = _counted(copy), _counted(release)
    return bool(mine and yours) and mine.isdisjoint(yours) and copy.value > _PLAIN


def _counted(figure: StatedFigure) -> frozenset[str]:
    # An investor, a client and a victim may be one person.
    groups = (_PEOPLE, _PAPERS, _COINED)
    return frozenset(str(at) for at, group in enumerate(groups) if _families(figure) & group)


def _families(figure: StatedFigure) -> frozenset[str]:
    return frozenset(family for word in figure.nouns[:3] for family, _ in meanings(fold(word)))


def _noun_stems(figure: StatedFigure) -> frozenset[str]:
    folded = (fold(word) for word in figure.nouns[:3])
    return frozenset(word[:_STEM] for word in folded if len(word) > 3 and word not in _SMALL)


def _counterpart(
    one: Placed, ours: Sequence[Placed], theirs: Sequence[Placed], days: Sequence[date]
) -> tuple[DifferenceKind | None, Placed | None]:
    for other in theirs:
        if _is_converted(one, other, ours):
            continue
        kind = _other_unit(one, other) or _other_part(one, other)
        if kind:
            return kind, other
    if _is_derived(one.figure, theirs, days):
        return None, None
    free = [other for other in theirs if not any(_is_same(mine.figure, other.figure) for mine in ours)]
    ranked = [(_nearness(one, other), other) for other in free if _are_of_kind(one.figure, other.figure)]
    ranked += [(_LISTED, other) for other in _listed(one, ours, theirs)]
    ranked = [pair for pair in ranked if pair[0] > 0]
    return ("amount", max(ranked, key=lambda pair: pair[0])[1]) if ranked else (None, None)


def _are_of_kind(copy: StatedFigure, release: StatedFigure) -> bool:
    return copy.kind == release.kind and bool(copy.kind or min(copy.scale, release.scale) > 1)


def _listed(one: Placed, ours: Sequence[Placed], theirs: Sequence[Placed]) -> list[Placed]:
    """Return the figure of a list of amounts that a copy tells otherwise: of as many, all others are the same."""
    mine = [each for each in ours if each.sentence is one.sentence and each.figure.kind == "money"]
    found = []
    for sentence in dict.fromkeys(id(other.sentence) for other in theirs):
        row = [other for other in theirs if id(other.sentence) == sentence and other.figure.kind == "money"]
        left = [other for other in row if not any(_is_same(each.figure, other.figure) for each in mine)]
        if len(row) == len(mine) > 1 and len(left) == 1 and same_unit(one.figure, left[0].figure):
            found += left
    return found


def _is_converted(one: Placed, other: Placed, ours: Sequence[Placed]) -> bool:
    """Tell whether a copy states a figure of the release beside the same in another currency."""
    beside_it = (
        mine.figure for mine in ours if mine.sentence is one.sentence and mine.figure is not one.figure
    )
    return one.figure.kind == "money" and any(_is_same(mine, other.figure) for mine in beside_it)


def _other_unit(one: Placed, other: Placed) -> DifferenceKind | None:
    """Return whether a figure is another one with another scale, unit or currency."""
    copy, release = one.figure, other.figure
    if copy.kind == release.kind == "money" and not same_currency(copy.unit, release.unit):
        is_coin = copy.unit in _COINS or release.unit in _COINS
        return ("unit" if is_coin else "currency") if _is_written_alike(copy, release.value) else None
    is_of_one_kind = (
        copy.kind == release.kind or _is_counted(copy, release) or not (copy.kind and release.kind)
    )
    if is_of_one_kind and copy.kind not in ("time", "part"):
        is_scaled = copy.scale != release.scale or copy.scale == 1.0
        is_thousands = any(_is_written_alike(copy, release.value * factor) for factor in _THOUSANDS)
        is_other_thing = copy.kind == release.kind == "count" and same_value(copy, release)
        return "unit" if (is_scaled and is_thousands) or is_other_thing else None
    if not copy.kind or not release.kind or not _is_telling(copy):
        return None
    if copy.kind != release.kind and not {"money", "part"} & {copy.kind, release.kind}:
        return None
    if abs(copy.bare - release.bare) > 1e-9 * release.bare or (copy.kind, copy.unit) == (
        release.kind,
        release.unit,
    ):
        return None
    return "unit" if one.context & other.context or len(_figures(copy)) > 2 else None


def _other_part(one: Placed, other: Placed) -> DifferenceKind | None:
    """Return whether per cent stand for basis points, or the reverse, beside the same words."""
    copy, release = one.figure, other.figure
    if copy.kind != release.kind or copy.unit == release.unit or copy.bare != release.bare:
        return None
    shared = len(one.context & other.context)
    least = {"part": 1, "time": _ALIKE}.get(copy.kind, 0)
    is_alike = shared >= least or len(one.sentence.features & other.sentence.features) >= _MANY
    return "unit" if least and is_alike else None


def _is_telling(figure: StatedFigure) -> bool:
    return figure.bare > _PLAIN or figure.bare != int(figure.bare)


def _is_written_alike(copy: StatedFigure, value: float) -> bool:
    """Tell whether a figure is a value in its own digits, rounded the way its hedge says."""
    if not value:
        return False
    gap = copy.value - value
    is_near = abs(gap) <= 0.06 * value and abs(gap) < copy.ulp * 0.999
    is_hedged = (copy.hedge == "over" and gap <= 0) or (copy.hedge == "under" and gap >= 0)
    return abs(gap) <= 1e-9 * value or is_rounded(copy, value) or (is_hedged and is_near)


def _days(release: Sequence[FactSentence], release_day: str) -> list[date]:
    days = [day for sentence in release for one in sentence.dates if (day := as_day(_whole(one)))]
    return [*days, date.fromisoformat(release_day)] if release_day else days


def _is_derived(figure: StatedFigure, theirs: Sequence[Placed], days: Sequence[date]) -> bool:
    if figure.kind == "money":
        values = dict.fromkeys(
            each.figure.value for each in theirs if same_unit(figure, each.figure) and each.figure.kind
        )
        some = list(values)[:_SUMMED]
        sums = [sum(parts) for size in (2, 3) for parts in combinations(some, size)]
        gaps = [abs(left - right) for left, right in combinations(some, 2)]
        return any(same_value(figure, figure._replace(value=one, hedge="")) for one in (*sums, *gaps) if one)
    if figure.kind == "part":
        return any(abs(figure.base - share) <= figure.ulp * _WITHIN for share in _shares(figure.unit, theirs))
    if figure.kind == "time":
        spans = {abs((left - right).days) for left, right in combinations(days, 2)}
        slack = max(45.0, DAYS[figure.unit]) if figure.unit not in ("day", "hour", "minute") else 2.0
        return any(abs(figure.base - span) <= max(slack, _DERIVED * span) for span in spans if span)
    return False


def _shares(unit: str, theirs: Sequence[Placed]) -> Iterator[float]:
    """Yield what one figure of a sentence is of another in per cent, and by how much two shares differ."""
    for left, right in combinations(theirs, 2):
        one, other = left.figure, right.figure
        if left.sentence is not right.sentence or one.kind != other.kind or one.unit != other.unit:
            continue
        if one.kind == "part" and unit != "share":
            yield abs(one.base - other.base)
        elif unit == "share" and one.kind in ("money", "count") and one.value and other.value:
            low, high = sorted((one.value, other.value))
            yield 100 * low / high
            yield 100 * (high - low) / low


def _whole(one: StatedDate) -> StatedDate:
    return one._replace(month=one.month or one.quarter * 3 or 1, day=one.day or 1)


def _nearness(one: Placed, other: Placed) -> float:
    """Return how much tells that one figure stands in the place of the other; nothing where too little does."""
    copy, release = one.figure, other.figure
    if copy.kind == "money" and not same_currency(copy.unit, release.unit):
        return 0.0
    digits = _are_digits_alike(copy, release)
    shared = len(one.context & other.context)
    is_far = not 0.2 <= (copy.base / release.base if release.base else 0) <= 5
    if copy.kind == "count":
        if copy.value <= _FEW:
            return 0.0
        is_noun = bool(_families(copy) & _families(release)) or bool(_noun_stems(copy) & _noun_stems(release))
        return (2.0 + digits + 0.1 * shared) if is_noun else 0.0
    if copy.kind == "time":
        is_shared = any(feature.startswith("=") for feature in one.context & other.context)
        return (
            (1.0 + digits + 0.1 * shared)
            if is_shared and shared >= _SHARED and copy.unit == release.unit
            else 0.0
        )
    if digits:
        return 3.0 + 0.1 * shared
    return 0.0 if is_far or shared < _SHARED else 0.5 * shared


def _are_digits_alike(copy: StatedFigure, release: StatedFigure) -> bool:
    """Tell whether a figure is another with digits swapped, one exchanged, or ten times as much."""
    if any(_is_written_alike(copy, release.value * factor) for factor in _TENS):
        return True
    ours, theirs = (_figures(one) for one in (copy, release))
    if len(ours) != len(theirs) or len(ours) < 2:
        return False
    return sorted(ours) == sorted(theirs) or (
        len(ours) > 2 and sum(a != b for a, b in zip(ours, theirs, strict=True)) == 1
    )


def _figures(figure: StatedFigure) -> str:
    return f"{figure.bare:.6f}".replace(".", "").strip("0")
