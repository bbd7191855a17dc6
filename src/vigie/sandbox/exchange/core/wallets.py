"""The desk of wallets: money that comes and goes, moves between wallets and accounts, and backs a position."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from vigie.sandbox.exchange.core.account import Account, gain
from vigie.sandbox.exchange.core.floor import Floor
from vigie.sandbox.exchange.core.moves import Move, MoveKind, Wallet
from vigie.sandbox.exchange.core.words import ZERO, Hold, Position, Refused

# Of a position's worth, what must stay with it when margin is taken out.
_LEAST_SHARE: Final = Decimal("0.1")


class WalletDesk(Floor):
    """What an account does with money that is not traded."""

    def main(self, account: str) -> Decimal:
        """Return what lies beside the trading wallet."""
        return self._books.account(account).main

    def moves(self, account: str, *kinds: MoveKind) -> Sequence[Move]:
        """Return the movements of an account's money, of some kinds or all, oldest first."""
        self.tick()
        return [one for one in self._books.account(account).moves if not kinds or one.kind in kinds]

    def deposit(
        self,
        account: str,
        amount: Decimal,
        *,
        wallet: Wallet = "trading",
        fee: Decimal = ZERO,
        address: str = "",
        client_id: str = "",
    ) -> Move:
        """Add money from outside to a wallet, or take some out where the amount is negative."""
        with self.change() as books:
            if not amount:
                raise Refused("bad_amount", "a deposit must not be 0")
            if amount < 0:
                self._check(books.account(account), wallet, fee - amount)
            kind: MoveKind = "deposit" if amount > 0 else "withdrawal"
            now = self._market.now()
            return books.move(
                account, kind, amount, now, wallet=wallet, fee=fee, address=address, client_id=client_id
            )

    def transfer(self, account: str, amount: Decimal, client_id: str = "") -> Move:
        """Move money from the main wallet to the trading one, or back where the amount is negative.

        A client's id is good once: asked again, the first transfer is returned and nothing moves.
        """
        with self.change() as books:
            holder = books.account(account)
            known = [
                one
                for one in holder.moves
                if client_id and (one.kind, one.client_id) == ("transfer", client_id)
            ]
            if known:
                return known[0]
            if not amount:
                raise Refused("bad_amount", "a transfer must not be 0")
            self._check(holder, "main" if amount > 0 else "trading", abs(amount))
            return books.move(account, "transfer", amount, self._market.now(), client_id=client_id)

    def send(self, account: str, amount: Decimal, *, address: str, to: str = "", sender: str = "") -> None:
        """Send money of the trading wallet to another account, or to nobody known here.

        Parameters
        ----------
        address, sender : str
            What the other is called by, and by what the other knows this one.
        to : str
            The other's account; empty where it has none.
        """
        with self.change() as books:
            self._check(books.account(account), "trading", amount)
            if to:
                books.account(to)
            now = self._market.now()
            books.move(account, "sent", -amount, now, address=address)
            if to:
                books.move(to, "received", amount, now, address=sender)

    def add_margin(self, account: str, symbol: str, amount: Decimal, hold: Hold = "net") -> Position:
        """Add to the margin of an isolated position, or take some out where the amount is negative.

        What stays, open result included, must be the initial margin at the mark and a tenth of the position's worth.
        """
        with self.change() as books:
            holder = books.account(account)
            position = holder.positions.get((symbol, hold))
            if position is None:
                raise Refused("no_position", f"there is no position in {symbol}")
            if position.margin_mode != "isolated":
                raise Refused("not_isolated", f"the position in {symbol} is {position.margin_mode}")
            if not amount:
                raise Refused("bad_amount", "a change of margin must not be 0")
            if amount > 0:
                self._check(holder, "trading", amount)
            else:
                self._check_left(position, amount)
            return books.add_margin(position, amount, self._market.now())

    def _check(self, holder: Account, wallet: Wallet, amount: Decimal) -> None:
        free = self._money(holder).available if wallet == "trading" else holder.main
        if amount <= 0:
            raise Refused("bad_amount", f"an amount must be above 0, was {amount}")
        if amount > free:
            raise Refused("no_funds", f"{amount} cannot leave: {free} is available")

    def _check_left(self, position: Position, amount: Decimal) -> None:
        mark = self._market.mark(position.symbol) or position.entry
        worth, left = position.qty * mark, position.margin + amount
        kept = max(worth / position.leverage, worth * _LEAST_SHARE)
        if left <= 0 or left + gain(position, mark) < kept:
            raise Refused("too_little_margin", f"{left} would stay with a position worth {worth}")
