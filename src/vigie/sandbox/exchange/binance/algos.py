"""Conditional orders over REST, a service of their own: stops and targets of positions, and orders that wait."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from vigie.domain.time import DAY_MS
from vigie.sandbox.exchange.binance.envelope import Call, missing
from vigie.sandbox.exchange.binance.names import fresh, newest
from vigie.sandbox.exchange.binance.orders import form_of
from vigie.sandbox.exchange.binance.shapes import WHOLE, algo_fields
from vigie.sandbox.exchange.core.words import Ask, Hold, Plan, PlanKind, Refused, TriggerBy
from vigie.sandbox.exchange.desk import Clerk
from vigie.sandbox.exchange.wire import Refusal

_TYPES: Final = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET")
_FORCES: Final = ("GTC", "GTE_GTC", "IOC", "FOK", "GTX")
_MOST: Final = 1_000
_WEEK_MS: Final = 7 * DAY_MS


class AlgoAnswers(Clerk):
    """Answers about conditional orders, and what makes and ends them."""

    def place(self, call: Call) -> object:
        """Place one conditional order."""
        if call.one_of("algoType", ("CONDITIONAL",)) and call.text("type").upper() == "TRAILING_STOP_MARKET":
            raise Refusal("-1116", "Invalid orderType: trailing stops are not simulated.")
        refused = self._desk.faults.on_order("stop-refused", call.path)
        if refused is not None:
            raise Refusal(refused.code, "Order would immediately trigger.")
        plan = self._placed(call)
        told = algo_fields(plan)
        if self._desk.faults.on_order("levels-dropped", call.path) is not None:
            self._exchange.cancel_plan(call.account, plan_id=plan.id)
        return told

    def cancel(self, call: Call) -> object:
        """Cancel one conditional order."""
        plan = self._found(call)
        if plan is None or plan.state != "live":
            raise Refusal("-2011", "Unknown order sent.")
        ended = algo_fields(self._exchange.cancel_plan(call.account, plan_id=plan.id))
        return {
            "algoId": ended["algoId"],
            "clientAlgoId": ended["clientAlgoId"],
            "code": "200",
            "msg": "success",
        }

    def cancel_all(self, call: Call) -> object:
        """Cancel every conditional order of a contract."""
        symbol = self._desk.known(call.needed("symbol")).symbol
        for one in self._exchange.open_plans(call.account, symbol):
            self._exchange.cancel_plan(call.account, plan_id=one.id)
        return {"code": 200, "msg": "The operation of cancel all open order is done."}

    def detail(self, call: Call) -> object:
        """Return one conditional order by its id or the client's."""
        plan = self._found(call)
        if plan is None:
            raise Refusal("-2013", "Order does not exist.")
        return algo_fields(plan)

    def pending(self, call: Call) -> object:
        """Return conditional orders that wait."""
        wanted = call.text("symbol")
        symbol = self._desk.known(wanted).symbol if wanted else ""
        return [algo_fields(one) for one in self._exchange.open_plans(call.account, symbol)]

    def history(self, call: Call) -> object:
        """Return all conditional orders of a contract, of a week at most, oldest first."""
        symbol = self._desk.known(call.needed("symbol")).symbol
        start, end = call.whole("startTime", 0), call.whole("endTime", 0)
        if start and end and end - start > _WEEK_MS:
            raise Refusal("-1127", "More than 168 hours between startTime and endTime.")
        end = end or (start + _WEEK_MS if start else call.now_ms)
        found = [
            one
            for one in self._exchange.plan_history(call.account, symbol)
            if (start or end - _WEEK_MS) <= one.ts <= end
        ]
        limit, page = min(call.whole("limit", 500, 1), _MOST), call.whole("page", 1, 1)
        return [algo_fields(one) for one in found[(page - 1) * limit : page * limit]]

    def _placed(self, call: Call) -> Plan:
        kind = call.one_of("type", _TYPES)
        side = 1 if call.one_of("side", ("BUY", "SELL")) == "BUY" else -1
        symbol, trigger = self._desk.known(call.needed("symbol")).symbol, call.amount("triggerPrice")
        by: TriggerBy = (
            "mark"
            if call.one_of("workingType", ("MARK_PRICE", "CONTRACT_PRICE"), "CONTRACT_PRICE") == "MARK_PRICE"
            else "last"
        )
        self._check_side(kind, side, symbol, trigger)
        named = fresh(
            call.text("clientAlgoId"),
            lambda one: self._exchange.plan(call.account, client_id=one),
            lambda plan: plan.state == "live",
        )
        hold, reduce_only = form_of(self._desk, call, side)
        is_stop, whole = kind.startswith("STOP"), call.flag("closePosition")
        if whole:
            return self._whole(call, symbol, side, hold, trigger, named, by, is_stop=is_stop)
        is_market = kind.endswith("MARKET")
        ask = Ask(
            named, symbol, side, "market" if is_market else "limit", call.amount("quantity"),
            None if is_market else call.amount("price"), reduce_only=reduce_only, hold=hold,
        )  # fmt: skip
        level: PlanKind = "trigger"
        if call.one_of("timeInForce", _FORCES, "GTC") == "GTE_GTC":
            level = "stop" if is_stop else "target"
            self._check_held(call, symbol, side)
        return self._exchange.place_plan(call.account, ask, trigger=trigger, kind=level, trigger_by=by)

    def _whole(
        self, call: Call, symbol: str, side: int, hold: Hold, trigger: Decimal, named: str, by: TriggerBy,
        *, is_stop: bool,
    ) -> Plan:  # fmt: skip
        """Place the one order of its kind that closes a whole position."""
        if call.text("quantity") or call.text("reduceOnly"):
            raise Refusal("-4136", "Target strategy invalid for orderType, closePosition true")
        self._check_held(call, symbol, side)
        for one in self._exchange.open_plans(call.account, symbol):
            if one.kind in WHOLE and one.side == side and (one.kind == "pos_stop") == is_stop:
                words = "An open stop or take profit order with GTE and closePosition in the direction is existing."
                raise Refusal("-4130", words)
        return self._exchange.set_levels(
            call.account,
            symbol,
            stop=trigger if is_stop else None,
            target=None if is_stop else trigger,
            hold=hold,
            stop_client_id=named if is_stop else "",
            target_client_id="" if is_stop else named,
            trigger_by=by,
        )[0]

    def _check_side(self, kind: str, side: int, symbol: str, trigger: Decimal) -> None:
        """Refuse what the price has passed already: a stop goes with the price, a target against it."""
        last, way = self._desk.quotes.last(symbol), side if kind.startswith("STOP") else -side
        if last is None or (trigger - last) * way <= 0:
            raise Refused("bad_level", f"{kind} at {trigger}, last price {last}")

    def _check_held(self, call: Call, symbol: str, side: int) -> None:
        if not any(one.side == -side for one in self._exchange.positions(call.account, symbol)):
            words = "Time in Force (TIF) GTE can only be used with open positions."
            raise Refusal("-4509", words)

    def _found(self, call: Call) -> Plan | None:
        plan_id, client_id = call.text("algoId"), call.text("clientAlgoId")
        if not plan_id and not client_id:
            raise missing("algoId")
        if plan_id:
            return self._exchange.plan(call.account, plan_id=plan_id)
        return newest(client_id, lambda one: self._exchange.plan(call.account, client_id=one))
