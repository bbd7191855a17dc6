"""Bars and numbers made by hand for the tests of the market's answers."""

from __future__ import annotations

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.time import DAY_MS, HOUR_MS

START = 1_700_006_400_000 - 1_700_006_400_000 % DAY_MS


def bars(close, *, span=DAY_MS, start=START, volume=1000.0, width=0.02, ts=None):
    """Return bars with these closes; each opens at the close before."""
    close = np.asarray(close, dtype=np.float64)
    opened = np.concatenate([close[:1], close[:-1]])
    return Bars(
        instrument="abc-usdt-perp",
        span_ms=span,
        ts=start + span * np.arange(len(close), dtype=np.int64) if ts is None else np.asarray(ts),
        open=opened,
        high=np.maximum(opened, close) * (1 + width),
        low=np.minimum(opened, close) * (1 - width),
        close=close,
        volume=np.full(len(close), volume),
    )


def walk(n, *, seed=7, drift=0.0, scale=0.02, first=100.0):
    """Return a random walk of prices."""
    steps = np.random.default_rng(seed).normal(drift, scale, n)
    return first * np.exp(np.cumsum(steps))


def hours(close, **more):
    """Return hourly bars."""
    return bars(close, span=HOUR_MS, **more)
