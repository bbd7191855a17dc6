"""When a letter about what a person owns is due: a day and a time of day in their zone, and which days it tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from vigie.domain.time import SECOND_MS, zoned
from vigie.intelligence.holdings.letter import LetterSpan

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Longer than any month, so that among so many days in a row each due day is met once.
_DAYS_LOOKED: Final = 33
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LetterTiming:
    """What a person chose.

    Attributes
    ----------
    span : {'week', 'month'}
        Each week, or each month.
    day : str
        ``monday`` to ``sunday`` of a week, ``1`` to ``28`` of a month.
    at : str
        Time of day, ``08:00``.
    zone : str
        In which the person lives.
    """

    span: LetterSpan
    day: str
    at: str
    zone: str


def span_of(word: str) -> LetterSpan:
    """Return a span by its word; `week` for one that is none."""
    return "month" if word == "month" else "week"


def newest_letter(timing: LetterTiming, now: int) -> tuple[date, int]:
    """Return the last day of the newest letter that is due, and when it was due; epoch milliseconds, not after `now`.

    Days are those of UTC, whose closes a letter tells: the last one that had ended when it was due.
    """
    ts = next(ts for ts in _due_times(timing, now, -_DAY) if ts <= now)
    return zoned(ts, UTC).date() - _DAY, ts


def next_letter(timing: LetterTiming, now: int) -> int:
    """Return when the next letter is due; epoch milliseconds, after `now`."""
    return next(ts for ts in _due_times(timing, now, _DAY) if ts > now)


def _due_times(timing: LetterTiming, now: int, step: timedelta) -> Iterator[int]:
    """Yield the due times from the day after or before today on; a time that clocks leave out counts as before."""
    zone, today = ZoneInfo(timing.zone), zoned(now, ZoneInfo(timing.zone)).date()
    hour, minute = (int(part) for part in timing.at.split(":"))
    for number in range(-1, _DAYS_LOOKED):
        day = today + number * step
        if _is_due_on(timing, day):
            yield (
                int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()) * SECOND_MS
            )


def _is_due_on(timing: LetterTiming, day: date) -> bool:
    if timing.span == "month":
        return day.day == int(timing.day)
    return WEEKDAYS[day.weekday()] == timing.day
