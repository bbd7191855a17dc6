"""How the exchange and its market speak: the market moves prices and says what meets them, the books execute it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from vigie_sandbox.exchange.core.entities import Order
from vigie_sandbox.exchange.core.ledger import ExchangeLedger


class ExchangeMarket(Protocol):
    """Where prices come from and when orders meet them; `model` and `path` are the two there are."""

    def now(self) -> int:
        """Return the time up to which everything is booked."""
        ...

    def last(self, symbol: str) -> Decimal | None:
        """Return the last price; None before the first."""
        ...

    def mark(self, symbol: str) -> Decimal | None:
        """Return the mark price."""
        ...

    def get_taker_price(self, ledger: ExchangeLedger, symbol: str, side: int) -> Decimal | None:
        """Return what a market order would pay now, slippage included."""
        ...

    def advance(self, ledger: ExchangeLedger) -> None:
        """Book everything that has happened up to now; asked before every request."""
        ...

    def match_order(self, ledger: ExchangeLedger, order: Order) -> None:
        """Meet an order that was just accepted: fill it now, or let it wait."""
        ...

    def state(self) -> Mapping[str, Any]:
        """Return what must survive a restart, as plain JSON; ``at`` is the time reached."""
        ...

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        ...
