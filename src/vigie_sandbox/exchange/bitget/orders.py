"""Orders over REST: place, cancel, modify, read back, lists and fills."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from vigie.domain.time import DAY_MS
from vigie_sandbox.exchange.bitget.envelope import BitgetCall
from vigie_sandbox.exchange.bitget.errors import to_venue_refusal, translate_refusal
from vigie_sandbox.exchange.bitget.paging import make_page
from vigie_sandbox.exchange.bitget.shapes import COIN, make_order_fields, make_trade_fields
from vigie_sandbox.exchange.core.entities import (
    ExchangeRefusal,
    HoldSide,
    MarginMode,
    Order,
    OrderKind,
    OrderRequest,
    TimeInForce,
)
from vigie_sandbox.exchange.venue_context import VenueService
from vigie_sandbox.exchange.wire import VenueRefusal

_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_+#:-]{1,50}")
_FORCES: Final = ("gtc", "ioc", "fok", "post_only")
_MAX_BATCH: Final = 50
_NOT_FOUND_MESSAGE: Final = "The data of the order cannot be found, please confirm the order number"


class BitgetOrderEndpoints(VenueService):
    """Answers about orders, and what makes and ends them."""

    def place(self, call: BitgetCall) -> object:
        """Place one order."""
        call.product()
        return self._place_order(call)

    def place_many(self, call: BitgetCall) -> object:
        """Place up to fifty orders; each succeeds or fails on its own."""
        call.product()
        entries = read_list(call, "orderList")
        if not entries:
            raise VenueRefusal("400172", "Parameter verification failed orderList")
        common_fields = {name: value for name, value in call.fields.items() if name != "orderList"}
        return run_batch(call, entries, lambda entry_call: self._place_order(entry_call), common_fields)

    def cancel(self, call: BitgetCall) -> object:
        """Cancel one order."""
        call.product()
        return self._cancel_order(call)

    def cancel_many(self, call: BitgetCall) -> object:
        """Cancel the orders that are named, or every one of a contract."""
        call.product()
        entries = read_list(call, "orderIdList")
        if not entries:
            symbol = call.text("symbol").upper()
            entries = [
                {"orderId": record.id} for record in self._list_open(self._context.account(call.key), symbol)
            ]
        return run_batch(call, entries, lambda record: self._cancel_order(record), {})

    def cancel_all(self, call: BitgetCall) -> object:
        """Cancel every order of the product type."""
        call.product()
        entries = [{"orderId": record.id} for record in self._list_open(self._context.account(call.key), "")]
        return run_batch(call, entries, lambda record: self._cancel_order(record), {})

    def modify(self, call: BitgetCall) -> object:
        """Cancel an order and place it anew with another size and price; only the old ids are told."""
        call.product()
        size, price = call.number("newSize"), call.number("newPrice")
        if size is None or price is None:
            raise VenueRefusal("400172", "Parameter verification failed newSize and newPrice")
        new_client_id = self._read_client_id(call, "newClientOid", required=True)
        account, old = self._context.account(call.key), self._require_order(call)
        self._exchange.modify(account, old.id, new_client_id=new_client_id, qty=size, price=price)
        return {"orderId": old.id, "clientOid": old.client_id}

    def detail(self, call: BitgetCall) -> object:
        """Return one order by its id or the client's."""
        call.product()
        order = self._require_order(call)
        return make_order_fields(order, self._get_position_mode(call), in_list=False)

    def pending(self, call: BitgetCall) -> object:
        """Return open orders."""
        call.product()
        return self._make_page(
            call, list(self._exchange.open_orders(self._context.account(call.key), _read_symbol(call)))
        )

    def history(self, call: BitgetCall) -> object:
        """Return orders that have ended."""
        call.product()
        orders = self._exchange.order_history(self._context.account(call.key), _read_symbol(call))
        ended = [order for order in orders if not order.is_open and order.ts >= call.now_ms - 90 * DAY_MS]
        return self._make_page(call, ended)

    def fills(self, call: BitgetCall) -> object:
        """Return executions, newest first; they carry no id of the client's."""
        call.product()
        account, mode = self._context.account(call.key), self._get_position_mode(call)
        trades = [
            trade
            for trade in self._exchange.trades(account, _read_symbol(call), call.text("orderId"))
            if not self._context.is_hidden(trade.order_id)
        ]
        rows, end_id = make_page(call, trades, lambda trade: trade.id, lambda trade: trade.ts)
        return {
            "fillList": [
                make_trade_fields(trade, mode, self._context.get_order_kind(account, trade)) for trade in rows
            ],
            "endId": end_id,
        }

    def week_of_fills(self, call: BitgetCall) -> object:
        """Return executions of at most a week; demo accounts have none of it."""
        if self._context.key_ring.require(call.key).is_demo:
            raise VenueRefusal("40404", "Request URL NOT FOUND", 404)
        if not call.text("startTime"):
            call = replace(call, fields={**call.fields, "startTime": str(call.now_ms - 7 * DAY_MS)})
        return self.fills(call)

    def _place_order(self, call: BitgetCall) -> dict[str, Any]:
        account, request = self._context.account(call.key), self._read_request(call)
        fault = self._context.faults.on_order("stop-refused", call.path) if request.stop is not None else None
        if fault is not None:
            raise VenueRefusal(fault.code, "Stop price would trigger at once")
        try:
            order = self._context.place(account, request, call.path)
        except ExchangeRefusal as refusal:
            raise translate_refusal(refusal, request.side) from None
        return {"clientOid": order.client_id, "orderId": order.id}

    def _read_request(self, call: BitgetCall) -> OrderRequest:
        contract, account = (
            self._context.require_contract(call.needed("symbol")),
            self._context.account(call.key),
        )
        if call.text("marginCoin", COIN).upper() != COIN:
            raise VenueRefusal("40034", f"Parameter {call.text('marginCoin')} does not exist")
        side = 1 if call.one_of("side", ("buy", "sell")) == "buy" else -1
        kind = cast(OrderKind, call.one_of("orderType", ("market", "limit")))
        hold, side, reduce_only = self._read_position_side(call, account, side)
        mode = call.text("marginMode").lower()
        if mode not in ("isolated", "crossed"):
            raise VenueRefusal("400172", "Parameter verification failed marginMode")
        return OrderRequest(
            client_id=self._read_client_id(call, "clientOid"),
            symbol=contract.symbol,
            side=side,
            kind=kind,
            qty=call.amount("size"),
            price=call.amount("price") if kind == "limit" else None,
            reduce_only=reduce_only,
            stop=call.number("presetStopLossPrice"),
            target=call.number("presetStopSurplusPrice"),
            stop_limit=call.number("presetStopLossExecutePrice"),
            target_limit=call.number("presetStopSurplusExecutePrice"),
            hold=hold,
            force=cast(TimeInForce, call.one_of("force", _FORCES, "gtc")),
            margin_mode=cast(MarginMode, mode),
        )

    def _read_position_side(self, call: BitgetCall, account: str, side: int) -> tuple[HoldSide, int, bool]:
        """Return hold, direction of the trade and reduce-only, as the position mode reads the request."""
        reduce_only = call.text("reduceOnly").upper() == "YES"
        if self._exchange.position_mode(account) == "one_way":
            return "net", side, reduce_only
        hold: HoldSide = "long" if side > 0 else "short"
        way = call.text("tradeSide").lower()
        if way not in ("open", "close"):
            raise VenueRefusal(
                "40774",
                "The order type for unilateral position must also be the unilateral position type.",
            )
        return (hold, side, False) if way == "open" else (hold, -side, True)

    def _read_client_id(self, call: BitgetCall, name: str, *, required: bool = False) -> str:
        text = call.needed(name) if required else call.text(name)
        if text and not _CLIENT_ID.fullmatch(text):
            raise VenueRefusal(
                "40305", "client_oid length is not greater than 50, and cannot be Martian characters"
            )
        return text

    def _require_order(self, call: BitgetCall) -> Order:
        order = self._exchange.order(
            self._context.account(call.key), order_id=call.text("orderId"), client_id=call.text("clientOid")
        )
        if not (call.text("orderId") or call.text("clientOid")):
            raise VenueRefusal("400172", "Parameter verification failed orderId or clientOid")
        if order is None or self._context.is_hidden(order.id):
            raise VenueRefusal("40109", _NOT_FOUND_MESSAGE)
        return order

    def _cancel_order(self, call: BitgetCall) -> dict[str, Any]:
        order = self._exchange.cancel(self._context.account(call.key), order_id=self._require_order(call).id)
        return {"orderId": order.id, "clientOid": order.client_id}

    def _list_open(self, account: str, symbol: str) -> list[Order]:
        return self._context.filter_visible(list(self._exchange.open_orders(account, symbol)))

    def _get_position_mode(self, call: BitgetCall) -> Any:
        return self._exchange.position_mode(self._context.account(call.key))

    def _make_page(self, call: BitgetCall, orders: list[Order]) -> dict[str, Any]:
        ids = {name: call.text(name) for name in ("orderId", "clientOid")}
        matches = [
            order
            for order in self._context.filter_visible(orders)
            if ids["orderId"] in ("", order.id) and ids["clientOid"] in ("", order.client_id)
        ]
        page_orders, end_id = make_page(call, matches, lambda order: order.id, lambda order: order.ts)
        mode = self._get_position_mode(call)
        # Where there is none the venue says null, not an empty list.
        rows = [make_order_fields(order, mode, in_list=True) for order in page_orders]
        return {"entrustedList": rows or None, "endId": end_id or None}


def read_list(call: BitgetCall, name: str) -> list[Any]:
    """Return a list of a request, empty where it is absent; a batch has its bound."""
    entries = call.fields.get(name) or []
    if not isinstance(entries, list) or len(entries) > _MAX_BATCH:
        raise VenueRefusal("400172", f"Parameter verification failed {name}: at most {_MAX_BATCH}")
    return entries


def run_batch(
    call: BitgetCall, entries: list[Any], run: Any, common_fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Do one thing for each entry and tell which succeeded and which failed with what code."""
    succeeded, failed = [], []
    for entry in entries:
        fields = {**common_fields, **(entry if isinstance(entry, dict) else {})}
        ids = {"orderId": str(fields.get("orderId", "")), "clientOid": str(fields.get("clientOid", ""))}
        try:
            succeeded.append(run(replace(call, fields=fields)))
        except (VenueRefusal, ExchangeRefusal) as refusal:
            venue_refusal = to_venue_refusal(refusal)
            failed.append(ids | {"errorMsg": venue_refusal.message, "errorCode": venue_refusal.code})
    return {"successList": succeeded, "failureList": failed}


def _read_symbol(call: BitgetCall) -> str:
    return call.text("symbol").upper()
