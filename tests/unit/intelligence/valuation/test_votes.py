"""Components of a history, their ranks, and which of them vote."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from benchmarks.valuation import random_walk

from vigie.intelligence.valuation.daily_history import daily_history
from vigie.intelligence.valuation.votes import rank_of_known, votes_of, weekly_rsi
from vigie.quant.indicators.rsi import rsi

WALK = random_walk(5).cut(2_000)


def test_weekly_rsi_when_weeks_end_on_sundays_then_held_until_the_next():
    days = np.arange(4, 4 + 7 * 20)  # from Monday, 5 January 1970
    close = np.exp(np.random.default_rng(1).normal(size=len(days)).cumsum() / 10)
    values = weekly_rsi(days, close)
    expected = rsi(close[6::7], 14)
    assert np.isnan(values[: 7 * 15 - 1]).all()
    np.testing.assert_array_equal(values[7 * 15 - 1 :: 7], expected[14:])
    np.testing.assert_array_equal(values[7 * 15 - 1 : 7 * 16 - 1], np.full(7, expected[14]))


def test_votes_when_only_prices_are_known_then_the_score_is_their_vote():
    votes = votes_of(WALK)
    first = int(np.argmax(~np.isnan(votes.score)))
    assert first == 199 + 730
    assert not np.isnan(votes.score[first:]).any()
    np.testing.assert_array_equal(votes.score, votes.price)
    thirds = [votes.ranks[name][-1] for name in ("weekly_rsi", "mean_distance", "drawdown")]
    assert votes.price[-1] == sum(thirds) / 3


def test_votes_when_another_becomes_known_then_it_counts_as_much_as_all_of_the_price():
    mvrv = np.arange(2_000.0)
    mvrv[:600] = np.nan
    votes = votes_of(replace(WALK, others={"mvrv": mvrv}))
    alone = votes_of(WALK)
    assert np.isnan(votes.ranks["mvrv"][: 600 + 730]).all()
    np.testing.assert_array_equal(votes.ranks["mvrv"][1_330:], np.ones(670))
    np.testing.assert_array_equal(votes.score[:1_330], alone.score[:1_330])
    np.testing.assert_array_equal(votes.score[1_330:], (alone.score[1_330:] + 1.0) / 2.0)


def test_votes_when_the_price_is_too_short_then_no_score_whatever_else_is_known():
    short = daily_history(np.arange(900), WALK.close[:900])
    votes = votes_of(replace(short, others={"mvrv": np.arange(900.0)}))
    assert not np.isnan(votes.ranks["mvrv"][-1])
    assert np.isnan(votes.score).all()


def test_rank_when_values_are_missing_between_then_ranked_among_the_known():
    values = np.arange(1_500.0)
    values[100:200] = np.nan
    ranks = rank_of_known(values)
    assert np.isnan(ranks[:830]).all()
    assert (ranks[830:] == 1.0).all()


def test_volatility_when_price_moves_evenly_then_a_year_of_it():
    close = 100.0 * np.cumprod(np.where(np.arange(60) % 2, 1.02, 1 / 1.02))
    votes = votes_of(daily_history(np.arange(60), close))
    assert np.isnan(votes.volatility[:30]).all()
    np.testing.assert_allclose(votes.volatility[30:], np.log(1.02) * np.sqrt(365))


def test_ranks_when_values_differ_only_in_what_averages_leave_then_equal():
    values = np.full(800, 0.0001)
    values[::2] += 1e-17
    np.testing.assert_array_equal(rank_of_known(values)[730:], np.zeros(70))


def test_weekly_rsi_when_the_price_stands_still_for_months_then_its_rank_does_too():
    close = np.concatenate((WALK.close[:1_000], np.full(200, WALK.close[999])))
    votes = votes_of(daily_history(np.arange(1_200), close))
    # What equals all of the still days before comes ever closer to the middle of them, from one side.
    still = np.abs(votes.ranks["weekly_rsi"][1_010:] - votes.ranks["weekly_rsi"][1_009])
    assert (np.diff(still) >= 0.0).all()
