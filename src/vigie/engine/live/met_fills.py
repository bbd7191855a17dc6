"""The fills of a run that were read from the book, each once: what a kept fold is done with is not read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeAlias

from vigie.domain.order import Fill
from vigie.ports.tradebook import TradeBook

Key: TypeAlias = tuple[str, str]


class MetFills:
    """Fills by instrument and id, with the order of their arrival.

    Attributes
    ----------
    number : int
        How many of the run's were read.
    by_order : dict of str to Decimal
        By the order's id, how much of it was filled, as far as those were let go.
    """

    def __init__(self) -> None:
        self.number = 0
        self.by_order: dict[str, Decimal] = {}
        self._known: dict[Key, tuple[int, Fill]] = {}

    def read(self, book: TradeBook, run: str) -> None:
        """Read what arrived since."""
        arrived = book.arrived(run, self.number)
        self._known |= numbered(arrived, self.number)
        self.number += len(arrived)

    def find(self, key: Key) -> Fill | None:
        """Return a fill by its instrument and id; None where it was not read, or is let go."""
        found = self._known.get(key)
        return None if found is None else found[1]

    def fills(self, more: Sequence[Fill] = ()) -> list[Fill]:
        """Return what is known, oldest first; of one time, in the order of arrival.

        Parameters
        ----------
        more : sequence of Fill
            That arrived since.
        """
        known = {**self._known, **numbered(more, self.number)}
        return [one for _, one in sorted(known.values(), key=lambda held: (held[1].ts, held[0]))]

    def let_go(self, keys: Iterable[Key], is_over: Callable[[Fill], bool]) -> None:
        """Let go of those of some fills that nobody asks for any more."""
        for key in keys:
            found = self.find(key)
            if found is not None and is_over(found):
                del self._known[key]
                if found.client_id:
                    heard = self.by_order.get(found.client_id, Decimal(0))
                    self.by_order[found.client_id] = heard + found.qty


def numbered(fills: Sequence[Fill], after: int) -> dict[Key, tuple[int, Fill]]:
    """Return fills with the order of their arrival, counted on from a number."""
    return {(one.instrument, one.id): (number, one) for number, one in enumerate(fills, start=after + 1)}
