"""Orders over REST: place, cancel, modify, read back, lists and fills."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from vigie.domain.time import DAY_MS
from vigie.sandbox.exchange.bitget.envelope import Call
from vigie.sandbox.exchange.bitget.errors import in_codes, refusal_of
from vigie.sandbox.exchange.bitget.paging import page
from vigie.sandbox.exchange.bitget.shapes import COIN, order_fields, trade_fields
from vigie.sandbox.exchange.core.words import Ask, Force, Hold, Kind, MarginMode, Order, Refused
from vigie.sandbox.exchange.desk import Clerk
from vigie.sandbox.exchange.wire import Refusal

_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_+#:-]{1,50}")
_FORCES: Final = ("gtc", "ioc", "fok", "post_only")
_BATCH: Final = 50
_NOT_FOUND: Final = "The data of the order cannot be found, please confirm the order number"


class OrderAnswers(Clerk):
    """Answers about orders, and what makes and ends them."""

    def place(self, call: Call) -> object:
        """Place one order."""
        call.product()
        return self._placed(call)

    def place_many(self, call: Call) -> object:
        """Place up to fifty orders; each succeeds or fails on its own."""
        call.product()
        wanted = listed(call, "orderList")
        if not wanted:
            raise Refusal("400172", "Parameter verification failed orderList")
        common = {name: value for name, value in call.fields.items() if name != "orderList"}
        return in_turn(call, wanted, lambda one: self._placed(one), common)

    def cancel(self, call: Call) -> object:
        """Cancel one order."""
        call.product()
        return self._cancelled(call)

    def cancel_many(self, call: Call) -> object:
        """Cancel the orders that are named, or every one of a contract."""
        call.product()
        wanted = listed(call, "orderIdList")
        if not wanted:
            symbol = call.text("symbol").upper()
            wanted = [{"orderId": one.id} for one in self._open(self._desk.account(call.key), symbol)]
        return in_turn(call, wanted, lambda one: self._cancelled(one), {})

    def cancel_all(self, call: Call) -> object:
        """Cancel every order of the product type."""
        call.product()
        wanted = [{"orderId": one.id} for one in self._open(self._desk.account(call.key), "")]
        return in_turn(call, wanted, lambda one: self._cancelled(one), {})

    def modify(self, call: Call) -> object:
        """Cancel an order and place it anew with another size and price; only the old ids are told."""
        call.product()
        size, price = call.number("newSize"), call.number("newPrice")
        if size is None or price is None:
            raise Refusal("400172", "Parameter verification failed newSize and newPrice")
        fresh = self._client_id(call, "newClientOid", required=True)
        account, old = self._desk.account(call.key), self._found(call)
        self._exchange.modify(account, old.id, new_client_id=fresh, qty=size, price=price)
        return {"orderId": old.id, "clientOid": old.client_id}

    def detail(self, call: Call) -> object:
        """Return one order by its id or the client's."""
        call.product()
        order = self._found(call)
        return order_fields(order, self._mode(call), in_list=False)

    def pending(self, call: Call) -> object:
        """Return open orders."""
        call.product()
        return self._list(call, list(self._exchange.open_orders(self._desk.account(call.key), _symbol(call))))

    def history(self, call: Call) -> object:
        """Return orders that have ended."""
        call.product()
        known = self._exchange.order_history(self._desk.account(call.key), _symbol(call))
        ended = [one for one in known if not one.is_open and one.ts >= call.now_ms - 90 * DAY_MS]
        return self._list(call, ended)

    def fills(self, call: Call) -> object:
        """Return executions, newest first; they carry no id of the client's."""
        call.product()
        account, mode = self._desk.account(call.key), self._mode(call)
        found = [
            one
            for one in self._exchange.trades(account, _symbol(call), call.text("orderId"))
            if not self._desk.hidden(one.order_id)
        ]
        shown, end = page(call, found, lambda one: one.id, lambda one: one.ts)
        return {
            "fillList": [trade_fields(one, mode, self._desk.kind_of(account, one)) for one in shown],
            "endId": end,
        }

    def week_of_fills(self, call: Call) -> object:
        """Return executions of at most a week; demo accounts have none of it."""
        if self._desk.ring.known(call.key).is_demo:
            raise Refusal("40404", "Request URL NOT FOUND", 404)
        if not call.text("startTime"):
            call = replace(call, fields={**call.fields, "startTime": str(call.now_ms - 7 * DAY_MS)})
        return self.fills(call)

    def _placed(self, call: Call) -> dict[str, Any]:
        account, ask = self._desk.account(call.key), self._ask(call)
        refused = self._desk.faults.on_order("stop-refused", call.path) if ask.stop is not None else None
        if refused is not None:
            raise Refusal(refused.code, "Stop price would trigger at once")
        try:
            order = self._desk.place(account, ask, call.path)
        except Refused as no:
            raise in_codes(no, ask.side) from None
        return {"clientOid": order.client_id, "orderId": order.id}

    def _ask(self, call: Call) -> Ask:
        contract, account = self._desk.known(call.needed("symbol")), self._desk.account(call.key)
        if call.text("marginCoin", COIN).upper() != COIN:
            raise Refusal("40034", f"Parameter {call.text('marginCoin')} does not exist")
        side = 1 if call.one_of("side", ("buy", "sell")) == "buy" else -1
        kind = cast(Kind, call.one_of("orderType", ("market", "limit")))
        hold, side, reduce_only = self._form(call, account, side)
        mode = call.text("marginMode").lower()
        if mode not in ("isolated", "crossed"):
            raise Refusal("400172", "Parameter verification failed marginMode")
        return Ask(
            client_id=self._client_id(call, "clientOid"),
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
            force=cast(Force, call.one_of("force", _FORCES, "gtc")),
            margin_mode=cast(MarginMode, mode),
        )

    def _form(self, call: Call, account: str, side: int) -> tuple[Hold, int, bool]:
        """Return hold, direction of the trade and reduce-only, as the position mode reads the request."""
        reduce_only = call.text("reduceOnly").upper() == "YES"
        if self._exchange.position_mode(account) == "one_way":
            return "net", side, reduce_only
        hold: Hold = "long" if side > 0 else "short"
        way = call.text("tradeSide").lower()
        if way not in ("open", "close"):
            raise Refusal(
                "40774",
                "The order type for unilateral position must also be the unilateral position type.",
            )
        return (hold, side, False) if way == "open" else (hold, -side, True)

    def _client_id(self, call: Call, name: str, *, required: bool = False) -> str:
        text = call.needed(name) if required else call.text(name)
        if text and not _CLIENT_ID.fullmatch(text):
            raise Refusal(
                "40305", "client_oid length is not greater than 50, and cannot be Martian characters"
            )
        return text

    def _found(self, call: Call) -> Order:
        order = self._exchange.order(
            self._desk.account(call.key), order_id=call.text("orderId"), client_id=call.text("clientOid")
        )
        if not (call.text("orderId") or call.text("clientOid")):
            raise Refusal("400172", "Parameter verification failed orderId or clientOid")
        if order is None or self._desk.hidden(order.id):
            raise Refusal("40109", _NOT_FOUND)
        return order

    def _cancelled(self, call: Call) -> dict[str, Any]:
        order = self._exchange.cancel(self._desk.account(call.key), order_id=self._found(call).id)
        return {"orderId": order.id, "clientOid": order.client_id}

    def _open(self, account: str, symbol: str) -> list[Order]:
        return self._desk.seen(list(self._exchange.open_orders(account, symbol)))

    def _mode(self, call: Call) -> Any:
        return self._exchange.position_mode(self._desk.account(call.key))

    def _list(self, call: Call, orders: list[Order]) -> dict[str, Any]:
        wanted = {name: call.text(name) for name in ("orderId", "clientOid")}
        found = [
            one
            for one in self._desk.seen(orders)
            if wanted["orderId"] in ("", one.id) and wanted["clientOid"] in ("", one.client_id)
        ]
        shown, end = page(call, found, lambda one: one.id, lambda one: one.ts)
        mode = self._mode(call)
        # Where there is none the venue says null, not an empty list.
        rows = [order_fields(one, mode, in_list=True) for one in shown]
        return {"entrustedList": rows or None, "endId": end or None}


def listed(call: Call, name: str) -> list[Any]:
    """Return a list of a request, empty where it is absent; a batch has its bound."""
    wanted = call.fields.get(name) or []
    if not isinstance(wanted, list) or len(wanted) > _BATCH:
        raise Refusal("400172", f"Parameter verification failed {name}: at most {_BATCH}")
    return wanted


def in_turn(call: Call, wanted: list[Any], act: Any, common: Mapping[str, Any]) -> dict[str, Any]:
    """Do one thing for each entry and tell which succeeded and which failed with what code."""
    done, failed = [], []
    for entry in wanted:
        fields = {**common, **(entry if isinstance(entry, dict) else {})}
        ids = {"orderId": str(fields.get("orderId", "")), "clientOid": str(fields.get("clientOid", ""))}
        try:
            done.append(act(replace(call, fields=fields)))
        except (Refusal, Refused) as no:
            told = refusal_of(no)
            failed.append(ids | {"errorMsg": told.message, "errorCode": told.code})
    return {"successList": done, "failureList": failed}


def _symbol(call: Call) -> str:
    return call.text("symbol").upper()
