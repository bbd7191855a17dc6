"""What happens inside a minute: sixty prices that end up in exactly the minute's bar.

The path starts at the open, ends at the close, touches high and low and leaves neither, so candles built
from what was seen second by second are the candles that are served later.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from vigie.domain.bar import FloatArray
from vigie_sandbox.world.hashed_random import uniforms
from vigie_sandbox.world.price_walk import CLOSE, HIGH, LOW, OPEN, VOLUME

SECONDS: Final = 60


class MinutePath(NamedTuple):
    """A minute of every coin, second by second; arrays have shape (n_coins, 60).

    Attributes
    ----------
    price : float64 array
        The last price in each second.
    high, low : float64 array
        Highest and lowest so far.
    volume : float64 array
        Volume so far, base units.
    """

    price: FloatArray
    high: FloatArray
    low: FloatArray
    volume: FloatArray


def simulate_seconds(bars: FloatArray, keys: np.ndarray, minute: int, scales: FloatArray) -> MinutePath:
    """Return the seconds of one minute.

    Parameters
    ----------
    bars : float64 array, shape (n_coins, 5)
        The minute's bar of each coin.
    keys : uint64 array, shape (n_coins,)
        What each coin's numbers come from.
    minute : int
        Minutes since the epoch.
    scales : float64 array, shape (n_coins, 2)
        Ticks and lots in one unit: prices and volumes lie on these grids.
    """
    draws = uniforms(keys[:, None], minute * 128 + np.arange(2 * SECONDS))
    first, high, low, last, volume = (bars[:, i, None] for i in (OPEN, HIGH, LOW, CLOSE, VOLUME))
    price_range = high - low
    noise = np.cumsum(draws[:, :SECONDS] - 0.5, axis=1)
    progress = np.linspace(0.0, 1.0, SECONDS)
    noise -= noise[:, :1] * (1.0 - progress) + noise[:, -1:] * progress
    path = np.clip(first + (last - first) * progress + 0.22 * price_range * noise, low, high)
    tick = scales[:, :1]
    path = np.clip(np.rint(path * tick) / tick, low, high)
    rows = np.arange(len(path))
    top = 1 + np.argmax(path[:, 1:-1], axis=1)
    bottom = 1 + np.argmin(path[:, 1:-1], axis=1)
    bottom = np.where(top == bottom, top % (SECONDS - 2) + 1, bottom)
    path[rows, top] = high[:, 0]
    path[rows, bottom] = low[:, 0]
    path[:, 0] = first[:, 0]
    path[:, -1] = last[:, 0]
    moves = np.abs(np.diff(path, axis=1, prepend=path[:, :1]))
    weight = np.cumsum(
        0.1 + draws[:, SECONDS:] + SECONDS * 0.05 * moves / np.maximum(price_range, 1e-12), axis=1
    )
    lot = scales[:, 1:]
    so_far = np.rint(volume * weight / weight[:, -1:] * lot) / lot
    so_far[:, -1] = volume[:, 0]
    return MinutePath(
        path,
        np.maximum.accumulate(path, axis=1),
        np.minimum.accumulate(path, axis=1),
        np.minimum(so_far, volume),
    )
