"""The fills of a run that were read from the book, each once: what a kept fold is done with is not read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeAlias

from vigie.domain.order import Fill
from vigie.ports.tradebook import TradeBook

Key: TypeAlias = tuple[str, str]


class FillCache:
    """Fills by instrument and id, with the order of their arrival.

    Attributes
    ----------
    number : int
        How many of the run's were read.
    dropped_by_order : dict of str to Decimal
        By the order's id, how much of it was filled, as far as those were let go.
    """

    def __init__(self) -> None:
        self.number = 0
        self.dropped_by_order: dict[str, Decimal] = {}
        self._known: dict[Key, tuple[int, Fill]] = {}

    def read_new(self, book: TradeBook, run: str) -> None:
        """Read what arrived since."""
        arrived = book.fills_after(run, self.number)
        self._known |= number_fills(arrived, self.number)
        self.number += len(arrived)

    def find(self, key: Key) -> Fill | None:
        """Return a fill by its instrument and id; None where it was not read, or is let go."""
        entry = self._known.get(key)
        return None if entry is None else entry[1]

    def fills(self, more: Sequence[Fill] = ()) -> list[Fill]:
        """Return what is known, oldest first; of one time, in the order of arrival.

        Parameters
        ----------
        more : sequence of Fill
            That arrived since.
        """
        known = {**self._known, **number_fills(more, self.number)}
        return [fill for _, fill in sorted(known.values(), key=lambda entry: (entry[1].ts, entry[0]))]

    def drop(self, keys: Iterable[Key], is_over: Callable[[Fill], bool]) -> None:
        """Let go of those of some fills that nobody asks for any more."""
        for key in keys:
            fill = self.find(key)
            if fill is not None and is_over(fill):
                del self._known[key]
                if fill.client_id:
                    dropped = self.dropped_by_order.get(fill.client_id, Decimal(0))
                    self.dropped_by_order[fill.client_id] = dropped + fill.qty


def number_fills(fills: Sequence[Fill], after: int) -> dict[Key, tuple[int, Fill]]:
    """Return fills with the order of their arrival, counted on from a number."""
    return {(fill.instrument, fill.id): (number, fill) for number, fill in enumerate(fills, start=after + 1)}
