"""The desk of orders: place, change, cancel, ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from vigie_sandbox.exchange.core.account import ExchangeAccount, filter_by_symbol
from vigie_sandbox.exchange.core.checks import (
    check_client_id,
    check_levels,
    check_position_mode,
    check_price,
    check_qty,
    check_status,
)
from vigie_sandbox.exchange.core.entities import (
    ZERO,
    Contract,
    ExchangeRefusal,
    ExchangeTrade,
    HoldSide,
    Order,
    OrderRequest,
)
from vigie_sandbox.exchange.core.exchange_core import ExchangeCore
from vigie_sandbox.exchange.core.ledger import ExchangeLedger


class OrderOperations(ExchangeCore):
    """What an account does with orders."""

    def place(self, account: str, request: OrderRequest) -> Order:
        """Take an order; returned as it is after it has met the market."""
        with self.change() as ledger:
            return self._place(ledger, ledger.require_account(account), request)

    def modify(
        self, account: str, order_id: str, *, new_client_id: str, qty: Decimal, price: Decimal
    ) -> Order:
        """Cancel a limit order and place another in its stead."""
        with self.change() as ledger:
            holder = ledger.require_account(account)
            old = _require_amendable(holder, order_id)
            contract = ledger.require_contract(old.symbol)
            check_client_id(new_client_id, holder.client_ids)
            check_qty(contract, qty)
            check_price(contract, price)
            ledger.cancel(old, self._market.now(), "modified")
            return self._place(ledger, holder, _make_replacement(old, new_client_id, qty, price))

    def amend(self, account: str, order_id: str, *, qty: Decimal, price: Decimal) -> Order:
        """Change a limit order in place: it keeps ids and fills; one that would be filled by then is cancelled."""
        with self.change() as ledger:
            holder = ledger.require_account(account)
            old = _require_amendable(holder, order_id)
            contract = ledger.require_contract(old.symbol)
            check_status(contract, reduces=old.reduce_only)
            check_qty(contract, qty)
            limit = check_price(contract, price)
            taker_price = self._market.get_taker_price(ledger, old.symbol, old.side)
            would_take = taker_price is not None and (limit - taker_price) * old.side >= 0
            if qty <= old.filled or (old.force == "post_only" and would_take):
                return ledger.cancel(old, self._market.now(), "modified")
            self._check_added_margin(holder, old, replace(old, qty=qty, price=limit))
            ledger.save_order(replace(old, qty=qty, price=limit, ts_updated=self._market.now()))
            self._market.match_order(ledger, holder.orders[old.id])
            return holder.orders[old.id]

    def cancel(self, account: str, *, order_id: str = "", client_id: str = "") -> Order:
        """End an order; ``order_not_found`` where there never was one, ``order_ended`` where it is over."""
        with self.change() as ledger:
            order = _require_order(ledger.require_account(account), order_id, client_id)
            if not order.is_open:
                raise ExchangeRefusal("order_ended", f"order {order.id} is {order.state}")
            return ledger.cancel(order, self._market.now(), "asked")

    def order(self, account: str, *, order_id: str = "", client_id: str = "") -> Order | None:
        """Return an order by either id, whatever became of it."""
        self.tick()
        return self._ledger.require_account(account).order(order_id, client_id)

    def open_orders(self, account: str, symbol: str = "") -> Sequence[Order]:
        """Return the orders that may still trade, oldest first."""
        self.tick()
        return filter_by_symbol(self._ledger.require_account(account).open_orders.values(), symbol)

    def order_history(self, account: str, symbol: str = "") -> Sequence[Order]:
        """Return all orders, oldest first, those of the exchange's own among them."""
        self.tick()
        return filter_by_symbol(self._ledger.require_account(account).orders.values(), symbol)

    def trades(self, account: str, symbol: str = "", order_id: str = "") -> Sequence[ExchangeTrade]:
        """Return all trades, oldest first."""
        self.tick()
        trades = filter_by_symbol(self._ledger.require_account(account).trades, symbol)
        return [trade for trade in trades if order_id in ("", trade.order_id)]

    def close_position(self, account: str, symbol: str, hold: HoldSide = "net") -> Order:
        """Close a position at the market, whatever its size."""
        with self.change() as ledger:
            holder = ledger.require_account(account)
            check_status(ledger.require_contract(symbol), reduces=True)
            position = holder.positions.get((symbol, hold))
            if position is None:
                raise ExchangeRefusal("no_position", f"there is no position in {symbol}")
            request = OrderRequest(
                "", symbol, -position.side, "market", position.qty, reduce_only=True, hold=hold
            )
            return self._accept(ledger, holder, request)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _place(self, ledger: ExchangeLedger, holder: ExchangeAccount, request: OrderRequest) -> Order:
        contract = ledger.require_contract(request.symbol)
        check_client_id(request.client_id, holder.client_ids)
        check_status(contract, reduces=request.reduce_only)
        check_position_mode(holder, request)
        check_qty(contract, request.qty)
        self._check_prices(contract, request)
        if request.reduce_only:
            self._check_reduce_only(holder, request)
        else:
            self._check_margin(contract, holder, request)
        return self._accept(ledger, holder, request)

    def _check_prices(self, contract: Contract, request: OrderRequest) -> None:
        price = self._require_price(request.symbol)
        for name, value in (("stop price", request.stop_limit), ("target price", request.target_limit)):
            if value is not None:
                check_price(contract, value, name=name)
        if request.kind == "limit":
            limit = check_price(contract, request.price)
            taker_price = self._market.get_taker_price(self._ledger, request.symbol, request.side) or price
            if request.force == "post_only" and (limit - taker_price) * request.side >= 0:
                raise ExchangeRefusal("would_take", f"a post-only order at {limit} would trade at once")
            price = limit
        check_levels(contract, request.side, price, request.stop, request.target)

    def _check_reduce_only(self, holder: ExchangeAccount, request: OrderRequest) -> None:
        position = holder.positions.get((request.symbol, request.hold))
        if position is None or position.side == request.side:
            raise ExchangeRefusal(
                "no_position", f"there is no position in {request.symbol} that this order would reduce"
            )

    def _check_margin(self, contract: Contract, holder: ExchangeAccount, request: OrderRequest) -> None:
        price = (
            request.price
            or self._market.get_taker_price(self._ledger, request.symbol, request.side)
            or self._require_price(request.symbol)
        )
        position = holder.positions.get((request.symbol, request.hold))
        closes = position.qty if position is not None and position.side == -request.side else ZERO
        opens = max(ZERO, request.qty - closes)
        if opens and request.qty * price < contract.min_notional:
            worth = request.qty * price
            raise ExchangeRefusal(
                "too_small", f"an order must be worth at least {contract.min_notional}, was {worth}"
            )
        margin = opens * price / holder.leverage(request.symbol, request.hold)
        available = self._compute_money(holder).available
        # Whole lots by floating arithmetic may want the last billionth more than there is.
        if margin > available + margin * Decimal("1e-9"):
            raise ExchangeRefusal("no_balance", f"the order needs {margin} and {available} is available")

    def _check_added_margin(self, holder: ExchangeAccount, old: Order, new: Order) -> None:
        """See that there is money for what an order asks for beyond what it did."""
        more = new.rest * (new.price or ZERO) - old.rest * (old.price or ZERO)
        margin = more / holder.leverage(old.symbol, old.hold)
        available = self._compute_money(holder).available
        if not old.reduce_only and margin > available:
            raise ExchangeRefusal("no_balance", f"the change needs {margin} and {available} is available")

    def _accept(self, ledger: ExchangeLedger, holder: ExchangeAccount, request: OrderRequest) -> Order:
        now = self._market.now()
        if request.reduce_only:
            _cancel_excess_reductions(ledger, holder, request, now)
        order = ledger.new_order(
            account=holder.name, client_id=request.client_id, symbol=request.symbol, side=request.side,
            kind=request.kind,
            qty=request.qty, price=request.price if request.kind == "limit" else None, reduce_only=request.reduce_only,
            hold=request.hold, force=request.force,
            margin_mode=request.margin_mode or holder.margin_mode(request.symbol),
            leverage=holder.leverage(request.symbol, request.hold), ts=now, ts_updated=now, stop=request.stop,
            target=request.target, stop_limit=request.stop_limit, target_limit=request.target_limit,
        )  # fmt: skip
        self._market.match_order(ledger, order)
        return holder.orders[order.id]


