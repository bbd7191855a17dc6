"""The words a strategy is written in, and its parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tests.unit.engine.material import walk
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria, Reading
from vigie.trading import strategy
from vigie.trading.loaded_strategy import Strategy
from vigie.trading.strategy import optional, param

NAN = np.nan
VALUES = np.array([NAN, 1.0, 3.0, 3.0, 1.0, 2.0, 3.0])


@dataclass(frozen=True, slots=True)
class Params:
    """A count and a share."""

    count: int = param(5, low=1, high=9)
    share: float = param(0.5, low=0.0, high=1.0, search=(0.1, 0.9), step=0.1)


def made() -> Strategy:
    return Strategy("mine", "", "", "1h", Params, lambda params: 0, lambda bars, params: None, "")


@pytest.mark.parametrize(
    ("word", "holds"),
    [
        ("crosses_above", [2, 6]),
        ("crosses_below", [4]),
        ("is_above", [2, 3, 6]),
        ("is_below", [1, 4]),
        ("returns_above", [2, 5]),
        ("returns_below", [4]),
    ],
)
def test_each_word_holds_where_it_says(word: str, holds: list[int]):
    criterion = getattr(strategy, word)("c", VALUES, 2.0, weight=2.0)
    assert np.flatnonzero(criterion.read().holds).tolist() == holds
    assert criterion.required
    assert criterion.weight == 2.0
    assert criterion.sense == word.rpartition("_")[2]


def test_at_the_threshold_counts_where_it_is_said_to():
    assert np.flatnonzero(strategy.is_above("c", VALUES, 2.0, or_equal=True).read().holds).tolist() == [
        2,
        3,
        5,
        6,
    ]
    assert np.flatnonzero(strategy.is_below("c", VALUES, 2.0, or_equal=True).read().holds).tolist() == [
        1,
        4,
        5,
    ]


def test_a_threshold_may_be_a_series():
    assert np.flatnonzero(strategy.is_above("c", VALUES, VALUES - 0.5).read().holds).tolist() == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]


def test_the_range_of_the_bars_is_computed_once():
    bars = walk(40)
    assert strategy.atr_of(bars) is strategy.atr_of(bars)


def test_parameters_are_replaced_by_name_and_keep_their_type():
    params = made().with_params({"count": "7", "share": " 0.25 "})
    assert (params.count, params.share) == (7, 0.25)
    for written in (7.0, "7.0", "+7", "0.7e1"):
        count = made().with_params({"count": written}).count
        assert (count, type(count)) == (7, int)
    assert made().with_params({}) == made().defaults()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"speed": 1}, "parameter of mine must be one of count share, was 'speed'"),
        ({"count": 0}, r"mine.count must be 1\.\.9, was 0"),
        ({"count": 10}, r"mine.count must be 1\.\.9, was 10"),
        ({"count": 2.5}, r"mine.count must be a whole number, was 2\.5"),
        ({"count": "2.5"}, r"mine.count must be a whole number, was '2\.5'"),
        ({"count": "1e9"}, r"mine.count must be 1\.\.9, was 1000000000"),
        ({"count": "-3"}, r"mine.count must be 1\.\.9, was -3"),
        ({"count": "two"}, "mine.count must be a"),
        ({"share": float("nan")}, "mine.share must be"),
        ({"share": float("inf")}, "mine.share must be"),
        ({"count": float("inf")}, "mine.count must be"),
        ({"share": None}, "mine.share must be a number, was None"),
        ({"share": [1]}, "mine.share must be a number"),
        ({"count": True}, "mine.count must be a number, was True"),
    ],
)
def test_parameters_that_cannot_be_are_refused_by_name(given: dict, said: str):
    with pytest.raises(UsageError, match=said):
        made().with_params(given)


def criteria() -> Criteria:
    reading = Reading(VALUES, 2.0, VALUES > 2.0)
    cross = strategy.crosses_above("Cross", VALUES, 2.0)
    volume = optional("Much volume", lambda: reading, sense="above")
    trend = [optional(f"{side} the trend", lambda: reading, sense="above") for side in ("Above", "Below")]
    leave = strategy.is_below("Leave", VALUES, 1.5)
    return Criteria(
        long=(cross, volume, trend[0]), short=(cross, volume, trend[1]), long_exit=leave, stop_distance=VALUES
    )


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        ([], ["Cross"]),
        (["trend"], ["Cross", "Above the trend"]),
        (["Volume ", "volume"], ["Cross", "Much volume"]),
        ("trend,volume", ["Cross", "Much volume", "Above the trend"]),
        (["all"], ["Cross", "Much volume", "Above the trend"]),
        (["cross"], ["Cross"]),
    ],
)
def test_a_setting_makes_optional_criteria_required(words: str | list[str], needed: list[str]):
    asked = criteria()
    gated = made().requiring(words).gated(asked)
    assert [one.name for one in gated.long if one.required] == needed
    assert len([one for one in gated.short if one.required]) == len(needed)
    assert [one.name for one in gated.long] == [one.name for one in asked.long]
    assert [one.weight for one in gated.long] == [one.weight for one in asked.long]
    assert gated.long[1] is gated.short[1]
    assert (gated.long_exit, gated.stop_distance) == (asked.long_exit, asked.stop_distance)
    assert not asked.long[1].required


@pytest.mark.parametrize("words", [["funding"], ["above the"]])
def test_a_word_that_names_no_criterion_of_a_side_is_refused(words: list[str]):
    said = rf"require must name a criterion of mine \('Cross', .*\), was '{words[0]}'"
    with pytest.raises(UsageError, match=said):
        made().requiring(words).gated(criteria())


def test_the_order_of_the_words_makes_no_other_strategy():
    one, two = made(), made().requiring("volume,trend")
    assert two.require == ("trend", "volume")
    assert two.requiring(["trend", "volume"]) is two
    assert one.requiring(()) is one


def test_own_files_of_before_find_the_type_of_a_strategy_where_it_was():
    assert strategy.Strategy is Strategy
