"""Figures of a copy that are not those of the release: another amount, unit or currency, or somebody else's amount."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from vigie.intelligence.news.facts.derived import days_of, is_derived, is_part_of
from vigie.intelligence.news.facts.figure_likeness import (
    ALIKE,
    COINS,
    LITTLE,
    FigureAlignment,
    are_digits_alike,
    are_shuffled,
    digits_of,
    families_of,
    is_counted,
    is_same_figure,
    is_written_alike,
    noun_stems,
)
from vigie.intelligence.news.facts.figures import StatedFigure, same_currency, same_unit, same_value
from vigie.intelligence.news.facts.names import StatedName
from vigie.intelligence.news.facts.outcome import DifferenceKind, FactDifference, Findings
from vigie.intelligence.news.facts.placed import Placed
from vigie.intelligence.news.facts.rates import rate_of
from vigie.intelligence.news.facts.statement import FactSentence, beside
from vigie.intelligence.news.facts.strangers import is_of_strangers, strangers
from vigie.intelligence.news.facts.swaps import is_anybodys, is_swapped
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
    told: Iterable[str] = (),
) -> Findings:
    """Return which figures of a copy differ from those of a release, and which it does not state.

    Parameters
    ----------
    told : iterable of str
        Names that a copy may use without the release.
    """
    days, near, is_stranger = (
        days_of(release, release_day),
        FigureAlignment(release),
        strangers(release, told),
    )
    ours = [Placed(sentence, figure) for sentence in copy for figure in sentence.figures]
    theirs = [Placed(sentence, figure) for sentence in release for figure in sentence.figures]
    differences: dict[str, FactDifference] = {}
    unproven: list[str] = []
    framed = dict(_framed(copy, release))
    for one in ours:
        if id(one.figure) in framed:
            differences.setdefault(
                one.figure.text, _difference("amount", one, framed[id(one.figure)], "framed")
            )
            continue
        if one.figure.kind == "fraction":
            unproven += [] if is_part_of(one.figure, theirs) else [one.figure.text]
            continue
        same = [other for other in theirs if is_same_figure(one.figure, other.figure)]
        if same:
            span = _other_rate(one, same)
            if span is not None:
                differences.setdefault(one.figure.text, span)
                continue
            other = is_swapped(one, same, theirs)
            if other is not None:
                differences.setdefault(one.figure.text, _difference("amount", one, other, "swapped"))
            elif is_anybodys(one, same, theirs) or _is_rather_another(one, same, theirs, near):
                unproven.append(one.figure.text)
            continue
        kind, counterpart = _counterpart(one, ours, theirs, days, near, is_stranger)
        if kind and counterpart is not None:
            differences.setdefault(one.figure.text, _difference(kind, one, counterpart, "counterpart"))
        elif one.figure.kind or one.figure.value > _PLAIN:
            unproven.append(one.figure.text)
    return Findings(tuple(differences.values()), tuple(unproven))


def _framed(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> Iterator[tuple[int, Placed]]:
    """Yield the figures of sentences that are word for word the release's but for a figure, with what stands there."""
    frames = {_frame(sentence): sentence for sentence in release if sentence.figures}
    for sentence in copy:
        other = frames.get(_frame(sentence))
        if other is None or not sentence.figures or len(sentence.figures) != len(other.figures):
            continue
        for one, held in zip(sentence.figures, other.figures, strict=True):
            if (
                one.kind == held.kind
                and one.scale == held.scale
                and same_unit(one, held)
                and one.bare != held.bare
            ):
                yield id(one), Placed(other, held)


def _frame(sentence: FactSentence) -> tuple[str, ...]:
    return tuple(word for word in sentence.found.folded if not word[0].isdigit())


def _is_rather_another(
    one: Placed, same: Sequence[Placed], theirs: Sequence[Placed], near: FigureAlignment
) -> bool:
    """Tell whether what stands beside a figure stands rather beside another figure of the release."""
    rivals = [
        other
        for other in theirs
        if other.figure.kind == one.figure.kind
        and other.figure.unit == same[0].figure.unit
        and not same_value(other.figure, same[0].figure)
    ]
    own = max(near.of(one, other) for other in same)
    return any(near.of(one, other) > own for other in rivals)


def _other_rate(one: Placed, same: Sequence[Placed]) -> FactDifference | None:
    """Return where a figure is told by another span of time: by year what is by month."""
    ours, said = rate_of(one)
    theirs = [_rate(other) for other in same]
    if not ours or any(not span or span == ours for span, _ in theirs):
        return None
    other = same[0].figure
    return FactDifference("unit", f"{one.figure.text} {said}", f"{other.text} {theirs[0][1]}", "rate")


