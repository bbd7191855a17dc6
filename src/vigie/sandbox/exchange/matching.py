"""How the exchange and its market speak: the market moves prices and says what meets them, the books execute it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from vigie.sandbox.exchange.books import Books
from vigie.sandbox.exchange.words import Order


class Market(Protocol):
    """Where prices come from and when orders meet them; `model` and `path` are the two there are."""

    def now(self) -> int:
        """Return the exchange's time."""
        ...

    def last(self, symbol: str) -> Decimal | None:
        """Return the last price; None before the first."""
        ...

    def mark(self, symbol: str) -> Decimal | None:
        """Return the mark price."""
        ...

    def advance(self, books: Books) -> None:
        """Book everything that has happened up to now; asked before every request."""
        ...

    def take(self, books: Books, order: Order) -> None:
        """Meet an order that was just accepted: fill it now, or let it wait."""
        ...

    def state(self) -> Mapping[str, object]:
        """Return what must survive a restart, as plain JSON."""
        ...

    def resume(self, state: Mapping[str, object]) -> None:
        """Go on from what `state` returned."""
        ...
