"""Fills on top of a position that was closed already, as where stop and target were both filled whole.

They are a position that nobody decided: it is closed at once, and what that cost is booked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from vigie.domain.order import Fill


@dataclass(frozen=True, slots=True)
class Surplus:
    """Fills that were too many, by slot, and those that close what they opened."""

    _fills: dict[int, list[Fill]] = field(default_factory=dict)

    def add(self, number: int, fill: Fill) -> None:
        """Take a fill that was too much, or one that makes that smaller."""
        self._fills.setdefault(number, []).append(fill)

    def beyond(self, number: int, fills: Sequence[Fill], held: Decimal) -> list[Fill]:
        """Take what of a position's closing fills is more than was held; return the others."""
        left, within = held, []
        for fill in fills:
            of_it = min(fill.qty, left)
            left -= of_it
            if of_it == fill.qty:
                within.append(fill)
                continue
            if of_it:
                within.append(_part(fill, of_it))
            self.add(number, _part(fill, fill.qty - of_it))
        return within

    def net(self, number: int) -> Decimal:
        """Return what is held of it: base units, positive is long."""
        return sum((fill.side * fill.qty for fill in self._fills.get(number, ())), Decimal(0))

    def open(self) -> list[int]:
        """Return the slots that have to be rid of something."""
        return [number for number in self._fills if self.net(number)]

    def fills(self) -> list[Fill]:
        """Return all that is not booked."""
        return [fill for fills in self._fills.values() for fill in fills]

    def closed(self) -> list[tuple[int, list[Fill]]]:
        """Return what is closed again, and forget it."""
        over = [number for number in self._fills if not self.net(number)]
        return [(number, self._fills.pop(number)) for number in over]

    def booked(self, instrument: str, ids: Collection[str]) -> None:
        """Forget what was booked."""
        for number, fills in list(self._fills.items()):
            left = [one for one in fills if one.instrument != instrument or one.id not in ids]
            if left:
                self._fills[number] = left
            else:
                del self._fills[number]


def _part(fill: Fill, qty: Decimal) -> Fill:
    return replace(fill, qty=qty, fee=fill.fee * qty / fill.qty)


def gained(fills: Sequence[Fill]) -> float:
    """Return what fills that leave nothing held gave, fees taken off."""
    return -float(sum((fill.side * fill.qty * fill.price + fill.fee for fill in fills), Decimal(0)))


def summed(fills: Sequence[Fill]) -> tuple[Decimal, float, float]:
    """Return quantity, average price and fee of fills together."""
    qty = sum((fill.qty for fill in fills), Decimal(0))
    price = sum((fill.price * fill.qty for fill in fills), Decimal(0)) / qty
    return qty, float(price), float(sum((fill.fee for fill in fills), Decimal(0)))
