"""The words a strategy is written in, and its parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tests.unit.engine.material import walk
from vigie.domain.errors import UsageError
from vigie.trading import strategy
from vigie.trading.strategy import Strategy, defaults_of, param

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
    assert defaults_of(Params) == {"count": 5, "share": 0.5}


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
