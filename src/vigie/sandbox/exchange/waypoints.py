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
from vigie.domain.money import exact
from vigie.sandbox.exchange.grid import nearest_tick

_NEVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the way on which the price only rises or only falls; a jump takes no time."""

    ts_from: int
    price_from: Decimal
    ts_to: int
    price_to: Decimal

    @property
    def is_jump(self) -> bool:
        """Whether the prices between were never there."""
        return self.ts_from == self.ts_to

    def reaches(self, way: int, level: Decimal, price: Decimal) -> bool:
        """Whether the price, now at `price`, rises (`way` +1) or falls (-1) to a level or is beyond it already."""
        if way > 0:
            return max(price, self.price_to) >= level
        return min(price, self.price_to) <= level

    def time_of(self, price: Decimal) -> int:
        """Return when the price is there."""
        whole = self.price_to - self.price_from
        if not whole:
            return self.ts_to
        return self.ts_from + int((self.ts_to - self.ts_from) * (price - self.price_from) / whole)


class BarWalk:
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
        self._known: tuple[int, Sequence[tuple[int, Decimal]]] = (-1, ())

    def price(self, ts: int) -> Decimal | None:
        """Return the price at a time: None before the first bar, the last close in gaps and after the end."""
        place = self._place(ts)
        if place < 0:
            return None
        points = self._points(place)
        for (ts_from, price_from), (ts_to, price_to) in pairwise(points):
            if ts < ts_to:
                way = (price_to - price_from) * (ts - ts_from) / (ts_to - ts_from)
                return nearest_tick(price_from + way, self._tick) if way else price_from
        return points[-1][1]

    def stretches(self, ts_from: int, ts_to: int) -> Iterator[Stretch]:
        """Yield the way between two times, the jump at its end among it."""
        ts, price = ts_from, self.price(ts_from)
        while ts < ts_to:
            corner = min(self._next_corner(ts), ts_to)
            arrived = self._before(corner)
            if price is not None and arrived is not None:
                yield Stretch(ts, price, corner, arrived)
            ts, price = corner, self.price(corner)
            if arrived is not None and price is not None and price != arrived:
                yield Stretch(ts, arrived, ts, price)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _place(self, ts: int) -> int:
        return int(np.searchsorted(self._bars.ts, ts, side="right")) - 1

    def _points(self, place: int) -> Sequence[tuple[int, Decimal]]:
        """Return the four corners of a bar."""
        if self._known[0] != place:
            bars = self._bars
            ts, third = int(bars.ts[place]), bars.span_ms // 3
            high, low = exact(bars.high[place]), exact(bars.low[place])
            is_high_first = crc32(f"{self._seed}/{self._symbol}/{ts}".encode()) & 1
            first, second = (high, low) if is_high_first else (low, high)
            points = (
                (ts, exact(bars.open[place])),
                (ts + third, first),
                (ts + 2 * third, second),
                (ts + bars.span_ms, exact(bars.close[place])),
            )
            self._known = (place, points)
        return self._known[1]

    def _next_corner(self, ts: int) -> int:
        """Return the next time at which the price turns or jumps."""
        place = self._place(ts)
        if place >= 0:
            for corner, _ in self._points(place)[1:]:
                if ts < corner:
                    return corner
        if place + 1 < len(self._bars):
            return int(self._bars.ts[place + 1])
        return _NEVER

    def _before(self, ts: int) -> Decimal | None:
        """Return the price just before a time: at the turn of two bars the close of the first."""
        place = self._place(ts - 1)
        if place < 0:
            return None
        end = self._points(place)[-1]
        return end[1] if ts >= end[0] else self.price(ts)
