"""From values and times to places on a chart, with round marks in the reader's language and time zone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from babel.dates import format_date

from vigie.catalogue import MARKS, locale_of
from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS, zoned
from vigie.drawing.steps import multiples, round_step
from vigie.intelligence.market.words import FIXED, NumberFormatter, numbers_of

_HOURS: Final = (1, 3, 6, 12)
_DAYS: Final = (1, 2, 5, 10)
_MONTHS: Final = (1, 3, 6)
SIGNS: Final = {"usd": "$", "eur": "\u20ac"}
_YEARS: Final = (1, 2, 5, 10)
# Here: a chart in English needs no locale, which takes longer to load than the chart to draw.
_ENGLISH_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True, slots=True)
class ValueScale:
    """Values between two ends, linear or logarithmic.

    Attributes
    ----------
    low, high : float
        Bottom and top of the chart, different.
    is_log : bool
        Equal distances are equal ratios.
    """

    low: float
    high: float
    is_log: bool = False

    def shares(self, values: FloatArray) -> FloatArray:
        """Return places from the top (0) to the bottom (1); NaN stays NaN."""
        if self.is_log:
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(
                    (math.log(self.high) - np.log(values)) / (math.log(self.high) - math.log(self.low))
                )
        return np.asarray((self.high - values) / (self.high - self.low), dtype=np.float64)

    def share(self, value: float) -> float:
        """Return the place of one value from the top (0) to the bottom (1)."""
        return float(self.shares(np.array([value]))[0])


def fit_scale(parts: Sequence[FloatArray], *, is_log: bool = False, margin: float = 0.05) -> ValueScale:
    """Return a scale that holds all known values with a margin.

    Raises
    ------
    UsageError
        If a logarithmic scale is asked for values that are not all above 0.
    """
    finite_parts = [part[np.isfinite(part)] for part in parts]
    values = np.concatenate(finite_parts) if finite_parts else np.zeros(0)
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    if is_log:
        if low <= 0:
            raise UsageError(
                "logarithmic_scale_must_values_above",
                "a logarithmic scale must have values above 0, had {low}",
                low=low,
            )
        reach = (high / low) ** margin if high > low else 1.05
        return ValueScale(low / reach, high * reach, is_log=True)
    reach = (high - low) * margin if high > low else max(abs(high) * 0.05, 1e-12)
    return ValueScale(low - reach, high + reach)


def value_ticks(scale: ValueScale, count: int = 5) -> list[float]:
    """Return round values on a scale, about `count` of them."""
    if scale.is_log and scale.high / scale.low > 8:
        candidates = [m * 10.0**p for p in _powers(scale) for m in (1.0, 2.0, 5.0)]
        inside = [value for value in candidates if scale.low <= value <= scale.high]
        if len(inside) <= 2 * count:
            return inside
        decades = [10.0**p for p in _powers(scale) if scale.low <= 10.0**p <= scale.high]
        return decades[:: -(-len(decades) // (2 * count))]
    raw = (scale.high - scale.low) / count
    return multiples(round_step(raw, 0.7), scale.low, scale.high)


def tick_texts(ticks: Sequence[float], unit: str, language: str, *, short_from: float = 1e5) -> list[str]:
    """Return marks with the same decimals for all, as the language writes them; large ones in thousands and up.

    Those that lie near one another are written out where that is shorter: 10,000 in place of 10.000k.
    """
    numbers = numbers_of(language)
    if unit in ("fraction", "rate"):
        return [
            f"{text}{numbers.before_unit}%"
            for text in _same_decimals([tick * 100 for tick in ticks], numbers)
        ]
    texts = _same_decimals(ticks, numbers)
    largest = max((abs(tick) for tick in ticks), default=0.0)
    if largest >= short_from:
        divisor, word = numbers.scale(largest)
        short = [f"{text}{word}" for text in _same_decimals([tick / divisor for tick in ticks], numbers)]
        texts = short if max(map(len, short)) <= max(map(len, texts)) else texts
    sign = SIGNS.get(unit, "")
    return [_add_sign(text, sign, numbers) if sign else text for text in texts]


def _same_decimals(values: Sequence[float], numbers: NumberFormatter) -> list[str]:
    digits = _digits(values)
    return [numbers.number(value, digits) for value in values]


def time_ticks(start: int, end: int, *, zone: str, language: str, count: int = 6) -> list[tuple[int, str]]:
    """Return times at which hours, days, months or years begin in a zone, at most about `count`, with names.

    Parameters
    ----------
    start, end : int
        Epoch milliseconds.
    zone : str
        ``Europe/Paris``; days begin there, also when clocks change.
    language : str
        ``en`` or ``fr``.
    count : int
        Most marks, >= 2.
    """
    tz = parse_zone(zone)
    span = max(end - start, 1)
    for hours in _HOURS:
        if span / (hours * HOUR_MS) <= count:
            return _name_hours(_hour_ticks(start, end, hours, tz), language)
    for days in _DAYS:
        if span / (days * DAY_MS) <= count:
            return [(ts, _day_text(moment, language)) for ts, moment in _day_ticks(start, end, days, tz)]
    for months in _MONTHS:
        if span / (months * 30.44 * DAY_MS) <= count:
            return [
                (ts, _month_text(moment, language)) for ts, moment in _month_ticks(start, end, months, tz)
            ]
    years = next((y for y in _YEARS if span / (y * 365.25 * DAY_MS) <= count), 20)
    return [(ts, str(moment.year)) for ts, moment in _month_ticks(start, end, 12 * years, tz)]


def parse_zone(zone: str) -> ZoneInfo:
    """Return a time zone by its name.

    Raises
    ------
    UsageError
        If there is none of this name.
    """
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            "time_zone_must_name_such",
            "time zone must be a name such as Europe/Paris, was {zone!r}",
            zone=zone[:40],
        ) from None


def moment_text(ts: int, *, zone: str, language: str) -> str:
    """Return a time in a zone, which is named: ``20 Nov 2026, 12:30 (Europe/Paris)``."""
    moment = zoned(ts, parse_zone(zone))
    return f"{_day_text(moment, language)} {moment.year}, {moment:%H:%M} ({zone})"


TickTimes = Iterator[tuple[int, datetime]]


def _epoch(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _hour_ticks(start: int, end: int, step: int, zone: ZoneInfo) -> TickTimes:
    day = zoned(start, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    while True:
        for hour in range(0, 24, step):
            moment = (day + timedelta(hours=hour)).replace(tzinfo=zone)
            ts = _epoch(moment)
            if ts > end:
                return
            # An hour that clocks skip is not drawn.
            if ts >= start and zoned(ts, zone).hour == hour:
                yield ts, moment
        day += timedelta(days=1)


def _day_ticks(start: int, end: int, step: int, zone: ZoneInfo) -> TickTimes:
    day = zoned(start, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    while True:
        ts = _epoch(day.replace(tzinfo=zone))
        if ts > end:
            return
        # Counted from the first of the month, so that marks stay where they are while a chart moves on.
        if ts >= start and (day.day - 1) % step == 0 and (step == 1 or day.day < 30):
            yield ts, day
        day += timedelta(days=1)


def _month_ticks(start: int, end: int, step: int, zone: ZoneInfo) -> TickTimes:
    moment = zoned(start, zone)
    month = moment.year * 12 + moment.month - 1
    month -= month % step
    while True:
        begin = datetime(month // 12, month % 12 + 1, 1, tzinfo=zone)
        ts = _epoch(begin)
        if ts > end:
            return
        if ts >= start:
            yield ts, begin
        month += step


def _name_hours(marks: TickTimes, language: str) -> list[tuple[int, str]]:
    return [(ts, f"{moment:%H:%M}" if moment.hour else _day_text(moment, language)) for ts, moment in marks]


def _day_text(moment: datetime, language: str) -> str:
    # As `format_day` writes it, which takes a locale: that loads for longer than a chart is drawn.
    day = MARKS[language]["first_day"] if moment.day == 1 else str(moment.day)
    return f"{day} {_month_name(moment, language)}"


def _month_text(moment: datetime, language: str) -> str:
    return str(moment.year) if moment.month == 1 else _month_name(moment, language)


def _powers(scale: ValueScale) -> range:
    return range(math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high)) + 1)


def _digits(values: Sequence[float]) -> int:
    """Return the fewest decimals that tell all values apart and write them exactly, at most 10."""
    for digits in range(11):
        if all(abs(round(value, digits) - value) <= 1e-9 * max(abs(value), 1e-9) for value in values):
            return digits
    return 10


def _add_sign(text: str, sign: str, numbers: NumberFormatter) -> str:
    return f"{sign}{text}" if numbers.is_sign_first else f"{text}{FIXED}{sign}"


def _month_name(moment: datetime, language: str) -> str:
    if language == "en":
        return _ENGLISH_MONTHS[moment.month - 1]
    return str(format_date(moment, "MMM", locale=locale_of(language)))
