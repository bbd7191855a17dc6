"""The product and a reference written from the texts alone judge the same histories alike, day by day."""

import datetime as dt
import random

import numpy as np
import polars as pl
import pytest
from benchmarks.valuation import real_data

from tests.independence.valuation_from_texts import (
    LEAST_EPISODES,
    ONE_DAY,
    chance,
    followed,
    starts_of,
    value,
)
from vigie.domain.time import DAY_MS
from vigie.intelligence.valuation.daily_history import DailyHistory, daily_history, known_at, mean_of_day
from vigie.intelligence.valuation.episodes import HORIZONS, STATES, what_followed
from vigie.intelligence.valuation.reading import valuation_of
from vigie.intelligence.valuation.states import state_name, states_of
from vigie.intelligence.valuation.votes import votes_of
from vigie.services.market_data.valuations import CHAIN_DELAY_MS, INDEX_DELAY_MS

EPOCH = dt.date(1970, 1, 1)
FIRST = dt.date(2012, 1, 4)
YEARS = 12 * 365 + 3
NAMES = {
    "rsi": "weekly_rsi",
    "mean": "mean_distance",
    "drawdown": "drawdown",
    "mvrv": "mvrv",
    "funding": "funding",
    "mood": "fear_greed",
}
WORDS = {"sharp_fall": "falling sharply", "sharp_rise": "rising sharply"}


def _mostly_left_out(cases, kept):
    """Cases of which only some are run where not all are asked for."""
    return [case if case in kept else pytest.param(case, marks=pytest.mark.chaos) for case in cases]


def _number(day):
    return (day - EPOCH).days


def _known(values):
    return [None if value != value else value for value in values.tolist()]


def dated(closes):
    """Closes of days in a row."""
    return {FIRST + place * ONE_DAY: float(close) for place, close in enumerate(closes)}


def walk(seed, size=YEARS):
    """A random walk."""
    draw, price, closes = random.Random(f"walk {seed}"), 100.0, []
    for _ in range(size):
        price *= 1 + draw.gauss(0.0, 0.035)
        closes.append(price)
    return closes


def product_history(prices, bars, mvrv, funding, mood):
    """The history as the product makes it of the same series."""
    known = sorted(prices)
    high, low = ([bars[day][side] if day in bars else np.nan for day in known] for side in (0, 1))
    history = daily_history(
        np.array([_number(day) for day in known]),
        np.array([prices[day] for day in known]),
        np.array(high),
        np.array(low),
    )
    closes = history.close_times()

    def column(series, later):
        days = sorted(series)
        ts = np.array([_number(day) * DAY_MS + later for day in days], np.int64)
        return known_at(closes, ts, np.array([series[day] for day in days]))

    moments = [
        round((moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) / dt.timedelta(milliseconds=1))
        for moment, _ in funding
    ]
    rates = np.array([rate for _, rate in funding])
    others = {
        "mvrv": column(mvrv, CHAIN_DELAY_MS),
        "funding": mean_of_day(closes, np.array(moments, np.int64), rates),
        "fear_greed": column(mood, INDEX_DELAY_MS),
    }
    return DailyHistory(history.days, history.close, history.is_carried, history.high, history.low, others)


def compare(prices, *, bars=None, mvrv=None, funding=(), mood=None, words=5):
    """Compare all that is told of a history; return the days and what followed."""
    days = value(prices, bars=bars, mvrv=mvrv, funding=funding, mood=mood)
    history = product_history(prices, bars or {}, mvrv or {}, funding, mood or {})
    votes = votes_of(history)
    states = states_of(votes.score)
    assert [_number(told.day) for told in days] == history.days.tolist()
    assert [told.is_kept for told in days] == history.is_carried.tolist()
    for name, theirs in NAMES.items():
        ours = [told.ranks.get(name) for told in days]
        assert _known(votes.ranks[theirs]) == pytest.approx(ours, abs=1e-12), name
    assert _known(votes.price) == pytest.approx([told.votes.get("price") for told in days], abs=1e-12)
    assert _known(votes.score) == pytest.approx([told.score for told in days], abs=1e-12)
    assert _known(votes.volatility_rank) == pytest.approx(
        [told.ranks.get("volatility") for told in days], abs=1e-12
    )
    assert [state_name(state) for state in states.tolist()] == [told.state for told in days]
    _compare_words(history, days, words)
    after = [_compare_followed(history, states, days, *which) for which in CHOICES]
    return days, after


