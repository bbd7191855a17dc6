"""What speaks for two items telling of one event and what against it: of events, and of reports of prices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.news.reading.item_terms import FIGURE, ItemTerms, item_terms
from vigie.intelligence.news.reading.rarity import PLAIN_RARITY, Rarity
from vigie.intelligence.news.reading.traits import Names
from vigie.intelligence.news.step import AnalysedItem

# Rounded figures are one: 190 million and 191 million.
_ROUNDED: Final = 0.012
_FIGURES: Final = 2
# At most four of a hundred items have such a number.
_UNUSUAL: Final = 5.0
_HAPPENINGS: Final = 2
# Sums of rarities say no more from here on.
_MOST_NAMES: Final = 12.0
_MOST_OTHERS: Final = 15.0
_MOST_SHARED: Final = 60.0
_MOST_OF_ALL: Final = 80.0
# Two items that share less are of two events.
_LEAST_SHARED: Final = 6.0
_LEAST_WORDS: Final = 2
# Levels of a price this far apart, as logarithms.
_ONE_LEVEL: Final = 0.012
_NEAR_LEVEL: Final = 0.035
_FAR_LEVEL: Final = 0.06
_MOST_APART: Final = 0.12
_MOST_OF_MARKET: Final = 3
_LEADING: Final = frozenset({"e:coin:bitcoin", "e:coin:ethereum"})
EVENT: Final = "event"
PRICE: Final = "price"
# Reports of prices further apart are never of one event.
PRICE_SPAN_MS: Final = 34 * HOUR_MS


class PairSide(NamedTuple):
    """One of two items that are compared."""

    terms: ItemTerms
    ts: int
    source: str
    language: str


@lru_cache(maxsize=1_024)
def pair_side(entry: AnalysedItem) -> PairSide:
    """Return an item as one side of a comparison."""
    finding = entry.findings.get("language")
    language = "" if finding is None else str(finding.body["language"])
    return PairSide(item_terms(entry), entry.item.ts_seen, entry.item.content.source, language)


def pair_features(ours: PairSide, theirs: PairSide, rarity: Rarity) -> tuple[str, Mapping[str, float]] | None:
    """Return whether a pair is of events or of prices, and its features; nothing where it is surely of two events."""
    shared = _shared_terms(ours.terms, theirs.terms, rarity)
    if not (ours.terms.is_price and theirs.terms.is_price):
        if shared.crossed < _LEAST_SHARED and len(shared.in_titles) < _LEAST_WORDS:
            return None
        return EVENT, {
            **_common_features(ours, theirs, rarity, shared),
            **_event_features(ours, theirs, rarity, shared),
        }
    if abs(ours.ts - theirs.ts) > PRICE_SPAN_MS:
        return None
    return PRICE, {**_common_features(ours, theirs, rarity, shared), **_price_features(ours, theirs)}


class _SharedTerms(NamedTuple):
    """Terms of both titles, of a title and of all of the other, of all; rarities of the second, rarest first."""

    in_titles: Names
    everywhere: Names
    rarest: list[float]
    crossed: float


def _shared_terms(ours: ItemTerms, theirs: ItemTerms, rarity: Rarity) -> _SharedTerms:
    everywhere = ours.every & theirs.every
    rarest = sorted(
        [rarity[term] for term in everywhere if term in ours.title or term in theirs.title], reverse=True
    )
    return _SharedTerms(ours.title & theirs.title, everywhere, rarest, sum(rarest))


def _common_features(
    own_side: PairSide, other_side: PairSide, rarity: Rarity, shared: _SharedTerms
) -> dict[str, float]:
    ours, theirs = own_side.terms, other_side.terms
    covered = sorted((_coverage(ours, theirs, rarity), _coverage(theirs, ours, rarity)))
    titled = sorted(map(rarity.__getitem__, shared.in_titles), reverse=True)
    runs = len(ours.runs & theirs.runs)
    prices = sorted((ours.price, theirs.price))
    levels = [
        abs(math.log(own_level / other_level)) for own_level in ours.levels for other_level in theirs.levels
    ]
    nearest = min(levels, default=None)
    same_direction = ours.direction * theirs.direction
    days = abs(own_side.ts - other_side.ts) / DAY_MS
    rarest = shared.rarest
    return {
        "words alike": _cosine_similarity(
            shared.everywhere, ours.square_of_all, theirs.square_of_all, rarity
        ),
        "titles alike": _cosine_similarity(shared.in_titles, ours.square, theirs.square, rarity),
        "covered most": covered[1],
        "covered least": covered[0],
        "shared words": min(_MOST_SHARED, shared.crossed),
        "shared of titles": sum(titled),
        "shared of all": min(_MOST_OF_ALL, rarity.of(shared.everywhere)),
        "how many words": float(len(rarest)),
        "rarest word": rarest[0] if rarest else 0.0,
        "second word": rarest[1] if len(rarest) > 1 else 0.0,
        "third word": rarest[2] if len(rarest) > 2 else 0.0,
        "rarest of titles": titled[0] if titled else 0.0,
        "second of titles": titled[1] if len(titled) > 1 else 0.0,
        "letters alike": runs / max(1, min(len(ours.runs), len(theirs.runs))),
        "all letters alike": runs / max(1, len(ours.runs) + len(theirs.runs) - runs),
        "words in a row": float(len(ours.pairs & theirs.pairs)),
        "coins": rarity.of(ours.coins & theirs.coins),
        "how many coins": float(len(ours.coins & theirs.coins)),
        "how many other names": float(len(ours.names - theirs.every) + len(theirs.names - ours.every)),
        "other coin": _has_only_others(ours.coins, theirs.coins, ours.every, theirs.every),
        "days": days,
        "within 8 hours": float(days <= 8 / 24),
        "within 30 hours": float(days <= 30 / 24),
        "one day": float(own_side.ts // DAY_MS == other_side.ts // DAY_MS),
        "one source": float(own_side.source == other_side.source),
        "one level": float(nearest is not None and nearest < _ONE_LEVEL),
        "near level": float(nearest is not None and nearest < _NEAR_LEVEL),
        "other level": float(nearest is not None and nearest > _FAR_LEVEL),
        "one way": float(same_direction),
        "other way": float(same_direction < 0),
        "less of prices": prices[0],
        "more of prices": prices[1],
        "outlook": float("outlook" in (ours.traits.genre.kind, theirs.traits.genre.kind)),
    }


def _event_features(
    own_side: PairSide, other_side: PairSide, rarity: Rarity, shared: _SharedTerms
) -> dict[str, float]:
    ours, theirs = own_side.terms, other_side.terms
    shared_names = shared.everywhere & (ours.names | theirs.names)
    unmatched = sorted((_unshared_rarity(ours, theirs), _unshared_rarity(theirs, ours)))
    own_figures, other_figures = _rare_figures(ours.figures, rarity), _rare_figures(theirs.figures, rarity)
    return {
        "rarest name": max(map(rarity.__getitem__, shared_names), default=0.0),
        "names": min(_MOST_NAMES, rarity.of(shared_names)),
        "other names": min(_MOST_NAMES, unmatched[0]),
        "names of one": min(_MOST_OTHERS, unmatched[1]),
        "how many parties": float(len(shared.everywhere & (ours.others | theirs.others))),
        "other sure name": _has_only_others(ours.traits.names, theirs.traits.names, ours.every, theirs.every),
        "other first name": _has_only_others(
            ours.traits.possible_names, theirs.traits.possible_names, ours.every, theirs.every
        ),
        "other country": _has_only_others(ours.countries, theirs.countries, ours.every, theirs.every),
        "other party": _has_only_others(ours.others, theirs.others, ours.every, theirs.every),
        "amounts": float(min(_FIGURES, _n_shared_figures(own_figures, other_figures))),
        "amounts of titles": float(
            _n_shared_figures(ours.counts & own_figures, theirs.counts & other_figures) > 0
        ),
        "other amounts": _other_amounts(ours, theirs),
        "other figures": float(
            bool(ours.figures and theirs.figures) and not _n_shared_figures(ours.figures, theirs.figures)
        ),
        "happening": float(min(_HAPPENINGS, len(ours.traits.happens & theirs.traits.happens))),
        "other happening": _has_only_others(
            ours.traits.happens,
            theirs.traits.happens,
            ours.traits.all_happenings,
            theirs.traits.all_happenings,
        ),
        "one of prices": abs(ours.price - theirs.price),
    }


def _price_features(own_side: PairSide, other_side: PairSide) -> dict[str, float]:
    ours, theirs = own_side.terms, other_side.terms
    hours = abs(own_side.ts - other_side.ts) / HOUR_MS
    return {
        "hours": hours,
        "within 4 hours": float(hours <= 4),
        "within 10 hours": float(hours <= 10),
        "within 18 hours": float(hours <= 18),
        "both led": float(ours.is_led and theirs.is_led),
        "one led": float(ours.is_led or theirs.is_led),
        "most hedges": float(max(ours.n_hedges, theirs.n_hedges)),
        "least hedges": float(min(ours.n_hedges, theirs.n_hedges)),
        "least of market": float(min(_MOST_OF_MARKET, ours.n_market_words, theirs.n_market_words)),
        "most of market": float(min(_MOST_OF_MARKET, max(ours.n_market_words, theirs.n_market_words))),
        "both prices": float(ours.traits.genre.kind == theirs.traits.genre.kind == "prices"),
        "no way": float(not (ours.direction and theirs.direction)),
        "level apart": _apart_level(ours, theirs),
        "no level": float(not (ours.levels and theirs.levels)),
        "altcoins": float(ours.coins.isdisjoint(_LEADING) + theirs.coins.isdisjoint(_LEADING)),
        "close and led": float(ours.is_led and theirs.is_led and hours <= 10),
        "close and one way": float(hours <= 14 and ours.direction * theirs.direction > 0),
        "bitcoin": float("e:coin:bitcoin" in ours.coins and "e:coin:bitcoin" in theirs.coins),
    }


def _apart_level(ours: ItemTerms, theirs: ItemTerms) -> float:
    levels = [
        abs(math.log(own_level / other_level)) for own_level in ours.levels for other_level in theirs.levels
    ]
    return min(_MOST_APART, min(levels, default=0.0))


def _unshared_rarity(ours: ItemTerms, theirs: ItemTerms) -> float:
    return sum([PLAIN_RARITY[term] for term in ours.names - theirs.every])


def _cosine_similarity(shared: Names, ours: float, theirs: float, rarity: Rarity) -> float:
    length = math.sqrt(ours * theirs)
    return rarity.squared(shared) / length if length else 0.0


def _coverage(ours: ItemTerms, theirs: ItemTerms, rarity: Rarity) -> float:
    return rarity.of(ours.title & theirs.every) / ours.weight if ours.weight else 0.0


def _has_only_others(ours: Names, theirs: Names, own_words: Names, their_words: Names) -> float:
    return float(bool(ours and theirs) and ours.isdisjoint(their_words) and theirs.isdisjoint(own_words))


def _n_shared_figures(ours: Names, theirs: Names) -> int:
    return sum(
        any(_are_close_figures(own_figure, other_figure) for other_figure in theirs) for own_figure in ours
    )


def _rare_figures(figures: Names, rarity: Rarity) -> Names:
    # A number that many others have as well, the price of the day, makes no event.
    return frozenset(figure for figure in figures if rarity[FIGURE + figure] >= _UNUSUAL)


def _are_close_figures(own_figure: str, other_figure: str) -> bool:
    if own_figure == other_figure:
        return True
    if own_figure.endswith("%") != other_figure.endswith("%"):
        return False
    try:
        first, second = float(own_figure.rstrip("%")), float(other_figure.rstrip("%"))
    except ValueError:
        return False
    return abs(first - second) <= _ROUNDED * max(first, second)


def _other_amounts(ours: ItemTerms, theirs: ItemTerms) -> float:
    if not (ours.counts and theirs.counts):
        return 0.0
    return float(
        not _n_shared_figures(ours.counts, theirs.figures)
        and not _n_shared_figures(theirs.counts, ours.figures)
    )
