"""Bars of every coin as a tape keeps them: prices as whole ticks, which take half the room of what they stand for."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import InvariantBroken
from vigie_sandbox.world.mapped_arrays import MakeArray
from vigie_sandbox.world.price_walk import COLUMNS, VOLUME

# Whatever reads a part of an axis: one place, a span, or places in any order.
AxisIndex = int | slice | IntArray
# What a reel that is full grows by: one part in so many.
_GROWTH: Final = 8


class BarBuffer:
    """Bars in a row, read like an array of shape (n_coins, 5, n_bars): exactly the numbers that were written.

    Volumes stay as they are: some have more lots than a number of four bytes counts.

    Parameters
    ----------
    ticks_per_unit : float64 array, shape (n_coins,)
        Ticks in one unit of money: a price is a whole number over this.
    capacity : int
        How many bars there is room for at first.
    empty : callable
        Makes the arrays.
    """

    def __init__(self, ticks_per_unit: FloatArray, capacity: int, empty: MakeArray = np.empty) -> None:
        self._scale, self._empty = ticks_per_unit, empty
        self._ticks: NDArray[np.int32] = empty((len(ticks_per_unit), VOLUME, capacity), np.int32)
        self._volumes: FloatArray = empty((len(ticks_per_unit), capacity), np.float64)
        self._count = 0

    def __len__(self) -> int:
        """Return how many bars of each coin there are."""
        return self._count

    def __getitem__(self, index: tuple[int | slice, int | slice, AxisIndex]) -> FloatArray:
        """Return a copy of what lies at coins, columns and places; axes that are read by one number are gone.

        Only what is named is made.
        """
        coins, columns, bar_index = index
        if isinstance(columns, slice):
            parts = [self[coins, column, bar_index] for column in range(*columns.indices(COLUMNS))]
            return np.stack(parts, axis=1 if isinstance(coins, slice) else 0)
        if columns == VOLUME:
            return self._volumes[:, : self._count][coins, bar_index].copy()
        ticks = self._ticks[:, columns, : self._count][coins, bar_index]
        scale = self._scale[coins]
        prices: FloatArray = ticks / (scale[:, None] if ticks.ndim == 2 else scale)
        return prices

    def append(self, bars: FloatArray) -> None:
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

    def drop_oldest(self, count: int) -> None:
        """Drop the oldest bars; those after them move up."""
        remaining = self._count - count
        # Coin by coin: what moves up is copied on the way.
        for ticks, volumes in zip(self._ticks, self._volumes, strict=True):
            ticks[:, :remaining] = ticks[:, count : self._count].copy()
            volumes[:remaining] = volumes[count : self._count].copy()
        self._count = remaining

    def resume(self, count: int) -> None:
        """Have so many bars that a fork of this process wrote into the arrays, which the two share."""
        self._count = count

    def _grow(self, capacity: int) -> None:
        former_ticks, former_volumes = self._ticks, self._volumes
        self._ticks = self._empty((*former_ticks.shape[:2], capacity), np.int32)
        self._volumes = self._empty((len(former_volumes), capacity), np.float64)
        self._ticks[:, :, : self._count] = former_ticks[:, :, : self._count]
        self._volumes[:, : self._count] = former_volumes[:, : self._count]
