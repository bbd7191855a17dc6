"""Dates as texts state them, in English and French: whole or in part, and what part of a month or year is meant."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

from vigie.domain.accents import fold_text
from vigie.domain.months import MONTHS

_WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        ("monday lundi", "tuesday mardi", "wednesday mercredi", "thursday jeudi", "friday vendredi",
         "saturday samedi", "sunday dimanche")
    )
    for name in names.split()
}  # fmt: skip
_QUARTERS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "premier": 1, "deuxieme": 2, "troisieme": 3,
    "quatrieme": 4, "1": 1, "2": 2, "3": 3, "4": 4, "1er": 1,
}  # fmt: skip
_MONTH: Final = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|"
    r"aug|sept?|oct|nov|dec|janvier|janv|f[ée]vrier|f[ée]vr|mars|avril|avr|mai|juin|juillet|juil|ao[ûu]t|septembre|"
    r"octobre|novembre|d[ée]cembre|d[ée]c)\b\.?"
)
_YEAR: Final = r"(?:19|20)\d\d"
_DAY: Final = r"(?P<day>\d\d?)(?:st|nd|rd|th)?\b(?!\s*(?:%|million|billion|milliard|\d{3}\b))"
_ORDINAL: Final = (
    r"first|second|third|fourth|premier|deuxi[èe]me|troisi[èe]me|quatri[èe]me|"
    r"[1-4](?:er|e|[èe]me|st|nd|rd|th)?"
)  # fmt: skip
_PART: Final = (
    r"(?P<part>early[ -](?:in )?|mid[ -]?|late[ -](?:in )?|end[ -]|"
    r"(?:the )?(?:start|beginning|end|middle) of (?:the )?|"
    r"d[ée]but |mi-|fin |(?:la |le )?(?:fin|d[ée]but) (?:de |d['’])?(?:l['’]ann[ée]e )?|courant )?"
)
_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b(?P<year>{_YEAR})-(?P<number>\d\d)-(?P<day>\d\d)\b",
        r"\b(?P<day>\d\d?)[/.](?P<number>\d\d?)[/.](?P<year>(?:19|20)\d\d)\b",
        rf"\b(?P<day>\d\d?)(?:er|st|nd|rd|th)?(?: of)? (?P<month>{_MONTH}),?(?: (?P<year>{_YEAR})\b)?",
        rf"\b(?P<month>{_MONTH}) {_DAY}(?:,? (?P<year>{_YEAR})\b)?",
        rf"{_PART}\b(?P<month>{_MONTH}),? (?:of )?(?P<year>{_YEAR})\b",
        rf"\b(?P<quarter>{_ORDINAL}) (?:quarter|trimestre)(?: of| de)? (?P<year>{_YEAR})\b",
        rf"\b[QT](?P<quarter>[1-4]) (?P<year>{_YEAR})\b",
        rf"{_PART}\b(?P<month>{_MONTH})(?!\w)",
        rf"{_PART}\b(?P<year>{_YEAR})\b(?![.,]?\d)(?! ?(?:%|euros?|dollars?|million|actions|shares|btc|bitcoins?))",
    )
)
_WEEKDAY: Final = re.compile(rf"\b(?:{'|'.join(_WEEKDAYS)})\b", re.IGNORECASE)
# «May» and «march» are words of their own in small letters, «mars» too.
_DOUBTFUL: Final = frozenset(
    "may march mar mars jan dec sep sept mai jun jul avr nov oct aug apr feb".split()
)
_FRENCH_ALONE: Final = frozenset({"mars", "mai"})
_ALONE: Final = _FRENCH_ALONE | {"may", "march", "sept"}
_LEADS: Final = re.compile(
    r"\b(?:in|since|for|of|during|pour|last|until|by|to|from|en|de|"
    r"depuis|jusqu['\u2019]en|avant|fin|d[ée]but|and|et|[àa])[ ]$",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(
    r"\b\d{1,2}(?::\d\d)? ?(?:a\.m\.|p\.m\.|am\b|pm\b)|\b\d{1,2}:\d\d\b|\b\d{1,2} ?h(?: ?\d\d)?\b",
    re.IGNORECASE,
)


class StatedDate(NamedTuple):
    """A date as stated; zero for what is not stated.

    Attributes
    ----------
    part : str
        early, mid, late, or nothing.
    """

    year: int
    month: int
    day: int
    quarter: int
    part: str
    text: str
    start: int
    end: int

    @property
    def is_year(self) -> bool:
        """Whether only a year is stated."""
        return not (self.month or self.day or self.quarter)


def find_dates(text: str) -> tuple[list[StatedDate], str]:
    """Return the dates of a text in order, and the text with each date and hour blotted out, of the same length."""
    dates: list[StatedDate] = []
    remaining_text = text
    for form in _FORMS:
        for match in form.finditer(remaining_text):
            stated = _parse_date(match)
            if stated is not None:
                dates.append(stated)
        for stated_date in dates:
            remaining_text = (
                remaining_text[: stated_date.start]
                + "\x00" * (stated_date.end - stated_date.start)
                + remaining_text[stated_date.end :]
            )
    for match in _CLOCK.finditer(remaining_text):
        remaining_text = (
            remaining_text[: match.start()]
            + "\x00" * (match.end() - match.start())
            + remaining_text[match.end() :]
        )
    return sorted(dates, key=lambda stated_date: stated_date.start), remaining_text


def find_weekdays(text: str) -> list[tuple[int, str]]:
    """Return the weekdays of a text, Monday 0, each as written."""
    return [(_WEEKDAYS[match.group().lower()], match.group()) for match in _WEEKDAY.finditer(text)]


def _parse_date(match: re.Match[str]) -> StatedDate | None:
    groups = match.groupdict()
    month_text = (groups.get("month") or "").rstrip(".")
    plain = fold_text(month_text)
    if (
        plain in _DOUBTFUL
        and not groups.get("day")
        and not groups.get("year")
        and not _is_month(match, plain)
    ):
        return None
    month = MONTHS.get(plain, 0) or int(groups.get("number") or 0)
    day = int(groups.get("day") or 0)
    quarter = _QUARTERS.get(fold_text(groups.get("quarter") or "")[:9].removesuffix("eme"), 0)
    if groups.get("quarter") and not quarter:
        quarter = int(groups["quarter"][0]) if groups["quarter"][0].isdigit() else 0
    if month > 12 or day > 31:
        return None
    start = match.start() + (len(match.group()) - len(match.group().lstrip()))
    part = _period_part(groups.get("part") or "")
    return StatedDate(
        int(groups.get("year") or 0), month, day, quarter, part, match.group().strip(), start, match.end()
    )


def _is_month(match: re.Match[str], plain: str) -> bool:
    # Alone they are months after a word that months follow; in English with a capital.
    start = match.start("month")
    before = match.string[max(0, start - 12) : start]
    is_led = bool(match["part"]) or _LEADS.search(before) is not None
    return is_led and plain in _ALONE and (plain in _FRENCH_ALONE or match.string[start].isupper())


def _period_part(words: str) -> str:
    plain = fold_text(words)
    if any(word in plain for word in ("early", "start", "beginning", "debut")):
        return "early"
    if "mi" in plain.split("-")[0] and ("mid" in plain or "mi-" in plain):
        return "mid"
    return "late" if any(word in plain for word in ("late", "end", "fin")) else ""


def same_date(copy: StatedDate, release: StatedDate) -> bool:
    """Tell whether a date may be the one that a release states, which may say more of it than the copy."""
    if copy.year and release.year and copy.year != release.year:
        return False
    if copy.is_year and not release.year:
        return False
    if copy.quarter:
        release_quarter = release.quarter or (release.month + 2) // 3
        return release_quarter == copy.quarter
    if release.quarter and copy.month:
        return (copy.month + 2) // 3 == release.quarter
    if copy.month:
        if release.month != copy.month:
            return False
        if copy.day:
            return copy.day == release.day
        return _in_part(copy.part, release.day, release.part, 15, 16)
    return _in_part(copy.part, release.month, release.part, 6, 7)


def _in_part(part: str, number: int, stated: str, low: int, high: int) -> bool:
    if not part or not number or stated == part:
        return True
    if part == "early":
        return number <= low
    return number >= high if part == "late" else low / 2 <= number <= high * 1.4


def shared_parts(stated_date: StatedDate, other: StatedDate) -> int:
    """Return how many of day, month, year and quarter two dates share."""
    pairs = (
        (stated_date.day, other.day),
        (stated_date.month, other.month),
        (stated_date.year, other.year),
        (stated_date.quarter, other.quarter),
    )
    return sum(bool(left) and left == right for left, right in pairs)


def whole_date(stated_date: StatedDate) -> date | None:
    """Return a date that is stated whole."""
    try:
        return date(stated_date.year, stated_date.month, stated_date.day)
    except ValueError:
        return None


def stated_date_of(day: str) -> StatedDate:
    """Return an ISO date as if a text stated it."""
    parsed = date.fromisoformat(day)
    return StatedDate(parsed.year, parsed.month, parsed.day, 0, "", day, 0, 0)
