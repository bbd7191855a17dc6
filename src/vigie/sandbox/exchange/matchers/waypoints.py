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
from vigie.sandbox.exchange.core.grid import nearest_tick

_NEVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Corner:
    """A price at a time at which it may turn."""

    ts: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the way between two corners, on which the price only rises or only falls; a jump takes no time.

    Attributes
    ----------
    start, end : Corner
        Between which the way is straight; times are told by them, so that they do not depend on the part.
    price_from, price_to : Decimal
        Of this part, not rounded.
    """

    start: Corner
    end: Corner
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

    def time_of(self, price: Decimal) -> int:
        """Return when the price is there."""
        whole = self.end.price - self.start.price
        if not whole:
            return self.end.ts
        return self.start.ts + int((self.end.ts - self.start.ts) * (price - self.start.price) / whole)


def jump(ts: int, price_from: Decimal, price_to: Decimal) -> Stretch:
    """Return the stretch of a price that is suddenly another."""
    return Stretch(Corner(ts, price_from), Corner(ts, price_to), price_from, price_to)


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
        self._known: tuple[int, Sequence[Corner]] = (-1, ())

    def price(self, ts: int) -> Decimal | None:
        """Return the price at a time: None before the first bar, the last close in gaps and after the end."""
        price = self._exact(ts)
        return None if price is None else nearest_tick(price, self._tick)

    def stretches(self, ts_from: int, ts_to: int) -> Iterator[Stretch]:
        """Yield the way between two times, the jump at its end among it."""
        ts = ts_from
        while ts < ts_to:
            start, end = self._leg(ts)
            until = min(end.ts, ts_to)
            price = self._exact(ts)
            arrived = end.price if until == end.ts else self._exact(until)
            if price is not None and arrived is not None:
                yield Stretch(start, end, price, arrived)
                after = self._exact(until)
                if after is not None and after != arrived:
                    yield jump(until, arrived, after)
            ts = until

    # -- inside ----------------------------------------------------------------------------------------------------

    def _exact(self, ts: int) -> Decimal | None:
        place = self._place(ts)
        if place < 0:
            return None
        start, end = self._leg(ts)
        if start.price == end.price:
            return end.price
        return start.price + (end.price - start.price) * (ts - start.ts) / (end.ts - start.ts)

    def _leg(self, ts: int) -> tuple[Corner, Corner]:
        """Return the corners before and after a time; in gaps the price stands still from close to open."""
        place = self._place(ts)
        if place >= 0:
            corners = self._corners(place)
            for leg in pairwise(corners):
                if ts < leg[1].ts:
                    return leg
        next_ts = int(self._bars.ts[place + 1]) if place + 1 < len(self._bars) else _NEVER
        close = exact(self._bars.close[place]) if place >= 0 else Decimal(0)
        return Corner(ts, close), Corner(next_ts, close)

    def _place(self, ts: int) -> int:
        return int(np.searchsorted(self._bars.ts, ts, side="right")) - 1

    def _corners(self, place: int) -> Sequence[Corner]:
        """Return the four corners of a bar."""
        if self._known[0] != place:
            bars = self._bars
            ts, third = int(bars.ts[place]), bars.span_ms // 3
            high, low = exact(bars.high[place]), exact(bars.low[place])
            is_high_first = crc32(f"{self._seed}/{self._symbol}/{ts}".encode()) & 1
            first, second = (high, low) if is_high_first else (low, high)
            corners = (
                Corner(ts, exact(bars.open[place])),
                Corner(ts + third, first),
                Corner(ts + 2 * third, second),
                Corner(ts + bars.span_ms, exact(bars.close[place])),
            )
            self._known = (place, corners)
        return self._known[1]
