"""The desk of wallets: money that comes and goes, moves between wallets and accounts, and backs a position."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from vigie_sandbox.exchange.core.account import ExchangeAccount, compute_unrealised
from vigie_sandbox.exchange.core.entities import ZERO, ExchangeRefusal, HoldSide, Position
from vigie_sandbox.exchange.core.exchange_core import ExchangeCore
from vigie_sandbox.exchange.core.moves import Move, MoveKind, Wallet

# Of a position's worth, what must stay with it when margin is taken out.
_MIN_MARGIN_SHARE: Final = Decimal("0.1")


class WalletOperations(ExchangeCore):
    """What an account does with money that is not traded."""

    def get_main_balance(self, account: str) -> Decimal:
        """Return what lies beside the trading wallet."""
        return self._ledger.require_account(account).main

    def moves(self, account: str, *kinds: MoveKind) -> Sequence[Move]:
        """Return the movements of an account's money, of some kinds or all, oldest first."""
        self.tick()
        return [
            move for move in self._ledger.require_account(account).moves if not kinds or move.kind in kinds
        ]

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
        with self.change() as ledger:
            if not amount:
                raise ExchangeRefusal("bad_amount", "a deposit must not be 0")
            if amount < 0:
                self._check_available(ledger.require_account(account), wallet, fee - amount)
            kind: MoveKind = "deposit" if amount > 0 else "withdrawal"
            now = self._market.now()
            return ledger.add_move(
                account, kind, amount, now, wallet=wallet, fee=fee, address=address, client_id=client_id
            )

    def transfer(self, account: str, amount: Decimal, client_id: str = "") -> Move:
        """Move money from the main wallet to the trading one, or back where the amount is negative.

        A client's id is good once: asked again, the first transfer is returned and nothing moves.
        """
        with self.change() as ledger:
            holder = ledger.require_account(account)
            earlier = [
                move
                for move in holder.moves
                if client_id and (move.kind, move.client_id) == ("transfer", client_id)
            ]
            if earlier:
                return earlier[0]
            if not amount:
                raise ExchangeRefusal("bad_amount", "a transfer must not be 0")
            self._check_available(holder, "main" if amount > 0 else "trading", abs(amount))
            return ledger.add_move(account, "transfer", amount, self._market.now(), client_id=client_id)

    def send(
        self, account: str, amount: Decimal, *, address: str, recipient: str = "", sender_address: str = ""
    ) -> None:
        """Send money of the trading wallet to another account, or to nobody known here.

        Parameters
        ----------
        address, sender_address : str
            What the other is called by, and by what the other knows this one.
        recipient : str
            The other's account; empty where it has none.
        """
        with self.change() as ledger:
            self._check_available(ledger.require_account(account), "trading", amount)
            if recipient:
                ledger.require_account(recipient)
            now = self._market.now()
            ledger.add_move(account, "sent", -amount, now, address=address)
            if recipient:
                ledger.add_move(recipient, "received", amount, now, address=sender_address)

    def add_margin(self, account: str, symbol: str, amount: Decimal, hold: HoldSide = "net") -> Position:
        """Add to the margin of an isolated position, or take some out where the amount is negative.

        What stays, open result included, must be the initial margin at the mark and a tenth of the position's worth.
        """
        with self.change() as ledger:
            holder = ledger.require_account(account)
            position = holder.positions.get((symbol, hold))
            if position is None:
                raise ExchangeRefusal("no_position", f"there is no position in {symbol}")
            if position.margin_mode != "isolated":
                raise ExchangeRefusal("not_isolated", f"the position in {symbol} is {position.margin_mode}")
            if not amount:
                raise ExchangeRefusal("bad_amount", "a change of margin must not be 0")
            if amount > 0:
                self._check_available(holder, "trading", amount)
            else:
                self._check_remaining_margin(position, amount)
            return ledger.add_margin(position, amount, self._market.now())

    def _check_available(self, holder: ExchangeAccount, wallet: Wallet, amount: Decimal) -> None:
        free = self._compute_money(holder).available if wallet == "trading" else holder.main
        if amount <= 0:
            raise ExchangeRefusal("bad_amount", f"an amount must be above 0, was {amount}")
        if amount > free:
            raise ExchangeRefusal("no_funds", f"{amount} cannot leave: {free} is available")

    def _check_remaining_margin(self, position: Position, amount: Decimal) -> None:
        mark = self._market.mark(position.symbol) or position.entry
        position_value, remaining = position.qty * mark, position.margin + amount
        min_margin = max(position_value / position.leverage, position_value * _MIN_MARGIN_SHARE)
        if remaining <= 0 or remaining + compute_unrealised(position, mark) < min_margin:
            raise ExchangeRefusal(
                "too_little_margin", f"{remaining} would stay with a position worth {position_value}"
            )
