"""The few ways in which what accounts own and owe can change: fills, levels, liquidation, funding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from vigie_sandbox.exchange.core.account import compute_liquidation_price, filter_by_symbol
from vigie_sandbox.exchange.core.entities import (
    ZERO,
    Bill,
    BillKind,
    Contract,
    ExchangeTrade,
    Order,
    PlanKind,
    PlanOrder,
    Position,
    TradeCause,
)
from vigie_sandbox.exchange.core.grid import round_down_to_lot, round_money
from vigie_sandbox.exchange.core.moves import Move, MoveKind, Wallet
from vigie_sandbox.exchange.core.records import ExchangeRecords, make_id

_LEVEL_WAYS: Final[dict[PlanKind, int]] = {"stop": -1, "pos_stop": -1, "target": 1, "pos_target": 1}


class ExchangeLedger(ExchangeRecords):
    """The books; only the exchange and its market write them."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        super().__init__(contracts)
        # What is to go wrong on purpose: levels forgotten, shares filled, and whose rest is held back.
        self.n_levels_to_drop = 0
        self.partial_shares: list[Decimal] = []
        self.withheld_orders: set[str] = set()

    def planned_errors(self) -> dict[str, Any]:
        """Return what is to go wrong on purpose, as plain JSON."""
        return {
            "levels_to_drop": self.n_levels_to_drop,
            "shares": [str(share) for share in self.partial_shares],
            "held_back": sorted(self.withheld_orders),
        }

    def restore_planned_errors(self, row: dict[str, Any]) -> None:
        """Read what `planned_errors` returned."""
        self.n_levels_to_drop = row["levels_to_drop"]
        self.partial_shares = [Decimal(share) for share in row["shares"]]
        self.withheld_orders = set(row["held_back"])

    # -- what waits for a price --------------------------------------------------------------------------------------

    def trigger_plan(self, plan: PlanOrder, ts: int, series: str = "") -> Order | None:
        """Make the order of a plan; None where there is nothing left to reduce."""
        account = self.accounts[plan.account]
        position = account.positions.get((plan.symbol, plan.hold))
        held_qty = position.qty if position is not None and position.side == -plan.side else ZERO
        qty = held_qty if plan.qty is None else plan.qty
        if plan.reduce_only:
            qty = min(qty, held_qty)
        if not qty:
            self.save_plan(replace(plan, state="failed", reason="no_position", ts_updated=ts))
            return None
        order = self.new_order(
            account=plan.account, client_id=plan.client_id, symbol=plan.symbol, side=plan.side,
            kind="market" if plan.price is None else "limit", qty=qty, price=plan.price,
            reduce_only=plan.reduce_only, hold=plan.hold, force="gtc",
            margin_mode=account.margin_mode(plan.symbol), leverage=account.leverage(plan.symbol, plan.hold),
            ts=ts, ts_updated=ts, cause=plan.kind, series=series if position is None else position.series,
        )  # fmt: skip
        self.save_plan(replace(plan, state="executed", order_id=order.id, ts_updated=ts))
        return order

    def get_fillable_qty(self, order: Order) -> Decimal:
        """Return how much of an order may fill now: its rest, unless shares were asked for."""
        if order.id in self.withheld_orders:
            return ZERO
        if not self.partial_shares or order.cause != "order":
            return order.rest
        self.withheld_orders.add(order.id)
        return round_down_to_lot(order.rest * self.partial_shares.pop(0), self.contracts[order.symbol].lot)

    def next_countdown(self, ts: int) -> int:
        """Return when the next countdown runs out, `ts` where none does before."""
        return min(
            (at for account in self.accounts.values() for at in account.countdowns.values()), default=ts
        )

    def expire_countdowns(self, ts: int) -> None:
        """Cancel the orders of contracts whose countdown has run out by `ts`; what waits for a price stays."""
        for holder in self.accounts.values():
            for symbol in [name for name, at in holder.countdowns.items() if at <= ts]:
                at = holder.countdowns.pop(symbol)
                self.record_settings(holder)
                for order in filter_by_symbol(list(holder.open_orders.values()), symbol):
                    self.cancel(order, at, "countdown")

    # -- executions ------------------------------------------------------------------------------------------------

    def fill(
        self, order: Order, price: Decimal, ts: int, *, qty: Decimal | None = None, is_maker: bool = False
    ) -> Sequence[ExchangeTrade]:
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
        fill_qty = order.rest if qty is None else min(qty, order.rest)
        position = account.positions.get((order.symbol, order.hold))
        closing = ZERO
        if position is not None and position.side == -order.side:
            closing = min(fill_qty, position.qty)
        opening = ZERO if order.reduce_only else fill_qty - closing
        if order.reduce_only and not closing:
            self.cancel(order, ts, "no_position")
            return []
        trades = []
        if position is not None and closing:
            trades.append(self._close_part(position, order, closing, price, ts, is_maker=is_maker))
        if opening:
            trades.append(self._open_part(account.orders[order.id], opening, price, ts, is_maker=is_maker))
        return trades

    def _close_part(
        self, position: Position, order: Order, qty: Decimal, price: Decimal, ts: int, *, is_maker: bool
    ) -> ExchangeTrade:
        profit = round_money(position.side * qty * (price - position.entry))
        trade = self._execute(order, qty, price, ts, profit=profit, is_opening=False, is_maker=is_maker,
                              series=position.series)  # fmt: skip
        self.save_position(self._reduce_position(position, trade))
        return trade

    def _reduce_position(self, position: Position, trade: ExchangeTrade) -> Position:
        left, closed = position.qty - trade.qty, position.closed + trade.qty
        value = (position.exit or ZERO) * position.closed + trade.price * trade.qty
        # What was added to the margin goes with the part that is closed.
        added = position.added * left / position.qty if position.added else ZERO
        return replace(
            position, qty=left, margin=left * position.entry / position.leverage + added, added=added,
            fees=position.fees + trade.fee, realised=position.realised + trade.profit,
            closed=closed, exit=value / closed, ts_updated=trade.ts,
        )  # fmt: skip

    def _open_part(
        self, order: Order, qty: Decimal, price: Decimal, ts: int, *, is_maker: bool
    ) -> ExchangeTrade:
        account = self.accounts[order.account]
        position = account.positions.get((order.symbol, order.hold))
        series = order.series if position is None else position.series
        trade = self._execute(
            order, qty, price, ts, profit=ZERO, is_opening=True, is_maker=is_maker, series=series
        )
        leverage = order.leverage if position is None else position.leverage
        mode = order.margin_mode if position is None else position.margin_mode
        total = qty if position is None else position.qty + qty
        entry = price if position is None else (position.entry * position.qty + price * qty) / total
        added = ZERO if position is None else position.added
        liquidation = compute_liquidation_price(
            self.contracts[order.symbol], order.side, entry, leverage, mode, added / total
        )
        if position is None:
            position = Position(
                account.name, order.symbol, order.hold, order.side, total, entry, leverage, mode, ZERO,
                liquidation, ts, ts, series=series,
            )  # fmt: skip
        self.save_position(
            replace(
                position,
                qty=total,
                entry=entry,
                margin=total * entry / leverage + added,
                liquidation=liquidation,
                fees=position.fees + trade.fee,
                ts_updated=ts,
            )
        )
        self._attach_levels(order, qty, ts)
        return trade

    def _attach_levels(self, order: Order, qty: Decimal, ts: int) -> None:
        """Put the levels that came with an order on what it has filled."""
        if self.n_levels_to_drop and (order.stop or order.target):
            self.n_levels_to_drop -= 1
            return
        account = self.accounts[order.account]
        levels: tuple[tuple[PlanKind, Decimal | None, Decimal | None], ...] = (
            ("stop", order.stop, order.stop_limit),
            ("target", order.target, order.target_limit),
        )
        for kind, trigger, limit in levels:
            if trigger is None:
                continue
            attached = [
                plan for plan in account.open_plans.values() if plan.parent == order.id and plan.kind == kind
            ]
            if attached:
                self.save_plan(replace(attached[0], qty=(attached[0].qty or ZERO) + qty, ts_updated=ts))
                continue
            self.new_plan(
                account=order.account, client_id="", symbol=order.symbol, kind=kind, side=-order.side,
                hold=order.hold, trigger=trigger, way=get_level_way(kind, order.side), qty=qty, price=limit,
                trigger_by="last", reduce_only=True, ts=ts, ts_updated=ts, parent=order.id,
            )  # fmt: skip

    def _execute(
        self, order: Order, qty: Decimal, price: Decimal, ts: int, *, profit: Decimal, is_opening: bool,
        is_maker: bool, series: str, fee: Decimal | None = None,
    ) -> ExchangeTrade:  # fmt: skip
        """Write down a trade, the order it belongs to and what it does to the cash."""
        contract = self.contracts[order.symbol]
        if fee is None:
            fee = round_money(qty * price * (contract.maker if is_maker else contract.taker))
        filled = order.filled + qty
        spent = (order.average or ZERO) * order.filled + price * qty
        self.save_order(
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
        trade = ExchangeTrade(
            make_id(number), number, order.id, order.client_id, order.account, order.symbol, order.side,
            order.hold, qty, price, fee, profit, ts, is_opening, is_maker, order.cause, series,
        )  # fmt: skip
        self.accounts[order.account].trades.append(trade)
        self._record_change("trade", trade.id, trade, ts)
        kind: BillKind = "open" if is_opening else "liquidation" if order.cause == "liquidation" else "close"
        self.add_bill(
            order.account, kind, profit, ts, ts, fee=fee, symbol=order.symbol, side=order.side, qty=qty,
            trade_id=trade.id, series=series,
        )  # fmt: skip
        return trade

    def liquidate(
        self, position: Position, price: Decimal, ts: int, cause: TradeCause = "liquidation"
    ) -> ExchangeTrade:
        """Liquidate a position: its margin is lost by definition and there is no fee."""
        order = self._make_closing_order(position, ts, cause)
        profit = -round_money(position.margin)
        trade = self._execute(
            order, position.qty, price, ts, profit=profit, is_opening=False, is_maker=False,
            series=position.series, fee=ZERO,
        )  # fmt: skip
        self.save_position(self._reduce_position(position, trade))
        return trade

    def close_position_at(
        self, position: Position, price: Decimal, ts: int, cause: TradeCause
    ) -> ExchangeTrade:
        """Close a position at a price without an order of the account's."""
        return self.fill(self._make_closing_order(position, ts, cause), price, ts)[0]

    def _make_closing_order(self, position: Position, ts: int, cause: TradeCause) -> Order:
        return self.new_order(
            account=position.account, client_id="", symbol=position.symbol, side=-position.side,
            kind="market", qty=position.qty, price=None, reduce_only=True, hold=position.hold, force="gtc",
            margin_mode=position.margin_mode, leverage=position.leverage, ts=ts, ts_updated=ts, cause=cause,
            series=position.series,
        )  # fmt: skip

    # -- money -----------------------------------------------------------------------------------------------------

    def book_funding(self, position: Position, rate: Decimal, mark: Decimal, ts: int, ts_booked: int) -> Bill:
        """Book one settlement of funding on a position."""
        amount = round_money(-position.side * position.qty * mark * rate)
        bill = self.add_bill(
            position.account, "funding", amount, ts, ts_booked, symbol=position.symbol, side=position.side,
            qty=position.qty, rate=rate, mark=mark, series=position.series,
        )  # fmt: skip
        self.save_position(replace(position, funding=position.funding + amount, ts_updated=ts_booked))
        return bill

    def add_margin(self, position: Position, amount: Decimal, ts: int) -> Position:
        """Add to the margin of an isolated position, or take some out; no cash moves."""
        added = position.added + amount
        liquidation = compute_liquidation_price(
            self.contracts[position.symbol], position.side, position.entry, position.leverage,
            position.margin_mode, added / position.qty,
        )  # fmt: skip
        return self.save_position(
            replace(
                position, margin=position.margin + amount, added=added, liquidation=liquidation, ts_updated=ts
            )
        )

    def add_move(
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
            bill = self.add_bill(account, "deposit" if amount > 0 else "withdrawal", amount, ts, ts, fee=fee)
            number, bill_id = bill.number, bill.id
        number = number or self.next_number()
        move = Move(
            make_id(number), number, account, kind, wallet, amount, fee, holder.main, ts, client_id, address, bill_id
        )  # fmt: skip
        holder.moves.append(move)
        self.record_settings(holder)
        self._record_change("move", move.id, move, ts)
        return move

    def add_bill(
        self, account: str, kind: BillKind, amount: Decimal, ts: int, ts_booked: int, *, fee: Decimal = ZERO,
        **details: Any,
    ) -> Bill:  # fmt: skip
        """Change an account's cash, and say why."""
        holder = self.accounts[account]
        holder.cash += amount - fee
        number = self.next_number()
        details.setdefault("symbol", "")
        bill = Bill(
            id=make_id(number), number=number, account=account, kind=kind, amount=amount, fee=fee, ts=ts,
            ts_booked=ts_booked, cash=holder.cash, **details,
        )  # fmt: skip
        holder.bills.append(bill)
        self.record_settings(holder)
        self._record_change("bill", bill.id, bill, ts_booked)
        return bill


def get_level_way(kind: PlanKind, side: int) -> int:
    """Return which way the price comes to a level of a position of this side."""
    return side * _LEVEL_WAYS[kind]
