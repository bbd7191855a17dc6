"""Tables of holdings for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from vigie.services.holdings.holding_account_rows import HoldingAccountRow
    from vigie.services.holdings.holding_rows import (
        AddHoldingResult,
        HoldingEntryRow,
    )
    from vigie.services.operation import Table as OperationTable


def print_added(told: AddHoldingResult) -> None:
    """Print what became of a line."""
    said = f"added {told.name} ({told.asset})" if told.added else f"{told.name} was there already"
    console().print(
        f"{said}; undo: vigie holdings undo {told.batch}" if told.batch else said, highlight=False
    )


def print_accounts(told: OperationTable[HoldingAccountRow]) -> None:
    """Print a trading account a line; amounts stand where it is included."""
    table = Table(
        "account", "mode", "money", "results", "fees", "funding", "change of cash", "currency", box=None
    )
    for row in told.rows:
        amounts = [amount or "" for amount in (row.results, row.fees, row.fundings, row.change)]
        money = "real" if row.is_real else "not real"
        table.add_row(
            row.account, row.mode, money, *amounts, row.currency if row.is_included else "not included"
        )
    console().print(table if told.rows else "there is no trading account")


def print_lines(told: OperationTable[HoldingEntryRow]) -> None:
    """Print a row a line."""
    table = Table("day", "coin", "kind", "quantity", "amount", "fee", "place", "notes", "batch", box=None)
    for row in told.rows:
        table.add_row(
            row.day if row.is_dated else f"since {row.day}", row.asset, _kind(row), row.quantity,
            f"{row.amount} {row.currency}" if row.amount else "", f"{row.fee or ''} {row.fee_coin}".strip(),
            row.place, row.codes, row.batch,
        )  # fmt: skip
    console().print(table if told.rows else "nothing yet; `vigie holdings add bitcoin 0.25` adds a line")


def _kind(row: HoldingEntryRow) -> str:
    more = (row.sort, row.way, f"-> {row.to_quantity} {row.to_asset}" if row.to_asset else "")
    return " ".join(filter(None, (row.kind, *more, f"-> {row.to_place}" if row.to_place else "")))
