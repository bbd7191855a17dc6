"""What the store of addresses whose balances people read promises, on both databases."""

from __future__ import annotations

import pytest

from vigie.adapters.stores.sql.holding_addresses import SqlHoldingAddresses
from vigie.domain.errors import NotFound, UsageError
from vigie.ports.holding_addresses import HoldingAddress

SAFE = HoldingAddress("", "extended_key", "bitcoin", "Safe", "sealed-1", "mark-1", 0)


@pytest.fixture
def store(database, clock):
    return SqlHoldingAddresses(database, clock)


def test_an_address_is_kept_once_and_nobody_has_agreed_to_a_host(store, clock):
    told = HoldingAddress("x", "extended_key", "bitcoin", "Safe", "sealed-1", "mark-1", 7, "a.example", 7)
    kept = store.add("ann", told, most=2)
    assert (kept.kind, kept.chain, kept.label, kept.sealed) == ("extended_key", "bitcoin", "Safe", "sealed-1")
    assert (kept.host, kept.ts_agreed, kept.ts_added) == ("", None, clock.wall_now())
    again = HoldingAddress("", "address", "bitcoin", "Other", "sealed-2", "mark-1", 0)
    assert store.add("ann", again, most=2) == kept
    assert list(store.addresses("ann")) == [kept]
    assert list(store.addresses("bob")) == []


def test_no_more_than_a_person_may_have_are_kept(store):
    kept = store.add("ann", SAFE, most=1)
    with pytest.raises(UsageError):
        store.add("ann", HoldingAddress("", "address", "ethereum", "Hot", "s", "mark-2", 0), most=1)
    assert store.add("ann", SAFE, most=1) == kept
    assert list(store.addresses("ann")) == [kept]


def test_a_host_is_agreed_to_in_place_of_one_before_by_its_owner_alone(store, clock):
    kept = store.add("ann", SAFE, most=2)
    assert store.agree("ann", kept.id, "a.example").host == "a.example"
    [found] = [store.agree("ann", kept.id, "b.example")]
    assert (found.host, found.ts_agreed) == ("b.example", clock.wall_now())
    for refused in (lambda: store.agree("bob", kept.id, "c.example"), lambda: store.remove("bob", kept.id)):
        with pytest.raises(NotFound):
            refused()
    assert list(store.addresses("ann")) == [found]


def test_what_is_removed_handed_over_or_forgotten_is_gone(store):
    kept = store.add("ann", SAFE, most=2)
    other = store.add("bob", SAFE, most=2)
    store.hand_over("ann", "eve")
    assert (list(store.addresses("ann")), list(store.addresses("eve"))) == ([], [kept])
    store.remove("eve", kept.id)
    with pytest.raises(NotFound):
        store.remove("eve", kept.id)
    assert list(store.addresses("bob")) == [other]
    store.forget("bob")
    assert list(store.addresses("bob")) == []
