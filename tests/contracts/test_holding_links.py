"""What the store of shared links promises, on both databases."""

from __future__ import annotations

import pytest

from vigie.adapters.stores.sql.holding_links import SqlHoldingLinks
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.time import DAY_MS


@pytest.fixture
def store(database, clock):
    return SqlHoldingLinks(database, clock)


def test_a_link_is_found_by_its_digest_until_it_expires(store, clock):
    made = store.add("ann", "digest", days=30, most=2)
    assert (made.owner, made.ts_expires - made.ts_created) == ("ann", 30 * DAY_MS)
    assert store.find("digest") == made
    assert store.find("other") is None
    assert (list(store.links("ann")), list(store.links("bob"))) == ([made], [])
    clock.now = made.ts_expires - 1
    assert store.find("digest") == made
    clock.now = made.ts_expires
    assert (store.find("digest"), list(store.links("ann"))) == (None, [])


def test_a_person_has_a_bounded_number_and_expired_ones_do_not_count(store, clock):
    first = store.add("ann", "one", days=1, most=1)
    with pytest.raises(UsageError):
        store.add("ann", "two", days=1, most=1)
    assert store.add("bob", "three", days=1, most=1).owner == "bob"
    clock.now = first.ts_expires
    assert [link.digest for link in (store.add("ann", "two", days=1, most=1),)] == ["two"]


def test_what_is_removed_by_its_owner_alone_handed_over_or_forgotten_is_gone(store):
    made, other = store.add("ann", "one", days=1, most=2), store.add("bob", "two", days=1, most=2)
    with pytest.raises(NotFound):
        store.remove("bob", made.id)
    store.hand_over("ann", "eve")
    assert (list(store.links("ann")), [link.id for link in store.links("eve")]) == ([], [made.id])
    store.remove("eve", made.id)
    assert store.find("one") is None
    assert store.find("two") == other
    store.forget("bob")
    assert store.find("two") is None