def _cancel_excess_reductions(
    ledger: ExchangeLedger, holder: ExchangeAccount, request: OrderRequest, now: int
) -> None:
    """Cancel the oldest reduce-only orders that together with the new one would reduce more than there is."""
    position = holder.positions[request.symbol, request.hold]
    waiting = [
        order
        for order in holder.open_orders.values()
        if order.reduce_only and (order.symbol, order.hold) == (request.symbol, request.hold)
    ]
    excess = sum((order.rest for order in waiting), request.qty) - position.qty
    for order in waiting:
        if excess > 0:
            ledger.cancel(order, now, "reduce_only_overflow")
            excess -= order.rest


def _make_replacement(old: Order, client_id: str, qty: Decimal, price: Decimal) -> OrderRequest:
    return OrderRequest(
        client_id, old.symbol, old.side, old.kind, qty, price, old.reduce_only, old.stop, old.target,
        old.stop_limit, old.target_limit, old.hold, old.force, old.margin_mode,
    )  # fmt: skip


def _require_order(holder: ExchangeAccount, order_id: str, client_id: str) -> Order:
    order = holder.order(order_id, client_id)
    if order is None:
        raise ExchangeRefusal("order_not_found", f"there is no order {order_id or client_id}")
    return order


def _require_amendable(holder: ExchangeAccount, order_id: str) -> Order:
    order = _require_order(holder, order_id, "")
    if not order.is_open or order.kind != "limit":
        raise ExchangeRefusal("order_ended", f"order {order.id} cannot be changed any more")
    return order
