"""Words of the market by dotted key, and numbers as each language writes them.

Takes a language; gives its words: English from the table beside the code, others from the catalogue. A key that is
missing is an error, never a silent hole in a sentence.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from vigie.catalogue import NamedTexts, languages, locale_of
from vigie.domain.errors import UsageError

AmountScales = tuple[tuple[float, str], ...]

MINUS: Final = "\u2212"
UNKNOWN: Final = "\u2013"
THIN: Final = "\u202f"
FIXED: Final = "\u00a0"

# A number and its unit stay on one line.
_UNIT: Final = re.compile(r"(?<=[0-9}]) (?=(?:h|d|j|min|bps|pb)\b(?!\u2019))")

# Thousands parted by commas.
_GROUPED: Final = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])")

# Here: what Vigie says in English needs no locale, which takes a while to load.
_ENGLISH_SCALES: Final[AmountScales] = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))


@cache
def scales_of_amounts(language: str) -> AmountScales:
    """Return the short scales of a language, the largest first.

    Those of its locale that follow one another, up to a thousand millions: Spanish has no short word for these, so its
    amounts stay in millions. A French billion is a million millions, and would be read as the English one.
    """
    if language == "en":
        return _ENGLISH_SCALES
    patterns = locale_of(language).compact_decimal_formats["short"]["other"]
    found: list[tuple[float, str]] = []
    for power in (1_000, 1_000_000, 1_000_000_000):
        pattern = str(patterns[str(power)].pattern).replace("'", "")
        word = pattern.lstrip("0").strip()
        # A word for another power of ten stands after more digits.
        if not word or pattern.count("0") > 1:
            break
        found.insert(0, (float(power), word))
    return tuple(found) or ((1e6, "M"), (1e3, "k"))


@dataclass(frozen=True, slots=True)
class NumberFormatter:
    """How a language writes numbers.

    Attributes
    ----------
    language : str
        Its code.
    point, group : str
        Decimal mark, and what stands between thousands.
    before_unit : str
        What stands between a number and its per cent or currency sign.
    is_sign_first : bool
        Whether signs of currencies stand before amounts.
    euro : float
        Euros for a dollar where amounts of dollars are told in euros, else 0.
    """

    language: str
    point: str
    group: str
    before_unit: str
    is_sign_first: bool
    euro: float = 0.0

    def number(self, value: float, digits: int = 2, *, sign: bool = False) -> str:
        """Write a number with a fixed count of decimals; what is not known is a dash."""
        if math.isnan(value):
            return UNKNOWN
        if math.isinf(value):
            return f"{MINUS if value < 0 else '+' if sign else ''}\u221e"
        body = f"{abs(value):,.{digits}f}"
        is_zero = not body.strip("0.,")
        lead = "" if is_zero else MINUS if value < 0 else "+" if sign else ""
        return lead + body.replace(",", "\0").replace(".", self.point).replace("\0", self.group)

    def exact(self, text: str, least: int = 0) -> str:
        """Write a decimal number, given as text, with every digit it has, and at least so many decimals."""
        if "e" in text.lower():
            text = format(Decimal(text), "f")
        whole, _, decimals = text.removeprefix("-").partition(".")
        decimals = decimals.ljust(least, "0")
        body = f"{int(whole or 0):,}".replace(",", self.group) + self.point * bool(decimals) + decimals
        return f"{MINUS}{body}" if text.startswith("-") else body

    def percent(self, fraction: float, digits: int = 1, *, sign: bool = False) -> str:
        """Write a fraction as per cent."""
        text = self.number(100.0 * fraction, digits, sign=sign)
        return text if text == UNKNOWN else f"{text}{self.before_unit}%"

    def plain(self, value: float, figures: int = 6) -> str:
        """Write a number with the decimals it needs, at most `figures` significant ones."""
        if not math.isfinite(value) or value == 0:
            return self.number(value, 0)
        digits = max(0, min(12, figures - 1 - math.floor(math.log10(abs(value)))))
        text = f"{abs(value):.{digits}f}"
        needed = len(text.rstrip("0").partition(".")[2]) if "." in text else 0
        return self.number(value, needed)

    def price(self, value: float) -> str:
        """Write a price: five significant figures, two decimals where it is above 100."""
        if not math.isfinite(value) or value == 0:
            return self.number(value, 0)
        return self.number(value, 2 if abs(value) >= 100 else min(10, 4 - math.floor(math.log10(abs(value)))))

    def short(self, value: float, *, sign: bool = False) -> str:
        """Write an amount in thousands, millions, billions: three figures and a word."""
        if not math.isfinite(value) or abs(value) < 1e3:
            digits = 0 if not math.isfinite(value) or value == 0 else 2 if abs(value) < 100 else 0
            return self.number(value, digits, sign=sign)
        scale, word = self.scale(value)
        scaled = value / scale
        digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
        return f"{self.number(scaled, digits, sign=sign)}{word}"

    def scale(self, value: float) -> tuple[float, str]:
        """Return what an amount of a thousand and more is divided by, and the word that follows it."""
        scale, word = next(
            (s, w) for s, w in scales_of_amounts(self.language) if abs(value) >= s * 0.9995 or s == 1e3
        )
        return scale, f"{FIXED}{word}" if self.before_unit else word

    def money(self, dollars: float, *, is_price: bool = False, is_plain: bool = False) -> str:
        """Write an amount of US dollars, in euros for who counts in them; short unless it is a price.

        A plain one is in full, with only the decimals that it needs.
        """
        if math.isnan(dollars):
            return UNKNOWN
        sign, value = ("\u20ac", dollars * self.euro) if self.euro else ("$", dollars)
        size = abs(value)
        text = self.plain(size, 5) if is_plain else self.price(size) if is_price else self.short(size)
        minus = MINUS if value < 0 else ""
        return f"{minus}{sign}{text}" if self.is_sign_first else f"{minus}{text}{FIXED}{sign}"

    def of(self, value: float, unit: str, *, sign: bool = False) -> str:
        """Write a number in one of the units of `UNITS`."""
        if unit not in UNITS:
            raise UsageError(
                "unknown_unit", "unit must be one of {units}, was {unit!r}", units=" ".join(UNITS), unit=unit
            )
        if unit == "fraction":
            digits = 1 if abs(value) >= 0.001 or value == 0 else 3
            return self.percent(value, digits, sign=sign)
        if unit == "rate":
            return self.percent(value, 4, sign=sign)
        if unit == "points":
            return self.number(100.0 * value, 2, sign=sign)
        if unit in ("usd", "usd_price"):
            return self.money(value, is_price=unit == "usd_price")
        if unit == "price":
            return self.price(value)
        if unit == "sat_vb":
            text = self.number(value, 0 if abs(value) >= 100 else 1, sign=sign)
            return text if text == UNKNOWN else f"{text}{FIXED}sat/vB"
        digits = {"bps": 1, "atr": 1, "ratio": 2, "index": 0, "count": 0, "rank": 0}[unit]
        return self.number(value, digits, sign=sign)


# How a value is written: a fraction and a rate as per cent, points as percentage points, the rest as it is.
UNITS: Final = (
    "fraction", "rate", "points", "usd", "usd_price", "price", "bps", "atr", "ratio", "index", "count", "rank",
    "sat_vb",
)  # fmt: skip


@cache
def numbers_of(language: str) -> NumberFormatter:
    """Return how a language writes numbers, as the table of its locale says."""
    locale = locale_of(language)
    symbols = locale.number_symbols
    marks = symbols.get("latn", symbols)
    return NumberFormatter(
        language,
        marks["decimal"],
        marks["group"],
        "" if str(locale.percent_formats[None].pattern).endswith("0%") else FIXED,
        str(locale.currency_formats["standard"].pattern).startswith("\u00a4"),
    )


def normalize_number(typed: str, language: str) -> str:
    """Return a typed number as programs write it, without what parts thousands and with a point."""
    if numbers_of(language).point == ".":
        # Where a point parts decimals, commas before three digits part thousands: 60,000 is no 60.
        typed = _GROUPED.sub(lambda match: match[0].replace(",", ""), typed)
    return typed.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")


@dataclass(frozen=True, slots=True)
class MarketTexts:
    """The words of one language.

    Attributes
    ----------
    language : str
        Its code.
    texts : mapping of str to str
        By dotted key, ``trend.words.rising``.
    numbers : NumberFormatter
        How it writes numbers.
    """

    language: str
    texts: Mapping[str, str]
    numbers: NumberFormatter

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its values filled in; a missing key or value is an error."""
        return self.texts[key].format(**values) if values else self.texts[key]


def load_texts(language: str, euro: float = 0.0) -> MarketTexts:
    """Return the words of a language.

    Parameters
    ----------
    euro : float
        Euros for a dollar where amounts are told in euros, else 0.

    Raises
    ------
    UsageError
        If no page can be read in the language.
    """
    if language not in languages():
        raise UsageError(
            "unknown_language",
            "language must be one of {languages}, was {language!r}",
            languages=" ".join(languages()),
            language=language,
        )
    numbers = numbers_of(language)
    return MarketTexts(language, _read_texts(language), replace(numbers, euro=euro) if euro else numbers)


@cache
def _read_texts(language: str) -> Mapping[str, str]:
    return {key: _with_fixed_spaces(key, text) for key, text in _texts()[language].items()}


@cache
def _texts() -> NamedTexts:
    text = Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
    return NamedTexts("market", dict(_flatten(tomllib.loads(text))))


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{name}.")
        else:
            yield name, str(value)


def _with_fixed_spaces(key: str, text: str) -> str:
    # Titles of fields are read back from typed sentences.
    return text if key.startswith("fields.") else _UNIT.sub(FIXED, text)
