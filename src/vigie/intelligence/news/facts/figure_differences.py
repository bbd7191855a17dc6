"""Figures of a copy that are not those of the release: another amount, unit or currency, or somebody else's amount."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from vigie.intelligence.news.facts.derived import days_of, is_derived, is_stated_part
from vigie.intelligence.news.facts.figure_likeness import (
    ALIKE,
    COINS,
    LITTLE,
    FigureAlignment,
    are_digits_alike,
    are_shuffled,
    digits_of,
    is_same_figure,
    is_written_alike,
    may_be_counts,
    noun_families,
    noun_stems,
)
from vigie.intelligence.news.facts.figures import StatedFigure, same_currency, same_unit, same_value
from vigie.intelligence.news.facts.names import StatedName
from vigie.intelligence.news.facts.outcome import DifferenceKind, FactDifference, FactFindings
from vigie.intelligence.news.facts.placed_figure import PlacedFigure
from vigie.intelligence.news.facts.rates import rate_of
from vigie.intelligence.news.facts.statement import FactSentence, features_beside
from vigie.intelligence.news.facts.swaps import find_swapped, is_owner_open
from vigie.intelligence.news.facts.unknown_names import has_unknown_names, unknown_name_test
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import fold

_SMALL: Final = SMALL["en"] | SMALL["fr"]
_THOUSANDS: Final = (1e3, 1e-3, 1e6, 1e-6)
# Smaller whole numbers are in every text.
_PLAIN: Final = 12
# So few of anything may be some of those that the release counts.
_FEW: Final = 4
_ALIKE: Final = 3
_MANY: Final = 6
_LISTED: Final = 1.5
_BESIDE: Final = 6
_AFTER: Final = 30
_TELLING: Final = 2
# They count anything.
_ANY: Final = frozenset("other first second third new previous several".split())
_RELATIVE: Final = re.compile(
    r"[ \u00a0](?:before|after|earlier|later|ago|avant|apr[èe]s|plus t[ôo]t|plus tard|auparavant)\b",
    re.IGNORECASE,
)


def figure_findings(
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    release_day: str = "",
    allowed_names: Iterable[str] = (),
) -> FactFindings:
    """Return which figures of a copy differ from those of a release, and which it does not state.

    Parameters
    ----------
    allowed_names : iterable of str
        Names that a copy may use without the release.
    """
    days, alignment, is_stranger = (
        days_of(release, release_day),
        FigureAlignment(release),
        unknown_name_test(release, allowed_names),
    )
    copy_figures = [PlacedFigure(sentence, figure) for sentence in copy for figure in sentence.figures]
    release_figures = [PlacedFigure(sentence, figure) for sentence in release for figure in sentence.figures]
    differences: dict[str, FactDifference] = {}
    unproven: list[str] = []
    by_frame = dict(_same_frame_figures(copy, release))
    for placed in copy_figures:
        if id(placed.figure) in by_frame:
            differences.setdefault(
                placed.figure.text,
                _figure_difference("amount", placed, by_frame[id(placed.figure)], "framed"),
            )
            continue
        if placed.figure.kind == "fraction":
            unproven += [] if is_stated_part(placed.figure, release_figures) else [placed.figure.text]
            continue
        same = [other for other in release_figures if is_same_figure(placed.figure, other.figure)]
        if same:
            span = _other_rate(placed, same)
            if span is not None:
                differences.setdefault(placed.figure.text, span)
                continue
            other = find_swapped(placed, same, release_figures)
            if other is not None:
                differences.setdefault(
                    placed.figure.text, _figure_difference("amount", placed, other, "swapped")
                )
            elif is_owner_open(placed, same, release_figures) or _is_nearer_to_another(
                placed, same, release_figures, alignment
            ):
                unproven.append(placed.figure.text)
            continue
        kind, counterpart = _counterpart(placed, copy_figures, release_figures, days, alignment, is_stranger)
        if kind and counterpart is not None:
            differences.setdefault(
                placed.figure.text, _figure_difference(kind, placed, counterpart, "counterpart")
            )
        elif placed.figure.kind or placed.figure.value > _PLAIN:
            unproven.append(placed.figure.text)
    return FactFindings(tuple(differences.values()), tuple(unproven))


def _same_frame_figures(
    copy: Sequence[FactSentence], release: Sequence[FactSentence]
) -> Iterator[tuple[int, PlacedFigure]]:
    """Yield the figures of sentences that are word for word the release's but for a figure, with what stands there."""
    frames = {_frame(sentence): sentence for sentence in release if sentence.figures}
    for sentence in copy:
        other = frames.get(_frame(sentence))
        if other is None or not sentence.figures or len(sentence.figures) != len(other.figures):
            continue
        for copy_figure, release_figure in zip(sentence.figures, other.figures, strict=True):
            if (
                copy_figure.kind == release_figure.kind
                and copy_figure.scale == release_figure.scale
                and same_unit(copy_figure, release_figure)
                and copy_figure.bare != release_figure.bare
            ):
                yield id(copy_figure), PlacedFigure(other, release_figure)


