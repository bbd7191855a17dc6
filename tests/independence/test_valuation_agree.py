"""The product and the plain reference judge the same histories alike: ranks, words, episodes, circular shifts."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from benchmarks.valuation import bitcoin, random_walk, real_data

from tests.independence.valuation_oracle import (
    changes,
    middle_of,
    price_components,
    rank,
    scores_of,
    shifted_share,
    starts,
    words_of,
)
from vigie.intelligence.valuation.episodes import episode_starts, what_followed
from vigie.intelligence.valuation.states import state_name, states_of
from vigie.intelligence.valuation.votes import PRICE_GROUP, votes_of


def _plain(values):
    return [None if np.isnan(value) else value for value in values.tolist()]


def _compare(history):
    votes = votes_of(history)
    days, closes = history.days.tolist(), history.close.tolist()
    group = price_components(days, closes)
    for name in PRICE_GROUP:
        theirs = [rank(group[name], at) for at in range(len(days))]
        assert _plain(votes.ranks[name]) == pytest.approx(theirs, abs=1e-12), name
    others = {name: _plain(values) for name, values in history.others.items()}
    scores = scores_of(days, closes, others)
    assert _plain(votes.score) == pytest.approx(scores, abs=1e-12)
    states = states_of(votes.score)
    words = words_of(scores)
    assert [state_name(state) for state in states.tolist()] == words
    return states, words, closes


def _compare_what_followed(history, states, words, closes, state, horizon):
    chosen = starts(words, state, horizon)
    assert episode_starts(states, state, horizon).tolist() == chosen
    ours = what_followed(history, states, state, horizon)
    theirs = changes(closes, chosen, horizon)
    assert [entry.change for entry in ours.episodes if entry.change is not None] == pytest.approx(theirs)
    assert ours.count == len(theirs)
    if ours.p_value is not None:
        assert ours.median == pytest.approx(middle_of(theirs))
        assert ours.p_value == shifted_share(closes, words, chosen, horizon)
    return ours


@pytest.mark.parametrize("number", range(3))
def test_walk_when_judged_by_both_then_alike(number):
    history = random_walk(number).cut(2_000)
    noise = np.random.default_rng([3, number]).normal(size=2_000)
    noise[:300] = noise[900:950] = np.nan
    history = replace(history, others={"mvrv": np.round(noise, 1)})
    states, words, closes = _compare(history)
    assert set(words) >= {None, "normal"}
    for state in ("stretched", "depressed"):
        for horizon in (30, 91, 365):
            _compare_what_followed(history, states, words, closes, state, horizon)


def test_walks_when_judged_by_both_then_a_shift_was_compared():
    history = random_walk(0)
    states = states_of(votes_of(history).score)
    words = [state_name(state) for state in states.tolist()]
    tested = [
        _compare_what_followed(history, states, words, history.close.tolist(), state, 30).p_value
        for state in ("stretched", "depressed")
    ]
    assert any(value is not None for value in tested)


@pytest.mark.shared
def test_bitcoin_when_judged_by_both_then_alike():
    base = real_data()
    if not base.exists():
        pytest.skip(f"real data not found at {base}; set VIGIE_SHARED")
    history = bitcoin(base)
    assert len(history) == pl.read_parquet(base / "onchain" / "btc-coinmarketcap-daily.parquet").height
    states, words, closes = _compare(history.cut(2_600))
    for state in ("stretched", "depressed"):
        _compare_what_followed(history.cut(2_600), states, words, closes, state, 30)
