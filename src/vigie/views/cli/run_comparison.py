"""`vigie compare`: which runs are meant, and their difference in money as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from vigie.engine.booked_trades import BookedRun

ACCOUNT: Final = "account:"
OWN_BACKTEST: Final = "backtest"
SHOWN: Final = 10


def is_account(word: str) -> bool:
    """Tell whether a word means an account, or the backtest of one."""
    return word.startswith(ACCOUNT) or word == OWN_BACKTEST


def explain_gap(first: str, second: str) -> dict[str, Any]:
    """Return why two runs came to other money.

    Raises
    ------
    UsageError
        If one of them is not there, or nothing says whose backtest is meant.
    """
    from vigie.services.runs.run_gap import gap_record

    gap_values = gap_record(_load_run(first, second), _load_run(second, first))
    if waiting := _unknown_slots(first, second):
        gap_values["waiting"] = waiting
    if replayed := _replayed_accounts(first, second):
        gap_values["replayed"] = replayed
    if OWN_BACKTEST in (first, second) and (corrected := _corrected_bars(first, second)):
        gap_values["corrected"] = corrected
    return gap_values


def explain_folder_gap(first: str, second: str) -> dict[str, Any]:
    """Return the same of two folders; where they cannot be run again, why that is."""
    from vigie.domain.errors import UsageError

    try:
        return {"gap": explain_gap(first, second)}
    except UsageError as fault:
        return {"gap": None, "no_gap": str(fault)}


def _load_run(word: str, other: str) -> BookedRun:
    from vigie.domain.errors import UsageError
    from vigie.domain.person import OWNER
    from vigie.services.runs.run_gap import load_booked_run
    from vigie.services.trading.accounts.account_status import find_run
    from vigie.services.trading.journal import comparing
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.data import open_data
    from vigie.wiring.results import open_results

    if not is_account(word):
        return load_booked_run(open_data(), open_results().runs, Path(word))
    account_word = word if word.startswith(ACCOUNT) else other
    if not account_word.startswith(ACCOUNT):
        raise UsageError("backtest means an account's own; compare it with account:NAME")
    app_context = open_app_context()
    run = find_run(app_context.trades, account_word.removeprefix(ACCOUNT), OWNER.user)
    return (
        comparing.load_account_run(app_context.results, app_context.trades, run)
        if word == account_word
        else comparing.run_own_backtest(
            app_context.data, app_context.results, app_context.facts, app_context.trades, run
        )
    )


def _unknown_slots(*words: str) -> list[str]:
    """Return the slots of the accounts among these that nothing is known of yet."""
    from vigie.domain.person import OWNER
    from vigie.services.trading.accounts.account_status import find_run
    from vigie.services.trading.journal import comparing
    from vigie.wiring.app_context import open_app_context

    names = _account_names(words)
    if not names:
        return []
    app_context = open_app_context()
    slots = [
        slot
        for name in names
        for slot in comparing.list_waiting_slots(
            app_context.results, app_context.trades, find_run(app_context.trades, name, OWNER.user)
        )
    ]
    return list(dict.fromkeys(slots))


def _account_names(words: Sequence[str]) -> list[str]:
    return [word.removeprefix(ACCOUNT) for word in words if word.startswith(ACCOUNT)]


def _replayed_accounts(*words: str) -> list[str]:
    """Return the accounts among these whose run was decided afterwards, on stored bars."""
    from vigie.domain.person import OWNER
    from vigie.services.trading.accounts.account_status import find_run
    from vigie.wiring.app_context import open_app_context

    names = _account_names(words)
    trades = open_app_context().trades if names else None
    return [name for name in names if trades and find_run(trades, name, OWNER.user).is_replayed]


def _corrected_bars(*words: str) -> dict[str, int]:
    """Return by series how many bars the venue tells otherwise than the account of these decided on."""
    from vigie.domain.person import OWNER
    from vigie.services.trading.accounts.account_status import find_run
    from vigie.services.trading.journal import comparing
    from vigie.wiring.app_context import open_app_context

    app_context, name = open_app_context(), next(word for word in words if word.startswith(ACCOUNT))
    return comparing.count_corrected_bars(
        app_context.data,
        app_context.results,
        app_context.trades,
        find_run(app_context.trades, name.removeprefix(ACCOUNT), OWNER.user),
    )


def print_gap(result: Mapping[str, Any]) -> None:
    """Print a difference: its causes, then the trades that make most of it."""
    from vigie.services.runs.run_gap import CAUSE_TEXTS

    out, gap_values = console(), result["gap"]
    if gap_values is None:
        out.print(f"P&L not compared: {result['no_gap']}", highlight=False, soft_wrap=True)
        return
    out.print(
        f"{gap_values['second']} minus {gap_values['first']}: {float(gap_values['gap']):+.2f}",
        highlight=False,
    )
    if gap_values.get("waiting"):
        names = ", ".join(gap_values["waiting"])
        out.print(
            f"Not included: {names}. None of their bars has closed since the account started.",
            highlight=False,
            soft_wrap=True,
        )
    if gap_values.get("replayed"):
        names = ", ".join(gap_values["replayed"])
        out.print(
            f"Replayed, not traded as the market went: {names}. Decided afterwards, on stored bars.",
            highlight=False,
            soft_wrap=True,
        )
    if gap_values.get("corrected"):
        names = ", ".join(f"{count} of {series}" for series, count in gap_values["corrected"].items())
        out.print(
            f"Bars that the venue corrected after a decision: {names}. The backtest uses the values known "
            "at the decision.",
            highlight=False,
            soft_wrap=True,
        )
    table = Table("cause", "amount", "meaning", box=None, pad_edge=False)
    for cause, amount in gap_values["parts"].items():
        if float(amount):
            table.add_row(cause, f"{float(amount):+.2f}", CAUSE_TEXTS[cause])
    if table.row_count:
        out.print(table)
    rows = sorted(gap_values["rows"], key=lambda row: -abs(float(row["gap"])))
    for row in rows[:SHOWN]:
        parts = ", ".join(f"{cause} {float(amount):+.2f}" for cause, amount in row["parts"].items())
        line = f"  {row['decided']} {row['slot']} {row['side']}: {float(row['gap']):+.2f} ({parts})"
        out.print(line, highlight=False, soft_wrap=True)
    if len(rows) > SHOWN:
        out.print(f"and {len(rows) - SHOWN} more; --json lists all")
