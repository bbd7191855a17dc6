"""Files of holdings for the terminal: reading one, and saying what it adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from vigie.domain.errors import UsageError
from vigie.services.holdings.holding_rows import (
    JoinedTransferRow,
    JoinTransfersResult,
    RefuseTransferResult,
    TransferProposalRow,
)
from vigie.services.operation import Table as OperationTable
from vigie.services.refusal_text import translate_plain
from vigie.services.text_encoding import decode_text, encoding_note
from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from vigie.services.holdings.file_rows import ImportFault, ImportHoldingsResult
    from vigie.services.holdings.reported_rows import ReportedDifferenceRow, ReportedTable
    from vigie.services.operations.holding_reported import ImportReportedResult

_MOST_BYTES: Final = 50_000_000


def read_text(file: Path, language: str) -> str:
    """Return the text of a file; of one that is not UTF-8 it is told as what it was read.

    Raises
    ------
    UsageError
        If it is not there, too large, or no text.
    """
    if not file.is_file():
        raise UsageError("import_no_file", "there is no file {file}", file=str(file))
    if file.stat().st_size > _MOST_BYTES:
        raise UsageError("import_file_too_large", "a file may hold at most {most} bytes", most=_MOST_BYTES)
    text, encoding = decode_text(file.read_bytes())
    if encoding:
        typer.echo(translate_plain(encoding_note(encoding), language), err=True)
    return text


def pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return what an option says, name by name.

    Raises
    ------
    UsageError
        If one has no equals sign.
    """
    found = {}
    for one in given or ():
        name, sign, value = one.partition("=")
        if not sign or not name or not value:
            raise UsageError(
                "import_pair", "{option} must be name=value, was {text!r}", option=option, text=one[:60]
            )
        found[name] = value
    return found


def both_lines(given: str, option: str) -> tuple[str, str]:
    """Return the ids of what left and what arrived.

    Raises
    ------
    UsageError
        If there is no colon between two.
    """
    left, sign, arrived = given.partition(":")
    if not sign or not left or not arrived:
        raise UsageError(
            "holding_both_lines",
            "{option} must be LEFT:ARRIVED, was {text!r}",
            option=option,
            text=given[:60],
        )
    return left, arrived


def print_transfers(
    told: OperationTable[TransferProposalRow]
    | OperationTable[JoinedTransferRow]
    | JoinTransfersResult
    | RefuseTransferResult,
) -> None:
    """Print what is proposed, what was joined, or what was done and how it is undone."""
    out = console()
    if isinstance(told, OperationTable):
        for row in told.rows:
            if isinstance(row, JoinedTransferRow):
                out.print(_joined_text(row), highlight=False, markup=False)
                continue
            out.print(
                f"{row.entry}:{row.arrival}  {row.quantity} {row.asset} left {row.place or 'no named place'} "
                f"{row.left_at}, {row.arrived_quantity} arrived at {row.to_place} {row.arrived_at}; fee {row.fee}"
                f"{'' if row.kind == 'transfer' else f'; kept as {row.kind}'}"
                f"{'' if row.choices == 1 else '; several fit the same line'}",
                highlight=False,
                markup=False,
            )
        if not told.rows:
            out.print("no transfer is proposed", highlight=False)
        return
    if isinstance(told, JoinTransfersResult):
        out.print(f"joined: {told.joined}, left: {told.left}", highlight=False)
    if told.batch:
        out.print(f"undo: vigie holdings undo {told.batch}", highlight=False)


def _joined_text(row: JoinedTransferRow) -> str:
    others = "" if row.together == 1 else f" (all {row.together} of its batch)"
    return (
        f"{row.at}  {row.quantity} {row.asset} from {row.place or 'no named place'} to {row.to_place}; "
        f"undo: vigie holdings undo {row.batch}{others}"
    )