def _frame(sentence: FactSentence) -> tuple[str, ...]:
    return tuple(word for word in sentence.tokens.folded if not word[0].isdigit())


def _is_nearer_to_another(
    placed: PlacedFigure,
    same: Sequence[PlacedFigure],
    theirs: Sequence[PlacedFigure],
    alignment: FigureAlignment,
) -> bool:
    """Tell whether what stands beside a figure stands rather beside another figure of the release."""
    rivals = [
        other
        for other in theirs
        if other.figure.kind == placed.figure.kind
        and other.figure.unit == same[0].figure.unit
        and not same_value(other.figure, same[0].figure)
    ]
    own_similarity = max(alignment.similarity(placed, other) for other in same)
    return any(alignment.similarity(placed, other) > own_similarity for other in rivals)


def _other_rate(placed: PlacedFigure, same: Sequence[PlacedFigure]) -> FactDifference | None:
    """Return where a figure is told by another span of time: by year what is by month."""
    copy_rate, rate_text = rate_of(placed)
    release_rates = [_rate_or_year(other) for other in same]
    if not copy_rate or any(not span or span == copy_rate for span, _ in release_rates):
        return None
    other = same[0].figure
    return FactDifference(
        "unit", f"{placed.figure.text} {rate_text}", f"{other.text} {release_rates[0][1]}", "rate"
    )


def _rate_or_year(placed: PlacedFigure) -> tuple[str, str]:
    """Return the span of time that a figure is of, a year where one is stated right after it."""
    span, rate_text = rate_of(placed)
    year = next(
        (
            each
            for each in placed.sentence.dates
            if each.is_year and 0 < each.start - placed.figure.end <= _AFTER
        ),
        None,
    )
    return (span, rate_text) if span or year is None else ("year", year.text)


def _figure_difference(
    kind: DifferenceKind, placed: PlacedFigure, other: PlacedFigure, rule: str
) -> FactDifference:
    return FactDifference(kind, _figure_text(placed.figure), _figure_text(other.figure), rule)


def _figure_text(figure: StatedFigure) -> str:
    noun = figure.nouns[0] if figure.nouns and fold(figure.nouns[0]) not in _SMALL else ""
    return f"{figure.text} {noun}".strip()


def _counterpart(
    placed: PlacedFigure,
    copy_figures: Sequence[PlacedFigure],
    release_figures: Sequence[PlacedFigure],
    days: Sequence[date],
    alignment: FigureAlignment,
    is_stranger: Callable[[StatedName], bool],
) -> tuple[DifferenceKind | None, PlacedFigure | None]:
    is_computed = is_derived(placed.figure, release_figures, days)
    for other in release_figures:
        if _is_converted(placed, other, copy_figures) or _is_elliptic(placed, other, copy_figures):
            continue
        kind = _other_unit(placed, other, alignment.similarity(placed, other)) or _other_part(
            placed, other, alignment.similarity(placed, other)
        )
        is_made_here = is_computed and (
            placed.figure.bare != other.figure.bare or placed.figure.kind == "part"
        )
        if kind and not is_made_here:
            return kind, other
    free_figures = [
        other
        for other in release_figures
        if not any(is_same_figure(copy_figure.figure, other.figure) for copy_figure in copy_figures)
    ]
    if is_computed:
        # Digits that changed places may make a sum by chance.
        free_figures = [other for other in free_figures if are_shuffled(placed.figure, other.figure)]
    if has_unknown_names(placed.sentence, is_stranger):
        # Whoever the release does not know tells of something else.
        free_figures = [other for other in free_figures if are_digits_alike(placed.figure, other.figure, 0.0)]
    ranked = [
        (_nearness(placed, other, alignment.similarity(placed, other)), other)
        for other in free_figures
        if _are_of_kind(placed.figure, other.figure)
    ]
    ranked += [
        (_LISTED, other)
        for other in _listed_alternative(placed, copy_figures, release_figures)
        if _is_of_size(placed.figure, other.figure)
    ]
    ranked = [pair for pair in ranked if pair[0] > 0]
    return ("amount", max(ranked, key=lambda pair: pair[0])[1]) if ranked else (None, None)