CHOICES = [(state, horizon) for state in STATES for horizon in HORIZONS]


def _compare_words(history, days, number):
    """The product tells the word of its newest close: histories that end at sharp moves and at other days."""
    sharp = [place for place, told in enumerate(days) if told.word != (told.state or "unknown")]
    draw = random.Random(len(days))
    places = {len(days) - 1, *draw.sample(range(len(days)), min(number, len(days)))}
    for place in sorted(places | set(draw.sample(sharp, min(number, len(sharp))))):
        told, theirs = days[place], valuation_of(history.cut(place + 1))
        assert WORDS.get(theirs.word, theirs.word) == told.word, told.day
        present = [one.name for one in theirs.components if one.rank is not None]
        assert present == [NAMES[name] for name in NAMES if name in told.ranks], told.day
        assert theirs.carried_days == sum(one.is_kept for one in days[: place + 1])


def _compare_followed(history, states, days, state, horizon):
    ours, theirs = followed(days, state, horizon), what_followed(history, states, state, horizon)
    over = [episode for episode in theirs.episodes if episode.change is not None]
    assert [episode.day for episode in over] == [_number(day) for day in ours.starts]
    assert [episode.change for episode in over] == pytest.approx(ours.changes)
    every = [days[place] for place in starts_of(days, state, horizon)]
    assert [episode.day for episode in theirs.episodes] == [_number(told.day) for told in every]
    assert [episode.price for episode in theirs.episodes] == [told.close for told in every]
    assert theirs.count == len(ours.starts)
    assert (theirs.median, theirs.low, theirs.high) == pytest.approx((ours.median, ours.low, ours.high))
    assert theirs.p_value == ours.p
    assert theirs.differs == ours.differs
    return theirs


@pytest.mark.parametrize("seed", _mostly_left_out(range(40), [0]))
def test_walk_when_judged_from_the_texts_then_alike(seed):
    days, after = compare(dated(walk(seed)))
    # Some walks are never stretched in twelve years, as prices without a trend may be; each leaves the middle.
    assert {None, "normal", "depressed"} <= {told.state for told in days}
    assert any(entry.p_value is not None for entry in after)


def test_gaps_when_judged_from_the_texts_then_alike():
    prices, draw = dated(walk("gaps", 1_500)), random.Random(1)
    days = sorted(prices)
    lost = [day for day in days[1:-1] if draw.random() < 0.1] + days[1_000:1_200]
    for day in set(lost):
        del prices[day]
    told, _ = compare(prices)
    assert sum(one.is_kept for one in told) == len(set(lost))


@pytest.mark.parametrize("price", _mostly_left_out([100.0, 0.1, 7.77e-5], [0.1]))
def test_price_that_never_moves_when_judged_from_the_texts_then_normal(price):
    days, _ = compare(dated([price] * 1_000))
    assert {told.word for told in days} == {"unknown", "normal"}
    assert {told.score for told in days} == {None, 0.0}


@pytest.mark.parametrize("kind", _mostly_left_out(["moved, then flat", "steps", "up", "down"], ["steps"]))
def test_values_that_are_equal_when_judged_from_the_texts_then_ranked_alike(kind):
    moved = walk("flat", 1_500)
    closes = {
        "moved, then flat": [*moved[:1_000], *[moved[999]] * 500, *[moved[999] * 1.37] * 300],
        "steps": [close for close in moved[:7] for _ in range(250)],
        "up": [100 * 1.001**place for place in range(1_200)],
        "down": [100 * 0.999**place for place in range(1_200)],
    }
    days, _ = compare(dated(closes[kind]))
    assert days[-1].score is not None