def print_import(told: ImportHoldingsResult) -> None:
    """Print what a file adds, then what is to be known of its rows, then what must be answered."""
    out = console()
    verb = "added" if told.is_done else "would add"
    sums = f"{told.known} there already, {told.changed} changed, {told.left_out_count} left out"
    out.print(
        f"{told.reader}: {verb} {told.new} lines at {told.place or 'no named place'}; {sums}",
        highlight=False,
        markup=False,
    )
    if told.without_cost:
        out.print(f"lines without a cost, not counted as zero: {told.without_cost}", highlight=False)
    for word, faults in (
        ("cannot be read", told.refused),
        ("left out", told.left_out),
        ("to know", told.noted),
    ):
        for fault in faults:
            out.print(_sentence(word, fault), highlight=False, markup=False)
    for line in told.changed_lines:
        out.print(f"row {line.row} says something else than the kept line {line.entry}", highlight=False)
    for question in told.questions:
        named = ", ".join(
            f"{one.asset} ({'no price' if one.price_usd is None else f'{one.price_usd:,.2f} USD'}"
            f"{f', {one.chain}' if one.chain else ''})"
            for one in question.candidates
        )
        out.print(
            f"which coin is {question.ticker}? {named or 'no coin has it'}; answer: --coin {question.ticker}=ID",
            highlight=False,
            markup=False,
        )
    if told.batch:
        out.print(f"undo: vigie holdings undo {told.batch}", highlight=False)


def _sentence(word: str, fault: ImportFault) -> str:
    where = f"row {fault.row}" + (f", column {fault.column}" if fault.column else "")
    return f"{word}: {where}: {fault.message}"


def print_reported(told: ImportReportedResult) -> None:
    """Print what a statement adds, then what cannot be read of it, then what must be answered."""
    out = console()
    verb = "kept" if told.is_done else "would keep"
    out.print(
        f"{told.year}: {verb} {told.new} rows; {told.known} there already, {told.changed} changed",
        highlight=False,
    )
    for fault in told.refused:
        out.print(_sentence("cannot be read", fault), highlight=False, markup=False)
    for line in told.changed_lines:
        out.print(
            f"row {line.row} says something else than the kept row of {line.asset}, {line.category}",
            highlight=False,
            markup=False,
        )
    for ticker in told.tickers:
        out.print(f"which coin is {ticker}? answer: --coin {ticker}=ID", highlight=False, markup=False)
    if told.is_done:
        out.print(f"compare: vigie holdings reconcile --year {told.year}", highlight=False)


def print_reconciliation(told: ReportedTable, language: str) -> None:
    """Print each figure of a year as reported and by own lines, differences first, with the lines behind them."""
    from vigie.services.holdings.reported_words import TEXTS
    from vigie.services.holdings.terminal_words import TEXTS as WORDS

    out, texts, words = console(), TEXTS[language], WORDS[language]
    for statement in told.statements:
        out.print(
            f"{statement.reported_statement}: {statement.place}, {statement.year}, "
            f"{words['rows'].format(count=statement.rows)}",
            highlight=False,
            markup=False,
        )
    for row in told.rows:
        head = f"{row.place}, {row.name}, {texts[row.category]}: {texts[row.status]}"
        out.print(f"\n{head}", highlight=False, markup=False)
        for name, is_own in (("reported", False), ("own", True)):
            out.print(f"  {words[name]}: {_figure(row, words, is_own=is_own)}", highlight=False, markup=False)
        if row.why:
            out.print(f"  {row.why}", highlight=False, markup=False)
        if row.status != "equal":
            for line in row.lines:
                out.print(
                    " ".join(
                        filter(
                            None,
                            (
                                " ",
                                line.day,
                                _kind_word(line.kind, words),
                                line.units,
                                line.amount,
                                line.entry,
                                line.says,
                            ),
                        )
                    ),
                    highlight=False,
                    markup=False,
                )
    out.print(
        f"\n{told.remarks[0]}" if told.rows else words["no_statement"].format(year=told.year),
        highlight=False,
    )


def _kind_word(kind: str, words: Mapping[str, str]) -> str:
    return words["kind_gift"] if kind == "gift" else words.get(f"kind_{kind}", kind)


def _figure(row: ReportedDifferenceRow, words: Mapping[str, str], *, is_own: bool) -> str:
    units, amount, count = (
        (row.own_units, row.own_amount, row.own_transactions)
        if is_own
        else (row.reported_units, row.reported_amount, row.reported_transactions)
    )
    money = "" if amount is None else f", {amount} {row.currency}"
    counted = "" if count is None else f", {words['transactions'].format(count=count)}"
    return f"{units or '-'}{money}{counted}"
