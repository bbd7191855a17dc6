"""Figures as texts state them, in English and French: value, unit, how it is hedged, and how exactly it is written."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.fractions import WordedPart, find_worded_parts
from vigie.intelligence.news.facts.units import (
    ABOUT_WORDS,
    DAYS,
    DOLLAR,
    DOLLARS,
    HEDGES,
    METRIC,
    NUMBER_WORDS,
    PARTS,
    PREFIXES,
    SCALES,
    UNITS,
)
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import fold

_SMALL: Final = SMALL["en"] | SMALL["fr"]
_GROUPED: Final = (
    r"\d{1,3}(?:(?P<group>[ \u00a0\u202f,'\u2019])\d{3})(?:(?P=group)\d{3})*(?!\d)(?:[.,]\d+)?"
    r"|\d{1,3}(?:\.\d{3}){2,}|\d{1,2}(?:,\d\d)+,\d{3}(?!\d)"
)
_NUMBER_WORD: Final = "|".join(sorted((*NUMBER_WORDS, *ABOUT_WORDS), key=len, reverse=True))
_SCALE: Final = "|".join(sorted(SCALES, key=len, reverse=True))
_PREFIX: Final = "|".join(re.escape(one) for one in sorted(PREFIXES, key=len, reverse=True))
_FIGURE: Final = re.compile(
    rf"(?:(?<![^\W_])(?P<prefix>{_PREFIX})[ \u00a0\u202f]?|(?<![\w.]))"
    rf"(?:(?P<digits>{_GROUPED}|\d+(?:[.,]\d+)?)"
    rf"|(?P<words>(?:{_NUMBER_WORD}))(?![^\W_])"
    r"|(?P<half>half an?|an?|une?|un demi|one)(?=[- ](?:million|billion|milliard|trillion|hundred|thousand)))"
    r"(?P<and_half> and a half| et demie?)?"
    r"(?:[-\s\u00a0\u202f]{0,2}(?:premi[èe]re?s |derni[èe]re?s |autres |de |d['\u2019])?"
    rf"(?P<scale>{_SCALE})(?![^\W_]))?(?P<and_half2> and a half| et demie?)?"
    r"(?:(?![^\W_])|(?=(?:bps?|pb|pc|pct)(?![^\W_])))",
    re.IGNORECASE,
)
_LINK: Final = re.compile(r"[-\s\u00a0\u202f]*(?:(?:de |d['\u2019]|of ))?", re.IGNORECASE)
_RANGE: Final = re.compile(
    r"\s*(?:à|to|and|et|or|ou|[-–]|contre|against|des|sur les|of the)\s*", re.IGNORECASE
)
_HEDGES: Final = tuple((name, re.compile(rf"\b(?:{form})\s*$", re.IGNORECASE)) for name, form in HEDGES)
_HEDGED_BY: Final = 40
_NOUN: Final = re.compile(
    r"[-\s\u00a0\u202f]+(?:(?:de|des|of|the|les) |d['\u2019])?((?:[^\W\d_]+[ '\u2019-]?){1,4})"
)
# What is written without a hedge is rounded by so much at most.
_ROUNDED: Final = 0.06
_OVER, _UNDER, _ABOUT = 0.72, 1.25, 0.12
_EXACT: Final = 1e-9
_FIVE: Final = 5


class StatedFigure(NamedTuple):
    """A figure as stated.

    Attributes
    ----------
    value : float
        In its unit, thousands and millions multiplied out.
    bare : float
        As written, before the scale.
    ulp : float
        What one more in the last digit that is not zero would add to the value.
    kind : str
        money, part (of hundred), time, count, fraction (in words); nothing where no unit stands beside it.
    unit : str
        Currency or coin, unit of a part or of time; nothing of a count.
    nouns : tuple of str
        Words after a count, as written.
    hedge : str
        over, under, about, or nothing.
    """

    value: float
    bare: float
    scale: float
    ulp: float
    kind: str
    unit: str
    nouns: tuple[str, ...]
    hedge: str
    text: str
    start: int
    end: int

    @property
    def base(self) -> float:
        """The value in per cent or days where it is one, else as it is."""
        return self.value * (PARTS.get(self.unit) or DAYS.get(self.unit) or 1.0)


def find_figures(text: str) -> list[StatedFigure]:
    """Return the figures of a text from which dates were blotted out."""
    figures: list[StatedFigure] = []
    remaining_text = text
    parts = find_worded_parts(text)
    for part in parts:
        remaining_text = (
            remaining_text[: part.start] + "\x00" * (part.end - part.start) + remaining_text[part.end :]
        )
    for match in _FIGURE.finditer(remaining_text):
        figure = _parse_figure(remaining_text, match)
        if figure is not None and not (figures and figure.start < figures[-1].end):
            figures.append(figure)
    figures = sorted(
        (*figures, *(_worded_figure(text, part) for part in parts)), key=lambda figure: figure.start
    )
    return [
        _with_range_unit(text, figure, after)
        for figure, after in zip(figures, [*figures[1:], None][: len(figures)], strict=True)
    ]


def _worded_figure(text: str, part: WordedPart) -> StatedFigure:
    """Return a part that is written in words as a figure."""
    hedge, end, kind, unit = _parse_hedge(text, part.start), part.end, "fraction", "share"
    value = part.value * part.scale
    if part.kind == "points":
        kind, unit = "part", "points"
    elif part.kind == "scaled":
        kind, unit, end = _parse_unit(text, part.end, "")
    else:
        value *= 100.0
    nouns = () if kind else _parse_nouns(text, end)
    return StatedFigure(
        value, value / part.scale, part.scale, 0.5 * part.value * part.scale, kind or ("count" if nouns else ""), unit,
        nouns, hedge, text[part.start:end], part.start, end,
    )  # fmt: skip


def _with_range_unit(text: str, figure: StatedFigure, after: StatedFigure | None) -> StatedFigure:
    """Return a figure with the unit of the next, where both make a range: «de 96,4 à 183,9 millions d'euros»."""
    if after is None or figure.kind or figure.scale != 1.0 or not after.kind or after.kind == "count":
        return figure
    if not (_RANGE.fullmatch(text[figure.end : after.start]) and text[after.start].isdigit()):
        return figure
    return figure._replace(
        value=figure.bare * after.scale,
        scale=after.scale,
        ulp=figure.ulp * after.scale,
        kind=after.kind,
        unit=after.unit,
    )


