"""The desk of orders: place, change, cancel, ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from vigie.sandbox.exchange.core.account import Account, of_symbol
from vigie.sandbox.exchange.core.books import Books
from vigie.sandbox.exchange.core.checks import (
    check_client_id,
    check_form,
    check_levels,
    check_price,
    check_qty,
    check_status,
)
from vigie.sandbox.exchange.core.floor import Floor
from vigie.sandbox.exchange.core.words import ZERO, Ask, Contract, Hold, Order, Refused, Trade


class OrderDesk(Floor):
    """What an account does with orders."""

    def place(self, account: str, ask: Ask) -> Order:
        """Take an order; returned as it is after it has met the market."""
        with self.change() as books:
            return self._place(books, books.account(account), ask)

    def modify(
        self, account: str, order_id: str, *, new_client_id: str, qty: Decimal, price: Decimal
    ) -> Order:
        """Cancel a limit order and place another in its stead."""
        with self.change() as books:
            holder = books.account(account)
            old = _changeable(holder, order_id)
            contract = books.contract(old.symbol)
            check_client_id(new_client_id, holder.client_ids)
            check_qty(contract, qty)
            check_price(contract, price)
            books.cancel(old, self._market.now(), "modified")
            return self._place(books, holder, _ask_again(old, new_client_id, qty, price))

    def amend(self, account: str, order_id: str, *, qty: Decimal, price: Decimal) -> Order:
        """Change a limit order in place: it keeps ids and fills; one that would be filled by then is cancelled."""
        with self.change() as books:
            holder = books.account(account)
            old = _changeable(holder, order_id)
            contract = books.contract(old.symbol)
            check_status(contract, reduces=old.reduce_only)
            check_qty(contract, qty)
            limit = check_price(contract, price)
            taken = self._market.taken(books, old.symbol, old.side)
            would_take = taken is not None and (limit - taken) * old.side >= 0
            if qty <= old.filled or (old.force == "post_only" and would_take):
                return books.cancel(old, self._market.now(), "modified")
            self._check_more(holder, old, replace(old, qty=qty, price=limit))
            books.keep_order(replace(old, qty=qty, price=limit, ts_updated=self._market.now()))
            self._market.take(books, holder.orders[old.id])
            return holder.orders[old.id]

    def cancel(self, account: str, *, order_id: str = "", client_id: str = "") -> Order:
        """End an order; ``order_not_found`` where there never was one, ``order_ended`` where it is over."""
        with self.change() as books:
            order = _found(books.account(account), order_id, client_id)
            if not order.is_open:
                raise Refused("order_ended", f"order {order.id} is {order.state}")
            return books.cancel(order, self._market.now(), "asked")

    def order(self, account: str, *, order_id: str = "", client_id: str = "") -> Order | None:
        """Return an order by either id, whatever became of it."""
        self.tick()
        return self._books.account(account).order(order_id, client_id)

    def open_orders(self, account: str, symbol: str = "") -> Sequence[Order]:
        """Return the orders that may still trade, oldest first."""
        self.tick()
        return of_symbol(self._books.account(account).open_orders.values(), symbol)

    def order_history(self, account: str, symbol: str = "") -> Sequence[Order]:
        """Return all orders, oldest first, those of the exchange's own among them."""
        self.tick()
        return of_symbol(self._books.account(account).orders.values(), symbol)

    def trades(self, account: str, symbol: str = "", order_id: str = "") -> Sequence[Trade]:
        """Return all trades, oldest first."""
        self.tick()
        trades = of_symbol(self._books.account(account).trades, symbol)
        return [one for one in trades if order_id in ("", one.order_id)]

    def close_position(self, account: str, symbol: str, hold: Hold = "net") -> Order:
        """Close a position at the market, whatever its size."""
        with self.change() as books:
            holder = books.account(account)
            check_status(books.contract(symbol), reduces=True)
            position = holder.positions.get((symbol, hold))
            if position is None:
                raise Refused("no_position", f"there is no position in {symbol}")
            ask = Ask("", symbol, -position.side, "market", position.qty, reduce_only=True, hold=hold)
            return self._accept(books, holder, ask)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _place(self, books: Books, holder: Account, ask: Ask) -> Order:
        contract = books.contract(ask.symbol)
        check_client_id(ask.client_id, holder.client_ids)
        check_status(contract, reduces=ask.reduce_only)
        check_form(holder, ask)
        check_qty(contract, ask.qty)
        self._check_prices(contract, ask)
        if ask.reduce_only:
            self._check_reduces(holder, ask)
        else:
            self._check_money(contract, holder, ask)
        return self._accept(books, holder, ask)

    def _check_prices(self, contract: Contract, ask: Ask) -> None:
        price = self._priced(ask.symbol)
        for name, value in (("stop price", ask.stop_limit), ("target price", ask.target_limit)):
            if value is not None:
                check_price(contract, value, name=name)
        if ask.kind == "limit":
            limit = check_price(contract, ask.price)
            taken = self._market.taken(self._books, ask.symbol, ask.side) or price
            if ask.force == "post_only" and (limit - taken) * ask.side >= 0:
                raise Refused("would_take", f"a post-only order at {limit} would trade at once")
            price = limit
        check_levels(contract, ask.side, price, ask.stop, ask.target)

    def _check_reduces(self, holder: Account, ask: Ask) -> None:
        held = holder.positions.get((ask.symbol, ask.hold))
        if held is None or held.side == ask.side:
            raise Refused("no_position", f"there is no position in {ask.symbol} that this order would reduce")

    def _check_money(self, contract: Contract, holder: Account, ask: Ask) -> None:
        price = ask.price or self._market.taken(self._books, ask.symbol, ask.side) or self._priced(ask.symbol)
        held = holder.positions.get((ask.symbol, ask.hold))
        closes = held.qty if held is not None and held.side == -ask.side else ZERO
        opens = max(ZERO, ask.qty - closes)
        if opens and ask.qty * price < contract.min_notional:
            worth = ask.qty * price
            raise Refused(
                "too_small", f"an order must be worth at least {contract.min_notional}, was {worth}"
            )
        margin = opens * price / holder.leverage(ask.symbol, ask.hold)
        available = self._money(holder).available
        # Whole lots by floating arithmetic may want the last billionth more than there is.
        if margin > available + margin * Decimal("1e-9"):
            raise Refused("no_balance", f"the order needs {margin} and {available} is available")

    def _check_more(self, holder: Account, old: Order, new: Order) -> None:
        """See that there is money for what an order asks for beyond what it did."""
        more = new.rest * (new.price or ZERO) - old.rest * (old.price or ZERO)
        margin = more / holder.leverage(old.symbol, old.hold)
        available = self._money(holder).available
        if not old.reduce_only and margin > available:
            raise Refused("no_balance", f"the change needs {margin} and {available} is available")

    def _accept(self, books: Books, holder: Account, ask: Ask) -> Order:
        now = self._market.now()
        if ask.reduce_only:
            _make_room(books, holder, ask, now)
        order = books.new_order(
            account=holder.name, client_id=ask.client_id, symbol=ask.symbol, side=ask.side, kind=ask.kind,
            qty=ask.qty, price=ask.price if ask.kind == "limit" else None, reduce_only=ask.reduce_only,
            hold=ask.hold, force=ask.force, margin_mode=ask.margin_mode or holder.margin_mode(ask.symbol),
            leverage=holder.leverage(ask.symbol, ask.hold), ts=now, ts_updated=now, stop=ask.stop,
            target=ask.target, stop_limit=ask.stop_limit, target_limit=ask.target_limit,
        )  # fmt: skip
        self._market.take(books, order)
        return holder.orders[order.id]


