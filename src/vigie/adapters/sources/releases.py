"""When a published figure counts as known, where its answer says only what it is about.

A figure that was not there at the last look counts from the latest time at which it is usually out, or from this look
where that is sooner: never too early. Any other value for a time that was there already is a revision, known from now.
Of the past, the publisher's calendar says the release itself, where it was still read so after that time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from vigie.adapters.sources.site import Site, moment
from vigie.domain.time import DAY_MS

# How long a first look waits for a calendar that is read at the same time: what it stores is stored for good.
_CALENDAR_WAIT_S: Final = 60
_POLL_EVERY_S: Final = 2.0
_MINUTE_PRECISION: Final = "minute"


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


def parse_day(text: str) -> int:
    """Return the beginning of a day, ``2026-11-20``."""
    return moment(f"{text}T00:00")


def parse_month(text: str) -> int:
    """Return the beginning of a month, ``2026-10``."""
    return parse_day(f"{text}-01")


def add_months(ts: int, count: int) -> int:
    """Return the beginning of the month that is so many after the one of `ts`; below 0 before it."""
    instant = datetime.fromtimestamp(ts / 1_000, UTC)
    year, month_index = divmod(instant.year * 12 + instant.month - 1 + count, 12)
    return round(datetime(year, month_index + 1, 1, tzinfo=UTC).timestamp() * 1_000)


def latest_release_of_month(ts: int) -> int:
    """Return when a figure of a month is out at the latest: when the month after it is over.

    Usually it comes in the middle of that month; in January, and after offices were closed, some days before its end.
    """
    return add_months(ts, 2)


async def release_times(site: Site, *, is_first: bool) -> Mapping[int, int]:
    """Return when the figure of each month came out, by the beginning of the month; empty where nobody says it.

    A release that was still to come when the calendar was read is left out: it may have been put off since.

    Parameters
    ----------
    is_first : bool
        Whether nothing was ever stored: then the calendar is waited for, a minute at most.
    """
    if site.stated is None:
        return {}
    calendar = site.stated()
    for _ in range(round(_CALENDAR_WAIT_S / _POLL_EVERY_S) if is_first else 0):
        if calendar is not None:
            break
        await site.clock.pause(_POLL_EVERY_S)
        calendar = site.stated()
    if calendar is None:
        return {}
    read_ts, table = calendar
    return {
        parse_month(row["period"]): released_ts
        for row in table["rows"]
        if row.get("period") and (released_ts := _release_ts(row)) <= read_ts
    }


def _release_ts(row: Mapping[str, Any]) -> int:
    # Without a time of day it may have come out at the very end of the day.
    return int(row["ts"]) + (0 if row["precision"] == _MINUTE_PRECISION else DAY_MS)
