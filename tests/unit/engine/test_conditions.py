"""Conditions that wait for compiled code give the flags that Python makes of the same criteria, bit for bit."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.material import walk
from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria, Criterion
from vigie.engine import conditions
from vigie.engine.conditions import ConditionCache, Conditions, compose
from vigie.engine.judgement import judge
from vigie.engine.signals import Flags, make_flags
from vigie.trading import catalogue
from vigie.trading.strategy import crosses_above, crosses_below, is_above, is_below, returns_above

BARS = walk(700)
MAKERS = (crosses_above, crosses_below, is_above, is_below)


def made(noted: Conditions, n_flags: int, n_bars: int) -> Flags:
    """Flags of everything noted; rows that nothing was noted for hold 255."""
    waiting, out = noted.pending(), np.full((n_flags, n_bars), 255, np.uint8)
    compose(waiting.rows, waiting.conditions, waiting.levels, np.empty(n_bars, np.bool_), out)
    return out


def sealed(values: list[float]) -> FloatArray:
    array = np.array(values)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("name", catalogue.available())
def test_flags_of_every_shipped_strategy_are_those_that_python_makes(name: str):
    strategy, dice = catalogue.load(name), np.random.default_rng(11)
    noted, alone = Conditions(ConditionCache(len(BARS))), []
    for _ in range(25):
        params = _drawn(strategy.params, dice)
        if params is not None:
            criteria = judge(strategy, BARS, params)
            alone.append(
                make_flags(criteria, len(BARS))
                if noted.add_flags(judge(strategy, BARS, params), len(alone))
                else None
            )
    assert alone
    together = made(noted, len(alone), len(BARS))
    for expected, found in zip(alone, together, strict=True):
        np.testing.assert_array_equal(found, np.full(len(BARS), 255) if expected is None else expected)


def _drawn(kind: type, dice: np.random.Generator):
    chosen = {}
    for field in fields(kind):
        low, high = field.metadata["search"]
        value = dice.uniform(low, high)
        chosen[field.name] = round(value) if isinstance(field.default, int) else value
    try:
        return kind(**chosen)
    except UsageError:
        return None


@pytest.mark.parametrize("name", ["ema_cross", "macd_cross"])
def test_a_plain_cross_is_never_left_to_python(name: str):
    strategy = catalogue.load(name)
    assert Conditions(ConditionCache(len(BARS))).add_flags(judge(strategy, BARS, strategy.defaults()), 0)


# Close together, so that equal values and crossings are common.
VALUE = st.sampled_from([1.0, 1.0 + 1e-12, 1.0 + 1e-7, 2.0, 3.0, float("nan")])
N = 12


@st.composite
def criteria(draw: st.DrawFn) -> Criteria:
    shared = [sealed(draw(st.lists(VALUE, min_size=N, max_size=N))) for _ in range(3)]

    def one() -> Criterion:
        value = draw(st.sampled_from(shared))
        threshold = draw(st.sampled_from([*shared, 1.0, 2.0]))
        return draw(st.sampled_from(MAKERS))("c", value, threshold)

    long, short = ([one() for _ in range(draw(st.integers(0, 3)))] for _ in range(2))
    leaves = [one() if draw(st.booleans()) else None for _ in range(2)]
    return Criteria(tuple(long), tuple(short), *leaves)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(criteria(), min_size=1, max_size=4))
def test_any_conditions_give_the_flags_that_python_makes(several: list[Criteria]):
    noted = Conditions(ConditionCache(N))
    are_noted = [noted.add_flags(one, at) for at, one in enumerate(several)]
    together = made(noted, len(several), N)
    for at, one in enumerate(several):
        gates = [*one.long, *one.short, one.long_exit, one.short_exit]
        assert are_noted[at] == any(gate is not None for gate in gates)
        if are_noted[at]:
            np.testing.assert_array_equal(together[at], make_flags(one, N))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    st.lists(VALUE, min_size=N, max_size=N), st.lists(VALUE, min_size=N, max_size=N),
    st.booleans(), st.sampled_from([crosses_above, crosses_below, is_above]),
)  # fmt: skip
def test_both_crossings_of_two_arrays_in_one_pass_are_those_of_two(value, threshold, is_one_side, third):
    x, y = sealed(value), sealed(threshold)
    up, down = crosses_above("c", x, y), crosses_below("c", x, y)
    more = third("c", y, x)
    # On one side both gate the same bit, which then never holds.
    asked = Criteria((more, up, down), (more,), up, down) if is_one_side else Criteria((up,), (down,))
    noted = Conditions(ConditionCache(N))
    assert noted.add_flags(asked, 0)
    np.testing.assert_array_equal(made(noted, 1, N)[0], make_flags(asked, N))


@pytest.mark.parametrize(
    "criterion",
    [
        crosses_above("made by hand: can still be written to", np.ones(N), 2.0),
        returns_above("two comparisons", sealed([1.0] * N), 2.0),
        is_above("of another length", sealed([1.0] * (N - 1)), 2.0),
    ],
    ids=lambda one: one.name,
)
def test_what_compiled_code_does_not_know_is_left_to_python_and_nothing_noted(criterion: Criterion):
    noted = Conditions(ConditionCache(N))
    known = is_below("known", sealed([1.0] * N), 2.0)
    assert not noted.add_flags(Criteria((known, criterion), ()), 0)
    assert len(noted.pending().conditions) == len(noted.pending().levels) == 0


def test_a_full_shelf_notes_nothing_more_and_keeps_what_it_has(monkeypatch):
    monkeypatch.setattr(conditions, "CACHE_BYTES", 8 * N * 2)
    shelf = ConditionCache(N)
    noted = Conditions(shelf)
    first, other = (is_above("c", sealed([float(k)] * N), sealed([0.5] * N)) for k in (1, 2))
    assert noted.add_flags(Criteria((first,), ()), 0)
    assert shelf.is_full
    assert not noted.add_flags(Criteria((other,), ()), 1)
    assert noted.pending().rows[0].tolist() == [1.0] * N
    assert len(noted.pending().conditions) == 1


def test_an_array_that_is_reused_for_the_next_criterion_is_compared_before_it_changes():
    buffer = np.array([1.0, 3.0])
    first = is_above("c", buffer, 2.0)
    buffer[:] = 0.0
    assert first.read().holds.tolist() == [False, True]
