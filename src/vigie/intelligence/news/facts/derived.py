"""Figures that a copy makes of those of the release: sums, gaps, shares, so many for each, spans between two days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import Final

from vigie.intelligence.news.facts.figures import StatedFigure, same_unit, same_value
from vigie.intelligence.news.facts.placed import Placed
from vigie.intelligence.news.facts.stated_dates import StatedDate, as_day
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.facts.units import DAYS
from vigie.intelligence.news.reading.words import fold

_SUMMED: Final = 8
_ADDED: Final = 14
_DERIVED: Final = 0.1
# A part in words is so near to what it rounds.
_PART: Final = 0.15
_WITHIN: Final = 0.51
_OTHERS: Final = frozenset("other others autre autres".split())


def is_derived(figure: StatedFigure, theirs: Sequence[Placed], days: Sequence[date]) -> bool:
    """Tell whether figures of the release make one: a sum, a gap, a share, so many of each."""
    if figure.kind == "money":
        counts = [
            each.figure.value for each in theirs if each.figure.kind == "count" and each.figure.value > 1
        ]
        values = dict.fromkeys(
            each.figure.value for each in theirs if same_unit(figure, each.figure) and each.figure.kind
        )
        some = list(values)[:_SUMMED]
        sums = [sum(parts) for size in (2, 3) for parts in combinations(some, size)]
        gaps = [abs(left - right) for left, right in combinations(some, 2)]
        # By each of so many, and of all of them together.
        shares = [made for one in some for count in counts for made in (one / count, one * count)]
        return any(_is_made(figure, one) for one in (*sums, *gaps, *shares) if one)
    if figure.kind in ("count", ""):
        some = list(dict.fromkeys(each.figure.value for each in theirs if each.figure.kind in ("count", "")))[
            :_ADDED
        ]
        sums = [sum(parts) for size in (2, 3) for parts in combinations(some, size)]
        gaps = [abs(left - right) for left, right in combinations(some, 2)]
        # «86 others» are all of 87 but one.
        rest = [one - 1 for one in some] if figure.nouns and fold(figure.nouns[0]) in _OTHERS else []
        return any(_is_made(figure, one) for one in (*sums, *gaps, *rest, *(12 * one for one in some)) if one)
    if figure.kind == "part":
        moves = [each.figure.base for each in theirs if each.figure.unit in ("points", "basis")]
        levels = [each.figure.base for each in theirs if each.figure.unit == "share"]
        if any(
            abs(figure.base - level - sign * one) < 1e-9
            for level in levels
            for one in moves
            for sign in (1, -1)
        ):
            return True
        return any(abs(figure.base - share) <= figure.ulp * _WITHIN for share in _shares(figure.unit, theirs))
    if figure.kind == "time":
        if _is_added(figure, theirs):
            return True
        spans = {abs((left - right).days) for left, right in combinations(days, 2)}
        slack = max(45.0, DAYS[figure.unit]) if figure.unit not in ("day", "hour", "minute") else 2.0
        return any(abs(figure.base - span) <= max(slack, _DERIVED * span) for span in spans if span)
    return False


def _is_added(figure: StatedFigure, theirs: Sequence[Placed]) -> bool:
    """Tell whether a span of time is what two or three of the release in the same unit make together."""
    some = list(
        dict.fromkeys(
            each.figure.value
            for each in theirs
            if each.figure.kind == "time" and each.figure.unit == figure.unit
        )
    )[:_SUMMED]
    sums = [sum(parts) for size in (2, 3) for parts in combinations(some, size)]
    return any(_is_made(figure, one) for one in sums)


def is_part_of(figure: StatedFigure, theirs: Sequence[Placed]) -> bool:
    """Tell whether a part in words is near one that the release states, or that two of its figures make."""
    stated = [each.figure.base for each in theirs if each.figure.unit == "share"]
    low = figure.value * (0.99 if figure.hedge == "over" else 1 - _PART)
    high = figure.value * (1.01 if figure.hedge == "under" else 1 + _PART)
    return any(low <= share <= high for share in (*stated, *_shares("share", theirs)))


def days_of(release: Sequence[FactSentence], release_day: str) -> list[date]:
    """Return the days that a release states, and its own."""
    days = [day for sentence in release for one in sentence.dates if (day := as_day(_whole(one)))]
    return [*days, date.fromisoformat(release_day)] if release_day else days


def _is_made(figure: StatedFigure, value: float) -> bool:
    return same_value(figure, figure._replace(value=value, hedge=""))


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
