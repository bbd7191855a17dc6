"""Orders over REST: place, change in place, cancel, read back, lists and fills."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie_sandbox.exchange.binance.client_ids import find_newest, make_next_id
from vigie_sandbox.exchange.binance.envelope import BinanceCall, make_missing_refusal, make_refusal_body
from vigie_sandbox.exchange.binance.errors import to_venue_refusal
from vigie_sandbox.exchange.binance.shapes import FORCES, make_order_fields, make_trade_fields
from vigie_sandbox.exchange.core.entities import ExchangeRefusal, HoldSide, Order, OrderRequest, TimeInForce
from vigie_sandbox.exchange.venue_context import VenueContext, VenueService
from vigie_sandbox.exchange.wire import VenueRefusal

_FORCES: Final[dict[str, TimeInForce]] = {word: force for force, word in FORCES.items()}
_CONDITIONAL: Final = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
_MAX_ROWS: Final = 1_000
_WEEK_MS: Final = 7 * DAY_MS
_MAX_BATCH: Final = 5
_MAX_BATCH_CANCEL: Final = 10


class BinanceOrderEndpoints(VenueService):
    """Answers about orders, and what makes and ends them."""

    def place(self, call: BinanceCall) -> object:
        """Place one order."""
        order = self._context.place(call.account, self._read_request(call), call.path)
        fields = make_order_fields(order)
        # Of a result, without when it was made.
        return {name: value for name, value in fields.items() if name != "time"}

    def place_many(self, call: BinanceCall) -> object:
        """Place up to five orders; each succeeds or fails on its own."""
        return self._run_batch(call, "batchOrders", self.place)

    def modify(self, call: BinanceCall) -> object:
        """Change size and price of a limit order in place; it keeps its ids."""
        order, qty, price = self._find_order(call), call.amount("quantity"), call.amount("price")
        side = 1 if call.one_of("side", ("BUY", "SELL")) == "BUY" else -1
        if order is None or order.side != side:
            raise VenueRefusal("-2013", "Order does not exist.")
        if (order.qty, order.price) == (qty, price):
            raise VenueRefusal("-5027", "No need to modify the order.")
        return make_order_fields(self._exchange.amend(call.account, order.id, qty=qty, price=price))

    def cancel(self, call: BinanceCall) -> object:
        """Cancel one order."""
        order = self._find_order(call)
        if order is None or not order.is_open:
            raise VenueRefusal("-2011", "Unknown order sent.")
        return make_order_fields(self._exchange.cancel(call.account, order_id=order.id))

    def cancel_many(self, call: BinanceCall) -> object:
        """Cancel up to ten orders of a contract, by ids or by the client's; each succeeds or fails on its own."""
        symbol = self._context.require_contract(call.needed("symbol")).symbol
        id_lists = {
            name: text
            for name in ("orderId", "origClientOrderId")
            # Clients write the name of the list in either case.
            if (text := call.text(f"{name}List") or call.text(f"{name}List".lower()))
        }
        if not id_lists:
            raise make_missing_refusal("orderIdList")
        if len(id_lists) > 1:
            raise VenueRefusal("-1128", "Combination of optional parameters invalid.")
        (name, text), results = id_lists.popitem(), []
        for entry in _read_ids(text, f"{name}List"):
            try:
                results.append(self.cancel(replace(call, fields={"symbol": symbol, name: str(entry)})))
            except (VenueRefusal, ExchangeRefusal) as refusal:
                results.append(make_refusal_body(to_venue_refusal(refusal)))
        return results

    def set_countdown(self, call: BinanceCall) -> object:
        """Cancel the orders of a contract when so much of the market's time has passed, unless asked again before."""
        symbol = self._context.require_contract(call.needed("symbol")).symbol
        after_ms = call.whole("countdownTime", 0) if call.needed("countdownTime") else 0
        self._exchange.set_countdown(call.account, symbol, after_ms)
        return {"symbol": symbol, "countdownTime": str(after_ms)}

    def cancel_all(self, call: BinanceCall) -> object:
        """Cancel every order of a contract."""
        symbol = self._context.require_contract(call.needed("symbol")).symbol
        for order in self._context.filter_visible(list(self._exchange.open_orders(call.account, symbol))):
            self._exchange.cancel(call.account, order_id=order.id)
        return {"code": 200, "msg": "The operation of cancel all open order is done."}

    def detail(self, call: BinanceCall) -> object:
        """Return one order by its id or the client's."""
        order = self._find_order(call)
        if order is None:
            raise VenueRefusal("-2013", "Order does not exist.")
        return make_order_fields(order)

    def pending_order(self, call: BinanceCall) -> object:
        """Return one order that is open."""
        order = self._find_order(call)
        if order is None or not order.is_open:
            raise VenueRefusal("-2013", "Order does not exist.")
        return make_order_fields(order)

    def pending(self, call: BinanceCall) -> object:
        """Return open orders."""
        orders = list(self._exchange.open_orders(call.account, self._read_symbol(call)))
        return [make_order_fields(order) for order in self._context.filter_visible(orders)]

    def history(self, call: BinanceCall) -> object:
        """Return all orders of a contract, oldest first."""
        symbol, first_id = (
            self._context.require_contract(call.needed("symbol")).symbol,
            call.whole("orderId", 0),
        )
        orders = self._context.filter_visible(list(self._exchange.order_history(call.account, symbol)))
        start, end = self._read_times(call, first_id)
        matches = [order for order in orders if int(order.id) >= first_id and start <= order.ts <= end]
        return [
            make_order_fields(order) for order in self._make_page(call, matches, from_first=bool(first_id))
        ]

    def fills(self, call: BinanceCall) -> object:
        """Return executions of a contract, oldest first, of a week at most or from an id on."""
        symbol, first_id = (
            self._context.require_contract(call.needed("symbol")).symbol,
            call.whole("fromId", 0),
        )
        if call.text("fromId") and (call.text("startTime") or call.text("endTime")):
            raise VenueRefusal("-1128", "Combination of optional parameters invalid.")
        start, end = self._read_times(call, call.text("fromId"))
        trades = [
            trade
            for trade in self._exchange.trades(call.account, symbol, call.text("orderId"))
            if int(trade.id) >= first_id
            and start <= trade.ts <= end
            and not self._context.is_hidden(trade.order_id)
        ]
        from_first = bool(call.text("fromId") or call.text("startTime"))
        return [make_trade_fields(trade) for trade in self._make_page(call, trades, from_first=from_first)]

    def _read_times(self, call: BinanceCall, by_id: object) -> tuple[int, int]:
        """Return the bounds of a list: a week, unless it is asked for by id."""
        if by_id:
            return 0, 2**62
        start, end = call.whole("startTime", 0), call.whole("endTime", 0)
        if start and end and end - start > _WEEK_MS:
            raise VenueRefusal("-1127", "More than 168 hours between startTime and endTime.")
        if start:
            return start, end or start + _WEEK_MS
        end = end or max(call.now_ms, call.venue_ms)
        return (end - _WEEK_MS, end) if call.text("endTime") else (call.now_ms - _WEEK_MS, end)

    def _make_page(self, call: BinanceCall, rows: Sequence[Any], *, from_first: bool) -> Sequence[Any]:
        limit = min(call.whole("limit", 500, 1), _MAX_ROWS)
        return rows[:limit] if from_first else rows[-limit:]

    def _read_request(self, call: BinanceCall) -> OrderRequest:
        kind = call.text("type").upper()
        if kind in _CONDITIONAL:
            message = (
                "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."
            )
            raise VenueRefusal("-4120", message)
        contract = self._context.require_contract(call.needed("symbol"))
        is_limit = call.one_of("type", ("LIMIT", "MARKET")) == "LIMIT"
        side = 1 if call.one_of("side", ("BUY", "SELL")) == "BUY" else -1
        hold, reduce_only = read_position_side(self._context, call, side)
        force = call.one_of("timeInForce", tuple(_FORCES)) if is_limit else "GTC"
        return OrderRequest(
            client_id=self._read_client_id(call),
            symbol=contract.symbol,
            side=side,
            kind="limit" if is_limit else "market",
            qty=call.amount("quantity"),
            price=call.amount("price") if is_limit else None,
            reduce_only=reduce_only,
            hold=hold,
            force=_FORCES[force],
        )

    def _read_client_id(self, call: BinanceCall) -> str:
        client_id = call.text("newClientOrderId")
        return make_next_id(
            client_id,
            lambda client_id_tried: self._find_by_client_id(call, client_id_tried),
            lambda order: order.is_open,
        )

    def _find_by_client_id(self, call: BinanceCall, client_id: str) -> Order | None:
        return self._exchange.order(call.account, client_id=client_id)

    def _find_order(self, call: BinanceCall) -> Order | None:
        """Return the order that is named: of a client id, the last that had it."""
        symbol = self._context.require_contract(call.needed("symbol")).symbol
        order_id, client_id = call.text("orderId"), call.text("origClientOrderId")
        if not order_id and not client_id:
            raise make_missing_refusal("orderId")
        if order_id:
            order = self._exchange.order(call.account, order_id=order_id)
        else:
            order = find_newest(
                client_id, lambda client_id_tried: self._find_by_client_id(call, client_id_tried)
            )
        if order is None or order.symbol != symbol or self._context.is_hidden(order.id):
            return None
        return order

    def _run_batch(self, call: BinanceCall, name: str, run: Any) -> list[Any]:
        try:
            entries = json.loads(call.needed(name))
        except (ValueError, RecursionError):
            entries = None
        if not isinstance(entries, list) or len(entries) > _MAX_BATCH:
            raise VenueRefusal("-4082", f"Invalid number of batch place orders, at most {_MAX_BATCH}.")
        results = []
        for entry in entries:
            fields = {key: str(value) for key, value in entry.items()} if isinstance(entry, dict) else {}
            try:
                results.append(run(replace(call, fields=fields)))
            except (VenueRefusal, ExchangeRefusal) as refusal:
                results.append(make_refusal_body(to_venue_refusal(refusal)))
        return results

    def _read_symbol(self, call: BinanceCall) -> str:
        return self._context.require_contract(call.text("symbol")).symbol if call.text("symbol") else ""


def _read_ids(text: str, name: str) -> list[Any]:
    """Return a list of one to ten ids."""
    try:
        ids = json.loads(text)
    except (ValueError, RecursionError):
        ids = None
    if not isinstance(ids, list) or not 0 < len(ids) <= _MAX_BATCH_CANCEL:
        raise VenueRefusal("-1130", f"Data sent for parameter '{name}' is not valid.")
    return ids


def read_position_side(context: VenueContext, call: BinanceCall, side: int) -> tuple[HoldSide, bool]:
    """Return hold and reduce-only, as the position mode reads the request."""
    refusal = VenueRefusal("-4061", "Order's position side does not match user's setting.")
    word = call.one_of("positionSide", ("BOTH", "LONG", "SHORT"), "BOTH")
    if context.exchange.position_mode(call.account) == "one_way":
        if word != "BOTH":
            raise refusal
        return "net", call.flag("reduceOnly")
    if word == "BOTH":
        raise refusal
    if call.text("reduceOnly"):
        raise VenueRefusal("-1106", "Parameter 'reduceonly' sent when not required.")
    hold: HoldSide = "long" if word == "LONG" else "short"
    return hold, side != (1 if hold == "long" else -1)
