"""The Python door: a result shows itself in one line; times and signals of other shapes are read as what they are."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import vigie
from tests.unit.services.backtest_material import market
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError

STEPS = {"tick": "0.1", "lot": "0.0001"}


def columns(bars: Bars) -> dict[str, np.ndarray]:
    return {name: getattr(bars, name) for name in ("open", "high", "low", "close")}


def traded(bars: Bars, ts: np.ndarray, **given) -> pl.DataFrame:
    asked = {**STEPS, "long_entry": [20, 50, 90], "atr": bars.close * 0.02, **given}
    return vigie.simulate({"timestamp": ts, **columns(bars)}, **asked).trades


@pytest.mark.parametrize("timeframe", ["1h", "4h", "1d"])
@pytest.mark.parametrize(("more", "less"), [(1, 1_000), (1_000, 1), (1_000_000, 1)], ids=["s", "us", "ns"])
def test_times_of_any_epoch_are_the_same_times(timeframe: str, more: int, less: int):
    bars = market().bars("BTC", timeframe)
    usual = traded(bars, bars.ts)
    assert len(usual)
    assert traded(bars, bars.ts * more // less).equals(usual)


def test_funding_and_marks_in_seconds_are_charged_beside_bars_in_milliseconds():
    bars = market().bars("BTC", "4h")
    rates, marks = np.full(len(bars), 0.001), bars.open * 2
    pairs = [list(zip((bars.ts // unit).tolist(), rates, strict=True)) for unit in (1, 1_000)]
    marked = [list(zip((bars.ts // unit).tolist(), marks, strict=True)) for unit in (1, 1_000)]
    usual = traded(bars, bars.ts, funding=pairs[0], mark=marked[0])
    assert usual["funding"].min() < 0
    assert traded(bars, bars.ts, funding=pairs[1], mark=marked[1]).equals(usual)


def test_bars_that_are_counted_from_nought_are_taken_as_they_are():
    bars = market().bars("BTC", "1d")
    ts = np.arange(len(bars)) * bars.span_ms
    late = int(ts[-1]) - bars.span_ms // 2
    found = traded(
        bars, ts, long_entry=[len(bars) - 3], stop_atr=90.0, target_atr=90.0, funding=[(late, 0.001)]
    )
    assert found["funding"].to_list() != [0.0]


@pytest.mark.parametrize("kind", [np.int64, np.uint8])
def test_signals_of_nought_and_one_are_no_indices(kind: type):
    bars = market().bars("BTC", "1d")
    flags = np.zeros(len(bars), kind)
    flags[[20, 50, 90]] = 1
    usual = traded(bars, bars.ts)
    assert traded(bars, bars.ts, long_entry=flags).equals(usual)
    assert traded(bars, bars.ts, long_entry=flags.tolist()).equals(usual)


def test_newest_first_is_refused():
    bars = market().bars("BTC", "1d")
    with pytest.raises(UsageError, match="times of bars must ascend"):
        traded(bars, bars.ts[::-1])


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


@pytest.mark.parametrize(
    "last",
    [np.datetime64("NaT"), np.datetime64("30000-01-01"), np.inf, 1e30, np.uint64(2**63 + 5)],
    ids=["none", "far", "infinite", "large", "wrapped"],
)
def test_a_time_that_is_none_is_refused_by_its_place(last: object):
    bars = market().bars("BTC", "1d")
    ts = bars.ts.astype("datetime64[ms]") if isinstance(last, np.datetime64) else bars.ts.astype(type(last))
    ts[-1] = last
    with pytest.raises(UsageError, match=f"timestamp must be a time, was .* at {len(bars) - 1}"):
        traded(bars, ts)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"significant_figures": 2.5}, "significant_figures must be a whole number, was 2.5"),
        ({"significant_figures": "3"}, "significant_figures must be a number, was '3'"),
        ({"min_qty": "3"}, "min_qty must be a number, was '3'"),
        ({"timeframe_ms": -5}, "timeframe_ms must be a whole number above 0, was -5"),
        ({"timeframe_ms": 0.5}, "timeframe_ms must be a whole number above 0, was 0.5"),
        (
            {"funding": [(0, 0.1)], "mark": [(0, 1.0), (0, 2.0)]},
            "mark must have one price a time, had two at 1970",
        ),
    ],
)
def test_what_would_be_read_as_something_else_is_refused(given: dict, words: str):
    bars = market().bars("BTC", "1d")
    with pytest.raises(UsageError, match=words):
        traded(bars, bars.ts, **given)


def test_a_backtest_of_no_bars_is_refused_in_words():
    none = {name: [] for name in ("timestamp", "open", "high", "low", "close")}
    with pytest.raises(UsageError, match="bars must not be empty"):
        vigie.backtest(none, "macd_cross", timeframe="1d", count=False, **STEPS)


def test_bars_without_a_name_are_refused_beyond_the_range_of_money_without_one():
    close = 100.0 + np.arange(20.0)
    bars = {
        "timestamp": np.arange(20) * 3_600_000,
        "open": close,
        "high": close + 0.5,
        "low": close - 0.5,
        "close": close,
    }
    with pytest.raises(UsageError, match="start with less capital"):
        vigie.simulate(bars, **STEPS, long_entry=[2], atr=np.full(20, 2.0), capital=8.99e10)
