"""Simulated bars for the tests of indicators, and how to call any registered indicator on them."""

from __future__ import annotations

import numpy as np

from vigie.domain.time import HOUR_MS

Columns = dict[str, np.ndarray]


def walk(n_bars: int, seed: int = 1, *, tick: float = 0.0) -> Columns:
    """Bars of a random walk by column name, hourly from a midnight on."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.standard_t(4, n_bars) * 0.004))
    opening = close * np.exp(rng.normal(0.0, 0.002, n_bars))
    high = np.maximum(opening, close) * (1.0 + np.abs(rng.normal(0.0, 0.003, n_bars)))
    low = np.minimum(opening, close) * (1.0 - np.abs(rng.normal(0.0, 0.003, n_bars)))
    columns = {"open": opening, "high": high, "low": low, "close": close}
    if tick:
        columns = {name: np.round(column / tick) * tick for name, column in columns.items()}
    return {
        **columns,
        "volume": rng.lognormal(3.0, 1.0, n_bars),
        "values": columns["close"],
        "other": columns["close"] * 0.5 + np.cumsum(rng.normal(0.0, 0.5, n_bars)),
        "ts": 19_000 * 24 * HOUR_MS + np.arange(n_bars, dtype=np.int64) * HOUR_MS,
    }


def constant(n_bars: int, price: float, volume: float) -> Columns:
    """Bars that never move."""
    columns = dict.fromkeys(("open", "high", "low", "close", "values", "other"), np.full(n_bars, price))
    return {**columns, "volume": np.full(n_bars, volume), "ts": np.arange(n_bars, dtype=np.int64) * HOUR_MS}


def answer(indicator, columns: Columns, **parameters) -> tuple[np.ndarray, ...]:
    """Call a registered indicator; always a tuple."""
    out = indicator.function(*(columns[name] for name in indicator.inputs), **parameters)
    return out if isinstance(out, tuple) else (out,)


def cut(columns: Columns, start: int, stop: int) -> Columns:
    """Bars `start` to `stop`, copied, so that no view can look beyond."""
    return {name: column[start:stop].copy() for name, column in columns.items()}
