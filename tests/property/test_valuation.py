"""Cutting a history at any day changes nothing up to it; ranks keep their bounds and ignore scales."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.time import DAY_MS
from vigie.intelligence.valuation.daily_history import daily_history, known_at, mean_of_day
from vigie.intelligence.valuation.episodes import STATES, episode_starts, what_followed
from vigie.intelligence.valuation.states import moves_in_ranges, states_of
from vigie.intelligence.valuation.votes import votes_of

LAWS = settings(derandomize=True, deadline=None, max_examples=25)
DAYS = 1_600


def _raw(seed: int):
    """Prices of days with holes, and facts at odd times."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(rng.normal(0, 0.04, DAYS).cumsum())
    is_there = rng.random(DAYS) > 0.02
    spread = np.abs(rng.normal(0, 0.02, DAYS))
    ts = np.sort(rng.integers(0, DAYS * DAY_MS, 2 * DAYS)).astype(np.int64)
    facts = np.round(rng.normal(size=2 * DAYS), 1)
    return np.arange(DAYS), close, spread, is_there, ts, facts


def _history(raw, stop: int):
    days, close, spread, is_there, ts, facts = raw
    chosen = is_there & (days < stop)
    history = daily_history(
        days[chosen], close[chosen], (close * (1 + spread))[chosen], (close * (1 - spread))[chosen]
    )
    closes = history.close_times()
    until = ts <= stop * DAY_MS
    return replace(
        history,
        others={
            "mvrv": known_at(closes, ts[until], facts[until]),
            "funding": mean_of_day(closes, ts[until], facts[until]),
        },
    )


@LAWS
@given(st.integers(0, 2**31), st.integers(1, DAYS))
def test_a_cut_history_says_the_same_up_to_the_cut(seed: int, stop: int) -> None:
    raw = _raw(seed)
    whole, part = _history(raw, DAYS), _history(raw, stop)
    size = len(part)
    assert part.days.tobytes() == whole.days[:size].tobytes()
    ours, theirs = votes_of(part), votes_of(whole)
    for name in theirs.values:
        assert ours.values[name].tobytes() == theirs.values[name][:size].tobytes(), name
        assert ours.ranks[name].tobytes() == theirs.ranks[name][:size].tobytes(), name
    for name in ("price", "score", "volatility", "volatility_rank"):
        assert getattr(ours, name).tobytes() == getattr(theirs, name)[:size].tobytes(), name
    states = states_of(theirs.score)
    assert states_of(ours.score).tobytes() == states[:size].tobytes()
    assert moves_in_ranges(part).tobytes() == moves_in_ranges(whole)[:size].tobytes()
    for state in STATES:
        starts = episode_starts(states, state, 30)
        assert episode_starts(states[:size], state, 30).tolist() == starts[starts < size].tolist()
        before = what_followed(part, states[:size], state, 30).episodes
        after = what_followed(whole, states, state, 30).episodes
        assert [entry for entry in before if entry.change is not None] == list(after)[
            : sum(entry.change is not None for entry in before)
        ]


@LAWS
@given(st.integers(0, 2**31), st.floats(1e-6, 1e6))
def test_ranks_ignore_the_currency_and_stay_in_bounds(seed: int, scale: float) -> None:
    days, close, *_ = _raw(seed)
    ours = votes_of(daily_history(days, close))
    scaled = votes_of(daily_history(days, close * scale))
    known = ~np.isnan(ours.score)
    assert (np.abs(ours.score[known]) <= 1.0).all()
    np.testing.assert_allclose(ours.score, scaled.score, atol=0.01)
