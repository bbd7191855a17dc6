"""Pages that state dates beforehand: meetings of central banks, releases of figures; each date with its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from vigie.adapters.sources.news.answers import Answer
from vigie.adapters.sources.news.cleaning import plain
from vigie.adapters.sources.news.dates import read_date
from vigie.adapters.sources.news.pages import outermost, picked, read_text
from vigie.adapters.sources.news.parsing import Parsed
from vigie.domain.errors import TransientError
from vigie.ports.items import UnreadableEntry

_MOST: Final = 400
# Letters that are looked at: no calendar has so many.
MOST_READ: Final = 200_000
_LONGEST: Final = 200
# Of a file of events, which has those of two years.
MOST_ICAL: Final = 4_000_000
MONTH_BEFORE: Final = "month_before"
_ICAL: Final = "BEGIN:VCALENDAR"
_BEGINS: Final = re.compile(r"^DTSTART[^:\r\n]{0,80}:(\d{4})(\d\d)(\d\d)", re.MULTILINE)
_SUMMARY: Final = re.compile(r"^SUMMARY[^:\r\n]{0,80}:([^\r\n]{1,500})", re.MULTILINE)
_ESCAPED: Final = re.compile(r"\\([,;\\])")
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DATE: Final = re.compile(
    # 17/12/2026 and 2026-12-17, Jan. 13, 2026 and 13 January 2026, and January 27-28 below a heading with the year.
    rf"(?P<slashed>\b\d{{1,2}}/\d{{1,2}}/20\d\d\b)|(?P<iso>\b20\d\d-\d\d-\d\d\b)"
    rf"|(?P<named>\b{_MONTH}\.?\s+\d{{1,2}},\s+20\d\d\b|\b\d{{1,2}}\s+{_MONTH}\.?\s+20\d\d\b)"
    rf"|(?P<year>\b20\d\d)(?=\s+[A-Za-z ]{{0,20}}(?:meetings|calendar|dates)\b)"
    rf"|(?P<month>\b{_MONTH})(?:/(?P<second>{_MONTH}))?\s+(?P<first>\d{{1,2}})(?:\s*[-–]\s*(?P<last>\d{{1,2}}))?(?![\d,/])",
    re.IGNORECASE,
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK: Final = re.compile(r"\b\d{1,2}:\d\d(?:\s*[ap]\.?m\.?)?", re.IGNORECASE)
# What a release is about, as the column before its date has it: "December 2025".
_PERIOD: Final = re.compile(rf"\b({_MONTH})\.?\s+(20\d\d)\W*$", re.IGNORECASE)
# Of a date in brackets after this word something was published; nothing is to come.
_PUBLISHED: Final = re.compile(r"\(\s*released\s*$", re.IGNORECASE)


def read_calendar(answer: Answer) -> Parsed:
    """Read the dates of a page; what changes on it is news as well.

    Raises
    ------
    TransientError
        If no date can be read: the page became another. What was read before stays.
    """
    if answer.text.lstrip("\ufeff \r\n").startswith(_ICAL):
        return _of_events(answer)
    entry = answer.entry
    keep = entry.reads.get("keep", "").casefold()
    text = " ".join(plain(one.text(), MOST_READ) for one in outermost(picked(answer)))
    refused: list[UnreadableEntry] = []
    if len(text) > MOST_READ:
        why = f"a calendar must have at most {MOST_READ} letters; what stands behind was not read"
        refused.append(UnreadableEntry(entry.id, why, "", answer.document))
    found: dict[int, dict[str, Any]] = {}
    for ts, precision, words, period in _dates(text[:MOST_READ], entry.zone):
        if keep in words.casefold():
            row = {"ts": ts, "precision": precision, "words": plain(words, _LONGEST)}
            found.setdefault(ts, row | ({"period": period} if period else {}))
    if not found:
        raise TransientError(f"{entry.shown}: no date can be read in {entry.reads['rows']!r}")
    return replace(read_text(answer), refused=refused, dates=_told(answer, found))


def _told(answer: Answer, found: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    entry = answer.entry
    rows = [found[ts] for ts in sorted(found)][-_MOST:]
    said = {name: entry.reads.get(name, "") for name in ("what", "what_fr", "area", "kind")}
    return {"rows": rows, "address": entry.shown, **said}


def _of_events(answer: Answer) -> Parsed:
    """Read a file of events (RFC 5545): days alone, and the month before each where that is what a release is about."""
    entry = answer.entry
    keep, is_of_month_before = (
        entry.reads.get("keep", "").casefold(),
        entry.reads.get("about") == MONTH_BEFORE,
    )
    found: dict[int, dict[str, Any]] = {}
    for event in _folded(answer.text[:MOST_ICAL]).split("BEGIN:VEVENT")[1:]:
        begins, named = _BEGINS.search(event), _SUMMARY.search(event)
        words = plain(_ESCAPED.sub(r"\1", named[1]), _LONGEST) if named else ""
        read = (
            read_date("-".join(begins.groups()), entry.zone) if begins and keep in words.casefold() else None
        )
        if read is not None:
            before = date(int(begins[1]), int(begins[2]), 1) - timedelta(days=1) if begins else None
            period = {"period": f"{before:%Y-%m}"} if before and is_of_month_before else {}
            found[read[0]] = {"ts": read[0], "precision": read[1], "words": words, **period}
    if not found:
        raise TransientError(f"{entry.shown}: no event is called {entry.reads.get('keep', '')!r}")
    return Parsed((), dates=_told(answer, found))


def _folded(text: str) -> str:
    """Return lines that were folded after 75 letters as one."""
    return re.sub(r"\r?\n[ \t]", "", text)


def _dates(text: str, zone: str) -> Iterator[tuple[int, str, str, str]]:
    """Yield each date with how exact it is, the words from it to the next one and the month it is about, if any."""
    matches = list(_DATE.finditer(text))
    year = 0
    for place, match in enumerate(matches):
        if match["year"]:
            year = int(match["year"])
            continue
        end = matches[place + 1].start() if place + 1 < len(matches) else len(text)
        words = text[match.end() : end].strip(" ,;:*")
        # No more than stands right before it: all that stands before, at each date, is the square of a length.
        before = text[max(match.start() - 20, 0) : match.start()]
        if _PUBLISHED.search(before):
            continue
        written = _written(match, year)
        clock = _CLOCK.search(words[:40])
        read = (
            read_date(f"{written} {clock[0].replace('.', '')}" if clock else written, zone)
            if written
            else None
        )
        if read is not None:
            yield read[0], read[1], words, _period(before)


def _period(before: str) -> str:
    """Return the month that stands right before a date as ``2025-12``; empty where none does."""
    match = _PERIOD.search(before)
    return f"{match[2]}-{_MONTHS.index(match[1][:3].lower()) + 1:02d}" if match else ""


def _written(match: re.Match[str], year: int) -> str:
    """Return a date in a form that is read everywhere; of a meeting of two days the last one."""
    if match["slashed"]:
        day, month, whole = match["slashed"].split("/")
        return f"{whole}-{int(month):02d}-{int(day):02d}"
    if match["iso"] or match["named"]:
        return match["iso"] or match["named"]
    if not year:
        return ""
    month, day = match["second"] or match["month"], match["last"] or match["first"]
    return f"{day} {month} {year}"
