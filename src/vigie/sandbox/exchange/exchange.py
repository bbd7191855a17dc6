"""The exchange as its clients see it: accounts place, cancel and ask; every change is remembered, then told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal

from vigie.sandbox.exchange.books import Books
from vigie.sandbox.exchange.matching import Market
from vigie.sandbox.exchange.memory import Memory
from vigie.sandbox.exchange.words import (
    Ask,
    Bill,
    Cause,
    Contract,
    Hold,
    Listener,
    MarginMode,
    Money,
    Order,
    Plan,
    PlanKind,
    Position,
    PositionMode,
    Status,
    Trade,
    TriggerBy,
)


class Exchange:
    """One market and the accounts that trade in it; not safe for threads: the caller holds one lock around it.

    Every method first books what the market did up to now. A refusal raises `Refused` and changes nothing.
    """

    def __init__(self, contracts: Sequence[Contract], market: Market, memory: Memory | None = None) -> None:
        raise NotImplementedError

    # -- the house -----------------------------------------------------------------------------------------------
    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call back with every event from now on, in order, after it is remembered; returns what ends it."""
        raise NotImplementedError

    @property
    def seq(self) -> int:
        """Number of the last event."""
        raise NotImplementedError

    def change(self) -> AbstractContextManager[Books]:
        """Change the books from outside as one whole: remembered, then told, when the block ends without error."""
        raise NotImplementedError

    def tick(self) -> None:
        """Book what the market did up to now; call it regularly so that events come without requests."""
        raise NotImplementedError

    def contracts(self) -> Sequence[Contract]: ...
    def contract(self, symbol: str) -> Contract: ...
    def accounts(self) -> Sequence[str]: ...
    def open_account(self, account: str, deposit: Decimal) -> None:
        """Open an account; nothing happens where it exists already (after a restart)."""
        raise NotImplementedError

    # -- orders --------------------------------------------------------------------------------------------------
    def place(self, account: str, ask: Ask) -> Order: ...
    def modify(
        self, account: str, order_id: str, *, new_client_id: str, qty: Decimal, price: Decimal
    ) -> Order: ...
    def cancel(self, account: str, *, order_id: str = "", client_id: str = "") -> Order: ...
    def order(self, account: str, *, order_id: str = "", client_id: str = "") -> Order | None: ...
    def open_orders(self, account: str, symbol: str = "") -> Sequence[Order]: ...
    def order_history(self, account: str, symbol: str = "") -> Sequence[Order]: ...
    def trades(self, account: str, symbol: str = "", order_id: str = "") -> Sequence[Trade]: ...

    # -- plans ---------------------------------------------------------------------------------------------------
    def set_levels(
        self,
        account: str,
        symbol: str,
        *,
        stop: Decimal | None,
        target: Decimal | None,
        hold: Hold = "net",
        stop_client_id: str = "",
        target_client_id: str = "",
        trigger_by: TriggerBy = "last",
    ) -> Sequence[Plan]:
        """Set the levels of a whole position; each one given replaces the one of its kind that was there."""
        raise NotImplementedError

    def place_plan(
        self,
        account: str,
        ask: Ask,
        *,
        trigger: Decimal,
        kind: PlanKind = "trigger",
        trigger_by: TriggerBy = "last",
    ) -> Plan: ...
    def modify_plan(
        self, account: str, plan_id: str, *, trigger: Decimal, qty: Decimal | None = None
    ) -> Plan: ...
    def cancel_plan(self, account: str, *, plan_id: str = "", client_id: str = "") -> Plan: ...
    def plan(self, account: str, *, plan_id: str = "", client_id: str = "") -> Plan | None: ...
    def open_plans(self, account: str, symbol: str = "") -> Sequence[Plan]: ...
    def plan_history(self, account: str, symbol: str = "") -> Sequence[Plan]: ...

    # -- the account ---------------------------------------------------------------------------------------------
    def positions(self, account: str, symbol: str = "") -> Sequence[Position]: ...
    def closed_positions(self, account: str, symbol: str = "") -> Sequence[Position]: ...
    def close_position(self, account: str, symbol: str, hold: Hold = "net") -> Order: ...
    def money(self, account: str) -> Money: ...
    def bills(self, account: str, kind: str = "") -> Sequence[Bill]: ...
    def leverage(self, account: str, symbol: str, hold: Hold = "net") -> Decimal: ...
    def set_leverage(
        self, account: str, symbol: str, leverage: Decimal, hold: Hold | None = None
    ) -> None: ...
    def margin_mode(self, account: str, symbol: str) -> MarginMode: ...
    def set_margin_mode(self, account: str, symbol: str, mode: MarginMode) -> None: ...
    def position_mode(self, account: str) -> PositionMode: ...
    def set_position_mode(self, account: str, mode: PositionMode) -> None: ...

    # -- what happens to an account from outside -----------------------------------------------------------------
    def deposit(self, account: str, amount: Decimal) -> None: ...
    def force_close(self, account: str, symbol: str, cause: Cause, hold: Hold = "net") -> Trade:
        """Close a position from outside: ``liquidation``, ``adl`` or ``person``."""
        raise NotImplementedError

    def set_status(self, symbol: str, status: Status) -> None:
        """Halt (``maintain``), delist (``off``), or go on (``normal``)."""
        raise NotImplementedError

    def change_contract(self, contract: Contract) -> None: ...
    def split_next(self, share: Decimal, times: int = 1) -> None:
        """Fill only a share of the next market orders; the rest stays open until cancelled or `finish_split`."""
        raise NotImplementedError

    def drop_levels_next(self, times: int = 1) -> None:
        """Forget the levels of the next orders that bring some."""
        raise NotImplementedError
