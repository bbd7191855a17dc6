"""How a visitor reads: texts from the catalogue, numbers and times as each language writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency, format_decimal

from vigie.catalogue import (
    MARKS,
    NamedTexts,
    complete_language,
    complete_languages,
    format_day,
    is_singular,
    locale_of,
    read_catalogue,
    translate,
)
from vigie.domain.time import is_zone, zoned
from vigie.drawing.decimals import column_decimals, least_decimals, price_decimals
from vigie.intelligence.market.words import numbers_of, scales_of_amounts
from vigie.services.reader_texts import ReaderText

MISSING: Final = "\u2013"

_BYTES: Final = NamedTexts("bytes", {"1": "B", "k": "kB", "m": "MB", "g": "GB", "t": "TB"})
_CENT: Final = 0.01
# Columns and series of money are called by its name; these are sums, and those are prices.
_AMOUNTS: Final = ("flow_net", "volume_24h", "market_cap")
_PRICES: Final = ("price", "peg", "per", "reference_rate")

# Written numbers and times that are remembered, each kind; of some 100 bytes.
_WRITTEN: Final = 4_096
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
# A library may have changed how the thread rounds.
_ROUNDING: Final = Context(rounding=ROUND_HALF_EVEN)


def amount_endings(language: str) -> tuple[str, ...]:
    """Return what follows amounts in thousands, millions and so on; the browser's script writes them, too."""
    return ("", *(word for _, word in reversed(scales_of_amounts(language))))


