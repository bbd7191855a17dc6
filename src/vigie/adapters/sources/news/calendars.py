"""Pages that state dates beforehand: meetings of central banks, releases of figures; each date with its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from vigie.adapters.sources.news.cleaning import plain_text
from vigie.adapters.sources.news.dates import parse_date
from vigie.adapters.sources.news.pages import outermost_nodes, pick_rows, read_text
from vigie.adapters.sources.news.parsing import ParsedSource
from vigie.adapters.sources.news.source_response import SourceResponse
from vigie.catalogue import translate
from vigie.domain.errors import TransientError
from vigie.ports.source_fetches import UnreadableEntry

_MAX_DATES: Final = 400
# Letters that are looked at: no calendar has so many.
MAX_LETTERS: Final = 200_000
_MAX_WORDS_LENGTH: Final = 200
# Of a file of events, which has those of two years.
MAX_ICAL_LETTERS: Final = 4_000_000
MONTH_BEFORE: Final = "month_before"
_ICAL_START: Final = "BEGIN:VCALENDAR"
_DTSTART: Final = re.compile(r"^DTSTART[^:\r\n]{0,80}:(\d{4})(\d\d)(\d\d)", re.MULTILINE)
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
_TIME_OF_DAY: Final = re.compile(r"\b\d{1,2}:\d\d(?:\s*[ap]\.?m\.?)?", re.IGNORECASE)
# What a release is about, as the column before its date has it: "December 2025".
_PERIOD: Final = re.compile(rf"\b({_MONTH})\.?\s+(20\d\d)\W*$", re.IGNORECASE)
# Of a date in brackets after this word something was published; nothing is to come.
_PUBLISHED: Final = re.compile(r"\(\s*released\s*$", re.IGNORECASE)


def read_calendar(response: SourceResponse) -> ParsedSource:
    """Read the dates of a page; what changes on it is news as well.

    Raises
    ------
    TransientError
        If no date can be read: the page became another. What was read before stays.
    """
    if response.text.lstrip("\ufeff \r\n").startswith(_ICAL_START):
        return _read_ical(response)
    entry = response.entry
    keyword = entry.reads.get("keep", "").casefold()
    text = " ".join(plain_text(node.text(), MAX_LETTERS) for node in outermost_nodes(pick_rows(response)))
    refused: list[UnreadableEntry] = []
    if len(text) > MAX_LETTERS:
        reason = f"a calendar must have at most {MAX_LETTERS} letters; what stands behind was not read"
        refused.append(UnreadableEntry(entry.id, reason, "", response.document))
    rows_by_ts: dict[int, dict[str, Any]] = {}
    for ts, precision, words, period in _find_dates(text[:MAX_LETTERS], entry.zone):
        if keyword in words.casefold():
            row = {"ts": ts, "precision": precision, "words": plain_text(words, _MAX_WORDS_LENGTH)}
            rows_by_ts.setdefault(ts, row | ({"period": period} if period else {}))
    if not rows_by_ts:
        raise TransientError(
            "no_date_read",
            "{public_address}: no date can be read in {rows!r}",
            public_address=entry.public_address,
            rows=entry.reads["rows"],
        )
    return replace(read_text(response), refused=refused, dates=_calendar_table(response, rows_by_ts))


def _calendar_table(response: SourceResponse, rows_by_ts: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    entry = response.entry
    rows = [rows_by_ts[ts] for ts in sorted(rows_by_ts)][-_MAX_DATES:]
    details = {name: entry.reads.get(name, "") for name in ("what", "area", "kind")}
    what_fr = entry.reads.get("what_fr") or translate(details["what"], "fr")
    return {"rows": rows, "address": entry.public_address, "what_fr": what_fr, **details}


def _read_ical(response: SourceResponse) -> ParsedSource:
    """Read a file of events (RFC 5545): days alone, and the month before each where that is what a release is about."""
    entry = response.entry
    keyword, is_of_month_before = (
        entry.reads.get("keep", "").casefold(),
        entry.reads.get("about") == MONTH_BEFORE,
    )
    rows_by_ts: dict[int, dict[str, Any]] = {}
    for event in _unfold_lines(response.text[:MAX_ICAL_LETTERS]).split("BEGIN:VEVENT")[1:]:
        start, summary = _DTSTART.search(event), _SUMMARY.search(event)
        words = plain_text(_ESCAPED.sub(r"\1", summary[1]), _MAX_WORDS_LENGTH) if summary else ""
        stated_date = (
            parse_date("-".join(start.groups()), entry.zone)
            if start and keyword in words.casefold()
            else None
        )
        if stated_date is not None:
            month_before = date(int(start[1]), int(start[2]), 1) - timedelta(days=1) if start else None
            period = {"period": f"{month_before:%Y-%m}"} if month_before and is_of_month_before else {}
            rows_by_ts[stated_date[0]] = {
                "ts": stated_date[0],
                "precision": stated_date[1],
                "words": words,
                **period,
            }
    if not rows_by_ts:
        raise TransientError(
            "no_event_called",
            "{public_address}: no event is called {value!r}",
            public_address=entry.public_address,
            value=entry.reads.get("keep", ""),
        )
    return ParsedSource((), dates=_calendar_table(response, rows_by_ts))


def _unfold_lines(text: str) -> str:
    """Return lines that were folded after 75 letters as one."""
    return re.sub(r"\r?\n[ \t]", "", text)


def _find_dates(text: str, zone: str) -> Iterator[tuple[int, str, str, str]]:
    """Yield each date with how exact it is, the words from it to the next one and the month it is about, if any."""
    matches = list(_DATE.finditer(text))
    year = 0
    for index, match in enumerate(matches):
        if match["year"]:
            year = int(match["year"])
            continue
        end = matches[index + 1].start() if index + 1 < len(matches) else len(text)
        words = text[match.end() : end].strip(" ,;:*")
        # No more than stands right before it: all that stands before, at each date, is the square of a length.
        preceding = text[max(match.start() - 20, 0) : match.start()]
        if _PUBLISHED.search(preceding):
            continue
        date_text = _date_text(match, year)
        time_match = _TIME_OF_DAY.search(words[:40])
        stated_date = (
            parse_date(f"{date_text} {time_match[0].replace('.', '')}" if time_match else date_text, zone)
            if date_text
            else None
        )
        if stated_date is not None:
            yield stated_date[0], stated_date[1], words, _preceding_month(preceding)


def _preceding_month(preceding: str) -> str:
    """Return the month that stands right before a date as ``2025-12``; empty where none does."""
    match = _PERIOD.search(preceding)
    return f"{match[2]}-{_MONTHS.index(match[1][:3].lower()) + 1:02d}" if match else ""


def _date_text(match: re.Match[str], year: int) -> str:
    """Return a date in a form that is read everywhere; of a meeting of two days the last one."""
    if match["slashed"]:
        day, month, full_year = match["slashed"].split("/")
        return f"{full_year}-{int(month):02d}-{int(day):02d}"
    if match["iso"] or match["named"]:
        return match["iso"] or match["named"]
    if not year:
        return ""
    month, day = match["second"] or match["month"], match["last"] or match["first"]
    return f"{day} {month} {year}"
