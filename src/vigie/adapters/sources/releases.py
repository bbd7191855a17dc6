"""When a published figure counts as known, where its answer says only what it is about.

A figure that was not there at the last look counts from the latest time at which it is usually out, or from this look
where that is sooner: never too early. Any other value for a time that was there already is a revision, known from now.
"""

from __future__ import annotations

from datetime import UTC, datetime

from vigie.adapters.sources.site import moment


def known_from(ts: int, *, out_by: int, seen_until: int, now: int) -> int:
    """Return when a figure counts as known, epoch milliseconds.

    Parameters
    ----------
    ts : int
        What it is about.
    out_by : int
        When it is out at the latest.
    seen_until : int
        What the newest figure of the last look was about; 0 before the first look.
    """
    return now if ts <= seen_until else min(now, out_by)


def day(text: str) -> int:
    """Return the beginning of a day, ``2026-11-20``."""
    return moment(f"{text}T00:00")


def month(text: str) -> int:
    """Return the beginning of a month, ``2026-10``."""
    return day(f"{text}-01")


def months_after(ts: int, count: int) -> int:
    """Return the beginning of the month that is so many after the one of `ts`; below 0 before it."""
    when = datetime.fromtimestamp(ts / 1_000, UTC)
    year, place = divmod(when.year * 12 + when.month - 1 + count, 12)
    return round(datetime(year, place + 1, 1, tzinfo=UTC).timestamp() * 1_000)


def out_by_month(ts: int) -> int:
    """Return when a figure of a month is out at the latest: when the month after it is over.

    Usually it comes in the middle of that month; in January, and after offices were closed, some days before its end.
    """
    return months_after(ts, 2)