def byte_units(language: str) -> tuple[str, ...]:
    """Return what bytes, thousands of them and so on are called."""
    return tuple(_BYTES[language].values())


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return the texts of a language by their English; English is said as it is written."""
    return {} if language == "en" else read_catalogue(language).texts


def preferred_language(header: str) -> str:
    """Return the complete language a browser prefers, English where it names none; others are for who chooses them."""
    preferences: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        for language in complete_languages():
            if tag.lower().split("-")[0] == language:
                preferences.append((-weight, place, language))
    return min(preferences)[2] if preferences else "en"


@dataclass(frozen=True, slots=True)
class UserLanguage:
    """How one visitor reads: language and time zone."""

    language: str
    zone: str = "UTC"

    @property
    def locale(self) -> Locale:
        """Babel's locale."""
        return locale_of(self.language)

    @property
    def content_language(self) -> str:
        """What answers, boards and mails are in: English where not everything is said in the language."""
        return complete_language(self.language)

    @property
    def colon(self) -> str:
        """What stands between a name and what it is."""
        return MARKS[self.language]["colon"]

    @property
    def semicolon(self) -> str:
        """What stands between two parts of a line."""
        return MARKS[self.language]["semicolon"]

    @property
    def quotes(self) -> tuple[str, str]:
        """The marks before and behind what somebody else wrote."""
        return (MARKS[self.language]["quote_begins"], MARKS[self.language]["quote_ends"])

    @property
    def point(self) -> str:
        """The decimal mark."""
        return numbers_of(self.language).point

    @property
    def is_spaced(self) -> bool:
        """Whether signs and short words stand off from numbers."""
        return bool(numbers_of(self.language).before_unit)

    def text(self, english: str) -> str:
        """Return a text in the language; the English one where there is no other."""
        return translate(english, self.language)

    def said(self, text: str) -> str:
        """Return a text of an answer: in the language where it can be said in it, else as it is."""
        return text.say(self.language) if isinstance(text, ReaderText) else text

    def plural(self, singular: str, many: str, number: int) -> str:
        """Return the form that a number asks for."""
        return self.text(singular if is_singular(self.language, number) else many)

    def number(self, value: float | None, digits: int = 2) -> str:
        """Write a plain number with at most so many decimals."""
        if value is None or value != value:
            return MISSING
        return _replace_hyphen(_decimal(str(value), "#,##0." + "#" * digits, self.language))

    def digits(self, text: str, least: int = 0) -> str:
        """Write a number that is exact already with every digit it has, and at least so many decimals."""
        return numbers_of(self.language).exact(text, least)

    def fixed(self, value: float | None, digits: int = 2) -> str:
        """Write a number with a fixed count of decimals and the minus sign."""
        if value is None or value != value:
            return MISSING
        return _with_minus(_decimal(str(abs(value)), "#,##0." + "0" * digits, self.language), value)

    def price(self, value: float | None, column: Mapping[int, int] | None = None) -> str:
        """Write a price with as many digits as tell prices apart: five significant ones, two decimals at least.

        Zeros at its end are left out, but for those that others of its `column` need; see `column`.
        """
        if value is None or value != value:
            return MISSING
        most = price_decimals(abs(value))
        least = (column or {}).get(most, least_decimals(most))
        pattern = "#,##0." + "0" * least + "#" * max(0, most - least)
        return _replace_hyphen(_decimal(str(value), pattern, self.language))

    def decimals(self, text: str) -> int:
        """Return how many decimals a written number has."""
        return sum(letter.isdigit() for letter in text.partition(numbers_of(self.language).point)[2])

    def column(self, values: Iterable[object]) -> dict[int, int]:
        """Return how many decimals prices of a column have, by how many a lone one may; see `column_decimals`."""
        return column_decimals(values)

    def compact(self, value: float | None) -> str:
        """Write a large number in short, with two decimals, so that columns line up: 1.20B.

        What is larger than the largest word has none: 2 930 Md.
        """
        if value is None or value != value:
            return MISSING
        left, place, endings = abs(value), 0, amount_endings(self.language)
        while round(left, 2) >= 1_000 and place < len(endings) - 1:
            left, place = left / 1_000, place + 1
        ending = endings[place]
        gap = "\u00a0" if self.is_spaced and ending else ""
        return _with_minus(f"{self.fixed(left, 0 if left >= 1_000 else 2)}{gap}{ending}", value)

    def money(self, value: float | None, currency: str = "USD") -> str:
        """Write an amount of money."""
        if value is None or value != value:
            return MISSING
        with localcontext(_ROUNDING):
            return str(format_currency(value, currency, locale=self.locale))

    def percent(self, fraction: float | None, digits: int = 2, *, signed: bool = False) -> str:
        """Write a fraction as per cent; signed ones carry + or the minus sign."""
        if fraction is None or fraction != fraction:
            return MISSING
        sign = "\u00a0%" if self.is_spaced else "%"
        text = _decimal(str(abs(fraction)), "#,##0." + "0" * digits + sign, self.language)
        return (
            f"+{text}" if signed and fraction > 0 and not _is_nothing(text) else _with_minus(text, fraction)
        )

    def share(self, fraction: float | None, digits: int = 1) -> str:
        """Write a part of a whole as per cent; what is too small for the digits is less than they tell."""
        text = self.percent(fraction, digits)
        if fraction is None or not fraction > 0 or not _is_nothing(text):
            return text
        least = self.percent(10.0 ** -(digits + 2), digits)
        return f"<\u00a0{least}" if self.is_spaced else f"<{least}"

    @staticmethod
    def is_amount(*names: str) -> bool:
        """Tell whether columns or series that are called so hold amounts of money, which have cents, and no prices."""
        last = [name.rpartition("/")[2] for name in names]
        return bool(last) and all(
            name in _AMOUNTS or (name.endswith("usd") and not name.startswith(_PRICES)) for name in last
        )

    def unit(
        self,
        value: float | None,
        unit: str,
        column: Mapping[int, int] | None = None,
        *,
        is_amount: bool = False,
    ) -> str:
        """Write a value in its unit, as figures and tables show it.

        Parameters
        ----------
        column : mapping, optional
            As for `price`.
        is_amount : bool
            Of money: whether it is a sum, with two decimals, and no price.
        """
        if value is None or value != value:
            return MISSING
        match unit:
            case "usd" | "eur":
                return self._format_money(value, unit, column, is_amount=is_amount)
            case "fraction":
                return self.percent(value)
            case "change":
                return self.percent(value, signed=True)
            case "rate":
                return self.percent(value, 4, signed=True)
            case "count":
                return self.compact(value) if abs(value) >= 1e6 else self.number(value, 2)
            case "coins":
                return self.compact(value) if abs(value) >= 1e6 else self.fixed(value)
            case "price":
                return self.price(value, column)
            case "index":
                return self.number(value) if float(value).is_integer() else self.fixed(value)
            case "ms":
                return self.moment(int(value))
            case "":
                return self.number(value, 4)
        return self._format_other_unit(value, unit)

    def _format_other_unit(self, value: float, unit: str) -> str:
        match unit:
            case "ratio":
                return self.fixed(value)
            case "bytes":
                return self.size(value)
            case "clock":
                return self.clock(int(value))
            case "took":
                return self.took(int(value))
        if unit.isupper():
            # A currency by its code: cents are always written.
            return f"{self.fixed(value)}\u00a0{unit}"
        return f"{self.compact(value) if abs(value) >= 1e6 else self.number(value, 2)} {self.text(unit)}"

    def size(self, count: float) -> str:
        """Write a number of bytes in the largest unit that fits, in steps of a thousand."""
        left, place, units = abs(count), 0, byte_units(self.language)
        while round(left, 1) >= 1_000 and place < len(units) - 1:
            left, place = left / 1_000, place + 1
        text = self.fixed(left, 1) if place else self.number(left, 0)
        return _with_minus(f"{text}\u00a0{units[place]}", count)

    def _format_money(
        self, value: float, unit: str, column: Mapping[int, int] | None, *, is_amount: bool
    ) -> str:
        sign, size = "$" if unit == "usd" else "\u20ac", abs(value)
        if size >= 1e6:
            text = self.compact(size)
        else:
            # Less than a cent would be nothing with two decimals.
            text = self.fixed(size) if is_amount and size >= _CENT else self.price(size, column)
        is_first = numbers_of(self.language).is_sign_first
        return _with_minus(f"{sign}{text}" if is_first else f"{text}\u00a0{sign}", value)

    def moment(self, ts_ms: int | None, *, seconds: bool = False) -> str:
        """Write a time in the visitor's zone, with the zone's name."""
        if ts_ms is None:
            return MISSING
        pattern = "HH:mm:ss" if seconds else "HH:mm"
        return _moment(ts_ms // 1_000, self.zone, pattern, self.language)

    def clock(self, ts_ms: int | None) -> str:
        """Write the hour and minute of a time in the visitor's zone, with the zone's name."""
        if ts_ms is None:
            return MISSING
        when = _local_time(ts_ms, self.zone)
        clock = format_time(when, format="HH:mm", locale=self.locale, tzinfo=when.tzinfo)
        return f"{clock} {self.zone_name(ts_ms)}"

    def day(self, ts_ms: int | None) -> str:
        """Write a UTC day: bars and risk have UTC days whatever the visitor's zone."""
        return MISSING if ts_ms is None else format_day(_local_time(ts_ms, "UTC"), self.language)

    def weekday(self, ts_ms: int) -> str:
        """Write the weekday of a UTC day in three letters or so."""
        return str(format_date(_local_time(ts_ms, "UTC"), format="EEE", locale=self.locale))

    def month(self, ts_ms: int | None) -> str:
        """Write the month in which a UTC time lies."""
        if ts_ms is None:
            return MISSING
        return str(format_date(_local_time(ts_ms, "UTC"), format="MMMM y", locale=self.locale))

    def zone_name(self, ts_ms: int) -> str:
        """Return the short name of the zone at a time: CET, CEST, UTC."""
        return _zone_name(_local_time(ts_ms, self.zone), self.locale)

    def took(self, ms: int) -> str:
        """Write how long something took: seconds below a minute, else its two largest units."""
        seconds = max(0, ms) // 1_000
        if seconds < _MINUTE:
            return f"{self.number(max(0, ms) / 1_000, 1)} {self.text('s')}"
        for size, part, short, small in (
            (_DAY, _HOUR, "d", "h"),
            (_HOUR, _MINUTE, "h", "min"),
            (_MINUTE, 1, "min", "s"),
        ):
            if seconds >= size:
                rest = seconds % size // part
                return f"{seconds // size} {self.text(short)}" + (
                    f" {rest} {self.text(small)}" if rest else ""
                )
        return ""

    def age(self, ms: int | None) -> str:
        """Write how long ago something was, in the largest unit that fits."""
        if ms is None:
            return MISSING
        seconds = max(0, ms) // 1_000
        for size, short in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
            if seconds >= size:
                return f"{seconds // size} {self.text(short)}"
        return f"{seconds} s"

    def long_date(self, ts_ms: int) -> str:
        """Write a day with its weekday, in the visitor's zone."""
        # English without the comma of its locale, as in all texts.
        pattern = "EEEE d MMMM y" if self.language == "en" else "full"
        return format_day(_local_time(ts_ms, self.zone), self.language, pattern)


def _replace_hyphen(text: str) -> str:
    """Return a number with the minus sign in place of a hyphen; what is written as nothing has no sign."""
    return _with_minus(text.removeprefix("-"), -1.0 if text.startswith("-") else 1.0)


def _with_minus(text: str, value: float) -> str:
    """Return a size with the minus sign where its value is negative; what is written as nothing has no sign."""
    return f"\u2212{text}" if value < 0 and not _is_nothing(text) else text


def _is_nothing(text: str) -> bool:
    """Tell by what is written, not by the value: halves may round either way. Infinity has no digits."""
    return "0" in text and not any(digit in text for digit in "123456789")


# A page writes hundreds of numbers and times, and the next page most of them again: each is written once.
@lru_cache(maxsize=_WRITTEN)
def _decimal(value: str, pattern: str, language: str) -> str:
    # Babel takes numbers as text, too: what is equal and of another type is another text.
    with localcontext(_ROUNDING):
        return str(format_decimal(Decimal(value), format=pattern, locale=locale_of(language)))


@lru_cache(maxsize=_WRITTEN)
def _moment(ts_s: int, zone: str, pattern: str, language: str) -> str:
    when, locale = _local_time(ts_s * 1_000, zone), locale_of(language)
    clock = format_time(when, format=pattern, locale=locale, tzinfo=when.tzinfo)
    return f"{format_day(when, language)} {clock} {_zone_name(when, locale)}"


def _zone_name(when: datetime, locale: Locale) -> str:
    return when.tzname() or str(get_timezone_name(when, width="short", locale=locale))


def _local_time(ts_ms: int, zone: str) -> datetime:
    return zoned(ts_ms, ZoneInfo(zone))


def valid_zone(name: str) -> str:
    """Return the name of a time zone; UTC where there is none of that name."""
    return name if is_zone(name) else "UTC"
