"""The desk of plans: levels of positions, and orders that wait for a price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from vigie.sandbox.exchange.core.account import Account, of_symbol
from vigie.sandbox.exchange.core.books import Books, way_of
from vigie.sandbox.exchange.core.checks import (
    check_client_id,
    check_form,
    check_levels,
    check_price,
    check_qty,
    check_status,
)
from vigie.sandbox.exchange.core.floor import Floor
from vigie.sandbox.exchange.core.words import (
    Ask,
    Hold,
    Plan,
    PlanKind,
    Position,
    Refused,
    TriggerBy,
)


class PlanDesk(Floor):
    """What an account does with orders that wait for a price."""

    def set_levels(
        self,
        account: str,
        symbol: str,
        *,
        stop: Decimal | None,
        target: Decimal | None,
        hold: Hold = "net",
        stop_client_id: str = "",
        target_client_id: str = "",
        trigger_by: TriggerBy = "last",
    ) -> Sequence[Plan]:
        """Set the levels of a whole position; each one given replaces the one of its kind that was there."""
        with self.change() as books:
            holder = books.account(account)
            contract = books.contract(symbol)
            position = holder.positions.get((symbol, hold))
            if position is None:
                raise Refused("no_position", f"there is no position in {symbol}")
            check_levels(contract, position.side, self._watched(symbol, trigger_by), stop, target)
            check_client_id(stop_client_id, holder.plan_client_ids)
            check_client_id(target_client_id, holder.plan_client_ids)
            levels: tuple[tuple[PlanKind, Decimal | None, str], ...] = (
                ("pos_stop", stop, stop_client_id),
                ("pos_target", target, target_client_id),
            )
            return [
                self._set_level(books, holder, position, kind, level, client_id, trigger_by)
                for kind, level, client_id in levels
                if level is not None
            ]

    def _set_level(
        self,
        books: Books,
        holder: Account,
        position: Position,
        kind: PlanKind,
        level: Decimal,
        client_id: str,
        trigger_by: TriggerBy,
    ) -> Plan:
        now = self._market.now()
        for plan in holder.levels_of(position):
            if plan.kind == kind:
                books.end_plan(plan, now, "replaced")
        return books.new_plan(
            account=holder.name, client_id=client_id, symbol=position.symbol, kind=kind, side=-position.side,
            hold=position.hold, trigger=level, way=way_of(kind, position.side), qty=None, price=None,
            trigger_by=trigger_by, reduce_only=True, ts=now, ts_updated=now,
        )  # fmt: skip

    def place_plan(
        self,
        account: str,
        ask: Ask,
        *,
        trigger: Decimal,
        kind: PlanKind = "trigger",
        trigger_by: TriggerBy = "last",
    ) -> Plan:
        """Take an order that waits for `trigger`; a level of a part of a position is of kind ``stop`` or ``target``."""
        with self.change() as books:
            holder = books.account(account)
            contract = books.contract(ask.symbol)
            check_client_id(ask.client_id, holder.plan_client_ids)
            check_status(contract, reduces=ask.reduce_only)
            check_form(holder, ask)
            check_qty(contract, ask.qty)
            check_price(contract, trigger, name="trigger")
            if ask.kind == "limit":
                check_price(contract, ask.price)
            watched = self._watched(ask.symbol, trigger_by)
            way = 1 if trigger > watched else -1
            if kind != "trigger":
                self._check_level(holder, ask)
                levels = (trigger, None) if kind in ("stop", "pos_stop") else (None, trigger)
                check_levels(contract, -ask.side, watched, *levels)
                way = way_of(kind, -ask.side)
            now = self._market.now()
            return books.new_plan(
                account=account, client_id=ask.client_id, symbol=ask.symbol, kind=kind, side=ask.side,
                hold=ask.hold, trigger=trigger, way=way,
                qty=None if kind in ("pos_stop", "pos_target") else ask.qty,
                price=ask.price if ask.kind == "limit" else None, trigger_by=trigger_by,
                reduce_only=ask.reduce_only or kind != "trigger", ts=now, ts_updated=now,
            )  # fmt: skip

    def modify_plan(
        self, account: str, plan_id: str, *, trigger: Decimal, qty: Decimal | None = None
    ) -> Plan:
        """Move a waiting plan to another price, and perhaps to another quantity."""
        with self.change() as books:
            plan = self._waiting(books, account, plan_id, "")
            contract = books.contract(plan.symbol)
            check_price(contract, trigger, name="trigger")
            watched = self._watched(plan.symbol, plan.trigger_by)
            if (trigger - watched) * plan.way <= 0:
                raise Refused("bad_level", f"at {watched} a trigger of {trigger} would fire at once")
            if qty is not None:
                check_qty(contract, qty)
            now = self._market.now()
            return books.keep_plan(replace(plan, trigger=trigger, qty=qty or plan.qty, ts_updated=now))

    def cancel_plan(self, account: str, *, plan_id: str = "", client_id: str = "") -> Plan:
        """End a waiting plan."""
        with self.change() as books:
            plan = self._waiting(books, account, plan_id, client_id)
            return books.end_plan(plan, self._market.now(), "asked")

    def plan(self, account: str, *, plan_id: str = "", client_id: str = "") -> Plan | None:
        """Return a plan by either id, whatever became of it."""
        self.tick()
        return self._books.account(account).plan(plan_id, client_id)

    def open_plans(self, account: str, symbol: str = "") -> Sequence[Plan]:
        """Return the plans that wait, oldest first."""
        self.tick()
        return of_symbol(self._books.account(account).open_plans.values(), symbol)

    def plan_history(self, account: str, symbol: str = "") -> Sequence[Plan]:
        """Return all plans, oldest first."""
        self.tick()
        return of_symbol(self._books.account(account).plans.values(), symbol)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _watched(self, symbol: str, trigger_by: TriggerBy) -> Decimal:
        mark = self._market.mark(symbol) if trigger_by == "mark" else None
        return self._priced(symbol) if mark is None else mark

    def _check_level(self, holder: Account, ask: Ask) -> None:
        held = holder.positions.get((ask.symbol, ask.hold))
        if held is None or held.side != -ask.side:
            raise Refused("no_position", f"there is no position in {ask.symbol} that this level would close")

    def _waiting(self, books: Books, account: str, plan_id: str, client_id: str) -> Plan:
        plan = books.account(account).plan(plan_id, client_id)
        if plan is None or plan.state != "live":
            raise Refused("plan_not_found", f"no plan {plan_id or client_id} is waiting")
        return plan
