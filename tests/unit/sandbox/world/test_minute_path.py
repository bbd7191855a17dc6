import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.world.hands import HOUR_MS, MINUTE_MS, go, small_world
from vigie_sandbox.world.minute_path import simulate_seconds
from vigie_sandbox.world.price_walk import CLOSE, HIGH, LOW, OPEN, VOLUME


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    ticks=st.lists(st.integers(1, 10_000), min_size=4, max_size=4),
    lots=st.integers(1, 10_000),
    minute=st.integers(1, 10**8),
    key=st.integers(0, 2**64 - 1),
)
def test_the_seconds_of_a_minute_come_to_its_bar(ticks, lots, minute, key):
    ordered = sorted(ticks)
    first, last = ticks[0], ticks[1]
    bar = np.array([[first, ordered[-1], ordered[0], last, lots]]) / 10.0
    made = simulate_seconds(bar, np.array([key], np.uint64), minute, np.array([[10.0, 10.0]]))
    assert made.price[0, 0] == bar[0, OPEN]
    assert made.price[0, -1] == bar[0, CLOSE]
    assert made.high[0, -1] == bar[0, HIGH]
    assert made.low[0, -1] == bar[0, LOW]
    assert made.volume[0, -1] == bar[0, VOLUME]
    assert (np.diff(made.volume[0]) >= 0).all()
    assert np.array_equal(np.rint(made.price * 10.0) / 10.0, made.price)


@pytest.mark.parametrize("name", ["bitget", "binance", "hyperliquid"])
def test_candles_built_from_what_was_seen_are_the_candles_served_later(name):
    world = small_world()
    venue = world.venues[name]
    begin = go(world, 0) // HOUR_MS * HOUR_MS + HOUR_MS
    go(world, begin - world.now_ms())
    seen = {coin.symbol: [] for coin in venue.coins}
    for _ in range(5 * 60):
        now = world.now_ms()
        for coin in venue.coins:
            seen[coin.symbol].append(venue.ticker(coin, now).last)
        go(world, 1_000)
    for coin in venue.coins:
        served = venue.candles(coin, MINUTE_MS, begin, begin + 5 * MINUTE_MS, world.now_ms())
        prices = np.array(seen[coin.symbol]).reshape(5, 60)
        built = np.stack([prices[:, 0], prices.max(axis=1), prices.min(axis=1), prices[:, -1]])
        assert np.array_equal(served.rows[:4], built)


def test_a_running_bar_ends_as_the_bar_that_is_stored():
    world = small_world()
    venue = world.venues["bitget"]
    coin = venue.by_symbol["ETH"]
    begin = world.now_ms() // HOUR_MS * HOUR_MS
    go(world, begin + HOUR_MS - 1_000 - world.now_ms())
    running = venue.candles(coin, HOUR_MS, begin, begin + 1, world.now_ms()).rows[:, 0]
    go(world, 2 * HOUR_MS)
    stored = venue.candles(coin, HOUR_MS, begin, begin + 1, world.now_ms()).rows[:, 0]
    assert np.array_equal(running, stored)


def test_nothing_ahead_of_the_clock_is_shown():
    world = small_world()
    venue = world.venues["bitget"]
    coin = venue.by_symbol["BTC"]
    go(world, 20_000)
    early = world.now_ms()
    minute = early // MINUTE_MS * MINUTE_MS
    before = venue.candles(coin, MINUTE_MS, minute, early + 10 * MINUTE_MS, early)
    assert before.ts.tolist() == [minute]
    path = world.tape.seconds(minute)
    assert before.rows[HIGH, 0] == venue.to_venue_prices(coin, path.price[coin.number, :21]).max()
