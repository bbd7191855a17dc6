"""Searches that somebody keeps, of the screener and of emerging coins: a name, the conditions, the order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pydantic import Field

from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.intelligence.market.newcomers import (
    MOST_LETTERS,
    newcomers_sentence,
    parse_newcomers,
    render_newcomers,
)
from vigie.intelligence.market.screener import parse_where, render_sentence, render_where
from vigie.ports.accounts import UserStore
from vigie.services.operation import NoInput, OperationInput, Table, operation
from vigie.services.people.saved_searches import Rows, remove_row, save_row, saved_rows
from vigie.services.rows import Row, shown, table_of
from vigie.services.written_text import TEXT

SCREENS_KEY: Final = "screens"

ScreenName = Field(min_length=1, max_length=60, pattern=TEXT, description="What the search is called.")
NEWCOMERS_KEY: Final = "newcomers"


class SavedScreenRow(Row):
    """One saved search of the screener."""

    name: str = shown("Saved search")
    where: str = shown("Conditions", definition="Written as in the page address.")
    sort: str = shown(
        "Sort order", definition="Column name; put `-` before it to sort from largest to smallest."
    )
    sentence_en: str = shown("Description (English)")
    sentence_fr: str = shown("Description (French)")


class SaveScreenInput(OperationInput):
    """A search under a name."""

    name: str = ScreenName
    where: str = Field(
        min_length=1, max_length=2_000, description="Conditions as `markets.screen` takes them."
    )
    sort: str = Field(
        "-volume_24h",
        max_length=60,
        description="Column name; put `-` before it to sort from largest to smallest.",
    )


class RemoveScreenInput(OperationInput):
    """A search by its name."""

    name: str = ScreenName


@operation("screens.list")
def list_screens(caller: Caller, params: NoInput, accounts: UserStore) -> Table[SavedScreenRow]:
    """List the caller's kept searches in the order they were kept, with their conditions in words."""
    return _screens_table(saved_rows(accounts, caller, SCREENS_KEY))


@operation("screens.save", scope="write", example={"name": "Strong days", "where": "change_24h>0.05"})
def save_screen(caller: Caller, params: SaveScreenInput, accounts: UserStore) -> Table[SavedScreenRow]:
    """Keep a search under a name that is not taken by another one."""
    where = render_where(parse_where(params.where))
    return _screens_table(
        save_row(
            accounts, caller, SCREENS_KEY, {"name": params.name.strip(), "where": where, "sort": params.sort}
        )
    )


@operation("screens.remove", scope="write", example={"name": "Strong days"})
def remove_screen(caller: Caller, params: RemoveScreenInput, accounts: UserStore) -> Table[SavedScreenRow]:
    """Remove a kept search; keeping it again takes that back."""
    return _screens_table(remove_row(accounts, caller, SCREENS_KEY, params.name))


def _screens_table(rows: Rows) -> Table[SavedScreenRow]:
    return with_sentences(rows, lambda where, language: render_sentence(parse_where(where), language))


def with_sentences(rows: Rows, render: Callable[[str, str], str]) -> Table[SavedScreenRow]:
    """Return kept searches with their conditions in both languages, by what says conditions in one of them."""
    rows_shown = [
        SavedScreenRow(
            name=row["name"],
            where=row["where"],
            sort=row["sort"],
            sentence_en=render(row["where"], "en"),
            sentence_fr=render(row["where"], "fr"),
        )
        for row in rows
    ]
    return table_of(SavedScreenRow, rows_shown, total=len(rows_shown))


class SaveNewcomersInput(OperationInput):
    """A list under a name."""

    name: str = ScreenName
    where: str = Field(
        min_length=1, max_length=MOST_LETTERS, description="Conditions as `markets.emerging` takes them."
    )
    sort: str = Field(
        "age_hours",
        max_length=60,
        description="Column name; put `-` before it to sort from largest to smallest.",
    )


@operation("newcomers.list")
def list_newcomer_lists(caller: Caller, params: NoInput, accounts: UserStore) -> Table[SavedScreenRow]:
    """List the caller's kept lists of emerging coins in the order they were kept, with their conditions in words."""
    return _lists_table(saved_rows(accounts, caller, NEWCOMERS_KEY))


@operation("newcomers.save", scope="write", example={"name": "Liquid ones", "where": "liquidity_usd>=100000"})
def save_newcomers(caller: Caller, params: SaveNewcomersInput, accounts: UserStore) -> Table[SavedScreenRow]:
    """Keep a list of emerging coins under a name that is not taken by another one."""
    where = render_newcomers(parse_newcomers(params.where))
    if not where:
        raise UsageError(
            "saved_list_needs_condition_such", "a saved list needs a condition such as liquidity_usd>=100000"
        )
    return _lists_table(
        save_row(
            accounts,
            caller,
            NEWCOMERS_KEY,
            {"name": params.name.strip(), "where": where, "sort": params.sort},
        )
    )


@operation("newcomers.remove", scope="write", example={"name": "Liquid ones"})
def remove_newcomers(caller: Caller, params: RemoveScreenInput, accounts: UserStore) -> Table[SavedScreenRow]:
    """Remove a kept list; keeping it again takes that back."""
    return _lists_table(remove_row(accounts, caller, NEWCOMERS_KEY, params.name))


def _lists_table(rows: Rows) -> Table[SavedScreenRow]:
    return with_sentences(rows, lambda where, language: newcomers_sentence(parse_newcomers(where), language))
