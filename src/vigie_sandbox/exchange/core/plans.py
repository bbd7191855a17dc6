"""The desk of plans: levels of positions, and orders that wait for a price."""

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
    ExchangeRefusal,
    HoldSide,
    OrderRequest,
    PlanKind,
    PlanOrder,
    Position,
    TriggerBy,
)
from vigie_sandbox.exchange.core.exchange_core import ExchangeCore
from vigie_sandbox.exchange.core.ledger import ExchangeLedger, get_level_way


class PlanOperations(ExchangeCore):
    """What an account does with orders that wait for a price."""

    def set_levels(
        self,
        account: str,
        symbol: str,
        *,
        stop: Decimal | None,
        target: Decimal | None,
        hold: HoldSide = "net",
        stop_client_id: str = "",
        target_client_id: str = "",
        trigger_by: TriggerBy = "last",
    ) -> Sequence[PlanOrder]:
        """Set the levels of a whole position; each one given replaces the one of its kind that was there."""
        with self.change() as ledger:
            holder = ledger.require_account(account)
            contract = ledger.require_contract(symbol)
            position = holder.positions.get((symbol, hold))
            if position is None:
                raise ExchangeRefusal("no_position", f"there is no position in {symbol}")
            check_levels(contract, position.side, self._get_watched_price(symbol, trigger_by), stop, target)
            check_client_id(stop_client_id, holder.plan_client_ids)
            check_client_id(target_client_id, holder.plan_client_ids)
            levels: tuple[tuple[PlanKind, Decimal | None, str], ...] = (
                ("pos_stop", stop, stop_client_id),
                ("pos_target", target, target_client_id),
            )
            return [
                self._set_level(ledger, holder, position, kind, level, client_id, trigger_by)
                for kind, level, client_id in levels
                if level is not None
            ]

    def _set_level(
        self,
        ledger: ExchangeLedger,
        holder: ExchangeAccount,
        position: Position,
        kind: PlanKind,
        level: Decimal,
        client_id: str,
        trigger_by: TriggerBy,
    ) -> PlanOrder:
        now = self._market.now()
        for plan in holder.list_levels(position):
            if plan.kind == kind:
                ledger.end_plan(plan, now, "replaced")
        return ledger.new_plan(
            account=holder.name, client_id=client_id, symbol=position.symbol, kind=kind, side=-position.side,
            hold=position.hold, trigger=level, way=get_level_way(kind, position.side), qty=None, price=None,
            trigger_by=trigger_by, reduce_only=True, ts=now, ts_updated=now,
        )  # fmt: skip

    def place_plan(
        self,
        account: str,
        request: OrderRequest,
        *,
        trigger: Decimal,
        kind: PlanKind = "trigger",
        trigger_by: TriggerBy = "last",
    ) -> PlanOrder:
        """Take an order that waits for `trigger`; a level of a part of a position is of kind ``stop`` or ``target``."""
        with self.change() as ledger:
            holder = ledger.require_account(account)
            contract = ledger.require_contract(request.symbol)
            check_client_id(request.client_id, holder.plan_client_ids)
            check_status(contract, reduces=request.reduce_only)
            check_position_mode(holder, request)
            check_qty(contract, request.qty)
            check_price(contract, trigger, name="trigger")
            if request.kind == "limit":
                check_price(contract, request.price)
            watched_price = self._get_watched_price(request.symbol, trigger_by)
            way = 1 if trigger > watched_price else -1
            if kind != "trigger":
                self._check_level_position(holder, request)
                levels = (trigger, None) if kind in ("stop", "pos_stop") else (None, trigger)
                check_levels(contract, -request.side, watched_price, *levels)
                way = get_level_way(kind, -request.side)
            now = self._market.now()
            return ledger.new_plan(
                account=account, client_id=request.client_id, symbol=request.symbol, kind=kind, side=request.side,
                hold=request.hold, trigger=trigger, way=way,
                qty=None if kind in ("pos_stop", "pos_target") else request.qty,
                price=request.price if request.kind == "limit" else None, trigger_by=trigger_by,
                reduce_only=request.reduce_only or kind != "trigger", ts=now, ts_updated=now,
            )  # fmt: skip

    def modify_plan(
        self, account: str, plan_id: str, *, trigger: Decimal, qty: Decimal | None = None
    ) -> PlanOrder:
        """Move a waiting plan to another price, and perhaps to another quantity."""
        with self.change() as ledger:
            plan = self._require_waiting(ledger, account, plan_id, "")
            contract = ledger.require_contract(plan.symbol)
            check_price(contract, trigger, name="trigger")
            watched_price = self._get_watched_price(plan.symbol, plan.trigger_by)
            if (trigger - watched_price) * plan.way <= 0:
                raise ExchangeRefusal(
                    "bad_level", f"at {watched_price} a trigger of {trigger} would fire at once"
                )
            if qty is not None:
                check_qty(contract, qty)
            now = self._market.now()
            return ledger.save_plan(replace(plan, trigger=trigger, qty=qty or plan.qty, ts_updated=now))

    def cancel_plan(self, account: str, *, plan_id: str = "", client_id: str = "") -> PlanOrder:
        """End a waiting plan."""
        with self.change() as ledger:
            plan = self._require_waiting(ledger, account, plan_id, client_id)
            return ledger.end_plan(plan, self._market.now(), "asked")

    def plan(self, account: str, *, plan_id: str = "", client_id: str = "") -> PlanOrder | None:
        """Return a plan by either id, whatever became of it."""
        self.tick()
        return self._ledger.require_account(account).plan(plan_id, client_id)

    def open_plans(self, account: str, symbol: str = "") -> Sequence[PlanOrder]:
        """Return the plans that wait, oldest first."""
        self.tick()
        return filter_by_symbol(self._ledger.require_account(account).open_plans.values(), symbol)

    def plan_history(self, account: str, symbol: str = "") -> Sequence[PlanOrder]:
        """Return all plans, oldest first."""
        self.tick()
        return filter_by_symbol(self._ledger.require_account(account).plans.values(), symbol)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _get_watched_price(self, symbol: str, trigger_by: TriggerBy) -> Decimal:
        mark = self._market.mark(symbol) if trigger_by == "mark" else None
        return self._require_price(symbol) if mark is None else mark

    def _check_level_position(self, holder: ExchangeAccount, request: OrderRequest) -> None:
        position = holder.positions.get((request.symbol, request.hold))
        if position is None or position.side != -request.side:
            raise ExchangeRefusal(
                "no_position", f"there is no position in {request.symbol} that this level would close"
            )

    def _require_waiting(
        self, ledger: ExchangeLedger, account: str, plan_id: str, client_id: str
    ) -> PlanOrder:
        plan = ledger.require_account(account).plan(plan_id, client_id)
        if plan is None or plan.state != "live":
            raise ExchangeRefusal("plan_not_found", f"no plan {plan_id or client_id} is waiting")
        return plan
