"""What does not help is done again ever later, and never given up: for whatever sequence of looks."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import JumpingClock
from vigie.engine.live.backoff import LONGEST_S, Backoff

EVERY_S = 10.0


@given(st.lists(st.tuples(st.floats(0.1, 120.0), st.booleans()), max_size=80))
def test_two_tries_are_ever_further_apart_and_never_further_than_the_longest(looks):
    clock, tried = JumpingClock(), []
    tries = Backoff(clock, EVERY_S)
    for pause_s, is_wanted in [(0.0, True), *looks]:
        clock.sleep(pause_s)
        if tries.is_due() and is_wanted:
            tries.record_try()
            tried.append(clock.now)
    assert tried[0] == clock.now - sum(round(one * 1_000) for one, _ in looks), "at once at first"
    for count, (early, late) in enumerate(pairwise(tried)):
        assert (late - early) / 1_000 >= min(EVERY_S * 2.0**count, LONGEST_S) - EVERY_S
    clock.sleep(LONGEST_S)
    assert tries.is_due()
    assert tries.has_settled()


def test_a_clock_that_is_set_back_holds_nothing_up_for_longer():
    clock = JumpingClock()
    tries = Backoff(clock, EVERY_S)
    tries.record_try()
    assert not tries.is_due()
    clock.now -= 3_600_000
    assert not tries.is_due()
    clock.sleep(EVERY_S)
    assert tries.is_due()


def test_who_looks_every_second_waits_twice_as_long_each_time_up_to_the_longest() -> None:
    clock, tried = JumpingClock(), []
    tries = Backoff(clock, EVERY_S)
    while len(tried) < 8:
        if tries.is_due():
            tries.record_try()
            tried.append(clock.now)
        clock.sleep(1.0)
    waited = [(late - early) / 1_000 for early, late in pairwise(tried)]
    # Half of the first wait early: who looks regularly comes in time.
    assert waited == [5.0, 15.0, 35.0, 75.0, 155.0, 295.0, 295.0]