def _are_of_kind(copy: StatedFigure, release: StatedFigure) -> bool:
    return copy.kind == release.kind and bool(copy.kind or min(copy.scale, release.scale) > 1)


def _is_of_size(copy: StatedFigure, release: StatedFigure) -> bool:
    """Tell whether an amount may stand in for another: no sum of thousands is another's of millions."""
    return 0.09 <= (copy.value / release.value if release.value else 0) <= 11


def _listed_alternative(
    placed: PlacedFigure, copy_figures: Sequence[PlacedFigure], release_figures: Sequence[PlacedFigure]
) -> list[PlacedFigure]:
    """Return the figure of a list of amounts that a copy tells otherwise: of as many, all others are the same."""
    copy_list = [
        each for each in copy_figures if each.sentence is placed.sentence and each.figure.kind == "money"
    ]
    alternatives = []
    for sentence in dict.fromkeys(id(other.sentence) for other in release_figures):
        row = [
            other
            for other in release_figures
            if id(other.sentence) == sentence and other.figure.kind == "money"
        ]
        unmatched = [
            other for other in row if not any(is_same_figure(each.figure, other.figure) for each in copy_list)
        ]
        if (
            len(row) == len(copy_list) > 1
            and len(unmatched) == 1
            and same_unit(placed.figure, unmatched[0].figure)
        ):
            alternatives += unmatched
    return alternatives


def _is_converted(placed: PlacedFigure, other: PlacedFigure, copy_figures: Sequence[PlacedFigure]) -> bool:
    """Tell whether a copy states a figure of the release beside the same in another currency."""
    neighbours = (
        neighbour.figure
        for neighbour in copy_figures
        if neighbour.sentence is placed.sentence and neighbour.figure is not placed.figure
    )
    return placed.figure.kind == "money" and any(
        is_same_figure(neighbour, other.figure) for neighbour in neighbours
    )


def _is_elliptic(placed: PlacedFigure, other: PlacedFigure, copy_figures: Sequence[PlacedFigure]) -> bool:
    """Tell whether a figure leaves out its unit after another in it: «400 millions de dollars, dont 72 au moins»."""
    copy, release = placed.figure, other.figure
    if copy.kind not in ("", "count") or copy.scale != 1.0 or copy.bare != release.bare or noun_stems(copy):
        return False
    return any(
        neighbour.sentence is placed.sentence
        and neighbour.figure.end <= copy.start
        and same_unit(neighbour.figure, release)
        and neighbour.figure.scale == release.scale
        for neighbour in copy_figures
    )


