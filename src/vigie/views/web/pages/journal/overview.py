"""The head of the journal: months side by side, the spread of R as a drawing and a table, the best and the worst."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Final

from vigie.domain.time import DAY_MS, zoned
from vigie.drawing.frame import Frame
from vigie.drawing.histogram import HistogramBar, histogram_chart
from vigie.services.operations.journal_overview import JournalBin, JournalDay
from vigie.views.web.request_context import RequestContext

MONTHS: Final = 3
# From which share of the largest day a day has which shade.
_SHADES: Final = ((0.5, 3), (0.2, 2), (0.0, 1))


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of a month.

    Attributes
    ----------
    number : int
        Of the month; 0 for a place before its first or after its last day.
    key : str
        As an address names it, 2026-11-25.
    day : JournalDay or None
        What was closed on it.
    text : str
        Its result, short.
    shade : str
        Class of its colour, ``up-3`` to ``down-3``, ``flat``; empty without trades.
    """

    number: int
    key: str = ""
    day: JournalDay | None = None
    text: str = ""
    shade: str = ""


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """A month as weeks of seven days, which begin on Monday."""

    ts: int
    key: str
    weeks: Sequence[Sequence[CalendarDay]]
    pnl: float
    trades: int


def calendar_values(context: RequestContext, days: Sequence[JournalDay], value: str) -> dict[str, object]:
    """Return the months that are shown and the addresses of those before and after.

    Parameters
    ----------
    value : str
        What colours a day: ``pnl`` or ``r``.
    """
    if not days:
        return {"months": [], "earlier": "", "later": "", "weekdays": []}
    keys = sorted({f"{zoned(day.ts, UTC):%Y-%m}" for day in days})
    asked = context.query.get("month", "")
    last = asked if asked in _all_months(keys[0], keys[-1]) else keys[-1]
    every = _all_months(keys[0], keys[-1])
    end = every.index(last) + 1
    begin = max(0, end - MONTHS)
    largest = max(abs(getattr(day, value)) for day in days)
    by_key = {f"{zoned(day.ts, UTC):%Y-%m-%d}": day for day in days}
    return {
        "months": [_month(context, key, by_key, value, largest) for key in every[begin:end]],
        "earlier": context.url(month=every[begin - 1], cursor=None) if begin else "",
        "later": context.url(month=every[min(end + MONTHS, len(every)) - 1], cursor=None)
        if end < len(every)
        else "",
        # The first of January 2024 was a Monday.
        "weekdays": [context.lang.weekday(_day_number(2024, 1, day) * DAY_MS) for day in range(1, 8)],
    }


def _day_number(year: int, month: int, day: int) -> int:
    """Return the number of a day since 1970."""
    return date(year, month, day).toordinal() - date(1970, 1, 1).toordinal()


def _all_months(first: str, last: str) -> list[str]:
    months = []
    year, month = (int(part) for part in first.split("-"))
    while (key := f"{year:04d}-{month:02d}") <= last:
        months.append(key)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return months


def _month(
    context: RequestContext, key: str, by_key: Mapping[str, JournalDay], value: str, largest: float
) -> CalendarMonth:
    year, month = (int(part) for part in key.split("-"))
    own = [day for name, day in by_key.items() if name.startswith(key)]
    weeks = [
        [_day(context, key, number, by_key, value, largest) for number in week]
        for week in calendar.Calendar().monthdayscalendar(year, month)
    ]
    return CalendarMonth(
        _day_number(year, month, 1) * DAY_MS,
        key,
        weeks,
        sum(day.pnl for day in own),
        sum(day.trades for day in own),
    )


def _day(
    context: RequestContext,
    month: str,
    number: int,
    by_key: Mapping[str, JournalDay],
    value: str,
    largest: float,
) -> CalendarDay:
    key = f"{month}-{number:02d}"
    day = by_key.get(key) if number else None
    if day is None:
        return CalendarDay(number, key)
    amount = getattr(day, value)
    text = _short(context, amount)
    if not largest or not any(letter in "123456789" for letter in text):
        return CalendarDay(number, key, day, text, "flat")
    shade = next(shade for share, shade in _SHADES if abs(amount) / largest >= share)
    return CalendarDay(number, key, day, text, f"{'up' if amount > 0 else 'down'}-{shade}")


def _short(context: RequestContext, amount: float) -> str:
    """Return an amount with its sign, in as few letters as a day has room for."""
    text = context.lang.number(amount, 0 if abs(amount) >= 10 else 1)
    return f"+{text}" if amount > 0 else text


def spread_values(
    context: RequestContext, bins: Sequence[JournalBin], mean_r: float | None
) -> dict[str, object]:
    """Return the drawing of the spread of R and the rows of the table beside it."""
    if not bins:
        return {"spread": "", "spread_rows": []}
    lang = context.lang
    title = context.text("Distribution of R")
    most = max(bins, key=lambda one: one.trades)
    trades = sum(one.trades for one in bins)
    description = lang.plural(
        "%(trades)s trade by R; most lie at %(range)s, the average is %(mean)s.",
        "%(trades)s trades by R; most lie at %(range)s, the average is %(mean)s.",
        trades,
    ) % {
        "trades": trades, "range": _range(context, most), "mean": lang.fixed(mean_r),
    }  # fmt: skip
    frame = Frame("spread", title, description, language=lang.language)
    bars = [
        HistogramBar(
            # Every whole R is named.
            lang.number(one.low, 0) if one.low is not None and one.low == int(one.low) else "",
            one.trades,
            one.low is not None and one.low >= 0,
        )
        for one in bins
    ]
    return {
        "spread": histogram_chart(bars, frame=frame),
        "spread_rows": [(_range(context, one), one.trades) for one in bins],
    }


def _range(context: RequestContext, one: JournalBin) -> str:
    lang = context.lang
    if one.low is None:
        return context.text("below %(high)s R") % {"high": lang.number(one.high, 1)}
    if one.high is None:
        return context.text("%(low)s R or more") % {"low": lang.number(one.low, 1)}
    return context.text("%(low)s to %(high)s R") % {
        "low": lang.number(one.low, 1),
        "high": lang.number(one.high, 1),
    }


def example_days(now: int) -> list[JournalDay]:
    """Return days of a made-up journal, the same at any time of a month: what stands where there is none yet."""
    first = zoned(now, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    begin = int(first.timestamp() * 1000)
    results = (120.0, None, -45.0, 60.0, None, None, 210.0, -80.0, 0.0, None, 35.0, -150.0, None, 90.0)
    return [
        JournalDay(ts=begin + place * DAY_MS, trades=1, replayed=0, pnl=pnl, r=pnl / 60.0)
        for place, pnl in enumerate(results)
        if pnl is not None
    ]
