"""The way of a price through its bars: open, high and low in an order that the seed says, close, straight between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.money import to_decimal
from vigie_sandbox.exchange.core.grid import round_to_nearest_tick

_FAR_MS: Final = 2**62


@dataclass(frozen=True, slots=True)
class PathPoint:
    """A price at a time at which it may turn."""

    ts: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class PathSegment:
    """A part of the way between two corners, on which the price only rises or only falls; a jump takes no time.

    Attributes
    ----------
    start, end : PathPoint
        Between which the way is straight; times are told by them, so that they do not depend on the part.
    price_from, price_to : Decimal
        Of this part, not rounded.
    """

    start: PathPoint
    end: PathPoint
    price_from: Decimal
    price_to: Decimal

    @property
    def is_jump(self) -> bool:
        """Whether the prices between were never there."""
        return self.start.ts == self.end.ts

    def reaches(self, way: int, level: Decimal, price: Decimal) -> bool:
        """Whether the price, now at `price`, rises (`way` +1) or falls (-1) to a level or is beyond it already."""
        if way > 0:
            return max(price, self.price_to) >= level
        return min(price, self.price_to) <= level

    def compute_time(self, price: Decimal) -> int:
        """Return when the price is there."""
        rise = self.end.price - self.start.price
        if not rise:
            return self.end.ts
        return self.start.ts + int((self.end.ts - self.start.ts) * (price - self.start.price) / rise)


def make_jump(ts: int, price_from: Decimal, price_to: Decimal) -> PathSegment:
    """Return the stretch of a price that is suddenly another."""
    return PathSegment(PathPoint(ts, price_from), PathPoint(ts, price_to), price_from, price_to)


class PricePath:
    """The way of one contract.

    Parameters
    ----------
    symbol : str
        Enters the order of high and low, as the seed does.
    bars : Bars
        At least one.
    tick : Decimal
        Prices between open, high, low and close lie on this grid.
    """

    def __init__(self, symbol: str, bars: Bars, seed: int, tick: Decimal) -> None:
        if not len(bars):
            raise UsageError(f"the walk of {symbol} needs at least one bar")
        self._symbol = symbol
        self._bars = bars
        self._seed = seed
        self._tick = tick
        self._cached_points: tuple[int, Sequence[PathPoint]] = (-1, ())

    def get_price(self, ts: int) -> Decimal | None:
        """Return the price at a time: None before the first bar, the last close in gaps and after the end."""
        price = self._compute_price(ts)
        return None if price is None else round_to_nearest_tick(price, self._tick)

    def iterate_segments(self, ts_from: int, ts_to: int) -> Iterator[PathSegment]:
        """Yield the way between two times, the jump at its end among it."""
        ts = ts_from
        while ts < ts_to:
            start, end = self._find_points(ts)
            until_ms = min(end.ts, ts_to)
            price = self._compute_price(ts)
            end_price = end.price if until_ms == end.ts else self._compute_price(until_ms)
            if price is not None and end_price is not None:
                yield PathSegment(start, end, price, end_price)
                next_price = self._compute_price(until_ms)
                if next_price is not None and next_price != end_price:
                    yield make_jump(until_ms, end_price, next_price)
            ts = until_ms

    # -- inside ----------------------------------------------------------------------------------------------------

    def _compute_price(self, ts: int) -> Decimal | None:
        index = self._find_bar(ts)
        if index < 0:
            return None
        start, end = self._find_points(ts)
        if start.price == end.price:
            return end.price
        return start.price + (end.price - start.price) * (ts - start.ts) / (end.ts - start.ts)

    def _find_points(self, ts: int) -> tuple[PathPoint, PathPoint]:
        """Return the corners before and after a time; in gaps the price stands still from close to open."""
        index = self._find_bar(ts)
        if index >= 0:
            points = self._compute_points(index)
            for pair in pairwise(points):
                if ts < pair[1].ts:
                    return pair
        next_ts = int(self._bars.ts[index + 1]) if index + 1 < len(self._bars) else _FAR_MS
        close = to_decimal(self._bars.close[index]) if index >= 0 else Decimal(0)
        return PathPoint(ts, close), PathPoint(next_ts, close)

    def _find_bar(self, ts: int) -> int:
        return int(np.searchsorted(self._bars.ts, ts, side="right")) - 1

    def _compute_points(self, index: int) -> Sequence[PathPoint]:
        """Return the four corners of a bar."""
        if self._cached_points[0] != index:
            bars = self._bars
            ts, third_ms = int(bars.ts[index]), bars.span_ms // 3
            high, low = to_decimal(bars.high[index]), to_decimal(bars.low[index])
            is_high_first = crc32(f"{self._seed}/{self._symbol}/{ts}".encode()) & 1
            first, second = (high, low) if is_high_first else (low, high)
            points = (
                PathPoint(ts, to_decimal(bars.open[index])),
                PathPoint(ts + third_ms, first),
                PathPoint(ts + 2 * third_ms, second),
                PathPoint(ts + bars.span_ms, to_decimal(bars.close[index])),
            )
            self._cached_points = (index, points)
        return self._cached_points[1]
