"""What the exchange itself does: opens accounts, halts contracts, closes positions, errs on purpose."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from vigie.domain.errors import UsageError
from vigie_sandbox.exchange.core.account import ExchangeAccount
from vigie_sandbox.exchange.core.entities import (
    Contract,
    ContractStatus,
    ExchangeRefusal,
    ExchangeTrade,
    HoldSide,
    TradeCause,
)
from vigie_sandbox.exchange.core.exchange_core import ExchangeCore

_FORCED_CAUSES: Final = ("liquidation", "adl", "person")


class ExchangeState(ExchangeCore):
    """What happens to accounts from outside."""

    def open_account(self, account: str, deposit: Decimal) -> None:
        """Open an account with some money; one that exists stays as it is."""
        with self.change() as ledger:
            if account in ledger.accounts:
                return
            ledger.accounts[account] = ExchangeAccount(account)
            ledger.record_settings(ledger.accounts[account])
            if deposit:
                now = self._market.now()
                ledger.add_move(account, "deposit", deposit, now)

    def force_close(
        self, account: str, symbol: str, cause: TradeCause, hold: HoldSide = "net"
    ) -> ExchangeTrade:
        """Close a position from outside: by ``liquidation``, ``adl`` or a ``person`` in the app."""
        if cause not in _FORCED_CAUSES:
            raise UsageError(f"cause must be one of {', '.join(_FORCED_CAUSES)}, was {cause!r}")
        with self.change() as ledger:
            position = ledger.require_account(account).positions.get((symbol, hold))
            if position is None:
                raise ExchangeRefusal("no_position", f"there is no position in {symbol}")
            now = self._market.now()
            if cause == "liquidation":
                return ledger.liquidate(position, position.liquidation or self._require_price(symbol), now)
            price = self._market.get_taker_price(ledger, symbol, -position.side) or self._require_price(
                symbol
            )
            return ledger.close_position_at(position, price, now, cause)

    def set_status(self, symbol: str, status: ContractStatus) -> None:
        """Halt a contract (``maintain``), let it only be closed (``limit_open``), delist it (``off``), or go on.

        Delisting cancels every order and closes every position at the last price.
        """
        with self.change() as ledger:
            contract = ledger.require_contract(symbol)
            now = self._market.now()
            if status == "off":
                for holder in ledger.accounts.values():
                    for order in [
                        record for record in holder.open_orders.values() if record.symbol == symbol
                    ]:
                        ledger.cancel(order, now, "delisted")
                    for position in [
                        record for record in holder.positions.values() if record.symbol == symbol
                    ]:
                        ledger.close_position_at(position, self._require_price(symbol), now, "delisting")
                    for plan in [record for record in holder.open_plans.values() if record.symbol == symbol]:
                        ledger.end_plan(plan, now, "delisted")
            ledger.save_contract(replace(contract, status=status), now)

    def change_contract(self, contract: Contract) -> None:
        """Change a contract's rules: steps, minimums, fees; what is open keeps its prices and sizes."""
        with self.change() as ledger:
            ledger.require_contract(contract.symbol)
            ledger.save_contract(contract, self._market.now())

    def split_next_orders(self, share: Decimal, times: int = 1) -> None:
        """Fill only a share of the next market orders; the rest waits for a cancel or `release_withheld_orders`."""
        if not 0 <= share < 1:
            raise UsageError(f"share must be at least 0 and below 1, was {share}")
        with self.change() as ledger:
            ledger.partial_shares += [share] * times

    def release_withheld_orders(self) -> None:
        """Let the rests that `split_next_orders` held back be filled."""
        with self.change() as ledger:
            for order_id in sorted(ledger.withheld_orders):
                for holder in ledger.accounts.values():
                    order = holder.open_orders.get(order_id)
                    ledger.withheld_orders.discard(order_id)
                    if order is not None:
                        self._market.match_order(ledger, order)

    def drop_next_levels(self, times: int = 1) -> None:
        """Forget the levels of the next orders that bring some and are filled."""
        with self.change() as ledger:
            ledger.n_levels_to_drop += times
