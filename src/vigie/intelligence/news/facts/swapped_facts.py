"""Facts of the release that a copy tells where the release tells another: somebody else's fine, another deadline.

What stands beside a fact in the copy stands beside another one of its kind in the release, rather than beside the same.
How much of it takes how much is weighed by figures that ``benchmarks.news.fit_copies`` fits to altered and true copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import log
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.derived import days_of, is_derived
from vigie.intelligence.news.facts.figure_likeness import digits_of, is_same_figure, noun_families, noun_stems
from vigie.intelligence.news.facts.figures import StatedFigure
from vigie.intelligence.news.facts.fitted_weights import FittedWeights, load_weights
from vigie.intelligence.news.facts.names import StatedName, is_known
from vigie.intelligence.news.facts.outcome import DifferenceKind, FactDifference
from vigie.intelligence.news.facts.parties import name_kind
from vigie.intelligence.news.facts.place_likeness import PlaceContext, PlaceIndex, PlaceLikeness
from vigie.intelligence.news.facts.placed_figure import PlacedFigure
from vigie.intelligence.news.facts.places import FactPlace, fact_places, is_same_fact
from vigie.intelligence.news.facts.stated_dates import StatedDate, same_date, shared_parts, stated_date_of
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.facts.unknown_names import has_unknown_names, unknown_name_test

_KINDS: Final[Mapping[str, DifferenceKind]] = {"name": "name", "figure": "amount", "date": "date"}
_PLAIN: Final = 12


class SwapCandidate(NamedTuple):
    """A fact of a copy with the one of the release that most likely stands there, and what tells so.

    Attributes
    ----------
    model : str
        By which figures it is weighed: ``exchanged`` where the release has the fact elsewhere, else ``lost``.
    """

    model: str
    place: FactPlace
    rival: FactPlace
    features: Mapping[str, float]


def swap_findings(
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    days: Sequence[str] = (),
    allowed_names: Iterable[str] = (),
    load_model: Callable[[str], FittedWeights] = load_weights,
) -> list[FactDifference]:
    """Return which facts of a copy stand in the place of others of the release.

    Parameters
    ----------
    days : sequence of str
        When the copy and the release came out, as ISO dates: anything may be of these days.
    allowed_names : iterable of str
        Names that a copy may use without the release.
    load_model : callable
        Gives the figures by name.
    """
    differences = []
    for candidate in swap_candidates(copy, release, days, allowed_names):
        likelihood = load_model(candidate.model).probability(candidate.features)
        if likelihood >= load_model(candidate.model).least:
            kind = _KINDS[candidate.place.kind]
            differences.append(
                FactDifference(kind, candidate.place.text, candidate.rival.text, candidate.model, likelihood)
            )
    return differences


def swap_candidates(
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    days: Sequence[str] = (),
    allowed_names: Iterable[str] = (),
) -> Iterator[SwapCandidate]:
    """Yield the facts of a copy that another fact of the release may stand for."""
    index, is_stranger = PlaceIndex(release), unknown_name_test(release, allowed_names)
    known = {word for sentence in release for word in sentence.tokens.folded}
    copy_places = list(fact_places(copy, index.name_kinds))
    figures = [PlacedFigure(sentence, option) for sentence in release for option in sentence.figures]
    stated_days = days_of(release, days[-1] if days else "")
    own_days = [stated_date_of(day) for day in days if day]
    for context in index.contexts(copy):
        place, fact = context.place, context.place.fact
        if isinstance(fact, StatedName) and not all(is_known(word, known) for word in fact.words):
            continue
        if isinstance(fact, StatedDate) and any(same_date(fact, day) for day in own_days):
            continue
        if context.own:
            rival = max(context.rivals, key=lambda option: option.whole)
            features = {
                **_own_features(context, rival),
                **_common_features(context, rival, copy_places, index.name_kinds),
            }
            yield SwapCandidate("exchanged", place, rival.place, features)
        elif not isinstance(fact, StatedName):
            other_places = [option for option in copy_places if not _is_one_place(option, place)]
            free_rivals = [
                option
                for option in context.rivals
                if not any(is_same_fact(figure_told, option.place) for figure_told in other_places)
            ]
            rival = max(
                free_rivals or context.rivals,
                key=lambda option: option.whole + 2 * _closeness(fact, option.place.fact),
            )
            # «$16 million» in a title rounds the «$16.1 million» below it, which is a sum of the release's.
            same_figures = [
                figure_told
                for figure_told in (fact, *(option.fact for option in other_places))
                if isinstance(figure_told, StatedFigure)
                and isinstance(fact, StatedFigure)
                and is_same_figure(fact, figure_told)
            ]
            is_made = any(is_derived(figure_told, figures, stated_days) for figure_told in same_figures)
            features = {
                **_common_features(context, rival, copy_places, index.name_kinds),
                **_likeness_features(fact, rival.place.fact),
                "made": is_made, "stranger": has_unknown_names(place.sentence, is_stranger), "free": bool(free_rivals),
            }  # fmt: skip
            yield SwapCandidate(
                "lost", place, rival.place, {name: float(value) for name, value in features.items()}
            )


def _own_features(context: PlaceContext, rival: PlaceLikeness) -> Mapping[str, float]:
    own_places = context.own
    near, wide, part = (
        max(values)
        for values in zip(
            *((likeness.near, likeness.wide, likeness.part) for likeness in own_places), strict=True
        )
    )
    gains = (
        log((rival.near + 0.05) / (near + 0.05)),
        log((rival.wide + 0.2) / (wide + 0.2)),
        log((rival.part + 0.2) / (part + 0.2)),
    )
    rival_only_words = rival.words.difference(*(likeness.words for likeness in own_places))
    features = {
        "own_near": near, "own_wide": wide, "own_part": part,
        "near_gain": gains[0], "wide_gain": gains[1], "part_gain": gains[2], "least_gain": min(gains),
        "near_by_gain": rival.near * max(gains[0], 0.0), "wide_by_gain": rival.wide * max(gains[1], 0.0),
        "part_by_gain": rival.part * max(gains[2], 0.0),
        "alone": min(len(rival_only_words), 4) / 4, "alone_near": len(rival_only_words) * rival.near / 4,
        "own_covered": wide / (context.known + 0.3), "own_part_covered": part / (context.known_part + 0.3),
        "one_sentence": any(likeness.place.sentence is rival.place.sentence for likeness in own_places),
        "own_places": log(len(own_places)),
    }  # fmt: skip
    return {name: float(value) for name, value in features.items()}


def _is_one_place(place: FactPlace, other: FactPlace) -> bool:
    return place.sentence is other.sentence and (place.kind, place.first) == (other.kind, other.first)


def _common_features(
    context: PlaceContext, rival: PlaceLikeness, copy_places: Iterable[FactPlace], sorts: Mapping[str, str]
) -> Mapping[str, float]:
    place = context.place
    others = [other for other in copy_places if other.kind == place.kind and not _is_one_place(other, place)]
    same_sentence = [other for other in others if other.sentence is place.sentence]
    kinds = [
        name_kind(other.fact, sorts) for other in (place, rival.place) if isinstance(other.fact, StatedName)
    ]
    features = {
        "near": rival.near, "wide": rival.wide, "part": rival.part,
        "words": min(len(rival.words), 6) / 6, "part_words": min(rival.part_count, 5) / 5,
        "numbers": min(rival.numbers, 2),
        "covered": rival.wide / (context.known + 0.3), "part_covered": rival.part / (context.known_part + 0.3),
        "told": any(is_same_fact(other, rival.place) for other in others),
        "told_here": any(is_same_fact(other, rival.place) for other in same_sentence),
        "here": min(len(same_sentence), 3), "again": min(sum(is_same_fact(other, place) for other in others), 2),
        "rivals": log(len(context.rivals)), "title": place.sentence.is_title, "carried": rival.place.is_carried,
        "known": min(context.words, 8) / 8, "name": place.kind == "name", "date": place.kind == "date",
        "one_sort": len(kinds) == 2 and kinds[0] == kinds[1], "other_sort": set(kinds) == {"person", "firm"},
        **_shape_features(place, rival.place),
    }  # fmt: skip
    return {name: float(value) for name, value in features.items()}


def _shape_features(place: FactPlace, rival: FactPlace) -> Mapping[str, float]:
    fact, other = place.fact, rival.fact
    size = 0.0
    if isinstance(fact, StatedFigure) and isinstance(other, StatedFigure) and fact.base and other.base:
        size = min(abs(log(fact.base / other.base)), 5.0)
    return {
        "money": isinstance(fact, StatedFigure) and fact.kind == "money",
        "share": isinstance(fact, StatedFigure) and fact.kind == "part",
        "time": isinstance(fact, StatedFigure) and fact.kind == "time",
        "small": isinstance(fact, StatedFigure) and fact.value <= _PLAIN,
        "size": size,
        "day": isinstance(fact, StatedDate) and bool(fact.day),
        "year": isinstance(fact, StatedDate) and not fact.month,
    }


def _likeness_features(
    fact: StatedFigure | StatedDate | StatedName, other: StatedFigure | StatedDate | StatedName
) -> Mapping[str, float]:
    """Return in what a fact is another written otherwise."""
    if isinstance(fact, StatedDate) and isinstance(other, StatedDate):
        return {
            "other_month": fact.day == other.day and bool(fact.day) and fact.month != other.month,
            "other_day": fact.month == other.month and bool(fact.day and other.day) and fact.day != other.day,
            "other_year": fact.month == other.month
            and fact.day == other.day
            and fact.year != other.year
            and bool(fact.month),
            "nothing_shared": not shared_parts(fact, other),
        }
    if not isinstance(fact, StatedFigure) or not isinstance(other, StatedFigure):
        return {}
    own_digits, other_digits = digits_of(fact), digits_of(other)
    is_long = len(own_digits) > 2
    is_reordered = (
        own_digits != other_digits and sorted(own_digits) == sorted(other_digits) and len(own_digits) > 1
    )
    has_one_digit_changed = (
        len(own_digits) == len(other_digits) > 1
        and sum(a != b for a, b in zip(own_digits, other_digits, strict=True)) == 1
    )
    scale = fact.value / other.value if other.value else 0.0
    return {
        "turned_long": is_reordered and is_long and 0.09 <= scale <= 11,
        "turned_short": is_reordered and not is_long and 0.09 <= scale <= 11,
        "one_digit_long": has_one_digit_changed and is_long and 0.09 <= scale <= 11,
        "one_digit_short": has_one_digit_changed and not is_long and 0.09 <= scale <= 11,
        "tenfold": any(abs(scale * factor - 1) < 1e-6 for factor in (10, 0.1, 100, 0.01)),
        "digits": min(len(own_digits), 5) / 5,
        "hedged": bool(fact.hedge),
        "noun": bool(noun_families(fact) & noun_families(other))
        or bool(noun_stems(fact) & noun_stems(other)),
    }


def _closeness(
    fact: StatedFigure | StatedDate | StatedName, other: StatedFigure | StatedDate | StatedName
) -> float:
    features = _likeness_features(fact, other)
    return max(
        float(features.get(name, 0.0))
        for name in (
            "turned_long",
            "turned_short",
            "one_digit_long",
            "tenfold",
            "other_month",
            "other_day",
            "other_year",
        )
    )
