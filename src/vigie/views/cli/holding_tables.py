"""Tables of holdings for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vigie.views.cli.holding_writer import HoldingWriter

if TYPE_CHECKING:
    from vigie.services.holdings.holding_account_rows import HoldingAccountRow
    from vigie.services.holdings.holding_rows import (
        AddHoldingResult,
        HoldingEntryRow,
        UndoHoldingsResult,
    )
    from vigie.services.operation import Table as OperationTable


def print_added(told: AddHoldingResult, language: str) -> None:
    """Print what became of a line."""
    writer = HoldingWriter(language)
    said = writer.say("added" if told.added else "known", name=told.name, asset=told.asset)
    if told.batch:
        said = writer.say("both", first=said, second=writer.say("undo", batch=told.batch))
    writer.print(said)
    if told.noted:
        writer.print(writer.say("line_noted", why=writer.notice(told.noted)))


def print_undone(told: UndoHoldingsResult, language: str) -> None:
    """Print how many lines were undone."""
    writer = HoldingWriter(language)
    count = writer.count(told.undone)
    writer.print(writer.say("undone", count=count) if told.undone else writer.say("undone_before"))


def print_accounts(told: OperationTable[HoldingAccountRow], language: str) -> None:
    """Print a trading account a line; amounts stand where it is included."""
    writer = HoldingWriter(language)
    table = writer.table("account", "money", "results", "fees", "fundings", "change", "currency")
    for row in told.rows:
        amounts = [writer.exact(amount) for amount in (row.results, row.fees, row.fundings, row.change)]
        state = row.currency if row.is_included else writer.say("not_included")
        table.add_row(row.account, writer.say(f"mode_{row.mode}"), *amounts, state)
    if told.rows:
        writer.print_table(table)
    else:
        writer.print(writer.say("no_account"))


def print_lines(told: OperationTable[HoldingEntryRow], language: str, names: Mapping[str, str]) -> None:
    """Print a row a line."""
    writer = HoldingWriter(language, names)
    if not told.rows:
        writer.print(writer.say("nothing"))
        return
    table = writer.table("day", "coin", "kind", "quantity", "amount", "fee", "place", "notes", "batch")
    for row in told.rows:
        notes = filter(None, (writer.texts.get(f"note_{code}", code) for code in row.codes.split()))
        amount, day = writer.money(row.amount), writer.day(row.day)
        table.add_row(
            day if row.is_dated else writer.say("since", day=day),
            _coin(row, writer), _kind(row, writer),
            writer.exact(row.quantity), f"{amount} {row.currency}" if amount else "",
            f"{writer.exact(row.fee)} {row.fee_coin}" if row.fee_coin else writer.money(row.fee),
            writer.place(row.place) if row.place else "", ", ".join(notes), row.batch,
        )  # fmt: skip
    writer.print_table(table)


def _coin(row: HoldingEntryRow, writer: HoldingWriter) -> str:
    """Return what a line is of: a bank's product by its name, and a name that means several coins as it was typed."""
    return writer.say("open", typed=row.typed) if row.typed else row.name


def _kind(row: HoldingEntryRow, writer: HoldingWriter) -> str:
    more = (
        writer.texts.get(f"sort_{row.sort}", row.sort) if row.sort else "",
        f"-> {writer.exact(row.to_quantity)} {writer.name(row.to_asset)}" if row.to_asset else "",
        f"-> {writer.place(row.to_place)}" if row.to_place else "",
    )
    return " ".join(filter(None, (writer.kind(row.kind, row.way or "in"), *more)))
