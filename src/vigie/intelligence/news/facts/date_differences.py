"""Dates of a copy that are not those of the release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from vigie.intelligence.news.facts.alignment import Alignment
from vigie.intelligence.news.facts.outcome import FactDifference, Findings
from vigie.intelligence.news.facts.stated_dates import StatedDate, as_day, as_stated, same_date, shared_parts
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.facts.strangers import is_of_strangers, strangers

# A title and the sentence after it tell when a release came out.
_FIRST: Final = 2
_YEARS: Final = 10
# So much of what stands beside two dates is the same: of years, of dates that share a month or day, that share nothing.
_YEAR_ALIKE: Final = 0.6
_CLOSER: Final = 0.2
_APART: Final = 0.35
_LOOSE: Final = 0.7
_RIVAL: Final = 0.85
_OWN: Final = 0.25
_NEAR_DAYS: Final = 45


def date_findings(
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    copy_day: str,
    release_day: str,
    told: Iterable[str] = (),
) -> Findings:
    """Return which dates of a copy differ from those of a release, and which it does not state.

    Parameters
    ----------
    told : iterable of str
        Names that a copy may use without the release.
    """
    stated = [(sentence, one) for sentence in release for one in sentence.dates]
    known = [one for _, one in stated] + [as_stated(day) for day in (release_day, copy_day) if day]
    alignment, is_stranger = Alignment(release), strangers(release, told)

    def alike(ours: tuple[FactSentence, StatedDate], theirs: tuple[FactSentence, StatedDate]) -> float:
        return alignment.alike(*(alignment.near(of, one.start, one.end) for of, one in (ours, theirs)))

    every = [(sentence, one) for sentence in copy for one in sentence.dates]
    mine = [one for _, one in every]
    differences: dict[str, FactDifference] = {}
    unproven: list[str] = []
    for sentence, one in every:
        free = [(of, other) for of, other in stated if not any(same_date(each, other) for each in mine)]
        if any(same_date(one, other) for other in known):
            same = [(of, other) for of, other in stated if same_date(one, other)]
            other = _of_other_day((sentence, one), same, free, alike)
            if other is not None:
                differences.setdefault(one.text, FactDifference("date", one.text, other.text, "other_day"))
            continue
        if is_of_strangers(sentence, is_stranger) and not any(
            shared_parts(one, other) > 1 for _, other in free
        ):
            # Whoever the release does not know tells of something else.
            unproven.append(one.text)
            continue
        ranked = [(_nearness(one, other, alike((sentence, one), (of, other))), other) for of, other in free]
        best = max(ranked, key=lambda pair: pair[0], default=None)
        if best is not None and best[0] > 0:
            differences.setdefault(one.text, FactDifference("date", one.text, best[1].text, "nearest_day"))
        elif sentence in copy[:_FIRST] and _is_near(one, release_day):
            differences.setdefault(one.text, FactDifference("date", one.text, release_day, "release_day"))
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


def _nearness(one: StatedDate, other: StatedDate, alike: float) -> float:
    """Return how much tells that one date stands in the place of another; nothing where too little does.

    Parameters
    ----------
    alike : float
        How much the words beside both are the same.
    """
    if _is_within(one, other):
        return 0.0
    if one.is_year:
        is_near = bool(other.year) and abs(one.year - other.year) <= _YEARS
        return alike if is_near and alike >= _YEAR_ALIKE else 0.0
    parts = shared_parts(one, other)
    if parts > 1:
        return 2.0 * parts + alike
    if one.month and not other.month and not other.quarter:
        return 0.0
    is_closer = parts and (one.month == other.month or (one.day and one.day == other.day))
    is_whole = bool(one.day and other.day)
    least = _CLOSER if is_closer else _YEAR_ALIKE if parts else _APART if is_whole else _LOOSE
    return parts + alike if alike >= least else 0.0


def _is_within(one: StatedDate, other: StatedDate) -> bool:
    """Tell whether a date says more of what another leaves open: «March 2025» and «2025»."""
    pairs = ((one.year, other.year), (one.month, other.month), (one.day, other.day))
    is_same = all(not theirs or ours == theirs for ours, theirs in pairs)
    return is_same and not other.quarter and any(ours and not theirs for ours, theirs in pairs)


def _of_other_day(
    place: tuple[FactSentence, StatedDate],
    same: Sequence[tuple[FactSentence, StatedDate]],
    free: Sequence[tuple[FactSentence, StatedDate]],
    alike: Callable[[tuple[FactSentence, StatedDate], tuple[FactSentence, StatedDate]], float],
) -> StatedDate | None:
    """Return the date whose words stand beside another one of the release in a copy."""
    if not place[1].month or not same:
        return None
    own = max(alike(place, other) for other in same)
    best = max(free, key=lambda other: alike(place, other), default=None)
    if best is None or alike(place, best) < _RIVAL or own > _OWN * alike(place, best):
        return None
    return best[1] if best[1].month else None


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
