"""Tables of holdings for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from vigie.services.holdings.holding_account_rows import HoldingAccountRow
    from vigie.services.holdings.holding_rows import (
        AddHoldingResult,
        HoldingEntryRow,
        HoldingGainTable,
        HoldingPositionTable,
        HoldingReturn,
        HoldingWorthResult,
    )
    from vigie.services.holdings.tax_rows import HoldingTaxTable
    from vigie.services.operation import Table as OperationTable

# Codes of the contract, a sentence each.
_CODES: Final = {
    "no_price": "not known: a coin has no price on {day}",
    "return_without_capital": "money came out on a day on which nothing was invested; that day counts as no change",
    "several_roots": "several rates fit ({rates}), so none is right; read the time-weighted one",
    "no_root": "no rate fits what came in and out",
    "too_short": "from tomorrow on; all money came in today",
}


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


def print_worth(told: HoldingWorthResult, positions: HoldingPositionTable) -> None:
    """Print the coins, then a sentence a figure."""
    out, money = console(), told.currency.upper()
    if not told.lines:
        out.print("nothing yet; `vigie holdings add bitcoin 0.25` adds a line")
        return
    table = Table("coin", "quantity", "price", "of", "worth", "share", "gain if sold", box=None)
    for row in positions.rows:
        table.add_row(
            row.asset, row.quantity, _number(row.price), row.price_day or "", _number(row.worth),
            "" if row.share is None else f"{row.share:.1%}", _number(row.unrealised),
        )  # fmt: skip
    out.print(table)
    for name, amount in (
        ("worth", told.worth), ("put in", told.put_in), ("gain", told.gain), ("all in Bitcoin", told.in_bitcoin),
        ("never bought", told.put_in),
    ):  # fmt: skip
        out.print(f"{name}: {'not known' if amount is None else f'{amount:,.2f} {money}'}", highlight=False)
    out.print(f"time-weighted return: {_return_text(told.time_weighted)}", highlight=False)
    out.print(f"money-weighted return: {_return_text(told.money_weighted)}", highlight=False)
    for one in told.shares:
        if one.is_above:
            out.print(
                f"warning: {one.share:.0%} is in the {one.kind} {one.name}, above your limit of {told.share_limit:.0%}",
                highlight=False,
            )
    if told.no_price:
        out.print(f"without a price, left out: {', '.join(told.no_price)}", highlight=False)
    missing = len({note.entry for note in told.notes if note.code == "missing_cost"})
    if missing:
        out.print(f"lines without a cost, not counted as zero: {missing}", highlight=False)


def print_gains(told: HoldingGainTable) -> None:
    """Print a row a part that was sold, and the sum of what is known."""
    out = console()
    table = Table("day", "coin", "kind", "quantity", "proceeds", "cost", "gain", box=None)
    for row in told.rows:
        table.add_row(
            row.day,
            row.asset,
            row.kind,
            row.quantity,
            row.proceeds or "",
            row.cost or "",
            row.gain or "not known",
        )
    out.print(table if told.rows else "nothing was sold")
    out.print(f"known gains by {told.method}: {told.realised} {told.currency.upper()}", highlight=False)


def _kind(row: HoldingEntryRow) -> str:
    more = (row.sort, row.way, f"-> {row.to_quantity} {row.to_asset}" if row.to_asset else "")
    return " ".join(filter(None, (row.kind, *more, f"-> {row.to_place}" if row.to_place else "")))


def print_tax(told: HoldingTaxTable, language: str) -> None:
    """Print a year's file part by part, each figure with how sure its rule is."""
    from itertools import groupby

    from vigie.services.holdings.tax_words import TEXTS

    out, texts = console(), TEXTS[language]
    out.print(told.title, highlight=False)
    if not told.missing:
        out.print(texts["nothing_missing"], highlight=False)
    for part, rows in groupby(told.rows, key=lambda row: row.part):
        out.print(f"\n{texts[part]}", highlight=False)
        table = Table("line", "what", "EUR", "day", "quantity", "sure", "entry", box=None)
        for row in rows:
            what = f"{row.text} {row.source}".strip() if part == "rule" else row.text
            quantity = f"{row.quantity} {row.asset}" if row.quantity else row.asset
            sure = texts.get(row.sureness, "")
            table.add_row(row.line, what, row.exact, row.day, quantity, sure, row.event)
        out.print(table)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def _return_text(found: HoldingReturn | None) -> str:
    if found is None:
        return "not known"
    rates = ", ".join(f"{rate:+.1%}" for rate in found.rates)
    code = _CODES[found.code].format(day=found.day, rates=rates) if found.code else ""
    if found.value is None:
        return code
    value = f"{found.value:+.2%}" + (f", {found.annual:+.2%} a year" if found.annual is not None else "")
    return f"{value}; {code}" if code else value
