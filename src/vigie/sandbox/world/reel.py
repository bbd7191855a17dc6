"""Bars of every coin as a tape keeps them: prices as whole ticks, which take half the room of what they stand for."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import InvariantBroken
from vigie.sandbox.world.walk import COLUMNS, VOLUME

# Whatever reads a part of an axis: one place, a span, or places in any order.
Where = int | slice | IntArray
# What a reel that is full grows by: one part in so many.
_GROWTH: Final = 8


class Reel:
    """Bars in a row, read like an array of shape (n_coins, 5, n_bars): exactly the numbers that were written.

    Volumes stay as they are: some have more lots than a number of four bytes counts.

    Parameters
    ----------
    ticks : float64 array, shape (n_coins,)
        Ticks in one unit of money: a price is a whole number over this.
    room : int
        How many bars there is room for at first.
    """

    def __init__(self, ticks: FloatArray, room: int) -> None:
        self._scale = ticks
        self._ticks: NDArray[np.int32] = np.empty((len(ticks), VOLUME, room), np.int32)
        self._volumes: FloatArray = np.empty((len(ticks), room))
        self._count = 0

    def __len__(self) -> int:
        """Return how many bars of each coin there are."""
        return self._count

    def __getitem__(self, at: tuple[int | slice, int | slice, Where]) -> FloatArray:
        """Return a copy of what lies at coins, columns and places; axes that are read by one number are gone.

        Only what is named is made.
        """
        coins, columns, places = at
        if isinstance(columns, slice):
            each = [self[coins, column, places] for column in range(*columns.indices(COLUMNS))]
            return np.stack(each, axis=1 if isinstance(coins, slice) else 0)
        if columns == VOLUME:
            return self._volumes[:, : self._count][coins, places].copy()
        ticks = self._ticks[:, columns, : self._count][coins, places]
        scale = self._scale[coins]
        prices: FloatArray = ticks / (scale[:, None] if ticks.ndim == 2 else scale)
        return prices

    def write(self, bars: FloatArray) -> None:
        """Put bars behind the last one.

        Parameters
        ----------
        bars : float64 array, shape (n_coins, 5, n_bars)
            Open, high, low, close and volume.

        Raises
        ------
        InvariantBroken
            If a price would not be given back as it is: it lies beside the grid, or farther than ticks are counted.
        """
        prices, scale = bars[:, :VOLUME], self._scale[:, None, None]
        with np.errstate(invalid="ignore"):
            ticks = np.rint(prices * scale).astype(np.int32)
        if not np.array_equal(ticks / scale, prices):
            raise InvariantBroken("prices must be whole ticks of fewer than 2**31, and some were not")
        end = self._count + bars.shape[2]
        if end > self._volumes.shape[1]:
            self._grow(end + end // _GROWTH)
        self._ticks[:, :, self._count : end] = ticks
        self._volumes[:, self._count : end] = bars[:, VOLUME]
        self._count = end

    def forget(self, count: int) -> None:
        """Drop the oldest bars; those after them move up."""
        left = self._count - count
        # Coin by coin: what moves up is copied on the way.
        for ticks, volumes in zip(self._ticks, self._volumes, strict=True):
            ticks[:, :left] = ticks[:, count : self._count].copy()
            volumes[:left] = volumes[count : self._count].copy()
        self._count = left

    def _grow(self, room: int) -> None:
        more = room - self._volumes.shape[1]
        self._ticks = np.concatenate(
            [self._ticks, np.empty((*self._ticks.shape[:2], more), np.int32)], axis=2
        )
        self._volumes = np.concatenate([self._volumes, np.empty((len(self._volumes), more))], axis=1)
