"""Conditional orders over REST, a service of their own: stops and targets of positions, and orders that wait."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from vigie.domain.time import DAY_MS
from vigie_sandbox.exchange.binance.client_ids import find_newest, make_next_id
from vigie_sandbox.exchange.binance.envelope import BinanceCall, make_missing_refusal
from vigie_sandbox.exchange.binance.orders import read_position_side
from vigie_sandbox.exchange.binance.shapes import WHOLE_POSITION_KINDS, make_algo_fields
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

_ALGO_TYPES: Final = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET")
_FORCES: Final = ("GTC", "GTE_GTC", "IOC", "FOK", "GTX")
_MAX_ROWS: Final = 1_000
_WEEK_MS: Final = 7 * DAY_MS


class BinanceAlgoEndpoints(VenueService):
    """Answers about conditional orders, and what makes and ends them."""

    def place(self, call: BinanceCall) -> object:
        """Place one conditional order."""
        if call.one_of("algoType", ("CONDITIONAL",)) and call.text("type").upper() == "TRAILING_STOP_MARKET":
            raise VenueRefusal("-1116", "Invalid orderType: trailing stops are not simulated.")
        fault = self._context.faults.on_order("stop-refused", call.path)
        if fault is not None:
            raise VenueRefusal(fault.code, "Order would immediately trigger.")
        plan = self._place_algo(call)
        fields = make_algo_fields(plan)
        if self._context.faults.on_order("levels-dropped", call.path) is not None:
            self._exchange.cancel_plan(call.account, plan_id=plan.id)
        return fields

    def cancel(self, call: BinanceCall) -> object:
        """Cancel one conditional order."""
        plan = self._find_plan(call)
        if plan is None or plan.state != "live":
            raise VenueRefusal("-2011", "Unknown order sent.")
        ended = make_algo_fields(self._exchange.cancel_plan(call.account, plan_id=plan.id))
        return {
            "algoId": ended["algoId"],
            "clientAlgoId": ended["clientAlgoId"],
            "code": "200",
            "msg": "success",
        }

    def cancel_all(self, call: BinanceCall) -> object:
        """Cancel every conditional order of a contract."""
        symbol = self._context.require_contract(call.needed("symbol")).symbol
        for plan in self._exchange.open_plans(call.account, symbol):
            self._exchange.cancel_plan(call.account, plan_id=plan.id)
        return {"code": 200, "msg": "The operation of cancel all open order is done."}

    def detail(self, call: BinanceCall) -> object:
        """Return one conditional order by its id or the client's."""
        plan = self._find_plan(call)
        if plan is None:
            raise VenueRefusal("-2013", "Order does not exist.")
        return make_algo_fields(plan)

    def pending(self, call: BinanceCall) -> object:
        """Return conditional orders that wait."""
        requested = call.text("symbol")
        symbol = self._context.require_contract(requested).symbol if requested else ""
        return [make_algo_fields(plan) for plan in self._exchange.open_plans(call.account, symbol)]

    def history(self, call: BinanceCall) -> object:
        """Return all conditional orders of a contract, of a week at most, oldest first."""
        symbol = self._context.require_contract(call.needed("symbol")).symbol
        start, end = call.whole("startTime", 0), call.whole("endTime", 0)
        if start and end and end - start > _WEEK_MS:
            raise VenueRefusal("-1127", "More than 168 hours between startTime and endTime.")
        end = end or (start + _WEEK_MS if start else call.now_ms)
        plans = [
            plan
            for plan in self._exchange.plan_history(call.account, symbol)
            if (start or end - _WEEK_MS) <= plan.ts <= end
        ]
        limit, page = min(call.whole("limit", 500, 1), _MAX_ROWS), call.whole("page", 1, 1)
        return [make_algo_fields(plan) for plan in plans[(page - 1) * limit : page * limit]]

    def _place_algo(self, call: BinanceCall) -> PlanOrder:
        kind = call.one_of("type", _ALGO_TYPES)
        side = 1 if call.one_of("side", ("BUY", "SELL")) == "BUY" else -1
        symbol, trigger = (
            self._context.require_contract(call.needed("symbol")).symbol,
            call.amount("triggerPrice"),
        )
        trigger_by: TriggerBy = (
            "mark"
            if call.one_of("workingType", ("MARK_PRICE", "CONTRACT_PRICE"), "CONTRACT_PRICE") == "MARK_PRICE"
            else "last"
        )
        self._check_side(kind, side, symbol, trigger)
        client_id = make_next_id(
            call.text("clientAlgoId"),
            lambda client_id_tried: self._exchange.plan(call.account, client_id=client_id_tried),
            lambda plan: plan.state == "live",
        )
        hold, reduce_only = read_position_side(self._context, call, side)
        is_stop, is_whole = kind.startswith("STOP"), call.flag("closePosition")
        if is_whole:
            return self._place_whole(
                call, symbol, side, hold, trigger, client_id, trigger_by, is_stop=is_stop
            )
        is_market = kind.endswith("MARKET")
        request = OrderRequest(
            client_id, symbol, side, "market" if is_market else "limit", call.amount("quantity"),
            None if is_market else call.amount("price"), reduce_only=reduce_only, hold=hold,
        )  # fmt: skip
        level: PlanKind = "trigger"
        if call.one_of("timeInForce", _FORCES, "GTC") == "GTE_GTC":
            level = "stop" if is_stop else "target"
            self._check_position(call, symbol, side)
        return self._exchange.place_plan(
            call.account, request, trigger=trigger, kind=level, trigger_by=trigger_by
        )

    def _place_whole(
        self, call: BinanceCall, symbol: str, side: int, hold: HoldSide, trigger: Decimal, client_id: str,
        trigger_by: TriggerBy,
        *, is_stop: bool,
    ) -> PlanOrder:  # fmt: skip
        """Place the one order of its kind that closes a whole position."""
        if call.text("quantity") or call.text("reduceOnly"):
            raise VenueRefusal("-4136", "Target strategy invalid for orderType, closePosition true")
        self._check_position(call, symbol, side)
        for plan in self._exchange.open_plans(call.account, symbol):
            if (
                plan.kind in WHOLE_POSITION_KINDS
                and plan.side == side
                and (plan.kind == "pos_stop") == is_stop
            ):
                message = "An open stop or take profit order with GTE and closePosition in the direction is existing."
                raise VenueRefusal("-4130", message)
        return self._exchange.set_levels(
            call.account,
            symbol,
            stop=trigger if is_stop else None,
            target=None if is_stop else trigger,
            hold=hold,
            stop_client_id=client_id if is_stop else "",
            target_client_id="" if is_stop else client_id,
            trigger_by=trigger_by,
        )[0]

    def _check_side(self, kind: str, side: int, symbol: str, trigger: Decimal) -> None:
        """Refuse what the price has passed already: a stop goes with the price, a target against it."""
        last, way = self._context.quotes.last(symbol), side if kind.startswith("STOP") else -side
        if last is None or (trigger - last) * way <= 0:
            raise ExchangeRefusal("bad_level", f"{kind} at {trigger}, last price {last}")

    def _check_position(self, call: BinanceCall, symbol: str, side: int) -> None:
        if not any(position.side == -side for position in self._exchange.positions(call.account, symbol)):
            message = "Time in Force (TIF) GTE can only be used with open positions."
            raise VenueRefusal("-4509", message)

    def _find_plan(self, call: BinanceCall) -> PlanOrder | None:
        plan_id, client_id = call.text("algoId"), call.text("clientAlgoId")
        if not plan_id and not client_id:
            raise make_missing_refusal("algoId")
        if plan_id:
            return self._exchange.plan(call.account, plan_id=plan_id)
        return find_newest(
            client_id, lambda client_id_tried: self._exchange.plan(call.account, client_id=client_id_tried)
        )
