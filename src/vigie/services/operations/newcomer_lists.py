"""Lists of emerging coins and pools that somebody keeps: a name, the conditions, the order."""

from __future__ import annotations

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
from vigie.ports.accounts import UserStore
from vigie.services.operation import NoInput, OperationInput, Table, operation
from vigie.services.operations.saved_screens import (
    RemoveScreenInput,
    SavedScreenRow,
    ScreenName,
    with_sentences,
)
from vigie.services.people.saved_searches import Rows, remove_row, save_row, saved_rows

KEY: Final = "newcomers"


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
    return _lists_table(saved_rows(accounts, caller, KEY))


@operation("newcomers.save", scope="write", example={"name": "Liquid ones", "where": "liquidity_usd>=100000"})
def save_newcomers(caller: Caller, params: SaveNewcomersInput, accounts: UserStore) -> Table[SavedScreenRow]:
    """Keep a list of emerging coins under a name that is not taken by another one."""
    where = render_newcomers(parse_newcomers(params.where))
    if not where:
        raise UsageError(
            "saved_list_needs_condition_such", "a saved list needs a condition such as liquidity_usd>=100000"
        )
    return _lists_table(
        save_row(accounts, caller, KEY, {"name": params.name.strip(), "where": where, "sort": params.sort})
    )


@operation("newcomers.remove", scope="write", example={"name": "Liquid ones"})
def remove_newcomers(caller: Caller, params: RemoveScreenInput, accounts: UserStore) -> Table[SavedScreenRow]:
    """Remove a kept list; keeping it again takes that back."""
    return _lists_table(remove_row(accounts, caller, KEY, params.name))


def _lists_table(rows: Rows) -> Table[SavedScreenRow]:
    return with_sentences(rows, lambda where, language: newcomers_sentence(parse_newcomers(where), language))
