"""The Python door: a result shows itself in one line."""

from __future__ import annotations

import vigie
from tests.unit.services.backtest_material import market


def test_a_result_is_one_line():
    bars = market().bars("BTC", "1d")
    result = vigie.backtest(bars, "macd_cross", tick="0.1", lot="0.0001", check=False)
    shown = repr(result)
    assert len(shown) < 160
    assert shown.startswith(f"<Result btc-usdt-perp/1d/macd_cross: {result.metrics.trades} trades, return ")
    assert shown.endswith(f", decisions {result.decision_hash[:12]}>")
    assert f"Sharpe {result.metrics.sharpe:.2f}" in shown


def test_a_fill_model_can_still_be_asked_what_nothing_buys():
    bars = market().bars("BTC", "1d")
    found = vigie.simulate(bars, tick="0.1", lot="0.0001", long_entry=[20], atr=bars.close * 0.02, capital=0)
    assert len(found.trades) == 0
    assert len(found.refusals) == 1
