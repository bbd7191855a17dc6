"""What a sweep varies: reading it, numbering it, neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.research.sweep.space import Axis, Space, parse_grid
from vigie.trading import catalogue

EMA = catalogue.load("ema_cross")
SQUEEZE = catalogue.load("bollinger_squeeze")


def test_ranges_lists_and_numbers_are_read():
    space = parse_grid("slow=20:200:60,fast=5|8|13,max_bars=0,stop_atr=1:2:0.5,taker=0.0002", EMA)
    assert [(axis.name, axis.kind, axis.values) for axis in space.axes] == [
        ("slow", "param", (20, 80, 140, 200)),
        ("fast", "param", (5, 8, 13)),
        ("max_bars", "sizing", (0,)),
        ("stop_atr", "sizing", (1.0, 1.5, 2.0)),
        ("taker", "costs", (0.0002,)),
    ]
    assert space.size == 36


def test_steps_are_decimal_and_the_end_is_included_only_when_met():
    assert parse_grid("deviations=0.1:0.7:0.1", SQUEEZE).axes[0].values == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
    assert parse_grid("fast=5:12:5", EMA).axes[0].values == (5, 10)
    assert parse_grid("fast=5:7", EMA).axes[0].values == (5, 6, 7)
    assert parse_grid("fast=5:7|7|9", EMA).axes[0].values == (5, 6, 7, 9)


def test_types_follow_the_parameter():
    values = parse_grid("window=20,narrow_share=0.2", SQUEEZE).axes
    assert type(values[0].values[0]) is int
    assert type(values[1].values[0]) is float
    assert type(parse_grid({"fast": np.array([5, 6])}, EMA).axes[0].values[0]) is int


def test_mappings_names_with_prefix_and_own_ranges():
    mapped = parse_grid({"fast": range(5, 8), "ema_cross.slow": "20:40:20", "account.stop_atr": [1, 2]}, EMA)
    assert [axis.name for axis in mapped.axes] == ["fast", "slow", "stop_atr"]
    assert mapped.axes[2].values == (1.0, 2.0)
    own = parse_grid(None, EMA)
    assert own.axes[0].values == tuple(range(5, 61, 5))
    assert own.axes[1].values == tuple(range(20, 201, 10))
    assert parse_grid("target_execution=trigger|limit", EMA).axes[0].values == ("trigger", "limit")


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ("", "must look like fast=5:60:5"),
        ("fast=5,fast=6", "fast twice"),
        ("fast=5,ema_cross.fast=6", "give each parameter once, had"),
        ("fast=a:b", "low:high:step"),
        ("fast=5:9:0", "step > 0"),
        ("fast=5:9:1:1", "low:high:step"),
        ("fast=5:inf", "low:high:step"),
        ("fast=quick", "must be a number"),
        ("stop_atr=nan", "must be finite"),
        ("fast=1:60", r"fast must be 2\.\.500, was 1"),
        ("capital=1:2", "grid may name fast slow stop_atr"),
        ("stop_atr=0:2000000", "at most 1,000,000 values"),
        ({}, "at least one parameter"),
        ({"fast": []}, "needs at least one value"),
    ],
)
def test_what_cannot_be_varied_is_refused(grid, words):
    with pytest.raises(UsageError, match=words):
        parse_grid(grid, EMA)


def test_space_without_end_is_refused():
    with pytest.raises(UsageError, match="at most"):
        Space(tuple(Axis(f"x{k}", "param", tuple(range(1_000))) for k in range(6)))


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5), st.data())
@settings(derandomize=True, deadline=None)
def test_numbers_and_places_are_one_to_one(lengths, data):
    space = Space(tuple(Axis(f"x{k}", "param", tuple(range(n))) for k, n in enumerate(lengths)))
    number = data.draw(st.integers(0, space.size - 1))
    places = space.coordinates(number)
    assert space.number(places) == number
    assert space.values(number) == {f"x{k}": place for k, place in enumerate(places)}
    for at in range(len(lengths)):
        assert space.column(at, np.array([number])).tolist() == [places[at]]
    for other in space.neighbours(number):
        steps = [abs(a - b) for a, b in zip(places, space.coordinates(other), strict=True)]
        assert max(steps) == 1
        if len(lengths) > 4:
            assert sum(steps) == 1


def test_neighbours_go_round_the_point_and_stay_inside():
    space = Space((Axis("a", "param", (1, 2, 3)), Axis("b", "param", (1, 2, 3))))
    assert space.neighbours(4) == [0, 1, 2, 3, 5, 6, 7, 8]
    assert space.neighbours(0) == [1, 3, 4]
