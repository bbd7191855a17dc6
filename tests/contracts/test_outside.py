"""What the store of fills made elsewhere promises, on both databases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.services.outside.fills import fill
from vigie.adapters.stores.sql.outside import SqlOutsideTrades
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.outside import sort_fills
from vigie.ports.outside import TradeMatch

MOST = 1_000


@pytest.fixture
def store(database, clock):
    return SqlOutsideTrades(database, clock)


def said(side: str, qty: str, price: str, minute: int = 0, **changes):
    """Return a fill as it comes, without a key."""
    return fill(side, qty, price, minute, **{"key": "", **changes})


def test_fills_come_back_digit_by_digit_and_the_same_again_changes_nothing(store):
    given_fills = [
        said("buy", "0.12345678901234567890", "60000.10", 1, fee=Decimal("-0.000000000001")),
        said("sell", "1", "61000", 0, outside_id="77", asset="bitcoin", position_before=Decimal("-2.50")),
    ]
    added = store.add("ann", given_fills, most=MOST)
    kept = store.fills("ann")
    assert [replace(one, key="") for one in kept] == given_fills[::-1]
    assert str(kept[1].qty) == "0.12345678901234567890"
    assert {one.key for one in added} == {one.key for one in kept}
    assert store.add("ann", given_fills, most=MOST) == []
    assert store.fills("ann") == kept
    assert store.fills("bob") == []


def test_a_dry_run_says_what_would_be_added_and_adds_nothing(store):
    wanted = [said("buy", "1", "100")]
    would = store.add("ann", wanted, most=MOST, dry_run=True)
    assert store.fills("ann") == []
    assert store.add("ann", wanted, most=MOST) == would


def test_more_fills_than_a_person_may_have_enter_not_at_all(store):
    store.add("ann", [said("buy", "1", "100", 0)], most=2)
    with pytest.raises(UsageError, match=r"at most 2 fills made elsewhere, would be 3"):
        store.add("ann", [said("buy", "1", "100", 1), said("buy", "1", "100", 2)], most=2)
    assert len(store.fills("ann")) == 1


def test_equal_partial_fills_of_a_second_are_as_many_fills_as_one_file_holds(store):
    twice = [said("buy", "1", "100")] * 2
    assert len(store.add("ann", twice, most=MOST)) == 2
    assert store.add("ann", twice, most=MOST) == []
    assert len(store.add("ann", [*twice, twice[0]], most=MOST)) == 1


def test_a_fill_that_came_with_an_id_and_without_one_is_one_fill(store):
    plain = said("buy", "1", "100.0")
    named = said("buy", "1.00", "100", 0, outside_id="7", ts=plain.ts + 999)
    store.add("ann", [plain], most=MOST)
    assert store.add("ann", [named], most=MOST) == []
    store.add("bob", [named], most=MOST)
    assert store.add("bob", [plain], most=MOST) == []
    # A second one of that second is another fill.
    assert len(store.add("bob", [named, replace(named, outside_id="8")], most=MOST)) == 1
    assert store.add("bob", [plain, plain], most=MOST) == []


def test_an_address_goes_with_its_fills_and_what_was_said_of_them(store, clock):
    address = store.add_address("ann", "hyperliquid-perp", "sealed", "mark")
    assert store.add_address("ann", "hyperliquid-perp", "sealed otherwise", "mark") == address
    (read,) = store.add("ann", [said("buy", "1", "100", 0, address=address.id, origin="address")], most=MOST)
    (own,) = store.add("ann", [said("buy", "1", "100", 1)], most=MOST)
    for trade in (read.key, own.key):
        store.decide("ann", TradeMatch(trade, "setup", "s" * 16, "main", "accepted"))
    store.note_read("ann", address.id, 500)
    store.note_read("ann", address.id, 400)
    assert store.addresses("ann") == [replace(address, ts_read=clock.wall_now(), reached=500)]
    assert store.addresses("bob") == []
    assert store.remove_address("bob", address.id) is None
    assert store.remove_address("ann", address.id) == 1
    assert store.remove_address("ann", address.id) is None
    assert [one.key for one in store.fills("ann")] == [own.key]
    assert [one.trade for one in store.matches("ann")] == [own.key]
    with pytest.raises(NotFound):
        store.add("ann", [replace(read, key="")], most=MOST)


def test_a_fill_of_a_file_that_an_address_tells_too_counts_with_the_address_and_outlives_it(store):
    address = store.add_address("ann", "hyperliquid-perp", "sealed", "mark")
    store.add("ann", [said("buy", "1", "100")], most=MOST)
    before = store.fills("ann")
    told = said("buy", "1", "100", 0, outside_id="7-B", position_before=Decimal(3), address=address.id)
    assert store.add("ann", [told], most=MOST, dry_run=True) == []
    assert store.fills("ann") == before
    assert store.add("ann", [told], most=MOST) == store.add("ann", [told], most=MOST) == []
    (one,) = store.fills("ann")
    assert (one.address, one.outside_id, one.position_before, one.key) == (
        address.id,
        "7-B",
        3,
        before[0].key,
    )
    assert store.remove_address("ann", address.id) == 0
    assert store.fills("ann") == before


def test_a_fill_of_a_file_with_the_venues_own_id_is_that_of_the_address(store):
    address = store.add_address("ann", "hyperliquid-perp", "sealed", "mark")
    of_file = [said("buy", "1", "100", outside_id="7"), said("sell", "1", "100", outside_id="7")]
    store.add("ann", of_file, most=MOST)
    told = [replace(one, address=address.id, position_before=Decimal(3), origin="address") for one in of_file]
    assert store.add("ann", told, most=MOST) == []
    assert [one.address for one in store.fills("ann")] == [address.id, address.id]


def test_somebody_elses_fills_are_not_removed(store):
    (one,) = store.add("ann", [said("buy", "1", "100")], most=MOST)
    assert store.remove("bob", [one.key]) == 0
    assert store.remove("ann", [one.key, "0" * 16]) == 1
    assert store.fills("ann") == []


def test_a_trade_has_one_accepted_setup_and_any_number_of_refused_ones(store):
    first = TradeMatch("t" * 16, "setup", "a" * 16, "main", "accepted")
    second = replace(first, target="b" * 16)
    store.decide("ann", first)
    store.decide("ann", replace(second, verdict="refused"))
    assert [one.verdict for one in store.matches("ann")] == ["accepted", "refused"]
    store.decide("ann", second)
    assert store.matches("ann") == [second]
    assert store.matches("bob") == []


def test_all_of_a_person_is_handed_over_and_forgotten(store):
    address = store.add_address("ann", "hyperliquid-perp", "sealed", "mark")
    store.add(
        "ann",
        [said("buy", "1", "100", 0, address=address.id, origin="address"), said("buy", "1", "100", 1)],
        most=MOST,
    )
    store.decide("ann", TradeMatch("t" * 16, "setup", "s" * 16, "main", "refused"))
    kept = store.fills("ann"), store.addresses("ann"), store.matches("ann")
    store.hand_over("ann", "eve")
    assert (store.fills("ann"), store.addresses("ann"), store.matches("ann")) == ([], [], [])
    assert (store.fills("eve"), store.addresses("eve"), store.matches("eve")) == kept
    store.forget("bob")
    assert store.fills("eve")
    store.forget("eve")
    assert (store.fills("eve"), store.addresses("eve"), store.matches("eve")) == ([], [], [])


ROWS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["", "1", "2", "3"])), max_size=8)


@given(ROWS, ROWS)
def test_given_twice_in_any_order_nothing_is_doubled_and_nothing_lost(first, second):
    def fills(rows):
        # An id is of one fill: it says the same wherever it stands.
        return [
            said("buy", "1", "100", int(name) % 3 if name else minute, outside_id=name)
            for minute, name in rows
        ]

    kept = [*sort_fills([], fills(first)).new]
    kept += sort_fills(kept, fills(second)).new
    assert sort_fills(kept, fills(first)).new == sort_fills(kept, fills(second)[::-1]).new == []
    ids = [one.outside_id for one in kept if one.outside_id]
    assert len(set(ids)) == len(ids)
    assert len({one.key for one in kept}) == len(kept)
    for rows in (first, second):
        unique = {one.outside_id or object(): one for one in fills(rows)}.values()
        for minute in range(3):
            of_minute = [one for one in unique if one.ts == said("buy", "1", "1", minute).ts]
            plain = sum(not one.outside_id for one in of_minute)
            kept_here = sum(one.ts == said("buy", "1", "1", minute).ts for one in kept)
            assert kept_here >= max(plain, len(of_minute) - plain)


@pytest.mark.parametrize("name", ["", "t{}"])
def test_a_file_of_thousands_of_equal_rows_is_not_compared_each_with_each(name):
    """Square in its rows, the longest file took minutes of processor."""
    rows = [said("buy", "1", "100", outside_id=name.format(number)) for number in range(20_000)]
    kept = sort_fills([], rows).new
    assert len({one.key for one in kept}) == len(rows)
    assert sort_fills(kept, rows[::-1]).new == []
