"""Figures that a copy makes of those of the release: sums, gaps, shares, so many for each, spans between two days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import Final

from vigie.intelligence.news.facts.figures import StatedFigure, same_unit, same_value
from vigie.intelligence.news.facts.placed_figure import PlacedFigure
from vigie.intelligence.news.facts.stated_dates import StatedDate, whole_date
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


def is_derived(figure: StatedFigure, release_figures: Sequence[PlacedFigure], days: Sequence[date]) -> bool:
    """Tell whether figures of the release make one: a sum, a gap, a share, so many of each."""
    if figure.kind == "money":
        counts = [
            each.figure.value
            for each in release_figures
            if each.figure.kind == "count" and each.figure.value > 1
        ]
        values = dict.fromkeys(
            each.figure.value
            for each in release_figures
            if same_unit(figure, each.figure) and each.figure.kind
        )
        values_used = list(values)[:_SUMMED]
        sums = [sum(parts) for size in (2, 3) for parts in combinations(values_used, size)]
        gaps = [abs(left - right) for left, right in combinations(values_used, 2)]
        # By each of so many, and of all of them together.
        shares = [
            quotient
            for value in values_used
            for count in counts
            for quotient in (value / count, value * count)
        ]
        return any(_has_value(figure, value) for value in (*sums, *gaps, *shares) if value)
    if figure.kind in ("count", ""):
        values_used = list(
            dict.fromkeys(each.figure.value for each in release_figures if each.figure.kind in ("count", ""))
        )[:_ADDED]
        sums = [sum(parts) for size in (2, 3) for parts in combinations(values_used, size)]
        gaps = [abs(left - right) for left, right in combinations(values_used, 2)]
        # «86 others» are all of 87 but one.
        values_less_one = (
            [value - 1 for value in values_used] if figure.nouns and fold(figure.nouns[0]) in _OTHERS else []
        )
        return any(
            _has_value(figure, value)
            for value in (*sums, *gaps, *values_less_one, *(12 * value for value in values_used))
            if value
        )
    if figure.kind == "part":
        moves = [each.figure.base for each in release_figures if each.figure.unit in ("points", "basis")]
        levels = [each.figure.base for each in release_figures if each.figure.unit == "share"]
        if any(
            abs(figure.base - level - sign * value) < 1e-9
            for level in levels
            for value in moves
            for sign in (1, -1)
        ):
            return True
        return any(
            abs(figure.base - share) <= figure.ulp * _WITHIN
            for share in _shares(figure.unit, release_figures)
        )
    if figure.kind == "time":
        if _is_summed_span(figure, release_figures):
            return True
        spans = {abs((left - right).days) for left, right in combinations(days, 2)}
        slack = max(45.0, DAYS[figure.unit]) if figure.unit not in ("day", "hour", "minute") else 2.0
        return any(abs(figure.base - span) <= max(slack, _DERIVED * span) for span in spans if span)
    return False


def _is_summed_span(figure: StatedFigure, theirs: Sequence[PlacedFigure]) -> bool:
    """Tell whether a span of time is what two or three of the release in the same unit make together."""
    values = list(
        dict.fromkeys(
            each.figure.value
            for each in theirs
            if each.figure.kind == "time" and each.figure.unit == figure.unit
        )
    )[:_SUMMED]
    sums = [sum(parts) for size in (2, 3) for parts in combinations(values, size)]
    return any(_has_value(figure, total) for total in sums)


def is_stated_part(figure: StatedFigure, release_figures: Sequence[PlacedFigure]) -> bool:
    """Tell whether a part in words is near one that the release states, or that two of its figures make."""
    stated = [each.figure.base for each in release_figures if each.figure.unit == "share"]
    low = figure.value * (0.99 if figure.hedge == "over" else 1 - _PART)
    high = figure.value * (1.01 if figure.hedge == "under" else 1 + _PART)
    return any(low <= share <= high for share in (*stated, *_shares("share", release_figures)))


def days_of(release: Sequence[FactSentence], release_day: str) -> list[date]:
    """Return the days that a release states, and its own."""
    days = [
        day
        for sentence in release
        for stated_date in sentence.dates
        if (day := whole_date(_complete_date(stated_date)))
    ]
    return [*days, date.fromisoformat(release_day)] if release_day else days


def _has_value(figure: StatedFigure, value: float) -> bool:
    return same_value(figure, figure._replace(value=value, hedge=""))


def _shares(unit: str, theirs: Sequence[PlacedFigure]) -> Iterator[float]:
    """Yield what one figure of a sentence is of another in per cent, and by how much two shares differ."""
    for left, right in combinations(theirs, 2):
        left_figure, right_figure = left.figure, right.figure
        if (
            left.sentence is not right.sentence
            or left_figure.kind != right_figure.kind
            or left_figure.unit != right_figure.unit
        ):
            continue
        if left_figure.kind == "part" and unit != "share":
            yield abs(left_figure.base - right_figure.base)
        elif (
            unit == "share"
            and left_figure.kind in ("money", "count")
            and left_figure.value
            and right_figure.value
        ):
            low, high = sorted((left_figure.value, right_figure.value))
            yield 100 * low / high
            yield 100 * (high - low) / low


def _complete_date(stated_date: StatedDate) -> StatedDate:
    return stated_date._replace(
        month=stated_date.month or stated_date.quarter * 3 or 1, day=stated_date.day or 1
    )
