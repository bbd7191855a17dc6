"""Figures that a copy says rose and the release says fell, or the reverse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.figures import StatedFigure, same_unit
from vigie.intelligence.news.facts.outcome import FactDifference, Findings
from vigie.intelligence.news.facts.predications import Predication, predications
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.facts.turns import StatedTurn

_WAYS: Final = {"change": "moved", "moved": "moved", "compared": "compared"}
# The level before: «down from 1.1%».
_FORMER: Final = re.compile(
    r"\b(?:from|contre|apr[èe]s|after|against|vs|than|que)(?: the)? ?$", re.IGNORECASE
)
# Where it went to; any other figure is how far it went, or how fast: «rising 2.6% a year» and «fell to 2.6%».
_LEVEL: Final = re.compile(
    r"\b(?:to|at|[àa]|au niveau de)(?: (?:about|around|nearly|almost|just|only|some|environ|pr[èe]s de))* ?$",
    re.IGNORECASE,
)
_PLAIN: Final = 12
_EXACT: Final = 1e-9


class _Moved(NamedTuple):
    figure: StatedFigure
    turn: StatedTurn
    is_level: bool


def direction_findings(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> Findings:
    """Return which figures of a copy went the other way than in the release."""
    ours, theirs = list(_moved(copy)), list(_moved(release))
    every = [figure for sentence in release for figure in sentence.figures]
    differences: dict[str, FactDifference] = {}
    for one in ours:
        same = [other for other in theirs if _is_same(one, other)]
        # Of a figure that stands twice, one place may say nothing of where it went.
        is_once = sum(_are_same(one.figure, figure) for figure in every) == len(same)
        is_alike = any(other.is_level == one.is_level for other in same)
        if is_alike and is_once and all(other.turn.sign != one.turn.sign for other in same):
            said = f"{one.turn.text} … {one.figure.text}"
            other = f"{same[0].turn.text} … {same[0].figure.text}"
            differences.setdefault(one.figure.text, FactDifference("negation", said, other, "direction"))
    return Findings(tuple(differences.values()))


def _moved(sentences: Sequence[FactSentence]) -> Iterator[_Moved]:
    """Yield the figures of parts that say one way only, with what says it."""
    for sentence in sentences:
        for part in predications(sentence):
            ways = [turn for turn in part.turns if turn.family in _WAYS]
            if (
                ways
                and len({(_WAYS[turn.family], turn.sign) for turn in ways}) == 1
                and not part.is_hypothetical
            ):
                yield from (
                    _Moved(figure, ways[0], _LEVEL.search(sentence.found.text[: figure.start]) is not None)
                    for figure in _figures(part)
                )


def _figures(part: Predication) -> Iterator[StatedFigure]:
    found = part.sentence.found
    start, end = found.starts[part.first], found.ends[part.last - 1]
    for figure in part.sentence.figures:
        is_telling = figure.kind in ("money", "part") or figure.bare > _PLAIN
        is_former = _FORMER.search(found.text[: figure.start]) is not None
        if start <= figure.start < end and is_telling and not is_former:
            yield figure


def _is_same(one: _Moved, other: _Moved) -> bool:
    return _WAYS[one.turn.family] == _WAYS[other.turn.family] and _are_same(one.figure, other.figure)


def _are_same(one: StatedFigure, other: StatedFigure) -> bool:
    is_exact = abs(one.base - other.base) <= _EXACT * other.base
    return one.kind == other.kind and same_unit(one, other) and is_exact
