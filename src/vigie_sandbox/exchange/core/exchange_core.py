"""What every desk of the exchange stands on: the books, the market, the memory and those who listen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

from vigie_sandbox.exchange.core.account import ExchangeAccount, compute_unrealised
from vigie_sandbox.exchange.core.entities import (
    ZERO,
    Contract,
    EventListener,
    ExchangeEvent,
    ExchangeRefusal,
    Money,
    Order,
)
from vigie_sandbox.exchange.core.journal import ExchangeJournal
from vigie_sandbox.exchange.core.ledger import ExchangeLedger
from vigie_sandbox.exchange.core.matching import ExchangeMarket

_STATE_KEY: Final = ("house", "")
# Between changes the market's time is written down this often.
_MAX_CLOCK_LAG_MS: Final = 60_000


class ExchangeCore:
    """The exchange without its desks.

    Parameters
    ----------
    contracts : sequence of Contract
        What is traded; rules that were changed before a restart stay changed.
    market : ExchangeMarket
        `ModelMarket` or `PathMarket`.
    journal : ExchangeJournal
        What was before is read from it.
    """

    def __init__(
        self, contracts: Sequence[Contract], market: ExchangeMarket, journal: ExchangeJournal | None = None
    ) -> None:
        self._ledger = ExchangeLedger(contracts)
        self._market = market
        self._journal = journal or ExchangeJournal()
        self._listeners: list[EventListener] = []
        self._seq = 0
        self._committed_state: Mapping[str, Any] = {}
        self._load()

    def _load(self) -> None:
        rows = self._journal.load()
        state_row = rows.get(_STATE_KEY)
        self._ledger.restore(rows)
        if state_row is not None:
            self._seq, self._ledger.number = state_row["seq"], state_row["number"]
            self._ledger.restore_planned_errors(state_row["wishes"])
            self._market.resume(state_row["market"])
        self._journal.rewrite(self._iterate_rows())

    def _iterate_rows(self) -> Iterator[tuple[tuple[str, str], Any]]:
        yield from self._ledger.iterate_rows()
        yield _STATE_KEY, self._make_state_row()

    def _make_state_row(self) -> dict[str, Any]:
        return {
            "seq": self._seq,
            "number": self._ledger.number,
            "wishes": self._ledger.planned_errors(),
            "market": self._market.state(),
        }

    # -- changes ---------------------------------------------------------------------------------------------------

    @contextmanager
    def change(self) -> Iterator[ExchangeLedger]:
        """Change the books as one whole: remembered, then told, when the block ends.

        What the market did up to now is booked first. A refusal within the block leaves the books as they were.
        """
        self._market.advance(self._ledger)
        self._ledger.expire_countdowns(self._market.now())
        try:
            yield self._ledger
        finally:
            self._commit()

    def tick(self) -> None:
        """Book what the market did up to now; asked regularly so that events come without requests."""
        with self.change():
            pass

    def _commit(self) -> None:
        rows, pending = self._ledger.take_changes()
        state = self._market.state()
        at = state["at"]
        state = {**state, **self._ledger.planned_errors(), "at": at // _MAX_CLOCK_LAG_MS}
        if not rows and state == self._committed_state:
            return
        self._committed_state = state
        events = []
        for kind, account, ts, body in pending:
            self._seq += 1
            events.append(ExchangeEvent(self._seq, kind, account, ts, body))
        for account in dict.fromkeys(account for kind, account, _, _ in pending if kind in ("order", "bill")):
            self._seq += 1
            events.append(
                ExchangeEvent(
                    self._seq, "balance", account, at, self._compute_money(self._ledger.accounts[account])
                )
            )
        rows[_STATE_KEY] = self._make_state_row()
        self._journal.append(
            rows
        )  # an error here ends the process: what is told later must not be ahead of the file
        if self._journal.is_oversized:
            self._journal.rewrite(self._iterate_rows())
        for event in events:
            for listener in tuple(self._listeners):
                listener(event)

    def subscribe(self, listener: EventListener) -> Callable[[], None]:
        """Call back with every event from now on, in order, after it is remembered; returns what ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    @property
    def seq(self) -> int:
        """Number of the last event."""
        return self._seq

    def now(self) -> int:
        """Return the time up to which everything is booked."""
        return self._market.now()

    # -- what is known ---------------------------------------------------------------------------------------------

    def contracts(self) -> Sequence[Contract]:
        """Return the rules of every contract."""
        return list(self._ledger.contracts.values())

    def contract(self, symbol: str) -> Contract:
        """Return the rules of one contract."""
        return self._ledger.require_contract(symbol)

    def halts(self, symbol: str) -> Sequence[tuple[int, int]]:
        """Return when a contract was not traded: from a time on, up to another."""
        return self._ledger.halts.get(symbol, ())

    def last(self, symbol: str) -> Decimal | None:
        """Return the last price of a contract."""
        return self._market.last(symbol)

    def mark(self, symbol: str) -> Decimal | None:
        """Return the mark price of a contract."""
        return self._market.mark(symbol)

    def accounts(self) -> Sequence[str]:
        """Return the names of all accounts."""
        return list(self._ledger.accounts)

    def money(self, account: str) -> Money:
        """Return what an account has."""
        self.tick()
        return self._compute_money(self._ledger.require_account(account))

    def _compute_money(self, account: ExchangeAccount) -> Money:
        unrealised = margin = ZERO
        for position in account.positions.values():
            unrealised += compute_unrealised(position, self._market.mark(position.symbol) or position.entry)
            margin += position.margin
        frozen = sum(
            (self._compute_order_margin(account, order) for order in account.open_orders.values()), ZERO
        )
        equity = account.cash + unrealised
        available = max(ZERO, equity - margin - frozen)
        return Money(
            account.name, account.cash, equity, unrealised, margin, frozen, available, self._market.now()
        )

    def _compute_order_margin(self, account: ExchangeAccount, order: Order) -> Decimal:
        """Return the margin that an open order binds: for what it would open."""
        if order.reduce_only:
            return ZERO
        price = order.price or self._market.get_taker_price(self._ledger, order.symbol, order.side)
        position = account.positions.get((order.symbol, order.hold))
        closes = position.qty if position is not None and position.side == -order.side else ZERO
        return max(ZERO, order.rest - closes) * (price or ZERO) / order.leverage

    def _require_price(self, symbol: str) -> Decimal:
        price = self._market.last(symbol)
        if price is None:
            raise ExchangeRefusal("no_price", f"{symbol} has no price yet")
        return price
