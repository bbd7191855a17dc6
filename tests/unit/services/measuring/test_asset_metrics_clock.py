"""What was measured is measured again, also where the clock ran ahead meanwhile."""

from __future__ import annotations

import math
from dataclasses import replace

from tests.clocks import JumpingClock
from tests.houses import house, until
from vigie.data.catalog import BarCatalog
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS
from vigie.intelligence.market import metrics


def test_numbers_from_a_clock_that_ran_ahead_do_not_stand_still_once_it_is_put_right(tmp_path):
    clock = JumpingClock()
    opened = house(tmp_path / "home", with_bars=False, clock=clock)
    bitcoin = [BarCatalog(opened.facts, opened.bar_reader).find("bitcoin")]

    def price() -> float | None:
        quote = opened.asset_metrics.readings(bitcoin)[0].quote
        return None if quote is None else quote.last

    clock.now += HOUR_MS
    assert price() is None
    clock.now -= HOUR_MS
    opened.quotes.put([Quote("binance-perp", "btc-usdt-perp", clock.now, clock.now, last=7.0)])
    assert until(lambda: price() == 7.0, seconds=5.0)


def test_that_there_was_no_price_is_not_shown_to_who_comes_back_once_there_is_one(tmp_path):
    clock = JumpingClock()
    opened = house(tmp_path / "home", with_bars=False, clock=clock)
    bitcoin = [BarCatalog(opened.facts, opened.bar_reader).find("bitcoin")]
    assert opened.asset_metrics.readings(bitcoin)[0].quote is None
    clock.now += HOUR_MS
    opened.quotes.put([Quote("binance-perp", "btc-usdt-perp", clock.now, clock.now, last=7.0)])
    # At once: there is nothing older to be shown while it is measured.
    found = opened.asset_metrics.readings(bitcoin)[0].quote
    assert found is not None
    assert found.last == 7.0


def test_until_its_functions_are_compiled_a_page_has_prices_and_compiles_nothing(tmp_path, monkeypatch):
    opened = house(tmp_path / "home")
    bitcoin = [BarCatalog(opened.facts, opened.bar_reader).find("bitcoin")]
    (expected,) = opened.asset_metrics.pinned().readings(bitcoin)
    assert not math.isnan(expected.metrics.rsi_14)
    cache = replace(opened.asset_metrics, is_compiled=lambda: False, _cache={})

    def compile_now(*_args: object) -> None:
        raise AssertionError("compiled for a page")

    with monkeypatch.context() as patch:
        for name in ("rsi", "adx", "sma", "atr", "realised_volatility"):
            patch.setattr(metrics, name, compile_now)
        ts = expected.metrics.ts + 1
        opened.quotes.put([Quote("binance-perp", "btc-usdt-perp", ts, ts, last=7.0)])
        for held in (cache, cache.pinned()):
            (reading,) = held.readings(bitcoin)
            assert reading.metrics.price == 7.0
            assert math.isnan(reading.metrics.rsi_14)
    cache = replace(cache, is_compiled=lambda: True, _cache={})
    assert not math.isnan(cache.pinned().readings(bitcoin)[0].metrics.rsi_14)
