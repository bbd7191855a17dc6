"""A statement taken apart: sentences with the figures, dates, names, turns and words of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from vigie.domain.item import NewsItem
from vigie.domain.time import iso
from vigie.intelligence.news.facts.figures import StatedFigure, stated_figures
from vigie.intelligence.news.facts.lexicon import first_meanings
from vigie.intelligence.news.facts.names import (
    StatedName,
    are_capitals_telling,
    begins_sentence,
    stated_names,
)
from vigie.intelligence.news.facts.stated_dates import StatedDate, stated_dates, stated_weekdays
from vigie.intelligence.news.facts.turns import StatedTurn, clauses, negated_stems, stated_turns
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.sentences import sentences
from vigie.intelligence.news.reading.words import TITLE_READ, Words, words

TEXT_READ: Final = 4_000
_SMALL: Final = SMALL["en"] | SMALL["fr"]
# Of any amount of any matter.
_UNITS: Final = frozenset(
    "million millions billion billions milliard milliards thousand trillion dollar dollars euro euros pound pounds "
    "livres francs percent cent pour".split()
)
_STEM: Final = 5
_LEAST: Final = 4
_PLAIN: Final = 12


class Statement(NamedTuple):
    """What somebody published.

    Attributes
    ----------
    day : str
        ISO date of publication, or nothing.
    """

    title: str
    text: str
    day: str = ""


def statement_of(item: NewsItem) -> Statement:
    """Return what an item states; its day is the stated one, where that is not after it was seen."""
    return Statement(item.said.title, item.said.text, iso(item.ts)[:10])


class FactSentence(NamedTuple):
    """One sentence with what it states.

    Attributes
    ----------
    features : frozenset of str
        What tells which sentences of two statements are about the same: beginnings of words, families, names, figures.
    clause_features : tuple of frozenset of str
        The same for each clause.
    """

    found: Words
    figures: tuple[StatedFigure, ...]
    dates: tuple[StatedDate, ...]
    weekdays: tuple[tuple[int, str], ...]
    names: tuple[StatedName, ...]
    features: frozenset[str]
    clause_of: tuple[int, ...]
    clause_features: tuple[frozenset[str], ...]
    negated: frozenset[str]
    is_title: bool

    def turns(self, asked: frozenset[str]) -> list[StatedTurn]:
        """Return what is said to happen, or not."""
        return stated_turns(self.found, asked)

    def clause_at(self, start: int) -> int:
        """Return the number of the clause at a place."""
        return _clause_at(self.found, self.clause_of, start)


@lru_cache(maxsize=256)
def taken_apart(statement: Statement) -> tuple[FactSentence, ...]:
    """Return the sentences of a statement, its title first."""
    title = [_sentence(statement.title[:TITLE_READ], is_title=True)] if statement.title.strip() else []
    return (*title, *(_sentence(one.text) for one in sentences(statement.text, TEXT_READ)))


def _sentence(text: str, *, is_title: bool = False) -> FactSentence:
    dates, rest = stated_dates(text)
    found = words(text)
    parts = clauses(found)
    by_word = [word_features(word) for word in found.folded]
    count = parts[-1] + 1 if parts else 0
    features = [
        frozenset(one for at, part in enumerate(parts) if part == number for one in by_word[at])
        for number in range(count)
    ]
    figures = tuple(stated_figures(rest))
    # «RMB128bn» is no name.
    names = tuple(
        one
        for one in _names(text, dates, is_title=is_title)
        if not any(each.start < one.end and one.start < each.end and each.kind for each in figures)
    )
    marked = [(one.start, f"#{one.base:g}") for one in figures if one.base > _PLAIN]
    marked += [(one.start, f"@{word[:_STEM]}") for one in names for word in one.words]
    features = [
        frozenset((*held, *(mark for start, mark in marked if _clause_at(found, parts, start) == number)))
        for number, held in enumerate(features)
    ]
    return FactSentence(
        found, figures, tuple(dates), tuple(stated_weekdays(text)),
        names,
        frozenset().union(*features), tuple(parts), tuple(features), negated_stems(found), is_title,
    )  # fmt: skip


def _names(text: str, dates: Sequence[StatedDate], *, is_title: bool) -> tuple[StatedName, ...]:
    names = stated_names(text, is_title=is_title)
    return tuple(
        one for one in names if not any(day.start < one.end and one.start < day.end for day in dates)
    )


def _clause_at(found: Words, parts: Sequence[int], start: int) -> int:
    # The sign of a currency stands before the first word of its clause.
    for end, clause in zip(found.ends, parts, strict=True):
        if end > start:
            return clause
    return parts[-1] if parts else 0


@lru_cache(maxsize=16_384)
def word_features(word: str) -> frozenset[str]:
    """Return by what a folded word tells what a sentence is about; nothing of words that stand anywhere."""
    if word in _SMALL or word in _UNITS or len(word) < _LEAST or word[0].isdigit():
        return frozenset({word} if word.isdigit() and len(word) > 1 else ())
    return frozenset((word[:_STEM], *(f"={family}" for family in first_meanings(word))))


def is_doubtful(sentence: FactSentence, name: StatedName) -> bool:
    """Tell whether a name may be any word, since a sentence begins with it or all words of it have capitals."""
    return begins_sentence(sentence.found.text, name) or (
        sentence.is_title and not are_capitals_telling(sentence.found)
    )


def beside(sentence: FactSentence, start: int, end: int, reach: int) -> frozenset[str]:
    """Return what the words before and after a place in a sentence are about, so many on each side."""
    starts, folded = sentence.found.starts, sentence.found.folded
    first = next((at for at, place in enumerate(starts) if place >= start), len(starts))
    last = next((at for at, place in enumerate(starts) if place >= end), len(starts))
    near = [*folded[max(0, first - reach) : first], *folded[last : last + reach]]
    return frozenset[str]().union(*(word_features(word) for word in near))
