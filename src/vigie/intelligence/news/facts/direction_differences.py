"""Figures that a copy says rose and the release says fell, or the reverse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.figures import StatedFigure, same_unit
from vigie.intelligence.news.facts.outcome import FactDifference, FactFindings
from vigie.intelligence.news.facts.predications import Predication, predications
from vigie.intelligence.news.facts.stated_events import StatedEvent
from vigie.intelligence.news.facts.statement import FactSentence

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


class _FigureMove(NamedTuple):
    figure: StatedFigure
    event: StatedEvent
    is_level: bool


def direction_findings(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> FactFindings:
    """Return which figures of a copy went the other way than in the release."""
    copy_moves, release_moves = list(_figure_moves(copy)), list(_figure_moves(release))
    release_figures = [figure for sentence in release for figure in sentence.figures]
    differences: dict[str, FactDifference] = {}
    for move in copy_moves:
        same_figure = [release_text for release_text in release_moves if _is_same(move, release_text)]
        # Of a figure that stands twice, one place may say nothing of where it went.
        is_once = sum(_are_same(move.figure, figure) for figure in release_figures) == len(same_figure)
        is_alike = any(release_text.is_level == move.is_level for release_text in same_figure)
        if (
            is_alike
            and is_once
            and all(release_text.event.sign != move.event.sign for release_text in same_figure)
        ):
            copy_text = f"{move.event.text} … {move.figure.text}"
            release_text = f"{same_figure[0].event.text} … {same_figure[0].figure.text}"
            differences.setdefault(
                move.figure.text, FactDifference("negation", copy_text, release_text, "direction")
            )
    return FactFindings(tuple(differences.values()))


def _figure_moves(sentences: Sequence[FactSentence]) -> Iterator[_FigureMove]:
    """Yield the figures of parts that say one way only, with what says it."""
    for sentence in sentences:
        for part in predications(sentence):
            move_events = [event for event in part.events if event.family in _WAYS]
            if (
                move_events
                and len({(_WAYS[event.family], event.sign) for event in move_events}) == 1
                and not part.is_hypothetical
            ):
                yield from (
                    _FigureMove(
                        figure,
                        move_events[0],
                        _LEVEL.search(sentence.tokens.text[: figure.start]) is not None,
                    )
                    for figure in _telling_figures(part)
                )


def _telling_figures(part: Predication) -> Iterator[StatedFigure]:
    tokens = part.sentence.tokens
    start, end = tokens.starts[part.first], tokens.ends[part.last - 1]
    for figure in part.sentence.figures:
        is_telling = figure.kind in ("money", "part") or figure.bare > _PLAIN
        is_former = _FORMER.search(tokens.text[: figure.start]) is not None
        if start <= figure.start < end and is_telling and not is_former:
            yield figure


def _is_same(move: _FigureMove, other: _FigureMove) -> bool:
    return _WAYS[move.event.family] == _WAYS[other.event.family] and _are_same(move.figure, other.figure)


def _are_same(figure: StatedFigure, other: StatedFigure) -> bool:
    is_exact = abs(figure.base - other.base) <= _EXACT * other.base
    return figure.kind == other.kind and same_unit(figure, other) and is_exact
