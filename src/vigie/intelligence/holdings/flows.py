"""Money put in and taken out, day by day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from vigie.intelligence.holdings.amounts import ZERO
from vigie.intelligence.holdings.records import DayFlow


class FlowBook:
    """Flows while they are being added up; what has an unknown part is unknown."""

    def __init__(self) -> None:
        self._in: dict[date, Decimal | None] = {}
        self._out: dict[date, Decimal | None] = {}

    def add_in(self, day: date, amount: Decimal | None) -> None:
        """Add money put in.

        Parameters
        ----------
        day : date
            When.
        amount : Decimal or None
            How much.
        """
        _add(self._in, day, amount)

    def add_out(self, day: date, amount: Decimal | None) -> None:
        """Add money taken out; less than nothing was put in.

        Parameters
        ----------
        day : date
            When.
        amount : Decimal or None
            How much.
        """
        if amount is not None and amount < 0:
            _add(self._in, day, -amount)
        else:
            _add(self._out, day, amount)

    def by_day(self) -> dict[date, DayFlow]:
        """Return the flows of each day that has some.

        Returns
        -------
        dict of date to DayFlow
            Ascending.
        """
        return {
            day: DayFlow(self._in.get(day, ZERO), self._out.get(day, ZERO))
            for day in sorted({*self._in, *self._out})
        }


def _add(sums: dict[date, Decimal | None], day: date, amount: Decimal | None) -> None:
    before = sums.get(day, ZERO)
    sums[day] = None if before is None or amount is None else before + amount
