"""Dates of a copy that are not those of the release."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from vigie.intelligence.news.facts.outcome import FactDifference, Findings
from vigie.intelligence.news.facts.stated_dates import StatedDate, as_day, same_date, shared_parts
from vigie.intelligence.news.facts.statement import FactSentence

# Beside these a year tells of a firm's past.
_PAST: Final = frozenset("found creat establ depui since fonde cree creee fonda etabl lance launc".split())
_SHARED: Final = 3
_MANY: Final = 5
_NEAR_DAYS: Final = 45


def date_findings(
    copy: Sequence[FactSentence], release: Sequence[FactSentence], copy_day: str, release_day: str
) -> Findings:
    """Return which dates of a copy differ from those of a release, and which it does not state."""
    stated = [(sentence, one) for sentence in release for one in sentence.dates]
    known = [one for _, one in stated] + [_of_day(day) for day in (release_day, copy_day) if day]
    every = [(sentence, one) for sentence in copy for one in sentence.dates]
    told = [one for _, one in every]
    differences: dict[str, FactDifference] = {}
    unproven: list[str] = []
    for sentence, one in every:
        if any(same_date(one, other) for other in known):
            continue
        free = [(of, other) for of, other in stated if not any(same_date(mine, other) for mine in told)]
        ranked = [(_nearness(sentence, one, of, other), other) for of, other in free]
        best = max(ranked, key=lambda pair: pair[0], default=None)
        if best is not None and best[0] > 0:
            differences.setdefault(one.text, FactDifference("date", one.text, best[1].text))
        elif _is_near(one, release_day):
            differences.setdefault(one.text, FactDifference("date", one.text, release_day))
        else:
            unproven.append(one.text)
    stated_days = {number for sentence in release for number, _ in sentence.weekdays}
    weekdays = _weekdays(copy, known, stated_days, copy_day)
    return Findings(tuple(differences.values()), (*unproven, *weekdays))


def _is_near(one: StatedDate, release_day: str) -> bool:
    # The day of the release itself, told as another one.
    if not (release_day and one.day and one.month):
        return False
    released = date.fromisoformat(release_day)
    day = as_day(one._replace(year=one.year or released.year))
    return day is not None and abs((day - released).days) <= _NEAR_DAYS


def _of_day(day: str) -> StatedDate:
    one = date.fromisoformat(day)
    return StatedDate(one.year, one.month, one.day, 0, "", day, 0, 0)


def _nearness(sentence: FactSentence, one: StatedDate, of: FactSentence, other: StatedDate) -> float:
    """Return how much tells that one date stands in the place of another; nothing where too little does."""
    shared = len(sentence.features & of.features)
    ours, theirs = (
        each.clause_features[each.clause_at(stated.start)] for each, stated in ((sentence, one), (of, other))
    )
    near = len(ours & theirs)
    if one.is_year:
        is_past = any(feature in _PAST for feature in ours)
        is_alike = bool(other.year) and abs(one.year - other.year) <= 10
        return 0.1 * shared + near if is_alike and near and shared >= (_MANY if is_past else _SHARED) else 0.0
    parts = shared_parts(one, other)
    if parts:
        return 2.0 * parts + 0.1 * shared + near if one.day or near else 0.0
    if one.day and one.month and other.day:
        return 1.0 + 0.1 * shared + near
    is_same_form = bool(one.day) == bool(other.day) and bool(one.month) == bool(other.month)
    return near + 0.1 * shared if near and (is_same_form or bool(one.part)) else 0.0


def _weekdays(
    copy: Sequence[FactSentence], known: Sequence[StatedDate], stated: set[int], copy_day: str
) -> tuple[str, ...]:
    """Return the weekdays that are of no day known: outlets mean the last, the next, or their own."""
    if not copy_day:
        return ()
    days = stated | {day.weekday() for one in known if (day := as_day(one))}
    published = date.fromisoformat(copy_day)
    days |= {(published - timedelta(days=back)).weekday() for back in (0, 1)}
    every = [(number, text) for sentence in copy for number, text in sentence.weekdays]
    other = [(number, text) for number, text in every if number not in days]
    return tuple(text for _, text in other)
