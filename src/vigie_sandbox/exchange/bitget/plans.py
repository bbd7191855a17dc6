"""Orders that wait for a price, over REST: levels of positions, partial levels, and trigger orders."""

from __future__ import annotations

from typing import Any, Final

from vigie_sandbox.exchange.bitget.envelope import BitgetCall
from vigie_sandbox.exchange.bitget.errors import translate_refusal
from vigie_sandbox.exchange.bitget.orders import read_list, run_batch
from vigie_sandbox.exchange.bitget.paging import make_page
from vigie_sandbox.exchange.bitget.shapes import PLAN_TYPES, make_plan_fields
from vigie_sandbox.exchange.core.entities import (
    ExchangeRefusal,
    HoldSide,
    OrderRequest,
    PlanKind,
    PlanOrder,
    TriggerBy,
)
from vigie_sandbox.exchange.venue_context import VenueService
from vigie_sandbox.exchange.wire import VenueRefusal

_PLAN_KINDS: Final[dict[str, PlanKind]] = {wire: kind for kind, wire in PLAN_TYPES.items()}
_NOT_SIMULATED: Final = ("moving_plan", "track_plan")
_SIDE_BY_WORD: Final = {"buy": 1, "long": 1, "sell": -1, "short": -1}


class BitgetPlanEndpoints(VenueService):
    """Answers about plans, and what makes and ends them."""

    def place_level(self, call: BitgetCall) -> object:
        """Place a stop or target, of a whole position or of a part of it."""
        call.product()
        symbol, account = (
            self._context.require_contract(call.needed("symbol")).symbol,
            self._context.account(call.key),
        )
        kind, trigger = self._read_kind(call), call.amount("triggerPrice")
        side, hold = self._read_position_side(call, account)
        trigger_by, client_id = _read_trigger_by(call, "triggerType"), call.text("clientOid")
        try:
            if kind in ("pos_stop", "pos_target"):
                is_stop = kind == "pos_stop"
                plan = self._exchange.set_levels(
                    account,
                    symbol,
                    stop=trigger if is_stop else None,
                    target=None if is_stop else trigger,
                    hold=hold,
                    stop_client_id=client_id if is_stop else "",
                    target_client_id="" if is_stop else client_id,
                    trigger_by=trigger_by,
                )[-1]
            else:
                price = call.number("executePrice")
                request = OrderRequest(
                    client_id,
                    symbol,
                    -side,
                    "market" if price is None else "limit",
                    call.amount("size"),
                    price,
                    reduce_only=True,
                    hold=hold,
                )
                plan = self._exchange.place_plan(
                    account, request, trigger=trigger, kind=kind, trigger_by=trigger_by
                )
        except ExchangeRefusal as refusal:
            raise translate_refusal(refusal, side) from None
        return {"orderId": plan.id, "clientOid": plan.client_id}

    def place_levels(self, call: BitgetCall) -> object:
        """Place stop and target of a whole position at once."""
        call.product()
        symbol, account = (
            self._context.require_contract(call.needed("symbol")).symbol,
            self._context.account(call.key),
        )
        side, hold = self._read_position_side(call, account)
        stop, target = call.number("stopLossTriggerPrice"), call.number("stopSurplusTriggerPrice")
        if stop is None and target is None:
            raise VenueRefusal("400172", "Parameter verification failed stopLossTriggerPrice")
        trigger_by = _read_trigger_by(
            call, "stopLossTriggerType" if stop is not None else "stopSurplusTriggerType"
        )
        try:
            plans = self._exchange.set_levels(
                account,
                symbol,
                stop=stop,
                target=target,
                hold=hold,
                stop_client_id=call.text("stopLossClientOid"),
                target_client_id=call.text("stopSurplusClientOid"),
                trigger_by=trigger_by,
            )
        except ExchangeRefusal as refusal:
            raise translate_refusal(refusal, side) from None
        return [
            {
                "orderId": plan.id,
                "clientOid": plan.client_id,
                "stopLossClientOid": plan.client_id if plan.kind == "pos_stop" else "",
                "stopSurplusClientOid": plan.client_id if plan.kind == "pos_target" else "",
            }
            for plan in plans
        ]

    def place_trigger(self, call: BitgetCall) -> object:
        """Place an order that waits for a price."""
        call.product()
        if call.one_of("planType", ("normal_plan", *_NOT_SIMULATED)) != "normal_plan":
            raise VenueRefusal(
                "40017", "Parameter verification failed planType: trailing plans are not simulated"
            )
        contract, account = (
            self._context.require_contract(call.needed("symbol")),
            self._context.account(call.key),
        )
        side = 1 if call.one_of("side", ("buy", "sell")) == "buy" else -1
        hold: HoldSide = "net"
        reduce_only = call.text("reduceOnly").upper() == "YES"
        if self._exchange.position_mode(account) == "hedge":
            hold = "long" if side > 0 else "short"
            reduce_only = call.one_of("tradeSide", ("open", "close")) == "close"
            side = -side if reduce_only else side
        price = call.number("price") or call.number("executePrice")
        is_limit = call.one_of("orderType", ("market", "limit")) == "limit"
        request = OrderRequest(
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
            request,
            trigger=call.amount("triggerPrice"),
            kind="trigger",
            trigger_by=_read_trigger_by(call, "triggerType"),
        )
        return {"orderId": plan.id, "clientOid": plan.client_id}

    def modify(self, call: BitgetCall) -> object:
        """Change price and size of a plan."""
        call.product()
        plan = self._require_plan(call)
        trigger = call.number("newTriggerPrice") or call.number("triggerPrice") or plan.trigger
        size = call.number("newSize") or call.number("size")
        changed = self._exchange.modify_plan(
            self._context.account(call.key), plan.id, trigger=trigger, qty=size
        )
        return {"orderId": changed.id, "clientOid": changed.client_id}

    def cancel(self, call: BitgetCall) -> object:
        """Cancel the plans that are named, or every one of a contract and plan type."""
        call.product()
        entries = read_list(call, "orderIdList")
        if call.text("orderId") or call.text("clientOid"):
            entries = [{"orderId": call.text("orderId"), "clientOid": call.text("clientOid")}]
        if not entries:
            open_plans = self._exchange.open_plans(
                self._context.account(call.key), call.text("symbol").upper()
            )
            entries = [
                {"orderId": plan.id} for plan in open_plans if _has_plan_type(plan, call.text("planType"))
            ]
        return run_batch(call, entries, self._cancel_plan, {})

    def pending(self, call: BitgetCall) -> object:
        """Return plans that wait."""
        call.product()
        plans = self._exchange.open_plans(self._context.account(call.key), call.text("symbol").upper())
        return self._make_page(call, list(plans))

    def history(self, call: BitgetCall) -> object:
        """Return plans that have ended."""
        call.product()
        plans = self._exchange.plan_history(self._context.account(call.key), call.text("symbol").upper())
        return self._make_page(call, [plan for plan in plans if plan.state != "live"])

    def _make_page(self, call: BitgetCall, plans: list[PlanOrder]) -> dict[str, Any]:
        plan_type, account = call.needed("planType"), self._context.account(call.key)
        matches = [
            plan
            for plan in plans
            if _has_plan_type(plan, plan_type)
            and call.text("orderId") in ("", plan.id)
            and call.text("clientOid") in ("", plan.client_id)
        ]
        page_plans, end_id = make_page(call, matches, lambda plan: plan.id, lambda plan: plan.ts)
        mode = self._exchange.position_mode(account)
        rows = [
            make_plan_fields(plan, mode, self._exchange.margin_mode(account, plan.symbol))
            for plan in page_plans
        ]
        return {"entrustedList": rows or None, "endId": end_id or None}

    def _cancel_plan(self, call: BitgetCall) -> dict[str, Any]:
        plan = self._exchange.cancel_plan(
            self._context.account(call.key), plan_id=self._require_plan(call).id
        )
        return {"orderId": plan.id, "clientOid": plan.client_id}

    def _require_plan(self, call: BitgetCall) -> PlanOrder:
        plan = self._exchange.plan(
            self._context.account(call.key), plan_id=call.text("orderId"), client_id=call.text("clientOid")
        )
        if plan is None:
            raise VenueRefusal("43025", "Plan order does not exist")
        return plan

    def _read_kind(self, call: BitgetCall) -> PlanKind:
        wire = call.one_of("planType", (*_PLAN_KINDS, *_NOT_SIMULATED))
        if wire in _NOT_SIMULATED or wire == "normal_plan":
            raise VenueRefusal(
                "40017", f"Parameter verification failed planType: {wire} is not a stop or target"
            )
        return _PLAN_KINDS[wire]

    def _read_position_side(self, call: BitgetCall, account: str) -> tuple[int, HoldSide]:
        """Return side and hold of the position that levels are for."""
        word = call.one_of("holdSide", tuple(_SIDE_BY_WORD))
        side = _SIDE_BY_WORD[word]
        if self._exchange.position_mode(account) == "one_way":
            return side, "net"
        return side, "long" if side > 0 else "short"


def _has_plan_type(plan: PlanOrder, plan_type: str) -> bool:
    if plan_type == "profit_loss":
        return plan.kind != "trigger"
    return not plan_type or PLAN_TYPES[plan.kind] == plan_type


def _read_trigger_by(call: BitgetCall, name: str) -> TriggerBy:
    return "mark" if call.one_of(name, ("fill_price", "mark_price"), "fill_price") == "mark_price" else "last"
