"""The desk of accounts: positions, bills, leverage, modes, and the time at which everything is cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from vigie.sandbox.exchange.core.account import Account, of_symbol
from vigie.sandbox.exchange.core.checks import check_hold
from vigie.sandbox.exchange.core.floor import Floor
from vigie.sandbox.exchange.core.words import (
    Bill,
    Hold,
    MarginMode,
    Position,
    PositionMode,
    Refused,
)


class AccountDesk(Floor):
    """What an account holds and how it is set."""

    def positions(self, account: str, symbol: str = "") -> Sequence[Position]:
        """Return the open positions."""
        self.tick()
        return of_symbol(self._books.account(account).positions.values(), symbol)

    def closed_positions(self, account: str, symbol: str = "") -> Sequence[Position]:
        """Return the positions that have ended, oldest first; `closed` says how large they were."""
        self.tick()
        return of_symbol(self._books.account(account).closed, symbol)

    def bills(self, account: str, kind: str = "") -> Sequence[Bill]:
        """Return every change of the account's cash, oldest first."""
        self.tick()
        return [bill for bill in self._books.account(account).bills if kind in ("", bill.kind)]

    def leverage(self, account: str, symbol: str, hold: Hold = "net") -> Decimal:
        """Return the leverage of new positions."""
        self._books.contract(symbol)
        return self._books.account(account).leverage(symbol, hold)

    def set_leverage(self, account: str, symbol: str, leverage: Decimal, hold: Hold | None = None) -> None:
        """Set the leverage of new positions; refused while a position or an order of the contract is open."""
        with self.change() as books:
            holder = books.account(account)
            contract = books.contract(symbol)
            if not 1 <= leverage <= contract.max_leverage:
                most = contract.max_leverage
                raise Refused("leverage_refused", f"leverage must be 1..{most}, was {leverage}")
            if hold is not None:
                check_hold(holder, hold)
            holds: Sequence[Hold] = ("net", "long", "short") if hold is None else (hold,)
            if all(holder.leverage(symbol, one) == leverage for one in holds):
                return
            if _is_busy(holder, symbol):
                raise Refused("leverage_locked", f"a position or an order in {symbol} is open")
            holder.leverages.update({f"{symbol}/{one}": leverage for one in holds})
            books.note_settings(holder)

    def margin_mode(self, account: str, symbol: str) -> MarginMode:
        """Return how new positions are margined."""
        self._books.contract(symbol)
        return self._books.account(account).margin_mode(symbol)

    def set_margin_mode(self, account: str, symbol: str, mode: MarginMode) -> None:
        """Set how new positions are margined; refused while a position or an order of the contract is open."""
        with self.change() as books:
            holder = books.account(account)
            books.contract(symbol)
            if holder.margin_mode(symbol) == mode:
                return
            if _is_busy(holder, symbol):
                raise Refused("margin_mode_locked", f"a position or an order in {symbol} is open")
            holder.margin_modes[symbol] = mode
            books.note_settings(holder)

    def position_mode(self, account: str) -> PositionMode:
        """Return whether the account nets its positions."""
        return self._books.account(account).position_mode

    def set_position_mode(self, account: str, mode: PositionMode) -> None:
        """Set whether the account nets its positions; refused while anything is open."""
        with self.change() as books:
            holder = books.account(account)
            if holder.position_mode == mode:
                return
            if holder.positions or holder.open_orders or holder.open_plans:
                raise Refused("position_mode_locked", "a position or an order is open")
            holder.position_mode = mode
            books.note_settings(holder)

    def set_cancel_at(self, account: str, ts: int | None) -> None:
        """Set when everything of an account that waits is cancelled; None for never."""
        with self.change() as books:
            holder = books.account(account)
            holder.cancel_at = ts
            books.note_settings(holder)

    def set_countdown(self, account: str, symbol: str, after_ms: int) -> None:
        """Cancel the orders of a contract when so much of the market's time has passed; 0 stops the countdown."""
        with self.change() as books:
            books.contract(symbol)
            holder = books.account(account)
            holder.countdowns.pop(symbol, None)
            if after_ms:
                holder.countdowns[symbol] = self._market.now() + after_ms
            books.note_settings(holder)

    def cancel_due(self, now: int) -> Sequence[str]:
        """Cancel all orders and plans of the accounts whose time for that has come, and return their names."""
        due = [
            one for one in self._books.accounts.values() if one.cancel_at is not None and one.cancel_at <= now
        ]
        if not due:
            return []
        with self.change() as books:
            for holder in due:
                holder.cancel_at = None
                books.note_settings(holder)
                for order in list(holder.open_orders.values()):
                    books.cancel(order, self._market.now(), "scheduled")
                for plan in list(holder.open_plans.values()):
                    books.end_plan(plan, self._market.now(), "scheduled")
        return [one.name for one in due]


def _is_busy(holder: Account, symbol: str) -> bool:
    ordered = any(order.symbol == symbol for order in holder.open_orders.values())
    return ordered or any(held == symbol for held, _ in holder.positions)
