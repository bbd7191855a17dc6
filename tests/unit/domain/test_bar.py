"""Bars: gaps, slices, features known in time, and the memory of indicators."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.domain.bar import Bars
from vigie.domain.errors import DataError
from vigie.domain.time import HOUR_MS


def make(n: int = 6, *, hours: list[int] | None = None, **more: object) -> Bars:
    ts = np.array(hours if hours is not None else range(n), np.int64) * HOUR_MS
    price = np.linspace(10.0, 11.0, len(ts))
    return Bars("btc-usdt-perp", HOUR_MS, ts, price, price + 1, price - 1, price, np.ones(len(ts)), **more)


def test_arrays_of_another_length_are_refused():
    bars = make()
    with pytest.raises(DataError, match="close must have 6 values like ts, had 5"):
        Bars("x", HOUR_MS, bars.ts, bars.open, bars.high, bars.low, bars.close[:-1], bars.volume)


def test_a_gap_is_named_by_the_bar_after_it():
    assert make(hours=[0, 1, 4, 5, 9]).gaps.tolist() == [2, 4]
    assert make().gaps.tolist() == []


def test_a_slice_keeps_prices_features_and_names():
    bars = make(features={"funding_rate": np.arange(6.0)}, venue="binance-perp")
    part = bars.slice(2, 5)
    assert part.ts.tolist() == bars.ts[2:5].tolist()
    assert part.feature("funding_rate").tolist() == [2.0, 3.0, 4.0]
    assert (part.instrument, part.venue, part.timeframe, len(part)) == (
        "btc-usdt-perp",
        "binance-perp",
        "1h",
        3,
    )


def test_a_feature_that_was_not_given_is_not_known():
    assert np.isnan(make().feature("open_interest")).all()


def test_an_indicator_is_computed_once_for_the_same_arrays_and_numbers():
    calls = []

    def double(values: np.ndarray, factor: float) -> np.ndarray:
        calls.append(factor)
        return values * factor

    bars = make()
    first = bars.of(double, bars.close, 2.0)
    assert bars.of(double, bars.close, 2.0) is first
    bars.of(double, bars.close, 3.0)
    bars.of(double, bars.high, 2.0)
    assert calls == [2.0, 3.0, 2.0]


def test_equal_arrays_that_are_not_the_same_are_told_apart():
    calls = []

    def note(values: np.ndarray) -> np.ndarray:
        calls.append(len(values))
        return values

    bars = make()
    for _ in range(5):
        bars.of(note, bars.close + 0.0)
    assert len(calls) == 5


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("vigie.domain.bar.MEMO_BYTES", 1)
    calls = []

    def note(values: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        calls.append(number)
        return values, values

    bars = make()
    for number in (*range(9), 0, 8):
        bars.of(note, bars.close, number)
    assert calls == [*range(9), 0]


def bases(values):
    while values is not None:
        yield values
        values = getattr(values, "base", None)


def test_bars_apart_lead_to_no_array_that_can_be_written_to():
    bars = make(5)
    apart = bars.apart()
    assert apart is bars.apart()
    assert apart is apart.apart()
    assert apart is apart.sealed()
    remembered = apart.of(lambda values: (values * 2.0, values + 1.0), apart.close)
    for name in ("ts", "open", "high", "low", "close", "volume"):
        assert np.array_equal(getattr(apart, name), getattr(bars, name))
        assert not np.shares_memory(getattr(apart, name), getattr(bars, name))
    for values in (apart.ts, apart.open, apart.close, apart.volume, *remembered):
        *arrays, last = bases(values)
        assert type(last) is bytes
        for one in arrays:
            with pytest.raises(ValueError, match=r"WRITEABLE|read-only"):
                one.flags.writeable = True


def test_no_bars_apart_are_no_bars():
    assert len(make(0).apart()) == 0


def test_slices_remember_for_themselves():
    bars = make()

    def total(values: np.ndarray) -> float:
        return np.cumsum(values)

    whole = bars.of(total, bars.close)
    part = bars.slice(0, 3)
    assert len(part.of(total, part.close)) == 3
    assert len(whole) == 6