def _parse_figure(text: str, match: re.Match[str]) -> StatedFigure | None:
    number = _parse_number(match)
    if number is None:
        return None
    bare, ulp = number
    scale = SCALES.get((match["scale"] or "").lower(), 1.0)
    end = match.end()
    if scale in (1e2, 12.0) and match["digits"]:
        # «45 cents» is money, «18 cent» nothing.
        scale, end = 1.0, match.start("scale")
        end = len(text[:end].rstrip(" -\u00a0\u202f"))
    kind, unit, end = _parse_unit(text, end, (match["prefix"] or "").lower())
    if len(match["scale"] or "") == 1 and kind != "money" and text[match.start("scale") - 1].isspace():
        return None
    value = bare * scale * (0.01 if unit == "cents" else 1.0)
    start = match.start()
    nouns = () if kind in ("money", "time", "part") else _parse_nouns(text, end)
    kind = kind or ("count" if nouns else "")
    metric = METRIC.get(fold(nouns[0]).removesuffix("s"), 1.0) if nouns else 1.0
    value, scale = value * metric, scale * metric
    is_about = (match["words"] or "").lower() in ABOUT_WORDS
    return StatedFigure(
        value, bare, scale, ulp * scale, kind, "" if unit == "cents" else unit, nouns,
        _parse_hedge(text, start) or ("about" if is_about else ""), text[start:end].strip(), start, end,
    )  # fmt: skip


def _parse_number(match: re.Match[str]) -> tuple[float, float] | None:
    extra = 0.5 if match["and_half"] or match["and_half2"] else 0.0
    if match["digits"]:
        bare, ulp = _parse_digits(match["digits"], match["scale"])
        return bare + extra, 0.5 if extra else ulp
    word = (match["words"] or "").lower()
    if word:
        value = float(NUMBER_WORDS.get(word) or ABOUT_WORDS[word])
        return value + extra, _rounding_step(value, is_about=word in ABOUT_WORDS)
    half = (match["half"] or "").lower()
    return (0.5 if "half" in half or "demi" in half else 1.0) + extra, 0.5


def _rounding_step(value: float, *, is_about: bool) -> float:
    # «Fewer than eighty» is as round as «fewer than 80».
    if is_about:
        return max(_FIVE, value / _FIVE)
    return 10.0 if value >= 20 and value % 10 == 0 else 1.0


