"""The exchange as its clients see it: accounts place, cancel and ask; every change is remembered, then told."""

from __future__ import annotations

from vigie_sandbox.exchange.core.account_settings import AccountOperations
from vigie_sandbox.exchange.core.exchange_state import ExchangeState
from vigie_sandbox.exchange.core.orders import OrderOperations
from vigie_sandbox.exchange.core.plans import PlanOperations
from vigie_sandbox.exchange.core.wallets import WalletOperations


class Exchange(OrderOperations, PlanOperations, AccountOperations, WalletOperations, ExchangeState):
    """One market and the accounts that trade in it; not safe for threads: the caller holds one lock around it.

    Every method first books what the market did up to now. A refusal raises `Refused` and changes nothing.
    """
