"""Lots of one coin at one place, and which of them leave: fifo, lifo, hifo, specific, average.

A heap gives the next lot, so that a disposal costs the lots it takes and not those that lie there. Entries that a later
change has made wrong are passed over when they come up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from heapq import heappop, heappush

from vigie.intelligence.holdings.amounts import ZERO, book, share, share_coins
from vigie.intelligence.holdings.price_table import Ratio
from vigie.intelligence.holdings.records import NamedLot

METHODS = ("fifo", "lifo", "hifo", "specific", "average")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class HeldLot:
    """Coins that came in together.

    Attributes
    ----------
    id : str
        Of the event that brought them.
    acquired : datetime
        Kept when they move.
    order : int
        In which lots were booked; kept when they move.
    quantity : Decimal
        What is left.
    cost : Decimal or None
        Of what is left; unknown is nothing.
    """

    id: str
    acquired: datetime
    order: int
    quantity: Decimal
    cost: Decimal | None

    @property
    def age(self) -> tuple[datetime, int]:
        """What orders lots: the oldest first."""
        return self.acquired, self.order

    def part(self, quantity: Decimal, cost: Decimal | None) -> HeldLot:
        """Return coins of the same lot.

        Parameters
        ----------
        quantity : Decimal
            So many.
        cost : Decimal or None
            Theirs.

        Returns
        -------
        HeldLot
            Of the same id and age.
        """
        return HeldLot(self.id, self.acquired, self.order, quantity, cost)


@dataclass(frozen=True, slots=True)
class TakenLots:
    """What a disposal took.

    Attributes
    ----------
    parts : tuple of HeldLot
        Of the lots, in the order in which they left.
    missing : Decimal
        What was not there.
    is_unnamed : bool
        Whether a lot was named that is not there.
    """

    parts: tuple[HeldLot, ...]
    missing: Decimal
    is_unnamed: bool = False

    @property
    def quantity(self) -> Decimal:
        """All that was there."""
        return sum((part.quantity for part in self.parts), ZERO)


class LotQueue:
    """The lots of one coin at one place.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    """

    def __init__(self, method: str) -> None:
        self.method = method
        self.quantity = ZERO
        self._lots: dict[str, HeldLot] = {}
        self._heap: list[tuple[tuple[int | Decimal, ...], int, str]] = []
        self._pushed = 0
        self._newest: dict[str, int] = {}
        self._known = ZERO
        self._unknown = 0
        # Of a pool: one unknown cost makes it unknown until it is empty.
        self._is_lost = False

    @property
    def is_pool(self) -> bool:
        """Whether costs are an average of all."""
        return self.method == "average"

    @property
    def cost(self) -> Decimal | None:
        """Of all lots, unknown if one is."""
        return None if self._unknown or self._is_lost else self._known

    def by_age(self) -> list[HeldLot]:
        """Return all lots, the oldest first."""
        return sorted(self._lots.values(), key=lambda lot: lot.age)

    def put(self, lot: HeldLot) -> None:
        """Add coins; those of a lot that is there already join it.

        Parameters
        ----------
        lot : HeldLot
            Bought, or moved here.
        """
        self.quantity += lot.quantity
        if self.is_pool:
            self._is_lost = self._is_lost or lot.cost is None
            self._known += lot.cost or ZERO
            lot = lot.part(lot.quantity, None)
        there = self._lots.get(lot.id)
        if there is not None:
            self._forget(there)
            cost = None if lot.cost is None or there.cost is None else lot.cost + there.cost
            lot = there.part(there.quantity + lot.quantity, cost)
        self._keep(lot)

    def take(self, quantity: Decimal, named: Sequence[NamedLot] = ()) -> TakenLots:
        """Take coins out by the method, as many as there are.

        Parameters
        ----------
        quantity : Decimal
            Wanted.
        named : sequence of NamedLot
            What goes first by `specific`.

        Returns
        -------
        TakenLots
            Parts with their costs.
        """
        pool = self.cost
        before, left, is_unnamed = self.quantity, quantity, False
        parts: list[HeldLot] = []
        for one in named if self.method == "specific" else ():
            lot = self._lots.get(one.lot)
            is_unnamed = is_unnamed or lot is None or lot.quantity < one.quantity
            if lot is not None and left:
                parts.append(self._split(lot, min(one.quantity, lot.quantity, left)))
                left -= parts[-1].quantity
        while left and self.quantity:
            lot = self._next()
            parts.append(self._split(lot, min(lot.quantity, left)))
            left -= parts[-1].quantity
        if self.is_pool:
            parts = self._at_average(parts, pool, before)
        return TakenLots(tuple(parts), left, is_unnamed)

    def split_off(self, coins: Decimal, part: Ratio | None) -> list[HeldLot]:
        """Share new coins over the lots here, and part of their cost with them.

        Parameters
        ----------
        coins : Decimal
            All new coins.
        part : (Decimal, Decimal) or None
            Which part of the cost goes along; nothing where it is unknown, and then all costs are.

        Returns
        -------
        list of HeldLot
            Lots of the new coin, the oldest first.
        """
        lots = self.by_age()
        quantities = share_coins(coins, [lot.quantity for lot in lots])
        if self.is_pool:
            costs = self._split_pool(quantities, part)
        else:
            costs = [self._split_cost(lot, new, part) for lot, new in zip(lots, quantities, strict=True)]
        return [lot.part(new, cost) for lot, new, cost in zip(lots, quantities, costs, strict=True) if new]

    def _split_pool(self, quantities: list[Decimal], part: Ratio | None) -> list[Decimal | None]:
        if part is None:
            self._is_lost = True
        goes = None if self.cost is None or part is None else book(self._known * part[0] / part[1])
        if part is not None and not part[0]:
            goes = ZERO
        elif goes is not None:
            self._known -= goes
        shares = iter(share(goes, [one for one in quantities if one]))
        return [next(shares) if one else ZERO for one in quantities]

    def _split_cost(self, lot: HeldLot, new: Decimal, part: Ratio | None) -> Decimal | None:
        if not new or (part is not None and not part[0]):
            return ZERO
        goes = None if lot.cost is None or part is None else book(lot.cost * part[0] / part[1])
        self._forget(lot)
        self._keep(lot.part(lot.quantity, None if lot.cost is None or goes is None else lot.cost - goes))
        return goes

    def _at_average(self, parts: list[HeldLot], pool: Decimal | None, before: Decimal) -> list[HeldLot]:
        quantities = [part.quantity for part in parts]
        taken = sum(quantities, ZERO)
        goes = pool if pool is None or taken == before else book(pool * taken / before)
        self._known -= goes or ZERO
        if not self.quantity:
            self._known, self._is_lost = ZERO, False
        costs = share(goes, quantities)
        return [part.part(part.quantity, cost) for part, cost in zip(parts, costs, strict=True)]

    def _split(self, lot: HeldLot, quantity: Decimal) -> HeldLot:
        """Take a part of a lot; the whole takes all that is left of its cost."""
        self._forget(lot)
        self.quantity -= quantity
        if quantity == lot.quantity:
            return lot
        cost = None if lot.cost is None else book(lot.cost * quantity / lot.quantity)
        rest = None if lot.cost is None or cost is None else lot.cost - cost
        self._keep(lot.part(lot.quantity - quantity, rest))
        return lot.part(quantity, cost)

    def _next(self) -> HeldLot:
        while True:
            _, pushed, name = self._heap[0]
            if self._newest.get(name) == pushed:
                return self._lots[name]
            heappop(self._heap)

    def _keep(self, lot: HeldLot) -> None:
        self._lots[lot.id] = lot
        if not self.is_pool:
            self._unknown += lot.cost is None
            self._known += lot.cost or ZERO
        self._pushed += 1
        self._newest[lot.id] = self._pushed
        heappush(self._heap, (self._key(lot), self._pushed, lot.id))

    def _forget(self, lot: HeldLot) -> None:
        del self._lots[lot.id]
        del self._newest[lot.id]
        if not self.is_pool:
            self._unknown -= lot.cost is None
            self._known -= lot.cost or ZERO

    def _key(self, lot: HeldLot) -> tuple[int | Decimal, ...]:
        time = (lot.acquired - EPOCH) // MICROSECOND
        if self.method == "lifo":
            return -time, -lot.order
        if self.method == "hifo":
            unit = ZERO if lot.cost is None else lot.cost / lot.quantity
            return int(lot.cost is None), -unit, time, lot.order
        return time, lot.order
