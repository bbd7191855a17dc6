"""Figures, dates and names where they stand, with the words that tell one place from another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from vigie.intelligence.news.facts.figure_likeness import is_same_figure
from vigie.intelligence.news.facts.figures import StatedFigure, same_unit, same_value
from vigie.intelligence.news.facts.name_roles import party_names
from vigie.intelligence.news.facts.names import StatedName, is_known, sound
from vigie.intelligence.news.facts.parties import sort_of
from vigie.intelligence.news.facts.predications import content_keys, predications
from vigie.intelligence.news.facts.stated_dates import StatedDate, same_date
from vigie.intelligence.news.facts.statement import FactSentence

FactKind = Literal["name", "figure", "date"]
_MEASURED: Final = frozenset({"money", "part", "time", "count"})
# One and two of anything stand in every text.
_LEAST: Final = 2
_PLAIN: Final = 12


class FactPlace(NamedTuple):
    """A figure, date or name in its sentence.

    Attributes
    ----------
    first, last : int
        Numbers of its first word and of the one after it.
    is_carried : bool
        Whether a name only stands in the sentence before: «She knew of the errors».
    """

    kind: FactKind
    sentence: FactSentence
    fact: StatedName | StatedFigure | StatedDate
    first: int
    last: int
    is_carried: bool = False

    @property
    def text(self) -> str:
        """The fact as written."""
        return self.fact.text.strip(" ,.;:")


def fact_places(
    sentences: Sequence[FactSentence], sorts: Mapping[str, str], *, is_carrying: bool = False
) -> Iterator[FactPlace]:
    """Yield the facts of a statement.

    Parameters
    ----------
    sorts : mapping of str to str
        Which words of names are a person's or a firm's; other names count for nothing.
    is_carrying : bool
        Whether a sentence without a name is told of those of the sentence before.
    """
    before: list[StatedName] = []
    for sentence in sentences:
        names = [one for one in party_names(sentence) if one.words and sort_of(one, sorts)]
        yield from (_place("name", sentence, one) for one in names)
        if not names and is_carrying:
            yield from (FactPlace("name", sentence, one, 0, 0, is_carried=True) for one in before)
        if names and not sentence.is_title:
            before = names
        yield from (
            _place("figure", sentence, one)
            for one in sentence.figures
            if one.kind in _MEASURED and one.value > _LEAST
        )
        yield from (_place("date", sentence, one) for one in sentence.dates)


def _place(kind: FactKind, sentence: FactSentence, fact: StatedName | StatedFigure | StatedDate) -> FactPlace:
    starts = sentence.found.starts
    first = _at(starts, fact.start)
    return FactPlace(kind, sentence, fact, first, max(first + 1, _at(starts, fact.end)))


def _at(starts: Sequence[int], start: int) -> int:
    # The sign of a currency stands before the first word of its figure.
    return next((at for at, place in enumerate(starts) if place >= start), len(starts))


def is_same_fact(one: FactPlace, other: FactPlace) -> bool:
    """Tell whether a fact of a copy may be one of a release."""
    mine, theirs = one.fact, other.fact
    if isinstance(mine, StatedName) and isinstance(theirs, StatedName):
        sounds = {sound(word) for word in theirs.words}
        return any(is_known(word, theirs.words) or sound(word) in sounds for word in mine.words)
    if isinstance(mine, StatedFigure) and isinstance(theirs, StatedFigure):
        return is_same_figure(mine, theirs)
    if isinstance(mine, StatedDate) and isinstance(theirs, StatedDate):
        return same_date(mine, theirs) or same_date(theirs, mine)
    return False


def is_rival_fact(one: FactPlace, other: FactPlace) -> bool:
    """Tell whether a fact of a release may stand where a copy has one that is not the same."""
    mine, theirs = one.fact, other.fact
    if isinstance(mine, StatedName) and isinstance(theirs, StatedName):
        return not set(mine.words) & set(theirs.words)
    if isinstance(mine, StatedFigure) and isinstance(theirs, StatedFigure):
        is_of_kind = mine.kind == theirs.kind and same_unit(mine, theirs)
        return is_of_kind and not same_value(mine, theirs) and not same_value(theirs, mine)
    if isinstance(mine, StatedDate) and isinstance(theirs, StatedDate):
        return bool(mine.month) == bool(theirs.month)
    return False


def part_of(one: FactPlace) -> tuple[int, int]:
    """Return the words of the part of a sentence, with one verb, that a fact stands in."""
    if not one.is_carried:
        for part in predications(one.sentence):
            if part.first <= one.first < part.last:
                return part.first, part.last
    return 0, len(one.sentence.found.folded)


def word_keys(sentence: FactSentence, figures: Sequence[StatedFigure] = ()) -> list[frozenset[str]]:
    """Return by what each word of a sentence is compared, figures and dates with the words.

    Parameters
    ----------
    figures : sequence of StatedFigure
        Those of the release: a figure of a copy that may be one of them counts as it.
    """
    starts = sentence.found.starts
    marks: dict[int, frozenset[str]] = {}
    for figure in sentence.figures:
        same = [figure, *(other for other in figures if _is_one(figure, other))]
        if figure.base > _PLAIN or figure.kind in ("money", "part"):
            marks[_at(starts, figure.start)] = frozenset(f"#{other.kind}{other.base:g}" for other in same)
    for day in sentence.dates:
        keys = [f"/{day.year}-{day.month}-{day.day}", f"/{day.month or day.year}-{day.day or day.year}"]
        marks[_at(starts, day.start)] = frozenset(keys)
    return [marks.get(at) or content_keys(word) for at, word in enumerate(sentence.found.folded)]


def _is_one(figure: StatedFigure, other: StatedFigure) -> bool:
    return figure.kind == other.kind and is_same_figure(figure, other)
