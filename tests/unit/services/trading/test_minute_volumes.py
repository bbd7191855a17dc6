"""What an ordinary minute trades: the median of the newest bars, of the finest that are gathered now."""

from __future__ import annotations

import numpy as np
import pytest

from tests.clocks import StandingClock
from vigie.data.frames import to_frame
from vigie.domain.bar import Bars
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.services.trading.gateway.market_snapshot import MinuteVolumes
from vigie.wiring.data import open_data

VENUE, BTC, ETH = "bitget-perp", "btc-usdt-perp", "eth-usdt-perp"
NOW = 1_760_000_400_000 // DAY_MS * DAY_MS
HOURLY = SeriesId(VENUE, BTC, "1h")


@pytest.fixture
def store(tmp_path):
    return open_data(tmp_path, clock=StandingClock(NOW)).bars


def put(store, series, volumes, *, until=NOW):
    ts = until - np.arange(len(volumes), 0, -1, dtype=np.int64) * series.span_ms
    same = np.full(len(volumes), 100.0)
    bars = Bars(series.instrument, series.span_ms, ts, same, same, same, same, np.array(volumes, float))
    store.upsert(series, to_frame(bars))


def traded(store, *series):
    minutes = MinuteVolumes(store, series or (HOURLY,), StandingClock(NOW))
    assert minutes.volume_of(BTC) is None
    minutes.measure()
    return minutes.volume_of(BTC)


def test_one_busy_bar_does_not_make_a_market(store):
    put(store, HOURLY, [600.0] * 29 + [60_000.0])
    assert traded(store) == 600.0 * MINUTE_MS / HOUR_MS


def test_the_finest_bars_that_are_gathered_tell_it(store):
    put(store, HOURLY, [600.0] * 30)
    put(store, SeriesId(VENUE, BTC, "1m"), [1.0] * 20 + [3.0] * 30)
    assert traded(store) == 3.0
    assert traded(store, HOURLY, SeriesId(VENUE, BTC, "4h")) == 3.0


def test_bars_that_nobody_gathers_any_more_tell_nothing(store):
    put(store, HOURLY, [600.0] * 30)
    put(store, SeriesId(VENUE, BTC, "1m"), [3.0] * 50, until=NOW - 3 * DAY_MS)
    assert traded(store) == 10.0
    assert MinuteVolumes(store, (SeriesId(VENUE, ETH, "1h"),), StandingClock(NOW)).volume_of(ETH) is None


@pytest.mark.parametrize("volumes", [[600.0] * 19, [0.0] * 30])
def test_few_bars_and_bars_without_volumes_tell_nothing(store, volumes):
    put(store, HOURLY, volumes)
    assert traded(store) is None
