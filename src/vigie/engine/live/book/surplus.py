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

    def cut_surplus(self, number: int, fills: Sequence[Fill], position_qty: Decimal) -> list[Fill]:
        """Take what of a position's closing fills is more than was held; return the others."""
        remaining, within = position_qty, []
        for fill in fills:
            part = min(fill.qty, remaining)
            remaining -= part
            if part == fill.qty:
                within.append(fill)
                continue
            if part:
                within.append(_split_fill(fill, part))
            self.add(number, _split_fill(fill, fill.qty - part))
        return within

    def net_qty(self, number: int) -> Decimal:
        """Return what is held of it: base units, positive is long."""
        return sum((fill.side * fill.qty for fill in self._fills.get(number, ())), Decimal(0))

    def open_slots(self) -> list[int]:
        """Return the slots that have to be rid of something."""
        return [number for number in self._fills if self.net_qty(number)]

    def all_fills(self) -> list[Fill]:
        """Return all that is not booked."""
        return [fill for fills in self._fills.values() for fill in fills]

    def take_closed(self) -> list[tuple[int, list[Fill]]]:
        """Return what is closed again, and forget it."""
        closed_slots = [number for number in self._fills if not self.net_qty(number)]
        return [(number, self._fills.pop(number)) for number in closed_slots]

    def remove_booked(self, instrument: str, ids: Collection[str]) -> None:
        """Forget what was booked."""
        for number, fills in list(self._fills.items()):
            remaining = [fill for fill in fills if fill.instrument != instrument or fill.id not in ids]
            if remaining:
                self._fills[number] = remaining
            else:
                del self._fills[number]


def _split_fill(fill: Fill, qty: Decimal) -> Fill:
    return replace(fill, qty=qty, fee=fill.fee * qty / fill.qty)


def net_result(fills: Sequence[Fill]) -> float:
    """Return what fills that leave nothing held gave, fees taken off."""
    return -float(sum((fill.side * fill.qty * fill.price + fill.fee for fill in fills), Decimal(0)))


def sum_fills(fills: Sequence[Fill]) -> tuple[Decimal, float, float]:
    """Return quantity, average price and fee of fills together."""
    qty = sum((fill.qty for fill in fills), Decimal(0))
    price = sum((fill.price * fill.qty for fill in fills), Decimal(0)) / qty
    return qty, float(price), float(sum((fill.fee for fill in fills), Decimal(0)))
