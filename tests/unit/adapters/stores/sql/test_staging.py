"""A transaction of many rows is a handful of statements on either database: what the rows need is done before it."""

from __future__ import annotations

import math
from dataclasses import astuple, replace
from typing import Any

from sqlalchemy import event

from tests.databases import HandClock
from vigie.adapters.stores.sql.database import Database
from vigie.adapters.stores.sql.quotes import SqlQuotes
from vigie.domain.quote import Quote

NOW = 1_760_000_000_000
QUOTES = [Quote("bitget-perp", f"c{n}-usdt-perp", NOW, NOW + n, last=0.1 * n) for n in range(300)]


def inside(database: Database) -> list[str]:
    """Return the statements of the transaction under way, one for each set of values that it is run with."""
    seen: list[str] = []

    def run(_conn: Any, _cursor: Any, said: str, given: Any, _context: Any, many: bool) -> None:
        seen.extend([said] * (len(given) if many else 1))

    event.listen(database.engine, "begin", lambda _: seen.clear())
    event.listen(database.engine, "before_cursor_execute", run)
    return seen


def test_what_is_run_while_others_wait_to_write_does_not_grow_with_the_rows(
    database: Database, clock: HandClock
):
    quotes = SqlQuotes(database, clock)
    statements = inside(database)
    quotes.put(QUOTES[:1])
    for_one = list(statements)
    quotes.put(QUOTES)
    assert statements == for_one
    assert [said for said in for_one if said.startswith("INSERT INTO quotes")]
    assert len(quotes.since(0)[1]) == len(QUOTES)


def test_a_row_that_is_newer_than_the_given_one_stays_beside_those_that_are_replaced(
    database: Database, clock: HandClock
):
    quotes = SqlQuotes(database, clock)
    quotes.put(QUOTES)
    late, same = replace(QUOTES[7], ts_known=NOW, last=7.5), replace(QUOTES[8], last=8.5)
    version = quotes.put([late, same])
    assert quotes.since(version - 1) == (version, [same])


def test_any_name_and_any_number_comes_back_as_it_was_given(database: Database, clock: HandClock):
    odd = Quote(
        'a"b\\c', "{d},NULL", -(2**63), 2**63 - 1, last=math.nextafter(0.1, 1), bid=5e-324, ask=1.7e308,
        funding_rate=math.inf, funding_next_ts=None,
    )  # fmt: skip
    null = replace(odd, venue="NULL", instrument="", last=-1e-7)
    quotes = SqlQuotes(database, clock)
    quotes.put([odd, null])
    found = {one.venue: one for one in quotes.since(0)[1]}
    assert astuple(found[odd.venue]) == astuple(odd)
    assert astuple(found["NULL"]) == astuple(null)
