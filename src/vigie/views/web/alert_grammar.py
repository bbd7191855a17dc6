"""The words that alerts are asked for with, in every language, as patterns.

A person's own language is not always that of the page, so verbs, directions and spans of all languages are understood
everywhere; what letters after a number stand for is that of the page, since a billion is not the same in all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from vigie.catalogue import NamedTexts, languages
from vigie.views.web.palette_entries import search_key

# Lists with commas between them; other languages have theirs in the catalogue.
_WORDS: Final = NamedTexts(
    "alert_words",
    {
        "ask": "alert, alerts, notify, warn, tell me, let me know",
        "compare": "compare, vs, versus",
        "down": "fall, falls, drop, drops, lose, loses, down, below, under, <",
        "up": "rise, rises, gain, gains, jump, jumps, climb, climbs, up, above, over, >",
        "before_span": "over, in, within, per",
        "article": "a, an, one, the",
        "minute": "min, minute, minutes",
        "hour": "h, hour, hours",
        "day": "d, day, days",
        "week": "week, weeks",
        "month": "month, months",
        "year": "year, years",
        "per_cent": "%, percent, per cent",
        "one_time": "$, usd, dollar, dollars",
        "thousand": "k, thousand",
        "million": "m, million, millions",
        "billion": "b, bn, billion",
        "small": "a, an, the, of, in, on, at, to, me, my, if, when, it, is, by, be, this, that, price, cost, one, "
        "more, than, each, time, please, coin, crypto, with, and, or",
    },
)
_HOURS: Final = {"minute": 0, "hour": 1, "day": 24, "week": 168, "month": 720, "year": 8_760}
_SCALES: Final = {"per_cent": 0.01, "one_time": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_NUMBER: Final = r"\d{1,3}(?:[ ,.']\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"


@dataclass(frozen=True, slots=True)
class AlertGrammar:
    """What sentences are taken apart with; all patterns are of texts as `search_key` gives them.

    Attributes
    ----------
    ask, down, up : Pattern
        Words that ask for an alert, and those of a direction.
    span : Pattern
        "over 24 h", "a week": group 1 is the number before a unit, groups 2 and 3 the unit with and without one.
    hours : mapping of str to int
        How many hours a unit of spans has; 0 for one that no rule measures changes over.
    amount : Pattern
        Group 1 is a number, group 2 what follows it: a unit or the next word.
    scales : mapping of str to float
        What a unit multiplies with, in the page's language.
    per_cent, compare, small : frozenset of str
        Units of shares; words that ask for a comparison; words of a sentence that name no market.
    """

    ask: re.Pattern[str]
    down: re.Pattern[str]
    up: re.Pattern[str]
    span: re.Pattern[str]
    hours: Mapping[str, int]
    amount: re.Pattern[str]
    scales: Mapping[str, float]
    per_cent: frozenset[str]
    compare: frozenset[str]
    small: frozenset[str]


@cache
def alert_grammar(language: str) -> AlertGrammar:
    """Return the grammar of a page in a language."""
    hours = {word: count for key, count in _HOURS.items() for word in _everywhere(key)}
    scales = {word: factor for key, factor in _SCALES.items() for word in _words(key, language)}
    # A letter is a unit of time only behind a number.
    named = [word for word in hours if len(word) > 1]
    span = (
        rf"(?:\b(?:{_any(_everywhere('before_span'))})\s)?"
        rf"(?:\b(\d{{1,3}})\s?({_any(hours)})|\b(?:(?:{_any(_everywhere('article'))})\s)?({_any(named)}))\b"
    )
    spaced = _any(word for word in scales if not word.isalpha())
    return AlertGrammar(
        ask=_pattern(_everywhere("ask")),
        down=_pattern(_everywhere("down")),
        up=_pattern(_everywhere("up")),
        span=re.compile(span),
        hours=hours,
        amount=re.compile(rf"(?<![\w.,'])\$?({_NUMBER})\s?({spaced}|[^\W\d_]+|\u20ac)?(?!\w*\d)"),
        scales=scales,
        per_cent=frozenset(_words("per_cent", language)),
        compare=frozenset(_everywhere("compare")),
        small=frozenset(_everywhere("small")),
    )


def _words(key: str, language: str) -> list[str]:
    return [search_key(word) for word in _WORDS[language][key].split(",")]


def _everywhere(key: str) -> list[str]:
    return list(dict.fromkeys(word for language in languages() for word in _words(key, language)))


def _any(words: Iterable[str]) -> str:
    """Return the alternatives, longer ones first: one may be the beginning of the other."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern of whole words, and of signs wherever they stand."""
    known = list(words)
    whole = rf"\b(?:{_any(word for word in known if word[0].isalpha())})\b"
    signs = [re.escape(word) for word in known if not word[0].isalpha()]
    return re.compile("|".join([whole, *signs]))
