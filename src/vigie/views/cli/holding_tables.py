"""Tables of holdings for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.table import Table

from vigie.intelligence.market.words import NumberFormatter, numbers_of
from vigie.services.holdings.file_drafts import ELSEWHERE
from vigie.services.holdings.terminal_words import TEXTS
from vigie.views.cli.tables import console

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
    texts = TEXTS[language]
    said = texts["added" if told.added else "known"].format(name=told.name, asset=told.asset)
    if told.batch:
        said = texts["both"].format(first=said, second=texts["undo"].format(batch=told.batch))
    console().print(said, highlight=False, markup=False)


def print_undone(told: UndoHoldingsResult, language: str) -> None:
    """Print how many lines were undone."""
    texts = TEXTS[language]
    said = texts["undone"].format(count=told.undone) if told.undone else texts["undone_before"]
    console().print(said, highlight=False)


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


def print_lines(told: OperationTable[HoldingEntryRow], language: str) -> None:
    """Print a row a line."""
    texts, numbers = TEXTS[language], numbers_of(language)
    names = ("day", "coin", "kind", "quantity", "amount", "fee", "place", "notes", "batch")
    table = Table(*(texts[name] for name in names), box=None)
    for row in told.rows:
        notes = filter(None, (texts.get(f"note_{code}", code) for code in row.codes.split()))
        amount, fee = _plain(row.amount, numbers), _plain(row.fee, numbers)
        table.add_row(
            row.day if row.is_dated else texts["since"].format(day=row.day),
            _coin(row, texts), _kind(row, texts, numbers),
            _plain(row.quantity, numbers), f"{amount} {row.currency}" if amount else "",
            f"{fee} {row.fee_coin}".strip(), place_word(row.place, texts), ", ".join(notes), row.batch,
        )  # fmt: skip
    console().print(table if told.rows else texts["nothing"])


def place_word(place: str, texts: Mapping[str, str]) -> str:
    """Return the name of a place; that of coins which left all places is said in words."""
    return texts["elsewhere"] if place == ELSEWHERE else place


def _plain(exact: str | None, numbers: NumberFormatter) -> str:
    """Return a number with every digit it has."""
    return (exact or "").replace(".", numbers.point)


def _coin(row: HoldingEntryRow, texts: Mapping[str, str]) -> str:
    """Return what a line is of: a bank's product by its name, and a name that means several coins as it was typed."""
    return texts["open"].format(typed=row.typed) if row.typed else row.product or row.asset


def _kind(row: HoldingEntryRow, texts: Mapping[str, str], numbers: NumberFormatter) -> str:
    kind = texts[f"kind_gift_{row.way or 'in'}" if row.kind == "gift" else f"kind_{row.kind}"]
    more = (
        texts.get(f"sort_{row.sort}", row.sort) if row.sort else "",
        f"-> {_plain(row.to_quantity, numbers)} {row.to_asset}" if row.to_asset else "",
        f"-> {place_word(row.to_place, texts)}" if row.to_place else "",
    )
    return " ".join(filter(None, (kind, *more)))
