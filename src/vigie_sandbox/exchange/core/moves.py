"""Money on its way: into the venue and out of it, between an account's two wallets, and from account to account.

An account has a *trading* wallet, whose changes are bills, and beside it a *main* one in which nothing is traded.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Wallet = Literal["main", "trading"]
MoveKind = Literal["deposit", "withdrawal", "transfer", "sent", "received"]


@dataclass(frozen=True, slots=True)
class Move:
    """One movement of money.

    Attributes
    ----------
    number : int
        That of its bill, where it has one.
    kind : str
        From outside or to it; between the wallets; to another account or from one.
    wallet : str
        The one that it changed; of a transfer always ``trading``.
    amount : Decimal
        What it changed there, the fee apart: of a transfer below zero where money left trading.
    fee : Decimal
        What was paid on top.
    main : Decimal
        In the main wallet afterwards.
    client_id, address : str
        The client's own name of it; where it went, or came from.
    bill_id : str
        What it is booked under in the trading wallet; empty where it did not touch that.
    """

    id: str
    number: int
    account: str
    kind: MoveKind
    wallet: Wallet
    amount: Decimal
    fee: Decimal
    main: Decimal
    ts: int
    client_id: str = ""
    address: str = ""
    bill_id: str = ""
