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
from vigie.services.desk.saved_screens import RemoveScreenAsk, ScreenName, in_words
from vigie.services.house import House
from vigie.services.operation import Ask, Nothing, Table, operation
from vigie.services.people.named import Rows, keep, kept, removed

KEY: Final = "newcomers"


class SaveNewcomersAsk(Ask):
    """A list under a name."""

    name: str = ScreenName
    where: str = Field(
        min_length=1, max_length=MOST_LETTERS, description="Conditions as `markets.emerging` takes them."
    )
    sort: str = Field("age_hours", max_length=60, description="Column, `-` before it for largest first.")


@operation("newcomers.list")
def list_newcomer_lists(house: House, caller: Caller, ask: Nothing) -> Table:
    """List the caller's kept lists of emerging coins in the order they were kept, with their conditions in words."""
    return _table(kept(house, caller, KEY))


@operation("newcomers.save", scope="write", example={"name": "Liquid ones", "where": "liquidity_usd>=100000"})
def save_newcomers(house: House, caller: Caller, ask: SaveNewcomersAsk) -> Table:
    """Keep a list of emerging coins under a name that is not taken by another one."""
    where = render_newcomers(parse_newcomers(ask.where))
    if not where:
        raise UsageError("a kept list needs a condition such as liquidity_usd>=100000")
    return _table(keep(house, caller, KEY, {"name": ask.name.strip(), "where": where, "sort": ask.sort}))


@operation("newcomers.remove", scope="write", example={"name": "Liquid ones"})
def remove_newcomers(house: House, caller: Caller, ask: RemoveScreenAsk) -> Table:
    """Remove a kept list; keeping it again takes that back."""
    return _table(removed(house, caller, KEY, ask.name))


def _table(rows: Rows) -> Table:
    return in_words(rows, lambda where, language: newcomers_sentence(parse_newcomers(where), language))
