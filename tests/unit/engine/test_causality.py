"""Strategies that look ahead, repaint, or signal too early are found; honest ones are not."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.unit.engine.material import Params, criterion, momentum, plan, strategy, walk
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.engine.causality import check_causality, check_warmup, first_leak
from vigie.engine.run import execute, refuse_leaks

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


def test_a_signal_inside_the_declared_warm_up_is_found():
    said = check_warmup(lambda part: always(part, None), BARS, 10)
    assert said == "a short entry at bar 0 comes before the declared warm-up of 10 bars"
    assert check_warmup(lambda part: momentum(part, Params()), BARS, 3) is None
    assert "a long entry at bar" in check_warmup(lambda part: rising(part, part.close + 1), BARS, 5)


def test_no_warm_up_or_no_bars_is_not_judged():
    assert check_warmup(lambda part: always(part, None), BARS, 0) is None
    assert check_warmup(lambda part: always(part, None), BARS.slice(0, 0), 10) is None


def test_a_run_refuses_leaks_and_early_signals_by_the_strategys_name():
    with pytest.raises(UsageError, match="strategy made_up looks ahead or repaints: 'c' at "):
        execute([plan(BARS, of=strategy(tomorrow))], plan(BARS).account)
    early = plan(BARS, of=strategy(always, warmup=10))
    with pytest.raises(UsageError, match="strategy made_up signals too early: a short entry at bar 0"):
        execute([early], early.account)
    assert execute([early], early.account, check=False).checked is False
    refuse_leaks(plan(BARS), momentum(BARS, Params()), np.random.default_rng(0))
