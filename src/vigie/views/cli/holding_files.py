"""Files of holdings for the terminal: reading one, and saying what it adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.services.holdings.holding_rows import (
    JoinedTransferRow,
    JoinTransfersResult,
    RefuseTransferResult,
    TransferProposalRow,
)
from vigie.services.holdings.reported_words import TEXTS as CATEGORIES
from vigie.services.operation import Table as OperationTable
from vigie.services.refusal_text import translate_plain
from vigie.services.text_encoding import decode_text, encoding_note
from vigie.views.cli.holding_writer import HoldingWriter
from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from vigie.services.holdings.file_rows import ImportCandidate, ImportFault, ImportHoldingsResult
    from vigie.services.holdings.reported_rows import ReportedDifferenceRow, ReportedTable
    from vigie.services.operations.holding_reported import ImportReportedResult

_MOST_BYTES: Final = 50_000_000
_MOST_ROWS: Final = 20
# How a terminal answers what a refusal asks for.
_OPTIONS: Final = {
    "import_no_reader": "--map time=HEADER --map kind=HEADER --map coin=HEADER --map quantity=HEADER",
    "import_unsure_day": "--dates day_first",
    "import_unsure_number": "--decimal comma",
    "import_no_currency": "--money EUR",
}


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
    language: str,
) -> None:
    """Print what is proposed, what was joined, or what was done and how it is undone."""
    writer = HoldingWriter(language)
    if isinstance(told, OperationTable):
        for row in told.rows:
            writer.print(
                _joined_text(row, writer)
                if isinstance(row, JoinedTransferRow)
                else _proposed_text(row, writer)
            )
        if not told.rows:
            writer.print(writer.say("no_transfer"))
        return
    if isinstance(told, JoinTransfersResult):
        joined, left = writer.count(told.joined), writer.count(told.left)
        writer.print(writer.say("joined", joined=joined, left=left))
    if told.batch:
        writer.print(writer.say("undo", batch=told.batch))


def _proposed_text(row: TransferProposalRow, writer: HoldingWriter) -> str:
    said = writer.say(
        "proposed", lines=f"{row.entry}:{row.arrival}", quantity=writer.exact(row.quantity), asset=row.asset,
        place=writer.place(row.place), left_at=writer.moment(row.left_at),
        arrived=writer.exact(row.arrived_quantity), to_place=writer.place(row.to_place),
        arrived_at=writer.moment(row.arrived_at), fee=writer.exact(row.fee),
    )  # fmt: skip
    if row.kind != "transfer":
        said = writer.say("both", first=said, second=writer.say("kept_as", kind=writer.kind(row.kind)))
    return said if row.choices == 1 else writer.say("both", first=said, second=writer.say("several_fit"))


def _joined_text(row: JoinedTransferRow, writer: HoldingWriter) -> str:
    said = writer.say(
        "joined_transfer", at=writer.moment(row.at), quantity=writer.exact(row.quantity), asset=row.asset,
        place=writer.place(row.place), to_place=writer.place(row.to_place),
    )  # fmt: skip
    said = writer.say("both", first=said, second=writer.say("undo", batch=row.batch))
    if row.together == 1:
        return said
    return f"{said} ({writer.say('together', count=writer.count(row.together))})"


@contextmanager
def naming_options() -> Iterator[None]:
    """Name the option that answers what a refused file asks for.

    Raises
    ------
    UsageError
        What was refused, with that option.
    """
    try:
        yield
    except UsageError as fault:
        said = fault.args[0]
        parts = (said, *said.arguments.values()) if isinstance(said, Refusal) else ()
        options = _options_of(parts)
        if not options:
            raise
        raise UsageError(
            "import_answer", "{message}; answer with {option}", message=said, option=options[0]
        ) from fault


def _options_of(messages: Iterable[str]) -> list[str]:
    """Return the options that answer these refusals, each once."""
    codes = [message.code for message in messages if isinstance(message, Refusal)]
    return list(dict.fromkeys(_OPTIONS[code] for code in codes if code in _OPTIONS))


def _print_rows(told: ImportHoldingsResult, writer: HoldingWriter) -> None:
    """Print the first new lines of a file that was only tried."""
    table = writer.table("day", "kind", "coin", "quantity", "amount", "fee", "currency")
    for line in told.new_lines[:_MOST_ROWS]:
        fee = writer.exact(line.fee)
        if line.fee_currency not in ("", line.currency):
            fee = f"{fee} {line.fee_currency}"
        table.add_row(
            writer.day(line.at[:10]), writer.kind(line.kind, line.way), line.asset, writer.exact(line.quantity),
            writer.money(line.amount), fee, line.currency,
        )  # fmt: skip
    console().print(table)


def print_import(told: ImportHoldingsResult, language: str) -> None:
    """Print what a file adds, then what is to be known of its rows, then what must be answered."""
    writer = HoldingWriter(language)
    said = writer.say(
        "import_done" if told.is_done else "import_tried", reader=told.reader, count=writer.count(told.new),
        place=writer.place(told.place), known=writer.count(told.known), changed=writer.count(told.changed),
        left_out=writer.count(told.left_out_count),
    )  # fmt: skip
    writer.print(said)
    if told.columns:
        named = ", ".join(f"{name}={header}" for name, header in told.columns.items())
        writer.print(writer.say("columns_read", columns=named))
    if told.new_lines and not told.is_done:
        _print_rows(told, writer)
    if told.without_cost:
        writer.print(writer.say("uncosted", count=writer.count(told.without_cost)))
    for key, faults in (
        ("row_refused", told.refused),
        ("row_left_out", told.left_out),
        ("row_noted", told.noted),
    ):
        for fault in faults:
            writer.print(_row_text(key, fault, writer))
    for option in _options_of(fault.message for fault in told.refused):
        writer.print(writer.say("answer", option=option))
    for line in told.changed_lines:
        writer.print(writer.say("changed_line", row=line.row, entry=line.entry))
    for question in told.questions:
        named = ", ".join(_candidate(candidate, writer) for candidate in question.candidates)
        writer.print(
            writer.say("which_of", ticker=question.ticker, named=named or writer.say("no_such_coin"))
        )
    if told.batch:
        writer.print(writer.say("undo", batch=told.batch))


def _candidate(one: ImportCandidate, writer: HoldingWriter) -> str:
    price = writer.say("no_price") if one.price_usd is None else f"{writer.numbers.number(one.price_usd)} USD"
    return f"{one.asset} ({', '.join(filter(None, (price, one.chain)))})"


def _row_text(key: str, fault: ImportFault, writer: HoldingWriter) -> str:
    where = writer.say("in_column" if fault.column else "in_row", row=fault.row, column=fault.column)
    return writer.say(key, where=where, why=writer.notice(fault.message))


def print_reported(told: ImportReportedResult, language: str) -> None:
    """Print what a statement adds, then what cannot be read of it, then what must be answered."""
    writer = HoldingWriter(language)
    said = writer.say(
        "reported_done" if told.is_done else "reported_tried", year=told.year, count=writer.count(told.new),
        known=writer.count(told.known), changed=writer.count(told.changed),
    )  # fmt: skip
    writer.print(said)
    for fault in told.refused:
        writer.print(_row_text("row_refused", fault, writer))
    for line in told.changed_lines:
        category = CATEGORIES[language][line.category]
        writer.print(writer.say("changed_row", row=line.row, asset=line.asset, category=category))
    for ticker in told.tickers:
        writer.print(writer.say("which_coin", ticker=ticker))
    if told.is_done:
        writer.print(writer.say("compare", year=told.year))


def print_reconciliation(told: ReportedTable, language: str) -> None:
    """Print each figure of a year as reported and by own lines, differences first, with the lines behind them."""
    writer, texts = HoldingWriter(language), CATEGORIES[language]
    for statement in told.statements:
        rows = writer.say("rows", count=writer.count(statement.rows))
        writer.print(f"{statement.reported_statement}: {statement.place}, {statement.year}, {rows}")
    for row in told.rows:
        head = f"{row.place}, {row.name}, {texts[row.category]}"
        writer.print("\n" + writer.say("said", name=head, text=texts[row.status]))
        for name, is_own in (("reported", False), ("own", True)):
            figure = _figure(row, writer, is_own=is_own)
            writer.print(f"  {writer.say('said', name=writer.say(name), text=figure)}")
        if row.why:
            writer.print(f"  {row.why}")
        if row.status != "equal":
            for line in row.lines:
                units, amount = writer.exact(line.units), writer.money(line.amount)
                parts = (writer.day(line.day), writer.kind(line.kind), units, amount, line.entry, line.says)
                writer.print(f"    {' '.join(filter(None, parts))}")
    writer.print(f"\n{told.remarks[0]}" if told.rows else writer.say("no_statement", year=told.year))


def _figure(row: ReportedDifferenceRow, writer: HoldingWriter, *, is_own: bool) -> str:
    units, amount, count = (
        (row.own_units, row.own_amount, row.own_transactions)
        if is_own
        else (row.reported_units, row.reported_amount, row.reported_transactions)
    )
    money = "" if amount is None else f"{writer.money(amount)} {row.currency}"
    counted = "" if count is None else writer.say("transactions", count=writer.count(count))
    return ", ".join(filter(None, (writer.exact(units) or "-", money, counted)))