@pytest.mark.parametrize(
    "size", _mostly_left_out([1, 2, 15, 16, 30, 91, 729, 730, 731, 929, 930, 931], [1, 729, 930])
)
def test_short_history_when_judged_from_the_texts_then_alike(size):
    days, _ = compare(dated(walk("short", size)))
    assert (days[-1].score is not None) == (size >= 930)


def test_crashes_when_judged_from_the_texts_then_said_on_the_same_days():
    closes = walk("crash", 1_300)
    for place in (20, 600, 1_100, 1_280):
        closes[place:] = [close * 0.5 for close in closes[place:]]
    days, _ = compare(dated(closes), words=20)
    assert {days[place].word for place in (20, 600, 1_100, 1_280)} == {"falling sharply"}


def test_other_votes_when_some_are_missing_then_alike():
    prices, draw = dated(walk("others", 1_900)), random.Random(2)
    bars = {day: (close * 1.02, close * 0.97) for day, close in prices.items() if draw.random() < 0.9}
    series = []
    for first in (0, 300):
        days = sorted(prices)[first:]
        at = draw.randrange(1_000, 1_200)
        kept = [day for day in days[:at] + days[at + 6 :] if draw.random() < 0.8]
        series.append({day: round(draw.gauss(0.0, 1.0), 1) for day in kept})
    # Three rates a day of which many are the same, as venues have them.
    funding = [
        (
            dt.datetime(day.year, day.month, day.day, hour, tzinfo=dt.UTC),
            draw.choice([1e-4, 1e-4, 1e-4, 3e-5, -2e-5]),
        )
        for day in sorted(prices)[400:]
        for hour in (0, 8, 16)
        if day.day != 13
    ]
    days, _ = compare(prices, bars=bars, mvrv=series[0], mood=series[1], funding=funding)
    assert {len(told.votes) for told in days} == {0, 1, 2, 3, 4}


@pytest.mark.chaos
def test_random_starts_when_drawn_from_the_texts_then_about_alike():
    days = value(prices := dated(walk(0)))
    history = product_history(prices, {}, {}, (), {})
    entries = [
        what_followed(history, states_of(votes_of(history).score), state, horizon)
        for state, horizon in CHOICES
    ]
    entries = [entry for entry in entries if entry.count >= LEAST_EPISODES]
    assert entries
    for entry in entries:
        ours = chance(days, entry.count, entry.horizon_days, seed=7)
        near = 0.15 * (ours[2] - ours[0])
        theirs = (entry.random_low, entry.random_median, entry.random_high)
        assert theirs == pytest.approx(ours, abs=near)


@pytest.mark.shared
def test_bitcoin_when_judged_from_the_texts_then_alike():
    base = real_data()
    if not base.exists():
        pytest.skip(f"real data not found at {base}; set VIGIE_SHARED")
    frame = pl.read_parquet(base / "onchain" / "btc-coinmarketcap-daily.parquet")
    days = [moment.date() for moment in frame["timestamp"]]
    prices = dict(zip(days, frame["close"], strict=True))
    bars = dict(zip(days, zip(frame["high"], frame["low"], strict=True), strict=True))
    mvrv = pl.read_parquet(base / "onchain" / "btc-mvrv-realizedcap.parquet")
    mood = pl.read_parquet(base / "sentiment" / "fear-greed-daily.parquet")
    rates = pl.read_parquet(base / "derivatives" / "funding-binance-usdtm.parquet")
    rates = rates.filter(pl.col("symbol") == "BTCUSDT").sort("timestamp")
    told, after = compare(
        prices,
        bars=bars,
        mvrv={moment.date(): value for moment, value in zip(mvrv["timestamp"], mvrv["mvrv"], strict=True)},
        mood={
            moment.date(): float(value)
            for moment, value in zip(mood["timestamp"], mood["value"], strict=True)
        },
        funding=[
            (moment.replace(tzinfo=dt.UTC), rate)
            for moment, rate in zip(rates["timestamp"], rates["funding_rate"], strict=True)
        ],
        words=100,
    )
    assert max(len(one.votes) for one in told) == 4
    assert not any(entry.differs for entry in after)
