"""Figures, dates and names where they stand, with the words that tell one place from another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from vigie.intelligence.news.facts.figure_likeness import is_same_figure
from vigie.intelligence.news.facts.figures import StatedFigure, same_unit, same_value
from vigie.intelligence.news.facts.name_roles import party_names
from vigie.intelligence.news.facts.names import StatedName, is_known, phonetic_form
from vigie.intelligence.news.facts.parties import name_kind
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
    sentences: Sequence[FactSentence], kinds_by_word: Mapping[str, str], *, is_carrying: bool = False
) -> Iterator[FactPlace]:
    """Yield the facts of a statement.

    Parameters
    ----------
    kinds_by_word : mapping of str to str
        Which words of names are a person's or a firm's; other names count for nothing.
    is_carrying : bool
        Whether a sentence without a name is told of those of the sentence before.
    """
    carried_names: list[StatedName] = []
    for sentence in sentences:
        names = [fact for fact in party_names(sentence) if fact.words and name_kind(fact, kinds_by_word)]
        yield from (_place("name", sentence, fact) for fact in names)
        if not names and is_carrying:
            yield from (FactPlace("name", sentence, fact, 0, 0, is_carried=True) for fact in carried_names)
        if names and not sentence.is_title:
            carried_names = names
        yield from (
            _place("figure", sentence, fact)
            for fact in sentence.figures
            if fact.kind in _MEASURED and fact.value > _LEAST
        )
        yield from (_place("date", sentence, fact) for fact in sentence.dates)


def _place(kind: FactKind, sentence: FactSentence, fact: StatedName | StatedFigure | StatedDate) -> FactPlace:
    starts = sentence.tokens.starts
    first = _word_index(starts, fact.start)
    return FactPlace(kind, sentence, fact, first, max(first + 1, _word_index(starts, fact.end)))


def _word_index(starts: Sequence[int], start: int) -> int:
    # The sign of a currency stands before the first word of its figure.
    return next((index for index, place in enumerate(starts) if place >= start), len(starts))


def is_same_fact(place: FactPlace, other: FactPlace) -> bool:
    """Tell whether a fact of a copy may be one of a release."""
    fact, other_fact = place.fact, other.fact
    if isinstance(fact, StatedName) and isinstance(other_fact, StatedName):
        sounds = {phonetic_form(word) for word in other_fact.words}
        return any(is_known(word, other_fact.words) or phonetic_form(word) in sounds for word in fact.words)
    if isinstance(fact, StatedFigure) and isinstance(other_fact, StatedFigure):
        return is_same_figure(fact, other_fact)
    if isinstance(fact, StatedDate) and isinstance(other_fact, StatedDate):
        return same_date(fact, other_fact) or same_date(other_fact, fact)
    return False


def is_rival_fact(place: FactPlace, other: FactPlace) -> bool:
    """Tell whether a fact of a release may stand where a copy has one that is not the same."""
    fact, other_fact = place.fact, other.fact
    if isinstance(fact, StatedName) and isinstance(other_fact, StatedName):
        return not set(fact.words) & set(other_fact.words)
    if isinstance(fact, StatedFigure) and isinstance(other_fact, StatedFigure):
        is_of_kind = fact.kind == other_fact.kind and same_unit(fact, other_fact)
        return is_of_kind and not same_value(fact, other_fact) and not same_value(other_fact, fact)
    if isinstance(fact, StatedDate) and isinstance(other_fact, StatedDate):
        return bool(fact.month) == bool(other_fact.month)
    return False


def part_bounds(place: FactPlace) -> tuple[int, int]:
    """Return the words of the part of a sentence, with one verb, that a fact stands in."""
    if not place.is_carried:
        for part in predications(place.sentence):
            if part.first <= place.first < part.last:
                return part.first, part.last
    return 0, len(place.sentence.tokens.folded)


def word_keys(sentence: FactSentence, figures: Sequence[StatedFigure] = ()) -> list[frozenset[str]]:
    """Return by what each word of a sentence is compared, figures and dates with the words.

    Parameters
    ----------
    figures : sequence of StatedFigure
        Those of the release: a figure of a copy that may be one of them counts as it.
    """
    starts = sentence.tokens.starts
    marks: dict[int, frozenset[str]] = {}
    for figure in sentence.figures:
        same = [figure, *(other for other in figures if _may_be_figure(figure, other))]
        if figure.base > _PLAIN or figure.kind in ("money", "part"):
            marks[_word_index(starts, figure.start)] = frozenset(
                f"#{other.kind}{other.base:g}" for other in same
            )
    for day in sentence.dates:
        keys = [f"/{day.year}-{day.month}-{day.day}", f"/{day.month or day.year}-{day.day or day.year}"]
        marks[_word_index(starts, day.start)] = frozenset(keys)
    return [marks.get(at) or content_keys(word) for at, word in enumerate(sentence.tokens.folded)]


def _may_be_figure(figure: StatedFigure, other: StatedFigure) -> bool:
    return figure.kind == other.kind and is_same_figure(figure, other)
