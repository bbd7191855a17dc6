"""The exchange as its clients see it: accounts place, cancel and ask; every change is remembered, then told."""

from __future__ import annotations

from vigie.sandbox.exchange.core.house import House
from vigie.sandbox.exchange.core.orders import OrderDesk
from vigie.sandbox.exchange.core.plans import PlanDesk
from vigie.sandbox.exchange.core.settings import AccountDesk
from vigie.sandbox.exchange.core.wallets import WalletDesk


class Exchange(OrderDesk, PlanDesk, AccountDesk, WalletDesk, House):
    """One market and the accounts that trade in it; not safe for threads: the caller holds one lock around it.

    Every method first books what the market did up to now. A refusal raises `Refused` and changes nothing.
    """
