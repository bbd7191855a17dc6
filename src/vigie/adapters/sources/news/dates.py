"""The dates that feeds write, and how exactly they say them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from vigie.adapters.sources.news.day_order import DayOrder
from vigie.domain.accents import strip_accents
from vigie.domain.item import Precision
from vigie.domain.months import MONTHS

_ZONE_HOURS: Final = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "bst": 1, "cet": 1, "cest": 2, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_CLOCK: Final = r"(?P<h>\d{1,2})[:h](?P<m>\d\d)(?::(?P<s>\d\d)(?:[.,]\d+)?)?\s*(?P<ap>[ap]m\b)?"
_TIME: Final = rf"(?:[\sT,-]+(?:at\s+|a\s+)?{_CLOCK})?"
_ZONE: Final = r"\s*(?P<zone>[+-]\d\d:?\d\d|[a-z]{1,4})?"
_ORDINAL: Final = r"(?:er|st|nd|rd|th)?"
_DATE_PATTERNS: Final = (
    r"\b(?P<y>\d{4})-(?P<mo>\d\d)-(?P<d>\d\d)",
    rf"\b(?P<d>\d{{1,2}}){_ORDINAL}[\s-]+(?P<mo>[a-z]{{3,9}})\.?,?[\s-]+(?P<y>\d{{4}}|\d\d)\b",
    rf"\b(?P<mo>[a-z]{{3,9}})\.?\s+(?P<d>\d{{1,2}}){_ORDINAL},?\s+(?P<y>\d{{4}})\b",
)
_EDGES: Final = (r"(?<![\d./-])", r"(?![\d./-]\d|\d)")
_COMPACT: Final = re.compile(
    r"(?<!\d)(?P<y>\d{4})(?P<mo>\d\d)(?P<d>\d\d)"
    rf"(?:T(?P<h>\d\d)(?P<m>\d\d)(?:(?P<s>\d\d)(?:[.,]\d+)?)?)?(?!\d){_ZONE}",
    re.I,
)
_YEAR_FIRST: Final = rf"{_EDGES[0]}(?P<y>\d{{4}})(?P<sep>[/.])(?P<mo>\d\d?)(?P=sep)(?P<d>\d\d?){_EDGES[1]}"
_YEAR_LAST: Final = rf"{_EDGES[0]}(?P<one>\d\d?)(?P<sep>[/.-])(?P<two>\d\d?)(?P=sep)(?P<y>\d{{4}}){_EDGES[1]}"
_DATE_FORMS: Final = (
    *(re.compile(day + _TIME + _ZONE, re.I) for day in (*_DATE_PATTERNS, _YEAR_FIRST)),
    _COMPACT,
)
_NUMERIC_DATE: Final = re.compile(_YEAR_LAST + _TIME + _ZONE, re.I)
_SECONDS: Final = re.compile(r"(\d{10})(?:\.\d+)?")
_MILLISECONDS: Final = re.compile(r"\d{13}")
# Before the first newspaper of this trade was read by a program: a date that was never set.
_FIRST_YEAR: Final = 1990
# What is said to come later is no date: the last years of the calendar leave it in some time zones.
_END_YEAR: Final = 2200
LATEST_MS: Final = 7_258_118_400_000
_EARLIEST_MS: Final = 631_152_000_000
_MAX_LENGTH: Final = 120


def parse_date(text: str, zone: str = "UTC", order: DayOrder = "") -> tuple[int, Precision] | None:
    """Return epoch milliseconds and how exact they are; None where it is no date, or may be two.

    Parameters
    ----------
    zone : str
        Where a time without a zone was written.
    order : str
        Of day and month where both are figures of at most 12 (``12/03/2026``), see `day_order`.
    """
    bare = strip_accents(text.strip()[:_MAX_LENGTH])
    if (epoch := _parse_epoch(bare)) is not None:
        return (epoch, "second") if _EARLIEST_MS <= epoch < LATEST_MS else None
    for form in _DATE_FORMS:
        match = form.search(bare)
        if (
            match is not None
            and (stated_date := _build_date(match, match["mo"], match["d"], zone)) is not None
        ):
            return stated_date
    figures = _NUMERIC_DATE.search(bare)
    if figures is None:
        return None
    month, day = _month_and_day(int(figures["one"]), int(figures["two"]), figures["sep"], order)
    return _build_date(figures, str(month), str(day), zone) if month else None


def _parse_epoch(bare: str) -> int | None:
    if _MILLISECONDS.fullmatch(bare):
        return int(bare)
    seconds = _SECONDS.fullmatch(bare)
    return int(seconds[1]) * 1_000 if seconds else None


def _month_and_day(first: int, second: int, separator: str, order: DayOrder) -> tuple[int, int]:
    """Return month and day of two figures; zeros where both orders are possible and none is known."""
    if first > 12 or first == second:
        return second, first
    if second > 12:
        return first, second
    if order == "mdy":
        return first, second
    # Points stand between days and months where the day is written first.
    return (second, first) if order == "dmy" or separator == "." else (0, 0)


def _build_date(match: re.Match[str], month_text: str, day: str, zone: str) -> tuple[int, Precision] | None:
    month = month_text.casefold()
    number = int(month) if month.isdigit() else MONTHS.get(month, 0)
    year = int(match["y"]) + (2000 if len(match["y"]) == 2 else 0)
    has_time = match["h"] is not None
    hour = int(match["h"] or 0)
    if meridiem := match.groupdict().get("ap"):
        hour = hour % 12 + (12 if meridiem.casefold() == "pm" else 0)
    try:
        stamp = datetime(
            year, number, int(day), hour, int(match["m"] or 0), int(match["s"] or 0),
            tzinfo=_parse_zone(match["zone"] or "", zone) if has_time else UTC,
        )  # fmt: skip
    except ValueError:
        return None
    if not _FIRST_YEAR <= year < _END_YEAR:
        return None
    precision: Precision = "day" if not has_time else "second" if match["s"] is not None else "minute"
    return round(stamp.timestamp() * 1_000), precision


def _parse_zone(zone_text: str, default: str) -> tzinfo:
    if zone_text[:1] in ("+", "-"):
        minutes = int(zone_text[1:3]) * 60 + int(zone_text[-2:])
        # Minus nothing is how mail says that the zone is not known: the time is UTC.
        return timezone(timedelta(minutes=-minutes if zone_text[0] == "-" else minutes))
    hours = _ZONE_HOURS.get(zone_text.casefold())
    return ZoneInfo(default) if hours is None else timezone(timedelta(hours=hours))
