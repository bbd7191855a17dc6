"""What a text counts, the same however each language writes it: 1,2 milliard is 1.2 billion, 6/20 is one date."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from vigie.intelligence.news.reading.words import TITLE_READ

# Each begins with what it looks for, and looks back then: the search passes over everything else at once.
_NUMBER: Final = re.compile(
    r"(?P<figures>\d(?<![^\W_]\d)\d{0,14}(?:[.,/:\u2019'\u00a0\u202f ]\d{1,15}){0,6})"
    r"(?P<percent>[ \u00a0\u202f]?%)?"
    r"(?P<scale>[ \u00a0\u202f-]?(?:trillions?|billions?|millions?|thousand|milliards?|mille"
    r"|mds?|bn|mln|mn|[kmb])(?![^\W_]))?",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")
_PERIOD: Final = re.compile(r"[QHTSqhts\u017f](?<!\w.)[1-4]\b")
_SCALES: Final = {
    "k": 10**3, "thousand": 10**3, "mille": 10**3,
    "m": 10**6, "mn": 10**6, "mln": 10**6, "million": 10**6, "millions": 10**6,
    "b": 10**9, "bn": 10**9, "md": 10**9, "mds": 10**9, "billion": 10**9, "billions": 10**9,
    "milliard": 10**9, "milliards": 10**9,
    "trillion": 10**12, "trillions": 10**12,
}  # fmt: skip
_GROUPED: Final = re.compile(r"\d{1,3}([,\u2019'\u00a0\u202f ])\d{3}(?:\1\d{3})*(?:[.,]\d+)?")
_MOST: Final = 64


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of a title's length of text, each in one form: value, ``%``, a date as written, a quarter."""
    return cached_numbers(text[:TITLE_READ])


# Steps read the same title one after the other.
@lru_cache(maxsize=512)
def cached_numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text; remembered for the next step."""
    if not _DIGIT.search(text):
        return frozenset()
    numbers_found = {number for match in _NUMBER.finditer(text) for number in _parse_number(*match.groups())}
    numbers_found.update(match.group().upper() for match in _PERIOD.finditer(text))
    return frozenset(sorted(numbers_found)[:_MOST])


# Years, shares and round sums come again and again.
@lru_cache(maxsize=4_096)
def _parse_number(figures: str, percent: str | None, scale_word: str | None) -> tuple[str, ...]:
    scale = _SCALES.get((scale_word or "").strip(" \u00a0\u202f-").lower(), 1)
    sign = "%" if percent else ""
    # Blanks that group no thousands stand between numbers of their own.
    parts = [figures] if _GROUPED.fullmatch(figures) else re.split(r"[\u00a0\u202f ]|, ?(?=\d{4})", figures)
    *others, last = parts
    return (*(_plain_number(part, 1, "") for part in others), _plain_number(last, scale, sign))


def _plain_number(figures: str, scale: int, sign: str) -> str:
    if "/" in figures or ":" in figures:
        return figures
    grouped = _GROUPED.fullmatch(figures)
    bare = figures.replace(grouped[1], "") if grouped else figures
    bare = re.sub(r"[\u2019'\u00a0\u202f ]", "", bare).replace(",", ".")
    if bare.count(".") > 1:
        return bare
    value = (Decimal(bare) * scale).normalize()
    return f"{value:f}{sign}"
