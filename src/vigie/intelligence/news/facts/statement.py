"""A statement taken apart: sentences with the figures, dates, names, turns and words of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from vigie.domain.item import NewsItem
from vigie.domain.time import iso
from vigie.intelligence.news.facts.figures import StatedFigure, find_figures
from vigie.intelligence.news.facts.lexicon import first_meanings
from vigie.intelligence.news.facts.names import (
    StatedName,
    begins_sentence,
    do_capitals_mark_names,
    find_names,
)
from vigie.intelligence.news.facts.stated_dates import StatedDate, find_dates, find_weekdays
from vigie.intelligence.news.facts.stated_events import (
    StatedEvent,
    clause_numbers,
    find_events,
    negated_stems,
)
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.sentences import split_sentences
from vigie.intelligence.news.reading.words import TITLE_READ, Tokens, tokenize

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


class NewsStatement(NamedTuple):
    """What somebody published.

    Attributes
    ----------
    day : str
        ISO date of publication, or nothing.
    """

    title: str
    text: str
    day: str = ""


def statement_of(item: NewsItem) -> NewsStatement:
    """Return what an item states; its day is the stated one, where that is not after it was seen."""
    return NewsStatement(item.content.title, item.content.text, iso(item.ts)[:10])


class FactSentence(NamedTuple):
    """One sentence with what it states.

    Attributes
    ----------
    features : frozenset of str
        What tells which sentences of two statements are about the same: beginnings of words, families, names, figures.
    clause_features : tuple of frozenset of str
        The same for each clause.
    """

    tokens: Tokens
    figures: tuple[StatedFigure, ...]
    dates: tuple[StatedDate, ...]
    weekdays: tuple[tuple[int, str], ...]
    names: tuple[StatedName, ...]
    features: frozenset[str]
    clause_of: tuple[int, ...]
    clause_features: tuple[frozenset[str], ...]
    negated: frozenset[str]
    is_title: bool

    def stated_events(self, stems: frozenset[str]) -> list[StatedEvent]:
        """Return what is said to happen, or not."""
        return find_events(self.tokens, stems)

    def clause_at(self, start: int) -> int:
        """Return the number of the clause at a place."""
        return _clause_at(self.tokens, self.clause_of, start)


@lru_cache(maxsize=256)
def parse_statement(statement: NewsStatement) -> tuple[FactSentence, ...]:
    """Return the sentences of a statement, its title first."""
    title = [_parse_sentence(statement.title[:TITLE_READ], is_title=True)] if statement.title.strip() else []
    return (
        *title,
        *(_parse_sentence(sentence.text) for sentence in split_sentences(statement.text, TEXT_READ)),
    )


def _parse_sentence(text: str, *, is_title: bool = False) -> FactSentence:
    dates, rest = find_dates(text)
    tokens = tokenize(text)
    clause_of = clause_numbers(tokens)
    features_by_word = [word_features(word) for word in tokens.folded]
    count = clause_of[-1] + 1 if clause_of else 0
    features = [
        frozenset(
            item for at, part in enumerate(clause_of) if part == number for item in features_by_word[at]
        )
        for number in range(count)
    ]
    figures = tuple(find_figures(rest))
    # «RMB128bn» is no name.
    names = tuple(
        item
        for item in _names_outside_dates(text, dates, is_title=is_title)
        if not any(figure.start < item.end and item.start < figure.end and figure.kind for figure in figures)
    )
    marked = [(item.start, f"#{item.base:g}") for item in figures if item.base > _PLAIN]
    marked += [(item.start, f"@{word[:_STEM]}") for item in names for word in item.words]
    features = [
        frozenset(
            (
                *clause_features,
                *(mark for start, mark in marked if _clause_at(tokens, clause_of, start) == number),
            )
        )
        for number, clause_features in enumerate(features)
    ]
    return FactSentence(
        tokens, figures, tuple(dates), tuple(find_weekdays(text)),
        names,
        frozenset().union(*features), tuple(clause_of), tuple(features), negated_stems(tokens), is_title,
    )  # fmt: skip


def _names_outside_dates(text: str, dates: Sequence[StatedDate], *, is_title: bool) -> tuple[StatedName, ...]:
    names = find_names(text, is_title=is_title)
    return tuple(
        name for name in names if not any(day.start < name.end and name.start < day.end for day in dates)
    )


def _clause_at(tokens: Tokens, clause_of: Sequence[int], start: int) -> int:
    # The sign of a currency stands before the first word of its clause.
    for end, clause in zip(tokens.ends, clause_of, strict=True):
        if end > start:
            return clause
    return clause_of[-1] if clause_of else 0


@lru_cache(maxsize=16_384)
def word_features(word: str) -> frozenset[str]:
    """Return by what a folded word tells what a sentence is about; nothing of words that stand anywhere."""
    if word in _SMALL or word in _UNITS or len(word) < _LEAST or word[0].isdigit():
        return frozenset({word} if word.isdigit() and len(word) > 1 else ())
    return frozenset((word[:_STEM], *(f"={family}" for family in first_meanings(word))))


def is_doubtful(sentence: FactSentence, name: StatedName) -> bool:
    """Tell whether a name may be any word, since a sentence begins with it or all words of it have capitals."""
    return begins_sentence(sentence.tokens.text, name) or (
        sentence.is_title and not do_capitals_mark_names(sentence.tokens)
    )


def features_beside(sentence: FactSentence, start: int, end: int, reach: int) -> frozenset[str]:
    """Return what the words before and after a place in a sentence are about, so many on each side."""
    starts, folded = sentence.tokens.starts, sentence.tokens.folded
    first = next((at for at, place in enumerate(starts) if place >= start), len(starts))
    last = next((at for at, place in enumerate(starts) if place >= end), len(starts))
    neighbours = [*folded[max(0, first - reach) : first], *folded[last : last + reach]]
    return frozenset[str]().union(*(word_features(word) for word in neighbours))
