"""Orders that wait for a price, over REST: levels of positions, partial levels, and trigger orders."""

from __future__ import annotations

from typing import Any, Final

from vigie.sandbox.exchange.bitget.envelope import Call
from vigie.sandbox.exchange.bitget.errors import in_codes
from vigie.sandbox.exchange.bitget.orders import in_turn, listed
from vigie.sandbox.exchange.bitget.paging import page
from vigie.sandbox.exchange.bitget.shapes import PLAN_TYPES, plan_fields
from vigie.sandbox.exchange.core.words import Ask, Hold, Plan, PlanKind, Refused, TriggerBy
from vigie.sandbox.exchange.desk import Clerk
from vigie.sandbox.exchange.wire import Refusal

_KINDS: Final[dict[str, PlanKind]] = {wire: kind for kind, wire in PLAN_TYPES.items()}
_NOT_HERE: Final = ("moving_plan", "track_plan")
_HOLDS: Final = {"buy": 1, "long": 1, "sell": -1, "short": -1}


class PlanAnswers(Clerk):
    """Answers about plans, and what makes and ends them."""

    def place_level(self, call: Call) -> object:
        """Place a stop or target, of a whole position or of a part of it."""
        call.product()
        symbol, account = self._desk.known(call.needed("symbol")).symbol, self._desk.account(call.key)
        kind, trigger = self._kind(call), call.amount("triggerPrice")
        held, hold = self._held(call, account)
        by, client_id = _trigger_by(call, "triggerType"), call.text("clientOid")
        try:
            if kind in ("pos_stop", "pos_target"):
                stops = kind == "pos_stop"
                plan = self._exchange.set_levels(
                    account,
                    symbol,
                    stop=trigger if stops else None,
                    target=None if stops else trigger,
                    hold=hold,
                    stop_client_id=client_id if stops else "",
                    target_client_id="" if stops else client_id,
                    trigger_by=by,
                )[-1]
            else:
                price = call.number("executePrice")
                ask = Ask(
                    client_id,
                    symbol,
                    -held,
                    "market" if price is None else "limit",
                    call.amount("size"),
                    price,
                    reduce_only=True,
                    hold=hold,
                )
                plan = self._exchange.place_plan(account, ask, trigger=trigger, kind=kind, trigger_by=by)
        except Refused as no:
            raise in_codes(no, held) from None
        return {"orderId": plan.id, "clientOid": plan.client_id}

    def place_both(self, call: Call) -> object:
        """Place stop and target of a whole position at once."""
        call.product()
        symbol, account = self._desk.known(call.needed("symbol")).symbol, self._desk.account(call.key)
        held, hold = self._held(call, account)
        stop, target = call.number("stopLossTriggerPrice"), call.number("stopSurplusTriggerPrice")
        if stop is None and target is None:
            raise Refusal("400172", "Parameter verification failed stopLossTriggerPrice")
        by = _trigger_by(call, "stopLossTriggerType" if stop is not None else "stopSurplusTriggerType")
        try:
            plans = self._exchange.set_levels(
                account,
                symbol,
                stop=stop,
                target=target,
                hold=hold,
                stop_client_id=call.text("stopLossClientOid"),
                target_client_id=call.text("stopSurplusClientOid"),
                trigger_by=by,
            )
        except Refused as no:
            raise in_codes(no, held) from None
        return [
            {
                "orderId": one.id,
                "clientOid": one.client_id,
                "stopLossClientOid": one.client_id if one.kind == "pos_stop" else "",
                "stopSurplusClientOid": one.client_id if one.kind == "pos_target" else "",
            }
            for one in plans
        ]

    def place_trigger(self, call: Call) -> object:
        """Place an order that waits for a price."""
        call.product()
        if call.one_of("planType", ("normal_plan", *_NOT_HERE)) != "normal_plan":
            raise Refusal("40017", "Parameter verification failed planType: trailing plans are not simulated")
        contract, account = self._desk.known(call.needed("symbol")), self._desk.account(call.key)
        side = 1 if call.one_of("side", ("buy", "sell")) == "buy" else -1
        hold: Hold = "net"
        reduce_only = call.text("reduceOnly").upper() == "YES"
        if self._exchange.position_mode(account) == "hedge":
            hold = "long" if side > 0 else "short"
            reduce_only = call.one_of("tradeSide", ("open", "close")) == "close"
            side = -side if reduce_only else side
        price = call.number("price") or call.number("executePrice")
        is_limit = call.one_of("orderType", ("market", "limit")) == "limit"
        ask = Ask(
            call.text("clientOid"),
            contract.symbol,
            side,
            "limit" if is_limit else "market",
            call.amount("size"),
            price if is_limit else None,
            reduce_only=reduce_only,
            stop=call.number("stopLossTriggerPrice"),
            target=call.number("stopSurplusTriggerPrice"),
            hold=hold,
        )
        plan = self._exchange.place_plan(
            account,
            ask,
            trigger=call.amount("triggerPrice"),
            kind="trigger",
            trigger_by=_trigger_by(call, "triggerType"),
        )
        return {"orderId": plan.id, "clientOid": plan.client_id}

    def modify(self, call: Call) -> object:
        """Change price and size of a plan."""
        call.product()
        plan = self._found(call)
        trigger = call.number("newTriggerPrice") or call.number("triggerPrice") or plan.trigger
        size = call.number("newSize") or call.number("size")
        changed = self._exchange.modify_plan(self._desk.account(call.key), plan.id, trigger=trigger, qty=size)
        return {"orderId": changed.id, "clientOid": changed.client_id}

    def cancel(self, call: Call) -> object:
        """Cancel the plans that are named, or every one of a contract and plan type."""
        call.product()
        wanted = listed(call, "orderIdList")
        if call.text("orderId") or call.text("clientOid"):
            wanted = [{"orderId": call.text("orderId"), "clientOid": call.text("clientOid")}]
        if not wanted:
            open_plans = self._exchange.open_plans(self._desk.account(call.key), call.text("symbol").upper())
            wanted = [{"orderId": one.id} for one in open_plans if _is_of(one, call.text("planType"))]
        return in_turn(call, wanted, self._cancelled, {})

    def pending(self, call: Call) -> object:
        """Return plans that wait."""
        call.product()
        plans = self._exchange.open_plans(self._desk.account(call.key), call.text("symbol").upper())
        return self._list(call, list(plans))

    def history(self, call: Call) -> object:
        """Return plans that have ended."""
        call.product()
        plans = self._exchange.plan_history(self._desk.account(call.key), call.text("symbol").upper())
        return self._list(call, [one for one in plans if one.state != "live"])

    def _list(self, call: Call, plans: list[Plan]) -> dict[str, Any]:
        wanted, account = call.needed("planType"), self._desk.account(call.key)
        found = [
            one
            for one in plans
            if _is_of(one, wanted)
            and call.text("orderId") in ("", one.id)
            and call.text("clientOid") in ("", one.client_id)
        ]
        shown, end = page(call, found, lambda one: one.id, lambda one: one.ts)
        mode = self._exchange.position_mode(account)
        rows = [plan_fields(one, mode, self._exchange.margin_mode(account, one.symbol)) for one in shown]
        return {"entrustedList": rows or None, "endId": end or None}

    def _cancelled(self, call: Call) -> dict[str, Any]:
        plan = self._exchange.cancel_plan(self._desk.account(call.key), plan_id=self._found(call).id)
        return {"orderId": plan.id, "clientOid": plan.client_id}

    def _found(self, call: Call) -> Plan:
        plan = self._exchange.plan(
            self._desk.account(call.key), plan_id=call.text("orderId"), client_id=call.text("clientOid")
        )
        if plan is None:
            raise Refusal("43025", "Plan order does not exist")
        return plan

    def _kind(self, call: Call) -> PlanKind:
        wire = call.one_of("planType", (*_KINDS, *_NOT_HERE))
        if wire in _NOT_HERE or wire == "normal_plan":
            raise Refusal("40017", f"Parameter verification failed planType: {wire} is not a stop or target")
        return _KINDS[wire]

    def _held(self, call: Call, account: str) -> tuple[int, Hold]:
        """Return side and hold of the position that levels are for."""
        word = call.one_of("holdSide", tuple(_HOLDS))
        side = _HOLDS[word]
        if self._exchange.position_mode(account) == "one_way":
            return side, "net"
        return side, "long" if side > 0 else "short"


def _is_of(plan: Plan, wire: str) -> bool:
    if wire == "profit_loss":
        return plan.kind != "trigger"
    return not wire or PLAN_TYPES[plan.kind] == wire


def _trigger_by(call: Call, name: str) -> TriggerBy:
    return "mark" if call.one_of(name, ("fill_price", "mark_price"), "fill_price") == "mark_price" else "last"
