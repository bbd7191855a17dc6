"""Whose things a caller sees, results of their own runs, and the assets that a person watches."""

from __future__ import annotations

from typing import Final

from vigie.domain.errors import NotFound
from vigie.domain.person import OWNER, VISITOR, Caller
from vigie.domain.refusal import Refusal
from vigie.ports.accounts import UserStore
from vigie.ports.runs import RunIndex, RunRecord
from vigie.ports.tradebook import TradeBook

_RESULT_NAMES: Final = {
    "": Refusal("a_result", "result"),
    "backtest": Refusal("a_backtest", "backtest"),
    "sweep": Refusal("a_sweep", "sweep"),
}
START: Final = ("bitcoin", "ethereum", "solana")


def owner_of(accounts: UserStore, caller: Caller) -> str:
    """Return the id under which what a caller may see is kept: their own.

    In a home without users everybody on this machine may read, and there is only the local owner's to read.
    """
    if caller.user == VISITOR.user and not accounts.users():
        return OWNER.user
    return caller.user


def accounts_of(trades: TradeBook, owner: str) -> list[str]:
    """Return the names of a person's trading accounts, by name."""
    return sorted({run.account for run in trades.runs_of(owner)})


def find_run(runs: RunIndex, accounts: UserStore, caller: Caller, run_id: str, kind: str = "") -> RunRecord:
    """Return a result of the caller's; whose it is else is not told.

    Raises
    ------
    NotFound
        If there is none such.
    """
    stored = runs.get(run_id)
    if stored is None or stored.owner != owner_of(accounts, caller) or (kind and stored.kind != kind):
        raise NotFound(
            "no_such_result", "there is no {kind} {run_id!r}", kind=_RESULT_NAMES[kind], run_id=run_id
        )
    return stored


def list_watched_assets(accounts: UserStore, owner: str) -> list[str]:
    """Return the assets of a person's first watchlist in its order; it may be empty."""
    lists = accounts.watchlists(owner)
    return list(lists[0].assets) if lists else list(START)