def _parse_digits(text: str, scaled: str | None) -> tuple[float, float]:
    plain = re.sub(r"[ \u00a0\u202f'\u2019]", "", text)
    decimals_text = plain.partition(",")[2]
    is_short = len(decimals_text) != 3 or plain.startswith("0") or (scaled or "").lower().startswith("mill")
    is_decimal = plain.count(",") == 1 and "." not in plain and is_short
    if plain.count(".") > 1:
        plain = plain.replace(".", "")
    plain = plain.replace(",", ".") if is_decimal or "," in plain[-3:] else plain.replace(",", "")
    decimals = len(plain.partition(".")[2])
    if decimals:
        return float(plain), 10.0**-decimals
    zeros = len(plain) - len(plain.rstrip("0")) if plain.strip("0") else 0
    return float(plain), 10.0**zeros


def _parse_unit(text: str, end: int, prefix: str) -> tuple[str, str, int]:
    if prefix:
        return "money", PREFIXES[prefix], end
    after = _LINK.match(text, end)
    for place in dict.fromkeys((after.end() if after else end, end)):
        for form, unit in UNITS:
            match = form.match(text, place)
            if match:
                kind = "part" if unit in PARTS else "time" if unit in DAYS else "money"
                return kind, unit, match.end()
    return "", "", end


def _parse_nouns(text: str, end: int) -> tuple[str, ...]:
    match = _NOUN.match(text, end)
    nouns = re.split(r"[ '\u2019-]+", match[1].strip()) if match else []
    return tuple(nouns) if nouns and fold(nouns[0]) not in _SMALL else ()


def _parse_hedge(text: str, start: int) -> str:
    before = text[max(0, start - _HEDGED_BY) : start]
    return next((name for name, form in _HEDGES if form.search(before)), "")


def same_unit(copy: StatedFigure, release: StatedFigure) -> bool:
    """Tell whether two figures may count the same thing in the same unit."""
    if not release.kind and release.scale == 1.0 and copy.kind in ("money", "part"):
        # A bare number is nobody's amount.
        return False
    if not copy.kind or not release.kind:
        return True
    if copy.kind != release.kind:
        return False
    return copy.kind != "money" or same_currency(copy.unit, release.unit)


def same_currency(copy: str, release: str) -> bool:
    """Tell whether a currency may be the one of a release: a bare dollar of the release may be any, of a copy one."""
    if copy == release or not copy or not release:
        return True
    return (copy in DOLLARS and release == DOLLAR) or (copy == DOLLAR and release in DOLLARS)


def same_value(copy: StatedFigure, release: StatedFigure, scale: float = 1.0) -> bool:
    """Tell whether a figure is another one, rounded as its hedge lets it be.

    Parameters
    ----------
    scale : float
        The other is taken so many times.
    """
    copy_value, release_value = copy.base, release.base * scale
    if abs(copy_value - release_value) <= _EXACT * max(abs(copy_value), abs(release_value), _EXACT):
        return True
    if (
        copy.kind == "time"
        and abs(copy_value - release_value) <= 0.02 * release_value
        and copy.unit != release.unit
    ):
        return True
    if not release_value:
        return False
    # What is hedged is rounded by one in its last digit at most, by five where that is a five.
    last = round(copy.bare * copy.scale / copy.ulp) % 10 if copy.ulp else 0
    is_near = abs(copy_value - release_value) <= _step(copy) * (5.0 if last == _FIVE else 1.001)
    if copy.hedge == "over":
        return is_near and _OVER * release_value <= copy_value <= release_value
    if copy.hedge == "under":
        return is_near and release_value * 0.995 <= copy_value <= _UNDER * release_value
    if copy.hedge == "about" and is_near and abs(copy_value - release_value) <= _ABOUT * release_value:
        return True
    return is_rounded(copy, release_value)


def _step(figure: StatedFigure) -> float:
    return figure.ulp * (figure.base / figure.value if figure.value else 1.0)


def is_rounded(copy: StatedFigure, value: float) -> bool:
    """Tell whether a figure is a value written with fewer digits."""
    step = _step(copy)
    if (copy.kind in ("time", "") and value < 100) or (copy.kind == "count" and value < 50):
        return False
    gap = abs(copy.base - value)
    return gap <= _ROUNDED * value and (gap <= 0.5001 * step or 0 <= value - copy.base < 0.999 * step)
