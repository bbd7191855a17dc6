"""Parts written in words, in English and French: «two-thirds of», «un quart de point», «half a million euros»."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_PARTS: Final = {
    "half": 1 / 2, "halves": 1 / 2, "moitie": 1 / 2, "demi": 1 / 2, "third": 1 / 3, "thirds": 1 / 3, "tiers": 1 / 3,
    "quarter": 1 / 4, "quarters": 1 / 4, "quart": 1 / 4, "quarts": 1 / 4, "fifth": 1 / 5, "fifths": 1 / 5,
    "cinquieme": 1 / 5, "cinquiemes": 1 / 5, "sixth": 1 / 6, "sixieme": 1 / 6, "eighth": 1 / 8, "eighths": 1 / 8,
    "tenth": 1 / 10, "tenths": 1 / 10, "dixieme": 1 / 10, "dixiemes": 1 / 10,
}  # fmt: skip
_TIMES: Final = {
    "two": 2, "three": 3, "four": 4, "seven": 7, "nine": 9, "deux": 2, "trois": 3, "quatre": 4, "sept": 7, "neuf": 9,
}  # fmt: skip
_SCALES: Final = {"million": 1e6, "billion": 1e9, "milliard": 1e9, "trillion": 1e12}
_WORDS: Final = (
    r"(?:(?P<times>two|three|four|seven|nine|deux|trois|quatre|sept|neuf|an?|one|une?|la|les|the)[- ])?"
    r"(?P<part>half|halves|moiti[ée]|demi|thirds?|tiers|quarters?|quarts?|fifths?|cinqui[èe]mes?|sixth|sixi[èe]me|"
    r"eighths?|tenths?|dixi[èe]mes?)"
)
_OF: Final = r"(?: of(?: an?)?| an?| de)?[- ](?:d['\u2019])?"
_SCALED: Final = re.compile(
    rf"(?<![\w/]){_WORDS}{_OF}(?P<scale>million|billion|milliard|trillion)s?(?![^\W_])", re.IGNORECASE
)
_POINTS: Final = re.compile(
    rf"(?<![\w/]){_WORDS}{_OF}(?:percentage[- ])?(?P<point>points?)(?! of (?:view|sale))(?![^\W_])(?: de pourcentage)?",
    re.IGNORECASE,
)
_SHARE: Final = re.compile(
    rf"(?<![\w/]){_WORDS}(?= of (?!the (?:year|month|day|week)|(?:19|20)\d\d)|"
    r" (?:des?|du) (?!l?['\u2019]?(?:ann|exerc))| d['\u2019](?!ann|exerc|heure))",
    re.IGNORECASE,
)
# «Un tiers» and «a third» are parts, «tiers» and «third» are not.
_ALONE: Final = frozenset({"half", "moitié", "moitie", "demi"})
# «Un million et demi» is read with its million.
_AND: Final = re.compile(r"\b(?:et|and a)[ ]$", re.IGNORECASE)


class WordedPart(NamedTuple):
    """A part written in words.

    Attributes
    ----------
    value : float
        Of one; with `scale` in thousands and more, of points in per cent.
    kind : str
        scaled, points, or share.
    """

    value: float
    scale: float
    kind: str
    start: int
    end: int


def find_worded_parts(text: str) -> list[WordedPart]:
    """Return the parts of a text that are written in words, in order, each place once."""
    parts: list[WordedPart] = []
    for kind, form in (("scaled", _SCALED), ("points", _POINTS), ("share", _SHARE)):
        for match in form.finditer(text):
            is_led = match["times"] or match["part"].lower() in _ALONE
            if (
                is_led
                and not _AND.search(text[: match.start()])
                and all(match.end() <= part.start or part.end <= match.start() for part in parts)
            ):
                scale = _SCALES[match["scale"].lower()] if kind == "scaled" else 1.0
                parts.append(WordedPart(_value(match), scale, kind, match.start(), match.end()))
    return sorted(parts, key=lambda part: part.start)


def _value(match: re.Match[str]) -> float:
    part = match["part"].lower().replace("é", "e").replace("è", "e")
    return _PARTS[part] * _TIMES.get((match["times"] or "").lower(), 1)