def _other_unit(placed: PlacedFigure, other: PlacedFigure, similarity: float) -> DifferenceKind | None:
    """Return whether a figure is another one with another scale, unit or currency."""
    copy, release = placed.figure, other.figure
    if copy.kind == release.kind == "money" and not same_currency(copy.unit, release.unit):
        is_coin = copy.unit in COINS or release.unit in COINS
        if len(digits_of(copy)) < _TELLING and not similarity:
            # «10 000 euros» of something else are no «$10,000».
            return None
        return ("unit" if is_coin else "currency") if is_written_alike(copy, release.value) else None
    is_of_one_kind = (
        copy.kind == release.kind or may_be_counts(copy, release) or not (copy.kind and release.kind)
    )
    if is_of_one_kind and copy.kind not in ("time", "part"):
        is_scaled = copy.scale != release.scale or copy.scale == 1.0
        is_thousands = any(is_written_alike(copy, release.value * factor) for factor in _THOUSANDS)
        is_other_thing = copy.kind == release.kind == "count" and same_value(copy, release)
        is_near = (
            similarity >= LITTLE
            or (copy.kind == "money" and len(digits_of(copy)) > 1)
            or len(digits_of(copy)) > 2
        )
        if copy.kind == "count" and copy.bare <= _PLAIN and not noun_stems(copy) & noun_stems(release):
            # «3 million payments» are no «three analysts».
            is_thousands = is_thousands and bool(noun_families(copy) & noun_families(release) - _ANY)
        return "unit" if ((is_scaled and is_thousands) or is_other_thing) and is_near else None
    if not copy.kind or not release.kind or not _is_telling(copy):
        return None
    if copy.kind != release.kind and not {"money", "part"} & {copy.kind, release.kind}:
        return None
    if abs(copy.bare - release.bare) > 1e-9 * release.bare or (copy.kind, copy.unit) == (
        release.kind,
        release.unit,
    ):
        return None
    if copy.kind == "count" and not noun_families(copy).isdisjoint(_near_families(other)):
        # «287 milliards de jetons» are «$287 billion for tokens».
        return None
    return "unit" if similarity >= LITTLE or len(digits_of(copy)) > 2 else None


def _near_families(placed: PlacedFigure) -> frozenset[str]:
    features = features_beside(placed.sentence, placed.figure.start, placed.figure.end, _BESIDE)
    return frozenset(feature[1:] for feature in features if feature[0] == "=")


def _other_part(placed: PlacedFigure, other: PlacedFigure, similarity: float) -> DifferenceKind | None:
    """Return whether per cent stand for basis points, or the reverse, beside the same words."""
    copy, release = placed.figure, other.figure
    if copy.kind != release.kind or copy.unit == release.unit or copy.bare != release.bare:
        return None
    shared = len(placed.context & other.context)
    least = {"part": 1, "time": _ALIKE}.get(copy.kind, 0)
    is_alike = (
        shared >= least
        or similarity >= LITTLE * least
        or len(placed.sentence.features & other.sentence.features) >= _MANY
    )
    return "unit" if least and is_alike else None


def _is_telling(figure: StatedFigure) -> bool:
    return figure.bare > _PLAIN or figure.bare != int(figure.bare)


def _nearness(placed: PlacedFigure, other: PlacedFigure, similarity: float) -> float:
    """Return how much tells that one figure stands in the place of the other; nothing where too little does.

    Parameters
    ----------
    similarity : float
        How much the words beside both are the same.
    """
    copy, release = placed.figure, other.figure
    if copy.kind == "money" and not same_currency(copy.unit, release.unit):
        return 0.0
    digits = are_digits_alike(copy, release, similarity)
    if copy.kind == "count":
        is_small = copy.value <= _PLAIN
        if is_small and (copy.value <= _FEW or similarity < ALIKE):
            return 0.0
        is_noun = bool(noun_families(copy) & noun_families(release) - _ANY) or bool(
            noun_stems(copy) & noun_stems(release)
        )
        is_of_size = 0.2 <= (copy.value / release.value if release.value else 0) <= 5
        is_in_place = is_noun and (digits or (is_of_size and similarity >= LITTLE))
        return (2.0 + digits + similarity) if is_in_place else 3.0 * digits
    if copy.kind == "time":
        is_enough = similarity >= ALIKE and copy.unit == release.unit and not _is_relative(placed)
        return 1.0 + digits + similarity if is_enough else 0.0
    if digits:
        return 3.0 + similarity
    ratio = copy.base / release.base if release.base else 0.0
    return similarity if 0.2 <= ratio <= 5 and similarity >= ALIKE else 0.0


def _is_relative(placed: PlacedFigure) -> bool:
    """Tell whether a span of time only says how far another day is: «two days before Christmas»."""
    return _RELATIVE.match(placed.sentence.tokens.text, placed.figure.end) is not None
