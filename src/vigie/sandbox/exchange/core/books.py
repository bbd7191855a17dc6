"""The few ways in which what accounts own and owe can change: fills, levels, liquidation, funding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from vigie.sandbox.exchange.core.account import liquidation_price, of_symbol
from vigie.sandbox.exchange.core.grid import booked, to_lot
from vigie.sandbox.exchange.core.moves import Move, MoveKind, Wallet
from vigie.sandbox.exchange.core.records import Records, made_id
from vigie.sandbox.exchange.core.words import (
    ZERO,
    Bill,
    BillKind,
    Cause,
    Contract,
    Order,
    Plan,
    PlanKind,
    Position,
    Trade,
)

_WAYS: Final[dict[PlanKind, int]] = {"stop": -1, "pos_stop": -1, "target": 1, "pos_target": 1}


class Books(Records):
    """The books; only the exchange and its market write them."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        super().__init__(contracts)
        # What is to go wrong on purpose: levels forgotten, shares filled, and whose rest is held back.
        self.levels_to_drop = 0
        self.shares: list[Decimal] = []
        self.held_back: set[str] = set()

    def wishes(self) -> dict[str, Any]:
        """Return what is to go wrong on purpose, as plain JSON."""
        return {
            "levels_to_drop": self.levels_to_drop,
            "shares": [str(share) for share in self.shares],
            "held_back": sorted(self.held_back),
        }

    def take_wishes(self, row: dict[str, Any]) -> None:
        """Read what `wishes` returned."""
        self.levels_to_drop = row["levels_to_drop"]
        self.shares = [Decimal(share) for share in row["shares"]]
        self.held_back = set(row["held_back"])

    # -- what waits for a price --------------------------------------------------------------------------------------

    def fire(self, plan: Plan, ts: int, series: str = "") -> Order | None:
        """Make the order of a plan; None where there is nothing left to reduce."""
        account = self.accounts[plan.account]
        position = account.positions.get((plan.symbol, plan.hold))
        held = position.qty if position is not None and position.side == -plan.side else ZERO
        qty = held if plan.qty is None else plan.qty
        if plan.reduce_only:
            qty = min(qty, held)
        if not qty:
            self.keep_plan(replace(plan, state="failed", reason="no_position", ts_updated=ts))
            return None
        order = self.new_order(
            account=plan.account, client_id=plan.client_id, symbol=plan.symbol, side=plan.side,
            kind="market" if plan.price is None else "limit", qty=qty, price=plan.price,
            reduce_only=plan.reduce_only, hold=plan.hold, force="gtc",
            margin_mode=account.margin_mode(plan.symbol), leverage=account.leverage(plan.symbol, plan.hold),
            ts=ts, ts_updated=ts, cause=plan.kind, series=series if position is None else position.series,
        )  # fmt: skip
        self.keep_plan(replace(plan, state="executed", order_id=order.id, ts_updated=ts))
        return order

    def portion(self, order: Order) -> Decimal:
        """Return how much of an order may fill now: its rest, unless shares were asked for."""
        if order.id in self.held_back:
            return ZERO
        if not self.shares or order.cause != "order":
            return order.rest
        self.held_back.add(order.id)
        return to_lot(order.rest * self.shares.pop(0), self.contracts[order.symbol].lot)

    def next_countdown(self, ts: int) -> int:
        """Return when the next countdown runs out, `ts` where none does before."""
        return min((at for one in self.accounts.values() for at in one.countdowns.values()), default=ts)

    def end_countdowns(self, ts: int) -> None:
        """Cancel the orders of contracts whose countdown has run out by `ts`; what waits for a price stays."""
        for holder in self.accounts.values():
            for symbol in [name for name, at in holder.countdowns.items() if at <= ts]:
                at = holder.countdowns.pop(symbol)
                self.note_settings(holder)
                for order in of_symbol(list(holder.open_orders.values()), symbol):
                    self.cancel(order, at, "countdown")

    # -- executions ------------------------------------------------------------------------------------------------

    def fill(
        self, order: Order, price: Decimal, ts: int, *, qty: Decimal | None = None, is_maker: bool = False
    ) -> Sequence[Trade]:
        """Execute an order at a price: what it closes first, what it opens then.

        Parameters
        ----------
        order : Order
            As it is now.
        price : Decimal
            Executed as it is.
        ts : int
            Of the trades.
        qty : Decimal, optional
            Less than the rest for a partial fill.
        is_maker : bool
            Pays the maker's fee.
        """
        account = self.accounts[order.account]
        wanted = order.rest if qty is None else min(qty, order.rest)
        position = account.positions.get((order.symbol, order.hold))
        closing = ZERO
        if position is not None and position.side == -order.side:
            closing = min(wanted, position.qty)
        opening = ZERO if order.reduce_only else wanted - closing
        if order.reduce_only and not closing:
            self.cancel(order, ts, "no_position")
            return []
        trades = []
        if position is not None and closing:
            trades.append(self._close(position, order, closing, price, ts, is_maker=is_maker))
        if opening:
            trades.append(self._open(account.orders[order.id], opening, price, ts, is_maker=is_maker))
        return trades

    def _close(
        self, position: Position, order: Order, qty: Decimal, price: Decimal, ts: int, *, is_maker: bool
    ) -> Trade:
        profit = booked(position.side * qty * (price - position.entry))
        trade = self._execute(order, qty, price, ts, profit=profit, is_opening=False, is_maker=is_maker,
                              series=position.series)  # fmt: skip
        self.keep_position(self._reduced(position, trade))
        return trade

    def _reduced(self, position: Position, trade: Trade) -> Position:
        left, closed = position.qty - trade.qty, position.closed + trade.qty
        value = (position.exit or ZERO) * position.closed + trade.price * trade.qty
        # What was added to the margin goes with the part that is closed.
        added = position.added * left / position.qty if position.added else ZERO
        return replace(
            position, qty=left, margin=left * position.entry / position.leverage + added, added=added,
            fees=position.fees + trade.fee, realised=position.realised + trade.profit,
            closed=closed, exit=value / closed, ts_updated=trade.ts,
        )  # fmt: skip

    def _open(self, order: Order, qty: Decimal, price: Decimal, ts: int, *, is_maker: bool) -> Trade:
        account = self.accounts[order.account]
        held = account.positions.get((order.symbol, order.hold))
        series = order.series if held is None else held.series
        trade = self._execute(
            order, qty, price, ts, profit=ZERO, is_opening=True, is_maker=is_maker, series=series
        )
        leverage = order.leverage if held is None else held.leverage
        mode = order.margin_mode if held is None else held.margin_mode
        total = qty if held is None else held.qty + qty
        entry = price if held is None else (held.entry * held.qty + price * qty) / total
        added = ZERO if held is None else held.added
        liquidation = liquidation_price(
            self.contracts[order.symbol], order.side, entry, leverage, mode, added / total
        )
        if held is None:
            held = Position(
                account.name, order.symbol, order.hold, order.side, total, entry, leverage, mode, ZERO,
                liquidation, ts, ts, series=series,
            )  # fmt: skip
        self.keep_position(
            replace(
                held,
                qty=total,
                entry=entry,
                margin=total * entry / leverage + added,
                liquidation=liquidation,
                fees=held.fees + trade.fee,
                ts_updated=ts,
            )
        )
        self._attach(order, qty, ts)
        return trade

    def _attach(self, order: Order, qty: Decimal, ts: int) -> None:
        """Put the levels that came with an order on what it has filled."""
        if self.levels_to_drop and (order.stop or order.target):
            self.levels_to_drop -= 1
            return
        account = self.accounts[order.account]
        levels: tuple[tuple[PlanKind, Decimal | None, Decimal | None], ...] = (
            ("stop", order.stop, order.stop_limit),
            ("target", order.target, order.target_limit),
        )
        for kind, trigger, limit in levels:
            if trigger is None:
                continue
            known = [
                plan for plan in account.open_plans.values() if plan.parent == order.id and plan.kind == kind
            ]
            if known:
                self.keep_plan(replace(known[0], qty=(known[0].qty or ZERO) + qty, ts_updated=ts))
                continue
            self.new_plan(
                account=order.account, client_id="", symbol=order.symbol, kind=kind, side=-order.side,
                hold=order.hold, trigger=trigger, way=way_of(kind, order.side), qty=qty, price=limit,
                trigger_by="last", reduce_only=True, ts=ts, ts_updated=ts, parent=order.id,
            )  # fmt: skip

    def _execute(
        self, order: Order, qty: Decimal, price: Decimal, ts: int, *, profit: Decimal, is_opening: bool,
        is_maker: bool, series: str, fee: Decimal | None = None,
    ) -> Trade:  # fmt: skip
        """Write down a trade, the order it belongs to and what it does to the cash."""
        contract = self.contracts[order.symbol]
        if fee is None:
            fee = booked(qty * price * (contract.maker if is_maker else contract.taker))
        filled = order.filled + qty
        spent = (order.average or ZERO) * order.filled + price * qty
        self.keep_order(
            replace(
                order,
                filled=filled,
                average=spent / filled,
                fee=order.fee + fee,
                profit=order.profit + profit,
                state="filled" if filled == order.qty else "partial",
                ts_updated=ts,
                series=series,
            )
        )
        number = self.next_number()
        trade = Trade(
            made_id(number), number, order.id, order.client_id, order.account, order.symbol, order.side,
            order.hold, qty, price, fee, profit, ts, is_opening, is_maker, order.cause, series,
        )  # fmt: skip
        self.accounts[order.account].trades.append(trade)
        self._note("trade", trade.id, trade, ts)
        kind: BillKind = "open" if is_opening else "liquidation" if order.cause == "liquidation" else "close"
        self.bill(
            order.account, kind, profit, ts, ts, fee=fee, symbol=order.symbol, side=order.side, qty=qty,
            trade_id=trade.id, series=series,
        )  # fmt: skip
        return trade

    def take_away(self, position: Position, price: Decimal, ts: int, cause: Cause = "liquidation") -> Trade:
        """Liquidate a position: its margin is lost by definition and there is no fee."""
        order = self._own_order(position, ts, cause)
        profit = -booked(position.margin)
        trade = self._execute(
            order, position.qty, price, ts, profit=profit, is_opening=False, is_maker=False,
            series=position.series, fee=ZERO,
        )  # fmt: skip
        self.keep_position(self._reduced(position, trade))
        return trade

    def close_out(self, position: Position, price: Decimal, ts: int, cause: Cause) -> Trade:
        """Close a position at a price without an order of the account's."""
        return self.fill(self._own_order(position, ts, cause), price, ts)[0]

    def _own_order(self, position: Position, ts: int, cause: Cause) -> Order:
        return self.new_order(
            account=position.account, client_id="", symbol=position.symbol, side=-position.side,
            kind="market", qty=position.qty, price=None, reduce_only=True, hold=position.hold, force="gtc",
            margin_mode=position.margin_mode, leverage=position.leverage, ts=ts, ts_updated=ts, cause=cause,
            series=position.series,
        )  # fmt: skip

    # -- money -----------------------------------------------------------------------------------------------------

    def settle(self, position: Position, rate: Decimal, mark: Decimal, ts: int, ts_booked: int) -> Bill:
        """Book one settlement of funding on a position."""
        amount = booked(-position.side * position.qty * mark * rate)
        bill = self.bill(
            position.account, "funding", amount, ts, ts_booked, symbol=position.symbol, side=position.side,
            qty=position.qty, rate=rate, mark=mark, series=position.series,
        )  # fmt: skip
        self.keep_position(replace(position, funding=position.funding + amount, ts_updated=ts_booked))
        return bill

    def add_margin(self, position: Position, amount: Decimal, ts: int) -> Position:
        """Add to the margin of an isolated position, or take some out; no cash moves."""
        added = position.added + amount
        liquidation = liquidation_price(
            self.contracts[position.symbol], position.side, position.entry, position.leverage,
            position.margin_mode, added / position.qty,
        )  # fmt: skip
        return self.keep_position(
            replace(
                position, margin=position.margin + amount, added=added, liquidation=liquidation, ts_updated=ts
            )
        )

    def move(
        self, account: str, kind: MoveKind, amount: Decimal, ts: int, *, wallet: Wallet = "trading",
        fee: Decimal = ZERO, client_id: str = "", address: str = "",
    ) -> Move:  # fmt: skip
        """Move money, and say so; a transfer is counted as it comes to the trading wallet."""
        holder, number, bill_id = self.accounts[account], 0, ""
        if kind == "transfer":
            holder.main -= amount
        elif wallet == "main":
            holder.main += amount - fee
        if wallet == "trading":
            bill = self.bill(account, "deposit" if amount > 0 else "withdrawal", amount, ts, ts, fee=fee)
            number, bill_id = bill.number, bill.id
        number = number or self.next_number()
        move = Move(
            made_id(number), number, account, kind, wallet, amount, fee, holder.main, ts, client_id, address, bill_id
        )  # fmt: skip
        holder.moves.append(move)
        self.note_settings(holder)
        self._note("move", move.id, move, ts)
        return move

    def bill(
        self, account: str, kind: BillKind, amount: Decimal, ts: int, ts_booked: int, *, fee: Decimal = ZERO,
        **what: Any,
    ) -> Bill:  # fmt: skip
        """Change an account's cash, and say why."""
        holder = self.accounts[account]
        holder.cash += amount - fee
        number = self.next_number()
        what.setdefault("symbol", "")
        bill = Bill(
            id=made_id(number), number=number, account=account, kind=kind, amount=amount, fee=fee, ts=ts,
            ts_booked=ts_booked, cash=holder.cash, **what,
        )  # fmt: skip
        holder.bills.append(bill)
        self.note_settings(holder)
        self._note("bill", bill.id, bill, ts_booked)
        return bill


def way_of(kind: PlanKind, side: int) -> int:
    """Return which way the price comes to a level of a position of this side."""
    return side * _WAYS[kind]
