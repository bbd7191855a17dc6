"""One closed trade in full: the bars around it, the criteria that held, and what else could have been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vigie.data.feature_names import find_feature_names
from vigie.data.features import add_facts
from vigie.data.live_history import bars_until
from vigie.domain.bar import Bars
from vigie.domain.errors import VigieError
from vigie.domain.ids import SeriesId
from vigie.domain.signal import Criterion
from vigie.engine.judgement import judge
from vigie.services.house import House
from vigie.services.trading.hindsight import Instead, hindsight
from vigie.services.trading.plan import PlanSlot
from vigie.services.trading.story import Story
from vigie.trading import catalogue

# Bars around a trade in its chart, and how far other conduct is followed.
BEFORE: Final = 40
AFTER: Final = 15
FOLLOWED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Card:
    """A criterion as it was at the close of the deciding bar; NaN is None."""

    name: str
    value: float | None
    threshold: float | None
    holds: bool
    required: bool


def around(house: House, story: Story, trade: Any) -> Bars:
    """Return the bars of a trade's slot from some before its decision to some after its end."""
    series, span = _series(story, trade)
    begin, end = int(trade["decision_ts"]) - BEFORE * span, int(trade["exit_ts"]) + AFTER * span
    return bars_until(house.data.bars, series, begin, end)


def instead(house: House, story: Story, trade: Any) -> list[Instead]:
    """Return what other conduct would have made of a trade; nothing where its bars are not stored."""
    if story.account is None:
        return []
    series, span = _series(story, trade)
    begin = int(trade["decision_ts"])
    end = min(house.clock.market_now(), int(trade["exit_ts"]) + FOLLOWED * span)
    return hindsight(story.account, trade, bars_until(house.data.bars, series, begin, end))


def criteria_of(house: House, story: Story, trade: Any) -> list[Card]:
    """Return the criteria of a trade's side at its decision; nothing where strategy or bars are gone."""
    series, span = _series(story, trade)
    one = story.plan.slots[int(trade["slot"])]
    bars = bars_until(house.data.bars, series, one.history_start, int(trade["decision_ts"]) + span)
    if not len(bars) or int(bars.ts[-1]) != int(trade["decision_ts"]):
        return []
    try:
        criteria = judge(*_asked(house, one, bars))
    except VigieError:  # the strategy's file was changed or is gone: what it said then is not known any more
        return []
    return [_card(each) for each in (criteria.long if int(trade["side"]) > 0 else criteria.short)]


def _asked(house: House, one: PlanSlot, bars: Bars) -> tuple[Any, Bars, Any]:
    strategy = catalogue.load(one.slot.strategy, house.results.strategies).requiring(one.require)
    known = add_facts(bars, house.facts, find_feature_names(strategy.path))
    return strategy, known, strategy.with_params(one.params)


def _card(criterion: Criterion) -> Card:
    reading = criterion.read()
    threshold = np.broadcast_to(reading.threshold, reading.value.shape)
    return Card(
        criterion.name,
        _known(reading.value[-1]),
        _known(threshold[-1]),
        bool(reading.holds[-1]),
        criterion.required,
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _series(story: Story, trade: Any) -> tuple[SeriesId, int]:
    one = story.plan.slots[int(trade["slot"])].slot
    series = SeriesId(story.plan.venue, one.instrument, one.timeframe)
    return series, series.span_ms