def _rate(one: Placed) -> tuple[str, str]:
    """Return the span of time that a figure is of, a year where one is stated right after it."""
    span, said = rate_of(one)
    year = next(
        (each for each in one.sentence.dates if each.is_year and 0 < each.start - one.figure.end <= _AFTER),
        None,
    )
    return (span, said) if span or year is None else ("year", year.text)


def _difference(kind: DifferenceKind, one: Placed, other: Placed, rule: str) -> FactDifference:
    return FactDifference(kind, _shown(one.figure), _shown(other.figure), rule)


def _shown(figure: StatedFigure) -> str:
    first = figure.nouns[0] if figure.nouns and fold(figure.nouns[0]) not in _SMALL else ""
    return f"{figure.text} {first}".strip()


def _counterpart(
    one: Placed,
    ours: Sequence[Placed],
    theirs: Sequence[Placed],
    days: Sequence[date],
    near: FigureAlignment,
    is_stranger: Callable[[StatedName], bool],
) -> tuple[DifferenceKind | None, Placed | None]:
    is_made = is_derived(one.figure, theirs, days)
    for other in theirs:
        if _is_converted(one, other, ours) or _is_elliptic(one, other, ours):
            continue
        kind = _other_unit(one, other, near.of(one, other)) or _other_part(one, other, near.of(one, other))
        is_made_here = is_made and (one.figure.bare != other.figure.bare or one.figure.kind == "part")
        if kind and not is_made_here:
            return kind, other
    free = [other for other in theirs if not any(is_same_figure(mine.figure, other.figure) for mine in ours)]
    if is_made:
        # Digits that changed places may make a sum by chance.
        free = [other for other in free if are_shuffled(one.figure, other.figure)]
    if is_of_strangers(one.sentence, is_stranger):
        # Whoever the release does not know tells of something else.
        free = [other for other in free if are_digits_alike(one.figure, other.figure, 0.0)]
    ranked = [
        (_nearness(one, other, near.of(one, other)), other)
        for other in free
        if _are_of_kind(one.figure, other.figure)
    ]
    ranked += [
        (_LISTED, other) for other in _listed(one, ours, theirs) if _is_of_size(one.figure, other.figure)
    ]
    ranked = [pair for pair in ranked if pair[0] > 0]
    return ("amount", max(ranked, key=lambda pair: pair[0])[1]) if ranked else (None, None)


def _are_of_kind(copy: StatedFigure, release: StatedFigure) -> bool:
    return copy.kind == release.kind and bool(copy.kind or min(copy.scale, release.scale) > 1)


def _is_of_size(copy: StatedFigure, release: StatedFigure) -> bool:
    """Tell whether an amount may stand in for another: no sum of thousands is another's of millions."""
    return 0.09 <= (copy.value / release.value if release.value else 0) <= 11


def _listed(one: Placed, ours: Sequence[Placed], theirs: Sequence[Placed]) -> list[Placed]:
    """Return the figure of a list of amounts that a copy tells otherwise: of as many, all others are the same."""
    mine = [each for each in ours if each.sentence is one.sentence and each.figure.kind == "money"]
    found = []
    for sentence in dict.fromkeys(id(other.sentence) for other in theirs):
        row = [other for other in theirs if id(other.sentence) == sentence and other.figure.kind == "money"]
        left = [other for other in row if not any(is_same_figure(each.figure, other.figure) for each in mine)]
        if len(row) == len(mine) > 1 and len(left) == 1 and same_unit(one.figure, left[0].figure):
            found += left
    return found


def _is_converted(one: Placed, other: Placed, ours: Sequence[Placed]) -> bool:
    """Tell whether a copy states a figure of the release beside the same in another currency."""
    beside_it = (
        mine.figure for mine in ours if mine.sentence is one.sentence and mine.figure is not one.figure
    )
    return one.figure.kind == "money" and any(is_same_figure(mine, other.figure) for mine in beside_it)


def _is_elliptic(one: Placed, other: Placed, ours: Sequence[Placed]) -> bool:
    """Tell whether a figure leaves out its unit after another in it: «400 millions de dollars, dont 72 au moins»."""
    copy, release = one.figure, other.figure
    if copy.kind not in ("", "count") or copy.scale != 1.0 or copy.bare != release.bare or noun_stems(copy):
        return False
    return any(
        mine.sentence is one.sentence
        and mine.figure.end <= copy.start
        and same_unit(mine.figure, release)
        and mine.figure.scale == release.scale
        for mine in ours
    )


