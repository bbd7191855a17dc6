"""What the store of platforms' statements promises, on both databases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from vigie.adapters.stores.sql.reported import SqlReported
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.reported import ReportedRow

BOUGHT = ReportedRow(
    "Kraken", 2026, "bitcoin", "fiat_in", "", Decimal("0.250000000000000001"), Decimal("10000.10"), "EUR", 2
)
STAKED = ReportedRow("Kraken", 2026, "ethereum", "transfer_in", "CARF502", Decimal("0.1"))


@pytest.fixture
def store(database, clock):
    return SqlReported(database, clock)


def test_rows_are_kept_to_the_digit_and_the_same_rows_twice_change_nothing(store):
    first = store.add("ann", [STAKED, BOUGHT], most=2, replaces=False)
    assert (list(first.new), first.known, first.changed) == ([STAKED, BOUGHT], [], [])
    (kept,) = store.statements("ann")
    assert (kept.place, kept.year, kept.rows) == ("Kraken", 2026, (BOUGHT, STAKED))
    again = store.add("ann", [BOUGHT, replace(STAKED, place="KRAKEN")], most=2, replaces=False)
    assert (again.new, len(again.known), again.changed) == ([], 2, [])
    assert store.statements("ann") == [kept]
    assert store.statements("bob") == []


def test_a_changed_row_keeps_everything_back_until_it_may_take_the_place_of_the_kept_one(store):
    store.add("ann", [BOUGHT], most=2, replaces=False)
    changed = [replace(BOUGHT, transactions=3), STAKED]
    for found in (
        store.add("ann", changed, most=2, replaces=False),
        store.add("ann", changed, most=2, replaces=True, dry_run=True),
    ):
        assert (list(found.new), list(found.changed)) == ([STAKED], [changed[0]])
        assert store.statements("ann")[0].rows == (BOUGHT,)
    store.add("ann", changed, most=2, replaces=True)
    (kept,) = store.statements("ann")
    assert kept.rows == tuple(changed)


def test_a_person_has_a_bounded_number_and_each_platform_and_year_its_statement(store):
    store.add("ann", [BOUGHT], most=1, replaces=False)
    with pytest.raises(UsageError):
        store.add("ann", [STAKED], most=1, replaces=False)
    others = [replace(BOUGHT, year=2027), replace(BOUGHT, place="Bitpanda")]
    store.add("ann", others, most=3, replaces=False)
    kept = [(one.place, one.year, len(one.rows)) for one in store.statements("ann")]
    assert kept == [("Bitpanda", 2026, 1), ("Kraken", 2026, 1), ("Kraken", 2027, 1)]


def test_what_is_removed_by_its_owner_alone_handed_over_or_forgotten_is_gone(store):
    store.add("ann", [BOUGHT, STAKED], most=2, replaces=False)
    (kept,) = store.statements("ann")
    with pytest.raises(NotFound):
        store.remove("bob", kept.id)
    store.hand_over("ann", "eve")
    assert (store.statements("ann"), store.statements("eve")) == ([], [kept])
    store.remove("eve", kept.id)
    assert store.statements("eve") == []
    store.add("eve", [BOUGHT], most=2, replaces=False)
    store.forget("eve")
    assert store.statements("eve") == []
