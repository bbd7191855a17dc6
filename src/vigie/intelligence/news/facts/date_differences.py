"""Dates of a copy that are not those of the release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from vigie.intelligence.news.facts.alignment import Alignment
from vigie.intelligence.news.facts.outcome import FactDifference, FactFindings
from vigie.intelligence.news.facts.stated_dates import (
    StatedDate,
    same_date,
    shared_parts,
    stated_date_of,
    whole_date,
)
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.facts.unknown_names import has_unknown_names, unknown_name_test

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
    allowed_names: Iterable[str] = (),
) -> FactFindings:
    """Return which dates of a copy differ from those of a release, and which it does not state.

    Parameters
    ----------
    allowed_names : iterable of str
        Names that a copy may use without the release.
    """
    release_places = [(sentence, stated_date) for sentence in release for stated_date in sentence.dates]
    known_dates = [stated_date for _, stated_date in release_places] + [
        stated_date_of(day) for day in (release_day, copy_day) if day
    ]
    alignment, is_stranger = Alignment(release), unknown_name_test(release, allowed_names)

    def alike(ours: tuple[FactSentence, StatedDate], theirs: tuple[FactSentence, StatedDate]) -> float:
        return alignment.similarity(
            *(
                alignment.near_words(sentence, stated_date.start, stated_date.end)
                for sentence, stated_date in (ours, theirs)
            )
        )

    copy_places = [(sentence, stated_date) for sentence in copy for stated_date in sentence.dates]
    copy_dates = [stated_date for _, stated_date in copy_places]
    differences: dict[str, FactDifference] = {}
    unproven: list[str] = []
    for sentence, stated_date in copy_places:
        free_places = [
            (of, other)
            for of, other in release_places
            if not any(same_date(each, other) for each in copy_dates)
        ]
        if any(same_date(stated_date, other) for other in known_dates):
            same_places = [(of, other) for of, other in release_places if same_date(stated_date, other)]
            other = _misplaced_date((sentence, stated_date), same_places, free_places, alike)
            if other is not None:
                differences.setdefault(
                    stated_date.text, FactDifference("date", stated_date.text, other.text, "other_day")
                )
            continue
        if has_unknown_names(sentence, is_stranger) and not any(
            shared_parts(stated_date, other) > 1 for _, other in free_places
        ):
            # Whoever the release does not know tells of something else.
            unproven.append(stated_date.text)
            continue
        ranked = [
            (_nearness(stated_date, other, alike((sentence, stated_date), (of, other))), other)
            for of, other in free_places
        ]
        best = max(ranked, key=lambda pair: pair[0], default=None)
        if best is not None and best[0] > 0:
            differences.setdefault(
                stated_date.text, FactDifference("date", stated_date.text, best[1].text, "nearest_day")
            )
        elif sentence in copy[:_FIRST] and _is_near_release(stated_date, release_day):
            differences.setdefault(
                stated_date.text, FactDifference("date", stated_date.text, release_day, "release_day")
            )
        else:
            unproven.append(stated_date.text)
    stated_days = {number for sentence in release for number, _ in sentence.weekdays}
    weekdays = _unknown_weekdays(copy, known_dates, stated_days, copy_day)
    return FactFindings(tuple(differences.values()), (*unproven, *weekdays))


def _is_near_release(stated_date: StatedDate, release_day: str) -> bool:
    # The day of the release itself, told as another one.
    if not (release_day and stated_date.day and stated_date.month):
        return False
    released = date.fromisoformat(release_day)
    day = whole_date(stated_date._replace(year=stated_date.year or released.year))
    return day is not None and abs((day - released).days) <= _NEAR_DAYS


def _nearness(stated_date: StatedDate, other: StatedDate, similarity: float) -> float:
    """Return how much tells that one date stands in the place of another; nothing where too little does.

    Parameters
    ----------
    similarity : float
        How much the words beside both are the same.
    """
    if _is_part_of_date(stated_date, other):
        return 0.0
    if stated_date.is_year:
        is_near = bool(other.year) and abs(stated_date.year - other.year) <= _YEARS
        return similarity if is_near and similarity >= _YEAR_ALIKE else 0.0
    parts = shared_parts(stated_date, other)
    if parts > 1:
        return 2.0 * parts + similarity
    if stated_date.month and not other.month and not other.quarter:
        return 0.0
    is_closer = parts and (
        stated_date.month == other.month or (stated_date.day and stated_date.day == other.day)
    )
    is_whole = bool(stated_date.day and other.day)
    least = _CLOSER if is_closer else _YEAR_ALIKE if parts else _APART if is_whole else _LOOSE
    return parts + similarity if similarity >= least else 0.0


def _is_part_of_date(stated_date: StatedDate, other: StatedDate) -> bool:
    """Tell whether a date says more of what another leaves open: «March 2025» and «2025»."""
    pairs = ((stated_date.year, other.year), (stated_date.month, other.month), (stated_date.day, other.day))
    is_same = all(not theirs or ours == theirs for ours, theirs in pairs)
    return is_same and not other.quarter and any(ours and not theirs for ours, theirs in pairs)


def _misplaced_date(
    place: tuple[FactSentence, StatedDate],
    same: Sequence[tuple[FactSentence, StatedDate]],
    free: Sequence[tuple[FactSentence, StatedDate]],
    similarity: Callable[[tuple[FactSentence, StatedDate], tuple[FactSentence, StatedDate]], float],
) -> StatedDate | None:
    """Return the date whose words stand beside another one of the release in a copy."""
    if not place[1].month or not same:
        return None
    own_similarity = max(similarity(place, other) for other in same)
    best = max(free, key=lambda other: similarity(place, other), default=None)
    if best is None or similarity(place, best) < _RIVAL or own_similarity > _OWN * similarity(place, best):
        return None
    return best[1] if best[1].month else None


def _unknown_weekdays(
    copy: Sequence[FactSentence], known: Sequence[StatedDate], stated: set[int], copy_day: str
) -> tuple[str, ...]:
    """Return the weekdays that are of no day known: outlets mean the last, the next, or their own."""
    if not copy_day:
        return ()
    days = stated | {day.weekday() for stated_date in known if (day := whole_date(stated_date))}
    published = date.fromisoformat(copy_day)
    days |= {(published - timedelta(days=back)).weekday() for back in (0, 1)}
    stated_weekdays = [(number, text) for sentence in copy for number, text in sentence.weekdays]
    unknown = [(number, text) for number, text in stated_weekdays if number not in days]
    return tuple(text for _, text in unknown)
