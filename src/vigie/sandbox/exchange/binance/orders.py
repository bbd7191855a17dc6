"""Orders over REST: place, change in place, cancel, read back, lists and fills."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie.sandbox.exchange.binance.envelope import Call, missing, refused
from vigie.sandbox.exchange.binance.errors import refusal_of
from vigie.sandbox.exchange.binance.names import fresh, newest
from vigie.sandbox.exchange.binance.shapes import FORCES, order_fields, trade_fields
from vigie.sandbox.exchange.core.words import Ask, Force, Hold, Order, Refused
from vigie.sandbox.exchange.desk import Clerk, Desk
from vigie.sandbox.exchange.wire import Refusal

_FORCES: Final[dict[str, Force]] = {word: force for force, word in FORCES.items()}
_CONDITIONAL: Final = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
_MOST: Final = 1_000
_WEEK_MS: Final = 7 * DAY_MS
_BATCH: Final = 5
_BATCH_CANCEL: Final = 10


class OrderAnswers(Clerk):
    """Answers about orders, and what makes and ends them."""

    def place(self, call: Call) -> object:
        """Place one order."""
        found = self._desk.place(call.account, self._ask(call), call.path)
        told = order_fields(found)
        # Of a result, without when it was made.
        return {name: value for name, value in told.items() if name != "time"}

    def place_many(self, call: Call) -> object:
        """Place up to five orders; each succeeds or fails on its own."""
        return self._in_turn(call, "batchOrders", self.place)

    def modify(self, call: Call) -> object:
        """Change size and price of a limit order in place; it keeps its ids."""
        order, qty, price = self._found(call), call.amount("quantity"), call.amount("price")
        side = 1 if call.one_of("side", ("BUY", "SELL")) == "BUY" else -1
        if order is None or order.side != side:
            raise Refusal("-2013", "Order does not exist.")
        if (order.qty, order.price) == (qty, price):
            raise Refusal("-5027", "No need to modify the order.")
        return order_fields(self._exchange.amend(call.account, order.id, qty=qty, price=price))

    def cancel(self, call: Call) -> object:
        """Cancel one order."""
        order = self._found(call)
        if order is None or not order.is_open:
            raise Refusal("-2011", "Unknown order sent.")
        return order_fields(self._exchange.cancel(call.account, order_id=order.id))

    def cancel_many(self, call: Call) -> object:
        """Cancel up to ten orders of a contract, by ids or by the client's; each succeeds or fails on its own."""
        symbol = self._desk.known(call.needed("symbol")).symbol
        lists = {
            name: text
            for name in ("orderId", "origClientOrderId")
            # Clients write the name of the list in either case.
            if (text := call.text(f"{name}List") or call.text(f"{name}List".lower()))
        }
        if not lists:
            raise missing("orderIdList")
        if len(lists) > 1:
            raise Refusal("-1128", "Combination of optional parameters invalid.")
        (name, text), done = lists.popitem(), []
        for one in _listed(text, f"{name}List"):
            try:
                done.append(self.cancel(replace(call, fields={"symbol": symbol, name: str(one)})))
            except (Refusal, Refused) as no:
                done.append(refused(refusal_of(no)))
        return done

    def count_down(self, call: Call) -> object:
        """Cancel the orders of a contract when so much of the market's time has passed, unless asked again before."""
        symbol = self._desk.known(call.needed("symbol")).symbol
        after_ms = call.whole("countdownTime", 0) if call.needed("countdownTime") else 0
        self._exchange.set_countdown(call.account, symbol, after_ms)
        return {"symbol": symbol, "countdownTime": str(after_ms)}

    def cancel_all(self, call: Call) -> object:
        """Cancel every order of a contract."""
        symbol = self._desk.known(call.needed("symbol")).symbol
        for one in self._desk.seen(list(self._exchange.open_orders(call.account, symbol))):
            self._exchange.cancel(call.account, order_id=one.id)
        return {"code": 200, "msg": "The operation of cancel all open order is done."}

    def detail(self, call: Call) -> object:
        """Return one order by its id or the client's."""
        order = self._found(call)
        if order is None:
            raise Refusal("-2013", "Order does not exist.")
        return order_fields(order)

    def pending_one(self, call: Call) -> object:
        """Return one order that is open."""
        order = self._found(call)
        if order is None or not order.is_open:
            raise Refusal("-2013", "Order does not exist.")
        return order_fields(order)

    def pending(self, call: Call) -> object:
        """Return open orders."""
        found = list(self._exchange.open_orders(call.account, self._symbol(call)))
        return [order_fields(one) for one in self._desk.seen(found)]

    def history(self, call: Call) -> object:
        """Return all orders of a contract, oldest first."""
        symbol, first = self._desk.known(call.needed("symbol")).symbol, call.whole("orderId", 0)
        known = self._desk.seen(list(self._exchange.order_history(call.account, symbol)))
        start, end = self._times(call, first)
        found = [one for one in known if int(one.id) >= first and start <= one.ts <= end]
        return [order_fields(one) for one in self._page(call, found, from_first=bool(first))]

    def fills(self, call: Call) -> object:
        """Return executions of a contract, oldest first, of a week at most or from an id on."""
        symbol, first = self._desk.known(call.needed("symbol")).symbol, call.whole("fromId", 0)
        if call.text("fromId") and (call.text("startTime") or call.text("endTime")):
            raise Refusal("-1128", "Combination of optional parameters invalid.")
        start, end = self._times(call, call.text("fromId"))
        found = [
            one
            for one in self._exchange.trades(call.account, symbol, call.text("orderId"))
            if int(one.id) >= first and start <= one.ts <= end and not self._desk.hidden(one.order_id)
        ]
        from_first = bool(call.text("fromId") or call.text("startTime"))
        return [trade_fields(one) for one in self._page(call, found, from_first=from_first)]

    def _times(self, call: Call, by_id: object) -> tuple[int, int]:
        """Return the bounds of a list: a week, unless it is asked for by id."""
        if by_id:
            return 0, 2**62
        start, end = call.whole("startTime", 0), call.whole("endTime", 0)
        if start and end and end - start > _WEEK_MS:
            raise Refusal("-1127", "More than 168 hours between startTime and endTime.")
        if start:
            return start, end or start + _WEEK_MS
        end = end or max(call.now_ms, call.told_ms)
        return (end - _WEEK_MS, end) if call.text("endTime") else (call.now_ms - _WEEK_MS, end)

    def _page(self, call: Call, rows: Sequence[Any], *, from_first: bool) -> Sequence[Any]:
        limit = min(call.whole("limit", 500, 1), _MOST)
        return rows[:limit] if from_first else rows[-limit:]

    def _ask(self, call: Call) -> Ask:
        kind = call.text("type").upper()
        if kind in _CONDITIONAL:
            words = (
                "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."
            )
            raise Refusal("-4120", words)
        contract = self._desk.known(call.needed("symbol"))
        is_limit = call.one_of("type", ("LIMIT", "MARKET")) == "LIMIT"
        side = 1 if call.one_of("side", ("BUY", "SELL")) == "BUY" else -1
        hold, reduce_only = form_of(self._desk, call, side)
        force = call.one_of("timeInForce", tuple(_FORCES)) if is_limit else "GTC"
        return Ask(
            client_id=self._id(call),
            symbol=contract.symbol,
            side=side,
            kind="limit" if is_limit else "market",
            qty=call.amount("quantity"),
            price=call.amount("price") if is_limit else None,
            reduce_only=reduce_only,
            hold=hold,
            force=_FORCES[force],
        )

    def _id(self, call: Call) -> str:
        wanted = call.text("newClientOrderId")
        return fresh(wanted, lambda one: self._named(call, one), lambda order: order.is_open)

    def _named(self, call: Call, client_id: str) -> Order | None:
        return self._exchange.order(call.account, client_id=client_id)

    def _found(self, call: Call) -> Order | None:
        """Return the order that is named: of a client id, the last that had it."""
        symbol = self._desk.known(call.needed("symbol")).symbol
        order_id, client_id = call.text("orderId"), call.text("origClientOrderId")
        if not order_id and not client_id:
            raise missing("orderId")
        if order_id:
            order = self._exchange.order(call.account, order_id=order_id)
        else:
            order = newest(client_id, lambda one: self._named(call, one))
        if order is None or order.symbol != symbol or self._desk.hidden(order.id):
            return None
        return order

    def _in_turn(self, call: Call, name: str, act: Any) -> list[Any]:
        try:
            wanted = json.loads(call.needed(name))
        except (ValueError, RecursionError):
            wanted = None
        if not isinstance(wanted, list) or len(wanted) > _BATCH:
            raise Refusal("-4082", f"Invalid number of batch place orders, at most {_BATCH}.")
        done = []
        for one in wanted:
            fields = {key: str(value) for key, value in one.items()} if isinstance(one, dict) else {}
            try:
                done.append(act(replace(call, fields=fields)))
            except (Refusal, Refused) as no:
                done.append(refused(refusal_of(no)))
        return done

    def _symbol(self, call: Call) -> str:
        return self._desk.known(call.text("symbol")).symbol if call.text("symbol") else ""


def _listed(text: str, name: str) -> list[Any]:
    """Return a list of one to ten ids."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not 0 < len(found) <= _BATCH_CANCEL:
        raise Refusal("-1130", f"Data sent for parameter '{name}' is not valid.")
    return found


def form_of(desk: Desk, call: Call, side: int) -> tuple[Hold, bool]:
    """Return hold and reduce-only, as the position mode reads the request."""
    wrong = Refusal("-4061", "Order's position side does not match user's setting.")
    word = call.one_of("positionSide", ("BOTH", "LONG", "SHORT"), "BOTH")
    if desk.exchange.position_mode(call.account) == "one_way":
        if word != "BOTH":
            raise wrong
        return "net", call.flag("reduceOnly")
    if word == "BOTH":
        raise wrong
    if call.text("reduceOnly"):
        raise Refusal("-1106", "Parameter 'reduceonly' sent when not required.")
    hold: Hold = "long" if word == "LONG" else "short"
    return hold, side != (1 if hold == "long" else -1)
