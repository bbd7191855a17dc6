"""A fixed grammar: every word stands for a span of one number, and a verdict is a list of such words.

Takes numbers; gives clauses that carry their word, its number and the bounds of the word. The same record is
rendered in every language, so that no language can say more than the numbers do.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.errors import UsageError
from vigie.intelligence.market.words import UNKNOWN, MarketTexts, load_texts

NO_BOUND: Final = math.inf


@dataclass(frozen=True, slots=True)
class WordScale:
    """The words of one number, from the lowest span to the highest.

    A word holds from its lower bound on, below its upper bound.

    Attributes
    ----------
    key : str
        ``trend``; the tables of words hold its title, measure and limits under this key.
    unit : str
        One of `load_texts.UNITS`.
    spans : tuple of str
        The words' keys, lowest first.
    cuts : tuple of float
        Bounds between them, ascending, one fewer.
    is_signed : bool
        Whether the number is written with its sign.
    """

    key: str
    unit: str
    spans: tuple[str, ...]
    cuts: tuple[float, ...]
    is_signed: bool = False

    def __post_init__(self) -> None:
        """Refuse a scale whose bounds do not fit its words."""
        if len(self.cuts) != len(self.spans) - 1:
            raise UsageError(f"{self.key} must have {len(self.spans) - 1} bounds, had {len(self.cuts)}")
        if list(self.cuts) != sorted(set(self.cuts)):
            raise UsageError(f"bounds of {self.key} must ascend, were {self.cuts}")

    def bounds(self, word: str) -> tuple[float, float]:
        """Return where a word begins and ends; infinite at the ends of the scale."""
        at = self.spans.index(word)
        low = self.cuts[at - 1] if at > 0 else -NO_BOUND
        return low, self.cuts[at] if at < len(self.cuts) else NO_BOUND

    def clause(self, value: float, **details: float) -> VerdictClause | None:
        """Return the clause a number makes; None while the number is not known."""
        if math.isnan(value):
            return None
        word = self.spans[bisect_right(self.cuts, value)]
        low, high = self.bounds(word)
        return VerdictClause(self.key, word, value, self.unit, low, high, self.is_signed, details)


@dataclass(frozen=True, slots=True)
class VerdictClause:
    """One word of a verdict with its number.

    Attributes
    ----------
    key, word : str
        ``trend``, ``rising``.
    value : float
        The number the word stands for.
    unit : str
        One of `load_texts.UNITS`.
    low, high : float
        The word holds for ``low <= value < high``.
    is_signed : bool
        Whether the number is written with its sign.
    details : mapping of str to float
        Further numbers that belong to it; their units are in `DETAIL_UNITS`.
    names : mapping of str to str
        Names that belong to it, such as the coin that is off its peg.
    """

    key: str
    word: str
    value: float
    unit: str
    low: float
    high: float
    is_signed: bool = False
    details: Mapping[str, float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


# The unit of each detail that a clause may carry.
DETAIL_UNITS: Final[Mapping[str, str]] = {
    "change": "fraction",
    "hours": "count",
    "close_over_sma_50": "fraction",
    "close_over_sma_200": "fraction",
    "slope_sma_50": "fraction",
    "sma_50_over_sma_200": "fraction",
    "percentile": "fraction",
    "percentile_above": "fraction",
    "volatility": "fraction",
    "rank": "rank",
    "assets": "count",
    "above": "count",
    "level": "fraction",
    "venues": "count",
    "year": "fraction",
    "price": "price",
}


@dataclass(frozen=True, slots=True)
class ClauseText:
    """A clause in one language.

    Attributes
    ----------
    key, word : str
        As in the clause.
    title, text : str
        ``Trend``, ``rising``.
    number : str
        ``4 of 4 signs``.
    measure : str
        What the number is.
    span : str
        Between which numbers the word holds.
    limits : str
        What the word does not mean.
    """

    key: str
    word: str
    title: str
    text: str
    number: str
    measure: str
    span: str
    limits: str


@dataclass(frozen=True, slots=True)
class PlainVerdict:
    """What is said of an asset or of the market.

    Attributes
    ----------
    topic : str
        ``asset`` or ``market``.
    clauses : tuple of VerdictClause
        In the order of the grammar.
    unknown : tuple of str
        Keys of the scales whose number is not known.
    """

    topic: str
    clauses: tuple[VerdictClause, ...]
    unknown: tuple[str, ...]

    def clause_texts(
        self, language: str, *, is_brief: bool = False, euro: float = 0.0
    ) -> tuple[ClauseText, ...]:
        """Return every clause in words; brief ones show their own number only, without its details.

        `euro` is what a dollar is worth where amounts are told in euros.
        """
        table = load_texts(language, euro)
        return tuple(_clause_text(clause, table, is_brief) for clause in self.clauses)

    def sentence(self, language: str, *, is_brief: bool = False, euro: float = 0.0) -> str:
        """Return the verdict as one sentence, each word followed by its number; `euro` as in `clause_texts`."""
        table = load_texts(language)
        texts = self.clause_texts(language, is_brief=is_brief, euro=euro)
        if not texts:
            return table("verdict.nothing")
        text = table("verdict.join").join(f"{part.text} ({part.number})" for part in texts)
        return f"{text[:1].upper()}{text[1:]}."

    def unknown_text(self, language: str) -> str:
        """Return what is not known yet and what it needs; empty where everything is."""
        table = load_texts(language)
        parts = [f"{table(f'{key}.title').lower()} ({table(f'{key}.needs')})" for key in self.unknown]
        return table("verdict.unknown", parts=", ".join(parts)) if parts else ""


def _clause_text(clause: VerdictClause, table: MarketTexts, is_brief: bool) -> ClauseText:
    number = table.numbers.of(clause.value, clause.unit, sign=clause.is_signed)
    details = {name: table.numbers.of(v, DETAIL_UNITS[name]) for name, v in clause.details.items()}
    is_whole = not is_brief and all(text != UNKNOWN for text in details.values())
    pattern = f"{clause.key}.number" if is_whole else f"{clause.key}.number_alone"
    if is_whole and clause.value < 0 and f"{pattern}_low" in table.texts:
        pattern += "_low"
    return ClauseText(
        clause.key,
        clause.word,
        table(f"{clause.key}.title"),
        table(f"{clause.key}.words.{clause.word}"),
        table(pattern, value=number, **details, **clause.names),
        table(f"{clause.key}.measure"),
        _span_text(clause, table),
        table(f"{clause.key}.limits"),
    )


def _span_text(clause: VerdictClause, table: MarketTexts) -> str:
    low = table.numbers.of(clause.low, clause.unit, sign=clause.is_signed)
    high = table.numbers.of(clause.high, clause.unit, sign=clause.is_signed)
    if clause.low == -NO_BOUND:
        return table("verdict.below", high=high)
    if clause.high == NO_BOUND:
        return table("verdict.from", low=low)
    return table("verdict.between", low=low, high=high)
