"""Cut histories against the whole one: what counts as a difference, and what is said about it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.data.material import make_bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.engine.causality import check_causality, check_warmup, first_leak
from vigie.engine.signals import known_bars, make_flags
from vigie.quant import compare
from vigie.trading.strategy import crosses_above, crosses_below, is_above, is_below, optional

BARS = make_bars(60)
MEAN = float(BARS.close.mean())


def sides(*criteria: Criterion, **more: object) -> Criteria:
    return Criteria(long=criteria, short=(is_below("Below", BARS.close[: n_of(criteria)], 0.0),), **more)


def n_of(criteria: tuple[Criterion, ...]) -> int:
    return len(criteria[0].read().holds)


def above(n: int, threshold: object = MEAN, **more: object) -> Criteria:
    return sides(is_above("Above", BARS.close[:n], threshold, **more))


def test_same_answer_on_a_cut_history_is_no_leak():
    assert first_leak(above(60), above(40), BARS, 40) is None


def test_earliest_difference_is_named_with_bar_criterion_and_both_values():
    changed = BARS.close[:40].copy()
    changed[[7, 30]] += 1.0
    leak = first_leak(above(60), sides(is_above("Above", changed, MEAN)), BARS, 40)
    assert (leak.bar, leak.ts, leak.criterion) == (7, int(BARS.ts[7]), "Above")
    assert leak.cut == leak.whole + 1.0
    assert str(leak) == (
        f"'Above' at 2024-01-01T07:00:00Z (bar 7) was {leak.whole!r} with the whole history "
        f"and {leak.cut!r} without the bars after it"
    )


def test_threshold_of_one_number_that_moves_with_the_history_is_a_leak():
    leak = first_leak(above(60), above(40, MEAN + 0.5), BARS, 40)
    assert (leak.bar, leak.whole, leak.cut) == (0, MEAN, MEAN + 0.5)


def test_one_number_and_the_same_number_at_every_bar_are_equal():
    assert first_leak(above(60), above(40, np.full(40, MEAN)), BARS, 40) is None


def test_scale_that_moves_with_the_history_is_a_leak():
    assert first_leak(above(60, scale=2.0), above(40, scale=3.0), BARS, 40).whole == 2.0


def test_stop_distance_that_moves_with_the_history_is_a_leak():
    whole = above(60)
    first = Criteria(whole.long, whole.short, stop_distance=np.ones(60))
    cut = above(40)
    second = Criteria(cut.long, cut.short, stop_distance=np.full(40, 2.0))
    assert first_leak(first, second, BARS, 40).criterion == "stop distance"


def test_values_not_known_on_both_sides_are_equal():
    values = BARS.close.copy()
    values[:10] = np.nan
    whole, cut = (sides(is_above("Above", values[:n], MEAN)) for n in (60, 40))
    assert first_leak(whole, cut, BARS, 40) is None


def test_sign_of_a_not_a_number_is_no_difference():
    values = BARS.close.copy()
    values[3] = np.nan
    other = values[:40].copy()
    other[3] = -np.nan
    assert (
        first_leak(sides(is_above("Above", values, MEAN)), sides(is_above("Above", other, MEAN)), BARS, 40)
        is None
    )


@pytest.mark.parametrize("changed", ["name", "weight", "fewer", "exit"])
def test_criteria_that_depend_on_the_history_are_refused(changed):
    other = {
        "name": lambda: sides(is_above("Over", BARS.close[:40], MEAN)),
        "weight": lambda: above(40, weight=2.0),
        "fewer": lambda: Criteria(long=above(40).long, short=()),
        "exit": lambda: sides(is_above("Above", BARS.close[:40], MEAN), long_exit=above(40).long[0]),
    }[changed]()
    with pytest.raises(UsageError, match="criteria must be the same for every history"):
        first_leak(above(60), other, BARS, 40)


def test_array_of_a_wrong_length_is_refused_by_name():
    with pytest.raises(UsageError, match="'Above' must have 40 values"):
        first_leak(above(60), above(39), BARS, 40)
    with pytest.raises(UsageError, match="'Above' must have 60 values"):
        first_leak(above(59), above(40), BARS, 40)


def test_optional_criterion_that_raises_is_refused_by_name():
    def read() -> Reading:
        raise ZeroDivisionError("no volume")

    answer = sides(above(60).long[0], optional("Volume", read, sense="above"))
    with pytest.raises(UsageError, match="'Volume' raised ZeroDivisionError: no volume"):
        first_leak(answer, answer, BARS, 60)


def test_longer_second_history_is_compared_up_to_the_cut_only():
    other = BARS.close.copy()
    other[45:] += 5.0
    assert first_leak(above(60), sides(is_above("Above", other, MEAN)), BARS, 40, length=60) is None
    assert first_leak(above(60), sides(is_above("Above", other, MEAN)), BARS, 50, length=60).bar == 45


def test_history_too_short_to_cut_says_nothing():
    assert (
        check_causality(lambda cut: above(len(cut)), BARS.slice(0, 2), above(2), np.random.default_rng(0))
        is None
    )


def test_cuts_fall_behind_signals_and_come_in_the_order_of_time():
    holds = np.zeros(60, np.bool_)
    holds[[20, 33, 47]] = True
    asked = []

    def answer(bars):
        asked.append(len(bars))
        return sides(Criterion("Once", Reading(BARS.close[: len(bars)], MEAN, holds[: len(bars)])))

    assert check_causality(answer, BARS, answer(BARS), np.random.default_rng(0), cuts=6, windows=0) is None
    assert len({21, 34, 48} & set(asked)) >= 2
    assert asked[1:] == sorted(set(asked[1:]))


def test_entry_waits_for_its_exit_condition_and_the_warm_up_counts_it():
    def answer(bars):
        exits = np.where(np.arange(len(bars)) >= 10, 1.0, np.nan)
        return sides(above(len(bars), 0.0).long[0], long_exit=is_above("Leave", exits, 5.0))

    assert check_warmup(answer, BARS, answer(BARS), 10) is None
    assert "9 bars are declared, but 10 are needed" in check_warmup(answer, BARS, answer(BARS), 9)
    assert make_flags(answer(BARS), 60)[9] == 0
    assert make_flags(answer(BARS), 60)[10] == 1


def test_crossing_as_an_exit_is_known_one_bar_after_its_average():
    average = np.full(60, np.nan)
    average[10:] = MEAN
    for crossing in (crosses_above, crosses_below):
        reading = crossing("Crosses", BARS.close, average).read()
        assert int(np.argmax(known_bars(reading))) == 11
    assert int(np.argmax(known_bars(is_above("Above", BARS.close, average).read()))) == 10
    assert compare.above(BARS.close, average)[:10].sum() == 0
