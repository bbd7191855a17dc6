"""What the exchange itself does: opens accounts, halts contracts, closes positions, errs on purpose."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from vigie.domain.errors import UsageError
from vigie.sandbox.exchange.core.account import Account
from vigie.sandbox.exchange.core.floor import Floor
from vigie.sandbox.exchange.core.words import Cause, Contract, Hold, Refused, Status, Trade

_FROM_OUTSIDE: Final = ("liquidation", "adl", "person")


class House(Floor):
    """What happens to accounts from outside."""

    def open_account(self, account: str, deposit: Decimal) -> None:
        """Open an account with some money; one that exists stays as it is."""
        with self.change() as books:
            if account in books.accounts:
                return
            books.accounts[account] = Account(account)
            books.note_settings(books.accounts[account])
            if deposit:
                now = self._market.now()
                books.move(account, "deposit", deposit, now)

    def force_close(self, account: str, symbol: str, cause: Cause, hold: Hold = "net") -> Trade:
        """Close a position from outside: by ``liquidation``, ``adl`` or a ``person`` in the app."""
        if cause not in _FROM_OUTSIDE:
            raise UsageError(f"cause must be one of {', '.join(_FROM_OUTSIDE)}, was {cause!r}")
        with self.change() as books:
            position = books.account(account).positions.get((symbol, hold))
            if position is None:
                raise Refused("no_position", f"there is no position in {symbol}")
            now = self._market.now()
            if cause == "liquidation":
                return books.take_away(position, position.liquidation or self._priced(symbol), now)
            price = self._market.taken(books, symbol, -position.side) or self._priced(symbol)
            return books.close_out(position, price, now, cause)

    def set_status(self, symbol: str, status: Status) -> None:
        """Halt a contract (``maintain``), let it only be closed (``limit_open``), delist it (``off``), or go on.

        Delisting cancels every order and closes every position at the last price.
        """
        with self.change() as books:
            contract = books.contract(symbol)
            now = self._market.now()
            if status == "off":
                for holder in books.accounts.values():
                    for order in [one for one in holder.open_orders.values() if one.symbol == symbol]:
                        books.cancel(order, now, "delisted")
                    for position in [one for one in holder.positions.values() if one.symbol == symbol]:
                        books.close_out(position, self._priced(symbol), now, "delisting")
                    for plan in [one for one in holder.open_plans.values() if one.symbol == symbol]:
                        books.end_plan(plan, now, "delisted")
            books.keep_contract(replace(contract, status=status), now)

    def change_contract(self, contract: Contract) -> None:
        """Change a contract's rules: steps, minimums, fees; what is open keeps its prices and sizes."""
        with self.change() as books:
            books.contract(contract.symbol)
            books.keep_contract(contract, self._market.now())

    def split_next(self, share: Decimal, times: int = 1) -> None:
        """Fill only a share of the next market orders; the rest waits until it is cancelled or `let_go` is called."""
        if not 0 <= share < 1:
            raise UsageError(f"share must be at least 0 and below 1, was {share}")
        with self.change() as books:
            books.shares += [share] * times

    def let_go(self) -> None:
        """Let the rests that `split_next` held back be filled."""
        with self.change() as books:
            for order_id in sorted(books.held_back):
                for holder in books.accounts.values():
                    order = holder.open_orders.get(order_id)
                    books.held_back.discard(order_id)
                    if order is not None:
                        self._market.take(books, order)

    def drop_levels_next(self, times: int = 1) -> None:
        """Forget the levels of the next orders that bring some and are filled."""
        with self.change() as books:
            books.levels_to_drop += times
