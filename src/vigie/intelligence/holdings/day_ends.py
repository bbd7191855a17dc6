"""What is held at the end of each day on which something happened, without walking over all lots again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from vigie.intelligence.holdings.amounts import ZERO, total
from vigie.intelligence.holdings.lots import LotQueue
from vigie.intelligence.holdings.records import DayEnd


class DayEnds:
    """Ends of days, written when the next day begins.

    Parameters
    ----------
    queues : mapping of (asset, place) to LotQueue
        The book's, read when a day ends.
    """

    def __init__(self, queues: Mapping[tuple[str, str], LotQueue]) -> None:
        self.found: list[DayEnd] = []
        self._queues = queues
        self._day: date | None = None
        self._touched: set[str] = set()
        self._held: dict[str, Decimal] = {}

    def begin(self, day: date | None) -> None:
        """Begin a day, or none more; the one before is over.

        Parameters
        ----------
        day : date or None
            Of the next event.
        """
        if day == self._day:
            return
        if self._day is not None:
            held = dict(self._held)
            for asset in self._touched:
                held[asset] = ZERO
            for (asset, _), queue in self._queues.items():
                if asset in self._touched:
                    held[asset] += queue.quantity
            self._held = {asset: quantity for asset, quantity in held.items() if quantity}
            cost = total([queue.cost for queue in self._queues.values()])
            self.found.append(DayEnd(self._day, self._held, cost))
        self._day = day
        self._touched = set()

    def touch(self, asset: str) -> None:
        """Tell that the quantity of a coin has changed.

        Parameters
        ----------
        asset : str
            The coin.
        """
        self._touched.add(asset)
