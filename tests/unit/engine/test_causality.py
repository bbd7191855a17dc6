"""Strategies that look ahead, repaint, or declare too short a warm-up are found; honest ones are not."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.unit.engine.material import Params, criterion, momentum, plan, strategy, walk
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY
from vigie.domain.time import DAY_MS
from vigie.engine.causality import check_causality, check_warmup, first_leak
from vigie.engine.judgement import judge
from vigie.engine.run import execute, refuse_leaks
from vigie.engine.signals import first_decision_bar, first_known, make_flags
from vigie.engine.strategy_process import materialise
from vigie.quant.indicators.pivots import swings

BARS = walk(200)


def leak_of(function, bars: Bars = BARS, *, seed: int = 0, **more):
    return check_causality(
        lambda part: function(part, Params()),
        bars,
        function(bars, Params()),
        np.random.default_rng(seed),
        **more,
    )


def rising(bars: Bars, values: np.ndarray, **more) -> Criteria:
    return Criteria(
        long=(Criterion("c", Reading(values, bars.close, values > bars.close, **more)),), short=()
    )


def tomorrow(bars: Bars, params: object) -> Criteria:
    return rising(bars, np.append(bars.close[1:], bars.close[-1]))


def whole_mean(bars: Bars, params: object) -> Criteria:
    return rising(bars, np.full(len(bars), bars.close.mean()))


def threshold_ahead(bars: Bars, params: object) -> Criteria:
    flat = np.zeros(len(bars), np.bool_)
    return Criteria(long=(Criterion("c", Reading(bars.close, float(bars.close[-1]), flat)),), short=())


def scale_ahead(bars: Bars, params: object) -> Criteria:
    return rising(bars, bars.open, scale=float(bars.close.std()))


def exit_ahead(bars: Bars, params: object) -> Criteria:
    ahead = np.append(bars.close[1:], 0.0) > bars.close
    return Criteria(long=(criterion("c", bars.close > 99),), short=(), long_exit=criterion("leave", ahead))


def stop_ahead(bars: Bars, params: object) -> Criteria:
    answer = momentum(bars, Params())
    return Criteria(answer.long, answer.short, stop_distance=np.append(np.diff(bars.close), 1.0))


def optional_ahead(bars: Bars, params: object) -> Criteria:
    answer = momentum(bars, Params())
    ahead = criterion("ahead", np.append(bars.close[1:], 0.0) > bars.close, required=False)
    return Criteria((*answer.long, ahead), answer.short)


def repainting(bars: Bars, params: object) -> Criteria:
    holds = bars.close > np.median(bars.close)
    holds[-5:] = True
    return Criteria(long=(criterion("paint", holds),), short=())


@pytest.mark.parametrize(
    "function",
    [tomorrow, whole_mean, threshold_ahead, scale_ahead, exit_ahead, stop_ahead, optional_ahead, repainting],
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_looks_ahead_is_found_wherever_it_cuts(function, seed: int):
    # Only the last bar of a cut can betray a bool that looks one bar ahead: half of the cuts do.
    leak = leak_of(function, seed=seed, cuts=12)
    assert leak is not None
    assert leak.whole != leak.cut
    assert str(leak).startswith(f"{leak.criterion!r} at ")
    assert re.search(r"with(out the| other) bars after it$", str(leak))


def test_a_leak_names_the_bar_the_criterion_and_the_two_values():
    leak = leak_of(tomorrow, windows=0)
    assert leak.criterion == "c"
    assert leak.ts == BARS.ts[leak.bar]
    assert leak.whole == BARS.close[leak.bar + 1]
    assert leak.cut == BARS.close[leak.bar]


@pytest.mark.parametrize("seed", range(5))
def test_an_honest_strategy_passes(seed: int):
    assert leak_of(momentum, seed=seed, cuts=10) is None


def test_too_short_a_history_is_not_judged():
    assert leak_of(tomorrow, BARS.slice(0, 2)) is None


def test_criteria_that_change_with_the_history_are_refused():
    def moody(bars: Bars, params: object) -> Criteria:
        weight = 2.0 if len(bars) == 200 else 1.0
        return Criteria(long=(criterion("c", bars.close > 99, weight=weight),), short=())

    with pytest.raises(UsageError, match="criteria must be the same for every history"):
        leak_of(moody)


def test_an_array_of_another_length_is_refused_with_its_criterion():
    def short(bars: Bars, params: object) -> Criteria:
        return Criteria(
            long=(Criterion("c", Reading(bars.close[:50], 1.0, np.zeros(len(bars), np.bool_))),), short=()
        )

    with pytest.raises(UsageError, match=r"criterion 'c' must have 200 values for 200 bars, had \(50,\)"):
        leak_of(short)


def test_values_that_are_not_known_are_equal():
    def unknown(bars: Bars, params: object) -> Criteria:
        values = np.full(len(bars), np.nan)
        values[:: 2 if len(bars) % 2 else 1] = -np.nan
        return rising(bars, values)

    assert leak_of(unknown) is None
    whole = unknown(BARS, Params())
    assert first_leak(whole, unknown(BARS.slice(0, 99), Params()), BARS, 99) is None


# Warm-up


def always(bars: Bars, params: object) -> Criteria:
    holds = np.ones(len(bars), np.bool_)
    return Criteria(long=(criterion("c", ~holds),), short=(criterion("d", holds),))


def bars_before(part: Bars, window: int) -> np.ndarray:
    """Return 1 where so many bars come before, else NaN."""
    return np.where(np.arange(len(part)) >= window, 1.0, np.nan)


def days_before(part: Bars, days: int) -> np.ndarray:
    """Return 1 where so many whole days of the calendar come before, else NaN: joined by date, not by bars."""
    first = -(-int(part.ts[0]) // DAY_MS)
    return np.where(part.ts // DAY_MS - first >= days, 1.0, np.nan)


def mood_over(part: Bars, window: int) -> np.ndarray:
    """Return the sum of a feature over some bars, NaN before it begins."""
    return np.convolve(np.r_[np.full(window - 1, np.nan), part.feature("mood")], np.ones(window), "valid")


def late_mood(begins: int) -> Bars:
    mood = np.where(np.arange(len(BARS)) >= begins, 1.0, np.nan)
    return replace(BARS, features={"mood": mood})


@pytest.mark.parametrize(
    ("value", "bars", "needed"),
    [
        (lambda part: bars_before(part, 20), BARS, 20),
        # A feature that begins later needs what it reads of itself, not the bars before it began.
        (lambda part: mood_over(part, 8), late_mood(0), 7),
        (lambda part: mood_over(part, 8), late_mood(90), 7),
        # Two days of hours: from any hour at least 48 bars, from most more.
        (lambda part: days_before(part, 2), BARS.slice(5, len(BARS)), 48),
    ],
)
def test_warm_up_is_a_lower_bound(value: Any, bars: Bars, needed: int):
    def compute(part: Bars) -> Criteria:
        return rising(part, value(part))

    for declared in (needed, needed + 1, needed + 30, len(bars) + 100):
        assert check_warmup(compute, bars, compute(bars), declared) is None
    for declared in (0, needed - 1):
        said = check_warmup(compute, bars, compute(bars), declared)
        assert (said or "").startswith(
            f"{declared} bars are declared, but {needed} are needed before all values are"
        )


def test_value_that_waits_for_something_to_happen_is_not_too_short_a_warm_up():
    """A swing is known once there was one, wherever the history begins."""

    def compute(part: Bars) -> Criteria:
        swing, _ = swings(part.high, part.low, 2, 2)
        return rising(part, swing)

    first = first_known(compute(BARS), len(BARS))
    assert first > 4
    assert check_warmup(compute, BARS, compute(BARS), 4) is None


def test_warm_up_is_not_judged_where_nothing_is_ever_known():
    def compute(part: Bars) -> Criteria:
        return rising(part, bars_before(part, 10_000))

    assert check_warmup(compute, BARS, compute(BARS), 0) is None
    assert check_warmup(compute, BARS.slice(0, 0), compute(BARS.slice(0, 0)), 0) is None


def test_entries_wait_for_a_declared_warm_up_that_is_longer_than_needed():
    exact, longer = (judge(strategy(momentum, warmup=warmup), BARS, Params()) for warmup in (3, 40))
    n = len(BARS)
    as_needed, late = make_flags(exact, n), make_flags(longer, n)
    entries = np.uint8(LONG_ENTRY | SHORT_ENTRY)
    assert (as_needed[:40] & entries).any()
    assert not (late[:40] & entries).any()
    assert (late[40:] == as_needed[40:]).all()
    assert (late & ~entries == as_needed & ~entries).all()
    assert (first_decision_bar(exact, n), first_decision_bar(longer, n), first_known(longer, n)) == (3, 40, 0)
    # Another process, or a setting that requires more, changes nothing about it.
    assert materialise(longer).warmup == strategy(momentum).gated(longer).warmup == 40


def test_a_run_refuses_leaks_and_too_short_warm_ups_by_the_strategys_name():
    with pytest.raises(UsageError, match="strategy made_up looks ahead or repaints: 'c' at "):
        execute([plan(BARS, of=strategy(tomorrow))], plan(BARS).account)
    short = plan(BARS, of=strategy(lambda part, _: rising(part, bars_before(part, 20)), warmup=12))
    with pytest.raises(
        UsageError, match="strategy made_up declares too short a warm-up: 12 bars are declared, but 20"
    ):
        execute([short], short.account)
    assert execute([short], short.account, check=False).checked is False
    long = plan(BARS, of=strategy(always, warmup=len(BARS) + 5))
    assert not len(execute([long], long.account).slots[0].trades)
    refuse_leaks(plan(BARS), momentum(BARS, Params()), np.random.default_rng(0))
