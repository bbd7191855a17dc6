"""Where histories are cut and continued, and what is shown then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.engine.material import criterion, momentum, walk
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.engine.probes import EVENT_BARS, FALL, LEAD_BARS, RISE, Probe, find_events, window_probes

BARS = walk(600)


def at(*bars: int, n: int = 600) -> np.ndarray:
    holds = np.zeros(n, np.bool_)
    holds[list(bars)] = True
    return holds


def crossing(*suppressed: int) -> Criterion:
    """A criterion whose value passes its threshold at bars 100, 200, ... and which holds there unless suppressed."""
    passed = at(*range(100, 600, 100))
    return Criterion("cross", Reading(passed.astype(np.float64), 0.5, passed & ~at(*suppressed)))


def test_events_are_entries_exits_changes_and_what_was_held_back():
    events = find_events(
        Criteria((crossing(300), criterion("gate", ~at(200))), (), long_exit=criterion("leave", at(50, 51))),
        600,
    )
    assert events.entries.tolist() == [100, 400, 500]
    assert events.exits.tolist() == [50, 51]
    assert events.tempted.tolist() == [300]
    assert {50, 52, 100, 101, 200, 201}.issubset(events.begun.tolist())
    assert 51 not in events.begun.tolist()


def test_a_window_ends_behind_entries_exits_and_what_was_held_back_and_before_entries():
    answer = Criteria((crossing(300),), (), long_exit=criterion("leave", at(*range(150, 600, 100))))
    probes = window_probes(find_events(answer, 600), 600, 20, 0, np.random.default_rng(0))
    length = 20 + LEAD_BARS + EVENT_BARS
    assert {probe.end - probe.start for probe in probes} == {length}
    assert len({probe.start for probe in probes}) == 1
    assert sum(probe.is_whole for probe in probes) == 1
    cut = {probe.stop for probe in probes if not probe.factor}
    assert 301 in cut
    assert cut & {101, 201, 401, 501}
    assert cut & set(range(151, 600, 100))
    assert any(probe.factor for probe in probes)
    assert all(probe.start < probe.stop <= probe.end for probe in probes)


@pytest.mark.parametrize("n", [3, 4, 30, 200])
@pytest.mark.parametrize("warmup", [0, 5, 1_000])
@pytest.mark.parametrize("seed", range(5))
def test_windows_of_short_histories_stay_inside_and_need_no_window_of_their_own(
    n: int, warmup: int, seed: int
):
    bars = walk(n)
    answer = Criteria((criterion("c", bars.close > bars.open),), ())
    probes = window_probes(find_events(answer, n), n, warmup, seed % 2, np.random.default_rng(seed))
    assert probes
    for probe in probes:
        assert 0 <= probe.start < probe.stop <= probe.end <= n
        assert not (probe.is_whole and probe.length == n and probe.factor)


def test_a_cut_shows_copies_of_its_own_bars_only():
    part = Probe(10, 90, 50).select_bars(BARS.sealed())
    assert len(part) == 40
    assert np.array_equal(part.close, BARS.close[10:50])
    assert not np.shares_memory(part.close, BARS.close)


@pytest.mark.parametrize("factor", [FALL, RISE])
def test_a_continued_history_shows_the_same_bars_and_then_others(factor: float):
    series = np.linspace(0.1, 0.2, 600)
    bars = replace(BARS, features={"funding_rate": series}, _memo={})
    part = Probe(10, 90, 50, factor).select_bars(bars.sealed())
    assert np.array_equal(part.ts, BARS.ts[10:90])
    for name in ("open", "high", "low", "close", "volume"):
        assert np.array_equal(getattr(part, name)[:40], getattr(BARS, name)[10:50])
        assert np.array_equal(getattr(part, name)[40:], getattr(BARS, name)[50:90] * factor)
    assert np.array_equal(part.feature("funding_rate")[40:], series[50:90] * -factor)
    assert np.array_equal(bars.feature("funding_rate"), series)


def test_arrays_of_a_wrong_length_make_no_events():
    answer = momentum(BARS, type("P", (), {"span": 3}))
    short = replace(answer, long=(Criterion("c", Reading(BARS.close[:9], 1.0, at(5, n=9))),), short=())
    assert find_events(short, 600).entries.tolist() == []
    assert find_events(short, 600).tempted.tolist() == []