def _other_unit(one: Placed, other: Placed, alike: float) -> DifferenceKind | None:
    """Return whether a figure is another one with another scale, unit or currency."""
    copy, release = one.figure, other.figure
    if copy.kind == release.kind == "money" and not same_currency(copy.unit, release.unit):
        is_coin = copy.unit in COINS or release.unit in COINS
        if len(digits_of(copy)) < _TELLING and not alike:
            # «10 000 euros» of something else are no «$10,000».
            return None
        return ("unit" if is_coin else "currency") if is_written_alike(copy, release.value) else None
    is_of_one_kind = (
        copy.kind == release.kind or is_counted(copy, release) or not (copy.kind and release.kind)
    )
    if is_of_one_kind and copy.kind not in ("time", "part"):
        is_scaled = copy.scale != release.scale or copy.scale == 1.0
        is_thousands = any(is_written_alike(copy, release.value * factor) for factor in _THOUSANDS)
        is_other_thing = copy.kind == release.kind == "count" and same_value(copy, release)
        is_near = (
            alike >= LITTLE or (copy.kind == "money" and len(digits_of(copy)) > 1) or len(digits_of(copy)) > 2
        )
        if copy.kind == "count" and copy.bare <= _PLAIN and not noun_stems(copy) & noun_stems(release):
            # «3 million payments» are no «three analysts».
            is_thousands = is_thousands and bool(families_of(copy) & families_of(release) - _ANY)
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
    if copy.kind == "count" and not families_of(copy).isdisjoint(_near_families(other)):
        # «287 milliards de jetons» are «$287 billion for tokens».
        return None
    return "unit" if alike >= LITTLE or len(digits_of(copy)) > 2 else None


def _near_families(one: Placed) -> frozenset[str]:
    features = beside(one.sentence, one.figure.start, one.figure.end, _BESIDE)
    return frozenset(feature[1:] for feature in features if feature[0] == "=")


def _other_part(one: Placed, other: Placed, alike: float) -> DifferenceKind | None:
    """Return whether per cent stand for basis points, or the reverse, beside the same words."""
    copy, release = one.figure, other.figure
    if copy.kind != release.kind or copy.unit == release.unit or copy.bare != release.bare:
        return None
    shared = len(one.context & other.context)
    least = {"part": 1, "time": _ALIKE}.get(copy.kind, 0)
    is_alike = (
        shared >= least
        or alike >= LITTLE * least
        or len(one.sentence.features & other.sentence.features) >= _MANY
    )
    return "unit" if least and is_alike else None


def _is_telling(figure: StatedFigure) -> bool:
    return figure.bare > _PLAIN or figure.bare != int(figure.bare)


def _nearness(one: Placed, other: Placed, alike: float) -> float:
    """Return how much tells that one figure stands in the place of the other; nothing where too little does.

    Parameters
    ----------
    alike : float
        How much the words beside both are the same.
    """
    copy, release = one.figure, other.figure
    if copy.kind == "money" and not same_currency(copy.unit, release.unit):
        return 0.0
    digits = are_digits_alike(copy, release, alike)
    if copy.kind == "count":
        is_small = copy.value <= _PLAIN
        if is_small and (copy.value <= _FEW or alike < ALIKE):
            return 0.0
        is_noun = bool(families_of(copy) & families_of(release) - _ANY) or bool(
            noun_stems(copy) & noun_stems(release)
        )
        is_of_size = 0.2 <= (copy.value / release.value if release.value else 0) <= 5
        is_in_place = is_noun and (digits or (is_of_size and alike >= LITTLE))
        return (2.0 + digits + alike) if is_in_place else 3.0 * digits
    if copy.kind == "time":
        is_enough = alike >= ALIKE and copy.unit == release.unit and not _is_relative(one)
        return 1.0 + digits + alike if is_enough else 0.0
    if digits:
        return 3.0 + alike
    ratio = copy.base / release.base if release.base else 0.0
    return alike if 0.2 <= ratio <= 5 and alike >= ALIKE else 0.0


def _is_relative(one: Placed) -> bool:
    """Tell whether a span of time only says how far another day is: «two days before Christmas»."""
    return _RELATIVE.match(one.sentence.found.text, one.figure.end) is not None
