"""Numbers, times and spans as a language writes them; what is not known is a dash, never zero."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

from vigie.catalogue import locale_of
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS

MINUS: Final = "\u2212"
UNKNOWN: Final = "\u2013"
# Decimals of every drawdown in the report, as on the page of the same run: those of a return, which it is read beside.
DRAWDOWN_DIGITS: Final = 2
_NARROW: Final = "\u202f"
# As the table of the English locale says, which is not loaded for it.
_ENGLISH: Final = (".", ",", "")


@dataclass(frozen=True, slots=True)
class ReportNumberFormat:
    """How a language writes numbers.

    Attributes
    ----------
    point, group : str
        Decimal mark, and what stands between thousands.
    before_percent : str
        Space before the per cent sign.
    """

    point: str
    group: str
    before_percent: str

    def number(self, value: float, digits: int = 2, *, sign: bool = False) -> str:
        """Write a number with a fixed count of decimals.

        Parameters
        ----------
        value : float
            NaN gives a dash, infinities ``∞``.
        digits : int
            Decimals, trailing zeros included.
        sign : bool
            Whether numbers above 0 begin with ``+``.

        Returns
        -------
        str
            Grouped by thousands; what rounds to 0 has no sign.
        """
        if math.isnan(value):
            return UNKNOWN
        lead = MINUS if value < 0 else "+" if sign else ""
        if math.isinf(value):
            return f"{lead}\u221e"
        body = f"{abs(value):,.{digits}f}"
        if not body.strip("0.,"):
            lead = ""
        return lead + body.replace(",", "\0").replace(".", self.point).replace("\0", self.group)

    def percent(self, fraction: float, digits: int = 1, *, sign: bool = False) -> str:
        """Write a fraction as per cent.

        Parameters
        ----------
        fraction : float
            0.01 is one per cent.
        digits : int
            Decimals of the per cent.
        sign : bool
            Whether gains begin with ``+``.

        Returns
        -------
        str
            With the language's space before the sign; a dash for NaN.
        """
        text = self.number(100.0 * fraction, digits, sign=sign)
        return text if text == UNKNOWN else f"{text}{self.before_percent}%"

    def plain(self, value: float, figures: int = 6) -> str:
        """Write a number with as many significant figures as it needs, at most `figures`.

        Parameters
        ----------
        value : float
            Any number.
        figures : int
            Significant figures, at least 1.

        Returns
        -------
        str
            Without trailing zeros; whole parts are never cut.
        """
        if not math.isfinite(value) or value == 0:
            return self.number(value, 0)
        digits = max(0, min(12, figures - 1 - math.floor(math.log10(abs(value)))))
        text = f"{abs(value):.{digits}f}"
        digits = len(text.rstrip("0").partition(".")[2]) if "." in text else 0
        return self.number(value, digits)


@cache
def report_numbers(language: str) -> ReportNumberFormat:
    """Return how the report writes numbers in a language, as the table of its locale says.

    Parameters
    ----------
    language : str
        A code of the catalogue, ``fr``.

    Returns
    -------
    ReportNumberFormat
        The same object at every call.
    """
    if language == "en":
        return ReportNumberFormat(*_ENGLISH)
    locale = locale_of(language)
    marks = locale.number_symbols.get("latn", locale.number_symbols)
    is_apart = not locale.percent_formats[None].pattern.endswith("0%")
    return ReportNumberFormat(marks["decimal"], marks["group"], before_percent=_NARROW if is_apart else "")


def format_time(ts: int) -> str:
    """Write a time in UTC to the minute, ``2025-01-03 04:00``.

    Parameters
    ----------
    ts : int
        Epoch milliseconds UTC.

    Returns
    -------
    str
        Seconds are cut off; the same in every language.
    """
    return datetime.fromtimestamp(ts / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def format_day(ts: int) -> str:
    """Write the UTC day of a time, ``2025-01-03``.

    Parameters
    ----------
    ts : int
        Epoch milliseconds UTC.

    Returns
    -------
    str
        The same in every language.
    """
    return format_time(ts)[:10]


def span_parts(duration_ms: float) -> tuple[float, str]:
    """Return a duration in the unit people would use, and that unit: ``day``, ``hour`` or ``minute``.

    Parameters
    ----------
    duration_ms : float
        Milliseconds, >= 0.

    Returns
    -------
    tuple of float, str
        Not rounded; days from one day on, hours from two hours on, else minutes.
    """
    for unit, size in (("day", DAY_MS), ("hour", HOUR_MS)):
        if duration_ms >= 2 * size or (unit == "day" and duration_ms >= size):
            return duration_ms / size, unit
    return duration_ms / MINUTE_MS, "minute"
