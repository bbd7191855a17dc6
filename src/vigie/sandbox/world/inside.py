"""What happens inside a minute: sixty prices that end up in exactly the minute's bar.

The path starts at the open, ends at the close, touches high and low and leaves neither, so candles built
from what was seen second by second are the candles that are served later.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.sandbox.world.grains import uniforms
from vigie.sandbox.world.walk import CLOSE, HIGH, LOW, OPEN, VOLUME

SECONDS: Final = 60


class Minute(NamedTuple):
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


def seconds_of(bars: FloatArray, keys: np.ndarray, minute: int, scales: FloatArray) -> Minute:
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
    u = uniforms(keys[:, None], minute * 128 + np.arange(2 * SECONDS))
    first, high, low, last, volume = (bars[:, i, None] for i in (OPEN, HIGH, LOW, CLOSE, VOLUME))
    reach = high - low
    noise = np.cumsum(u[:, :SECONDS] - 0.5, axis=1)
    way = np.linspace(0.0, 1.0, SECONDS)
    noise -= noise[:, :1] * (1.0 - way) + noise[:, -1:] * way
    path = np.clip(first + (last - first) * way + 0.22 * reach * noise, low, high)
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
    moved = np.abs(np.diff(path, axis=1, prepend=path[:, :1]))
    weight = np.cumsum(0.1 + u[:, SECONDS:] + SECONDS * 0.05 * moved / np.maximum(reach, 1e-12), axis=1)
    lot = scales[:, 1:]
    so_far = np.rint(volume * weight / weight[:, -1:] * lot) / lot
    so_far[:, -1] = volume[:, 0]
    return Minute(
        path,
        np.maximum.accumulate(path, axis=1),
        np.minimum.accumulate(path, axis=1),
        np.minimum(so_far, volume),
    )
