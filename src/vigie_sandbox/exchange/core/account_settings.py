"""The desk of accounts: positions, bills, leverage, modes, and the time at which everything is cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from vigie_sandbox.exchange.core.account import ExchangeAccount, filter_by_symbol
from vigie_sandbox.exchange.core.checks import check_hold
from vigie_sandbox.exchange.core.entities import (
    Bill,
    ExchangeRefusal,
    HoldSide,
    MarginMode,
    Position,
    PositionMode,
)
from vigie_sandbox.exchange.core.exchange_core import ExchangeCore


class AccountOperations(ExchangeCore):
    """What an account holds and how it is set."""

    def positions(self, account: str, symbol: str = "") -> Sequence[Position]:
        """Return the open positions."""
        self.tick()
        return filter_by_symbol(self._ledger.require_account(account).positions.values(), symbol)

    def closed_positions(self, account: str, symbol: str = "") -> Sequence[Position]:
        """Return the positions that have ended, oldest first; `closed` says how large they were."""
        self.tick()
        return filter_by_symbol(self._ledger.require_account(account).closed, symbol)

    def bills(self, account: str, kind: str = "") -> Sequence[Bill]:
        """Return every change of the account's cash, oldest first."""
        self.tick()
        return [bill for bill in self._ledger.require_account(account).bills if kind in ("", bill.kind)]

    def leverage(self, account: str, symbol: str, hold: HoldSide = "net") -> Decimal:
        """Return the leverage of new positions."""
        self._ledger.require_contract(symbol)
        return self._ledger.require_account(account).leverage(symbol, hold)

    def set_leverage(
        self, account: str, symbol: str, leverage: Decimal, hold: HoldSide | None = None
    ) -> None:
        """Set the leverage of new positions; refused while a position or an order of the contract is open."""
        with self.change() as ledger:
            holder = ledger.require_account(account)
            contract = ledger.require_contract(symbol)
            if not 1 <= leverage <= contract.max_leverage:
                max_leverage = contract.max_leverage
                raise ExchangeRefusal(
                    "leverage_refused", f"leverage must be 1..{max_leverage}, was {leverage}"
                )
            if hold is not None:
                check_hold(holder, hold)
            holds: Sequence[HoldSide] = ("net", "long", "short") if hold is None else (hold,)
            if all(holder.leverage(symbol, side) == leverage for side in holds):
                return
            if _has_open_business(holder, symbol):
                raise ExchangeRefusal("leverage_locked", f"a position or an order in {symbol} is open")
            holder.leverages.update({f"{symbol}/{side}": leverage for side in holds})
            ledger.record_settings(holder)

    def margin_mode(self, account: str, symbol: str) -> MarginMode:
        """Return how new positions are margined."""
        self._ledger.require_contract(symbol)
        return self._ledger.require_account(account).margin_mode(symbol)

    def set_margin_mode(self, account: str, symbol: str, mode: MarginMode) -> None:
        """Set how new positions are margined; refused while a position or an order of the contract is open."""
        with self.change() as ledger:
            holder = ledger.require_account(account)
            ledger.require_contract(symbol)
            if holder.margin_mode(symbol) == mode:
                return
            if _has_open_business(holder, symbol):
                raise ExchangeRefusal("margin_mode_locked", f"a position or an order in {symbol} is open")
            holder.margin_modes[symbol] = mode
            ledger.record_settings(holder)

    def position_mode(self, account: str) -> PositionMode:
        """Return whether the account nets its positions."""
        return self._ledger.require_account(account).position_mode

    def set_position_mode(self, account: str, mode: PositionMode) -> None:
        """Set whether the account nets its positions; refused while anything is open."""
        with self.change() as ledger:
            holder = ledger.require_account(account)
            if holder.position_mode == mode:
                return
            if holder.positions or holder.open_orders or holder.open_plans:
                raise ExchangeRefusal("position_mode_locked", "a position or an order is open")
            holder.position_mode = mode
            ledger.record_settings(holder)

    def set_cancel_at(self, account: str, ts: int | None) -> None:
        """Set when everything of an account that waits is cancelled; None for never."""
        with self.change() as ledger:
            holder = ledger.require_account(account)
            holder.cancel_at = ts
            ledger.record_settings(holder)

    def set_countdown(self, account: str, symbol: str, after_ms: int) -> None:
        """Cancel the orders of a contract when so much of the market's time has passed; 0 stops the countdown."""
        with self.change() as ledger:
            ledger.require_contract(symbol)
            holder = ledger.require_account(account)
            holder.countdowns.pop(symbol, None)
            if after_ms:
                holder.countdowns[symbol] = self._market.now() + after_ms
            ledger.record_settings(holder)

    def cancel_due(self, now: int) -> Sequence[str]:
        """Cancel all orders and plans of the accounts whose time for that has come, and return their names."""
        due = [
            account
            for account in self._ledger.accounts.values()
            if account.cancel_at is not None and account.cancel_at <= now
        ]
        if not due:
            return []
        with self.change() as ledger:
            for holder in due:
                holder.cancel_at = None
                ledger.record_settings(holder)
                for order in list(holder.open_orders.values()):
                    ledger.cancel(order, self._market.now(), "scheduled")
                for plan in list(holder.open_plans.values()):
                    ledger.end_plan(plan, self._market.now(), "scheduled")
        return [account.name for account in due]


def _has_open_business(holder: ExchangeAccount, symbol: str) -> bool:
    has_orders = any(order.symbol == symbol for order in holder.open_orders.values())
    return has_orders or any(position_symbol == symbol for position_symbol, _ in holder.positions)
