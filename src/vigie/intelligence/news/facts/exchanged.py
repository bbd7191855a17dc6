"""Facts of the release that a copy tells where the release tells another: somebody else's fine, another deadline.

What stands beside a fact in the copy stands beside another one of its kind in the release, rather than beside the same.
How much of it takes how much is weighed by figures that ``benchmarks.news.fit_copies`` fits to altered and true copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import log
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.derived import days_of, is_derived
from vigie.intelligence.news.facts.figure_likeness import digits_of, families_of, is_same_figure, noun_stems
from vigie.intelligence.news.facts.figures import StatedFigure
from vigie.intelligence.news.facts.fitted import Fitted, fitted
from vigie.intelligence.news.facts.names import StatedName, is_known
from vigie.intelligence.news.facts.outcome import DifferenceKind, FactDifference
from vigie.intelligence.news.facts.parties import sort_of
from vigie.intelligence.news.facts.place_likeness import PlaceContext, PlaceIndex, PlaceLikeness
from vigie.intelligence.news.facts.placed import Placed
from vigie.intelligence.news.facts.places import FactPlace, fact_places, is_same_fact
from vigie.intelligence.news.facts.stated_dates import StatedDate, as_stated, same_date, shared_parts
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.facts.strangers import is_of_strangers, strangers

_KINDS: Final[Mapping[str, DifferenceKind]] = {"name": "name", "figure": "amount", "date": "date"}
_PLAIN: Final = 12


class Exchange(NamedTuple):
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


def exchange_findings(
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    days: Sequence[str] = (),
    told: Iterable[str] = (),
    models: Callable[[str], Fitted] = fitted,
) -> list[FactDifference]:
    """Return which facts of a copy stand in the place of others of the release.

    Parameters
    ----------
    days : sequence of str
        When the copy and the release came out, as ISO dates: anything may be of these days.
    told : iterable of str
        Names that a copy may use without the release.
    models : callable
        Gives the figures by name.
    """
    found = []
    for one in exchanges(copy, release, days, told):
        likelihood = models(one.model).probability(one.features)
        if likelihood >= models(one.model).least:
            kind = _KINDS[one.place.kind]
            found.append(FactDifference(kind, one.place.text, one.rival.text, one.model, likelihood))
    return found


def exchanges(
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    days: Sequence[str] = (),
    told: Iterable[str] = (),
) -> Iterator[Exchange]:
    """Yield the facts of a copy that another fact of the release may stand for."""
    index, is_stranger = PlaceIndex(release), strangers(release, told)
    known = {word for sentence in release for word in sentence.found.folded}
    every = list(fact_places(copy, index.sorts))
    figures = [Placed(sentence, one) for sentence in release for one in sentence.figures]
    stated_days = days_of(release, days[-1] if days else "")
    own_days = [as_stated(day) for day in days if day]
    for context in index.contexts(copy):
        place, fact = context.place, context.place.fact
        if isinstance(fact, StatedName) and not all(is_known(word, known) for word in fact.words):
            continue
        if isinstance(fact, StatedDate) and any(same_date(fact, day) for day in own_days):
            continue
        if context.own:
            rival = max(context.rivals, key=lambda one: one.whole)
            features = {**_own(context, rival), **_common(context, rival, every, index.sorts)}
            yield Exchange("exchanged", place, rival.place, features)
        elif not isinstance(fact, StatedName):
            said = [one for one in every if not _is_one_place(one, place)]
            free = [one for one in context.rivals if not any(is_same_fact(each, one.place) for each in said)]
            rival = max(
                free or context.rivals, key=lambda one: one.whole + 2 * _closeness(fact, one.place.fact)
            )
            # «$16 million» in a title rounds the «$16.1 million» below it, which is a sum of the release's.
            same = [
                each
                for each in (fact, *(one.fact for one in said))
                if isinstance(each, StatedFigure)
                and isinstance(fact, StatedFigure)
                and is_same_figure(fact, each)
            ]
            is_made = any(is_derived(each, figures, stated_days) for each in same)
            features = {
                **_common(context, rival, every, index.sorts), **_likeness(fact, rival.place.fact),
                "made": is_made, "stranger": is_of_strangers(place.sentence, is_stranger), "free": bool(free),
            }  # fmt: skip
            yield Exchange(
                "lost", place, rival.place, {name: float(value) for name, value in features.items()}
            )


def _own(context: PlaceContext, rival: PlaceLikeness) -> Mapping[str, float]:
    own = context.own
    near, wide, part = (
        max(values) for values in zip(*((one.near, one.wide, one.part) for one in own), strict=True)
    )
    gains = (
        log((rival.near + 0.05) / (near + 0.05)),
        log((rival.wide + 0.2) / (wide + 0.2)),
        log((rival.part + 0.2) / (part + 0.2)),
    )
    alone = rival.words.difference(*(one.words for one in own))
    found = {
        "own_near": near, "own_wide": wide, "own_part": part,
        "near_gain": gains[0], "wide_gain": gains[1], "part_gain": gains[2], "least_gain": min(gains),
        "near_by_gain": rival.near * max(gains[0], 0.0), "wide_by_gain": rival.wide * max(gains[1], 0.0),
        "part_by_gain": rival.part * max(gains[2], 0.0),
        "alone": min(len(alone), 4) / 4, "alone_near": len(alone) * rival.near / 4,
        "own_covered": wide / (context.known + 0.3), "own_part_covered": part / (context.known_part + 0.3),
        "one_sentence": any(one.place.sentence is rival.place.sentence for one in own), "own_places": log(len(own)),
    }  # fmt: skip
    return {name: float(value) for name, value in found.items()}


def _is_one_place(one: FactPlace, other: FactPlace) -> bool:
    return one.sentence is other.sentence and (one.kind, one.first) == (other.kind, other.first)


def _common(
    context: PlaceContext, rival: PlaceLikeness, every: Iterable[FactPlace], sorts: Mapping[str, str]
) -> Mapping[str, float]:
    place = context.place
    others = [one for one in every if one.kind == place.kind and not _is_one_place(one, place)]
    here = [one for one in others if one.sentence is place.sentence]
    sort = [sort_of(one.fact, sorts) for one in (place, rival.place) if isinstance(one.fact, StatedName)]
    found = {
        "near": rival.near, "wide": rival.wide, "part": rival.part,
        "words": min(len(rival.words), 6) / 6, "part_words": min(rival.part_count, 5) / 5,
        "numbers": min(rival.numbers, 2),
        "covered": rival.wide / (context.known + 0.3), "part_covered": rival.part / (context.known_part + 0.3),
        "told": any(is_same_fact(one, rival.place) for one in others),
        "told_here": any(is_same_fact(one, rival.place) for one in here),
        "here": min(len(here), 3), "again": min(sum(is_same_fact(one, place) for one in others), 2),
        "rivals": log(len(context.rivals)), "title": place.sentence.is_title, "carried": rival.place.is_carried,
        "known": min(context.words, 8) / 8, "name": place.kind == "name", "date": place.kind == "date",
        "one_sort": len(sort) == 2 and sort[0] == sort[1], "other_sort": set(sort) == {"person", "firm"},
        **_shape(place, rival.place),
    }  # fmt: skip
    return {name: float(value) for name, value in found.items()}


def _shape(place: FactPlace, rival: FactPlace) -> Mapping[str, float]:
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


def _likeness(
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
    ours, theirs = digits_of(fact), digits_of(other)
    is_long = len(ours) > 2
    turned = ours != theirs and sorted(ours) == sorted(theirs) and len(ours) > 1
    one = len(ours) == len(theirs) > 1 and sum(a != b for a, b in zip(ours, theirs, strict=True)) == 1
    scale = fact.value / other.value if other.value else 0.0
    return {
        "turned_long": turned and is_long and 0.09 <= scale <= 11,
        "turned_short": turned and not is_long and 0.09 <= scale <= 11,
        "one_digit_long": one and is_long and 0.09 <= scale <= 11,
        "one_digit_short": one and not is_long and 0.09 <= scale <= 11,
        "tenfold": any(abs(scale * factor - 1) < 1e-6 for factor in (10, 0.1, 100, 0.01)),
        "digits": min(len(ours), 5) / 5,
        "hedged": bool(fact.hedge),
        "noun": bool(families_of(fact) & families_of(other)) or bool(noun_stems(fact) & noun_stems(other)),
    }


def _closeness(
    fact: StatedFigure | StatedDate | StatedName, other: StatedFigure | StatedDate | StatedName
) -> float:
    found = _likeness(fact, other)
    return max(
        float(found.get(name, 0.0))
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