def _make_room(books: Books, holder: Account, ask: Ask, now: int) -> None:
    """Cancel the oldest reduce-only orders that together with the new one would reduce more than there is."""
    held = holder.positions[ask.symbol, ask.hold]
    waiting = [
        order
        for order in holder.open_orders.values()
        if order.reduce_only and (order.symbol, order.hold) == (ask.symbol, ask.hold)
    ]
    excess = sum((order.rest for order in waiting), ask.qty) - held.qty
    for order in waiting:
        if excess > 0:
            books.cancel(order, now, "reduce_only_overflow")
            excess -= order.rest


def _ask_again(old: Order, client_id: str, qty: Decimal, price: Decimal) -> Ask:
    return Ask(
        client_id, old.symbol, old.side, old.kind, qty, price, old.reduce_only, old.stop, old.target,
        old.stop_limit, old.target_limit, old.hold, old.force, old.margin_mode,
    )  # fmt: skip


def _found(holder: Account, order_id: str, client_id: str) -> Order:
    order = holder.order(order_id, client_id)
    if order is None:
        raise Refused("order_not_found", f"there is no order {order_id or client_id}")
    return order


def _changeable(holder: Account, order_id: str) -> Order:
    order = _found(holder, order_id, "")
    if not order.is_open or order.kind != "limit":
        raise Refused("order_ended", f"order {order.id} cannot be changed any more")
    return order
