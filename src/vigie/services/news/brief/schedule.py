"""When a weekly brief is due: a day and a time of day in its reader's zone, once a week whatever clocks do there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from vigie.domain.errors import UsageError
from vigie.domain.time import SECOND_MS, zoned

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Of the first block of Bitcoin: there was no news of crypto before.
FIRST_YEAR: Final = 2009
_WEEK: Final = timedelta(days=7)


def newest_due(day: str, at: str, zone: str, now: int) -> tuple[str, int]:
    """Return the week that the newest brief tells of, and when that was due; epoch milliseconds, not after `now`.

    A brief tells of the week before the one that its reader is in, and is never due before that week ended in UTC,
    whose weeks they are. A time that clocks leave out counts as the same time before they changed; one that they
    have twice is due at its first.
    """
    monday = _monday(now, zone)
    ts = _due(monday, day, at, zone)
    while ts > now:
        monday -= _WEEK
        ts = _due(monday, day, at, zone)
    return week_of(monday - _WEEK), ts


def week_of(day: date) -> str:
    """Return the week of a day, as ISO 8601 names it: ``2026-W47``."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(week: str) -> int:
    """Return when a week of ISO 8601 begins, epoch milliseconds UTC.

    Raises
    ------
    UsageError
        If it is no week, or before Bitcoin.
    """
    try:
        monday = datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=UTC)
    except (ValueError, OverflowError) as fault:
        raise UsageError(
            "week_must_look_like_w47", "week must look like 2026-W47 (ISO 8601), was {week!r}", week=week
        ) from fault
    if monday.isocalendar().year < FIRST_YEAR:
        raise UsageError(
            "week_must_not_before_w01",
            "week must not be before {first_year}-W01, was {week!r}",
            first_year=FIRST_YEAR,
            week=week,
        )
    if week_of(monday) != week:
        # Digits of other scripts are read as well.
        raise UsageError(
            "week_must_look_like_w47", "week must look like 2026-W47 (ISO 8601), was {week!r}", week=week
        )
    return int(monday.timestamp()) * SECOND_MS


def number_of(week: str) -> int:
    """Return which week of its year it is, as people say it: 47 of ``2026-W47``."""
    return int(week.partition("-W")[2])


def next_due(day: str, at: str, zone: str, now: int) -> int:
    """Return when the next brief is due; epoch milliseconds, after `now`."""
    monday = _monday(now, zone)
    while (ts := _due(monday, day, at, zone)) <= now:
        monday += _WEEK
    return ts


def _due(monday: date, day: str, at: str, zone: str) -> int:
    due_day = monday + timedelta(days=DAYS.index(day))
    hour, minute = (int(part) for part in at.split(":"))
    due = datetime(due_day.year, due_day.month, due_day.day, hour, minute, tzinfo=ZoneInfo(zone))
    week_start = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    return int(max(due.timestamp(), week_start.timestamp())) * SECOND_MS


def _monday(ts: int, zone: str) -> date:
    local_day = zoned(ts, ZoneInfo(zone)).date()
    return local_day - timedelta(days=local_day.weekday())
