"""What the store of names promises, on both databases; and that watchlists hold entities."""

from vigie.adapters.stores.sql.accounts.store import SqlUserStore
from vigie.adapters.stores.sql.names import SqlNames
from vigie.domain.entity import Amendment, ImportedName, NameImport
from vigie.intelligence.news.gazetteer.amendments import apply_amendments, fingerprint
from vigie.intelligence.news.gazetteer.entries import load_packaged
from vigie.ports.watchlists import Watchlist


def test_amendments_come_back_in_their_order_and_are_withdrawn_once(database, clock):
    names = SqlNames(database, clock)
    assert names.amendments() == []
    first = names.amend(Amendment("", "merge", "org:a", into="org:b", author="u1"))
    second = names.amend(Amendment("", "alias", "org:b", "Bé & Co", author="u2"))
    assert (first.ts, first.id != second.id) == (clock.wall_now(), True)
    assert names.amendments() == [first, second]
    assert names.withdraw(first.id) == first
    assert names.withdraw(first.id) is None
    assert names.amendments() == [second]


def test_a_rejected_name_is_kept_like_the_others_and_read_by_nobody(database, clock):
    names = SqlNames(database, clock)
    rejected = names.amend(Amendment("", "reject", "", "Zörvex <b>", author="u1"))
    assert names.amendments() == [rejected]
    assert apply_amendments(load_packaged(), names.amendments()) == apply_amendments(load_packaged(), [])
    assert fingerprint(names.amendments()) == ""
    assert names.withdraw(rejected.id) == rejected


def test_a_watchlist_keeps_its_entities_in_their_order(database, clock):
    accounts = SqlUserStore(database, clock)
    kept = accounts.put_watchlist(
        Watchlist("", "u1", "Mine", ("bitcoin",), 0, 0, "", ("org:sec", "law:mica"))
    )
    assert accounts.watchlist("u1", kept.id) == kept
    assert kept.entities == ("org:sec", "law:mica")


def test_of_each_source_the_newest_import_is_read_and_few_are_kept(database, clock):
    names = SqlNames(database, clock)
    assert (names.imports(), names.import_ids(), names.withdraw_import("gleif")) == ([], [], None)
    taken = [
        names.put_import(
            NameImport("", "gleif", "CC0", "u1", 0, (ImportedName("org:a", f"Ä {at}", (f"Ä {at}",)),))
        )
        for at in range(5)
    ]
    other = names.put_import(NameImport("", "coingecko", "terms", "u1", 0, ()))
    assert names.imports() == [other, taken[4]]
    assert names.import_ids() == [other.id, taken[4].id]
    assert [names.withdraw_import("gleif") for _ in range(4)] == [taken[4], taken[3], taken[2], None]
    assert names.imports() == [other]
