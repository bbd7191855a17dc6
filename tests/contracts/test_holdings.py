"""What the store of what people own promises, on both databases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event as sql_events

from vigie.adapters.stores.sql.holdings import SqlHoldings
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.holding import (
    HoldingRecord,
    TransferPair,
    current_records,
    holding_content,
    holding_event,
    sort_records,
)

MOST = 1_000


@pytest.fixture
def store(database, clock):
    return SqlHoldings(database, clock)


def bought(event: str, qty: str = "1", **more: object) -> HoldingRecord:
    """Return a purchase as it comes."""
    said = {"kind": "buy", "at": "2026-05-29T10:00:00Z", "place": "Kraken", "asset": "bitcoin", "qty": qty}
    return HoldingRecord(event, holding_content({"id": event, **said, **more}))


def add(store: SqlHoldings, *records: HoldingRecord, owner: str = "ann", kind: str = "file") -> str:
    return store.add(owner, kind, "kraken.csv", records, most=MOST)[0]


def contents(store: SqlHoldings, owner: str = "ann") -> dict[str, str]:
    return {record.event: record.content for record in store.records(owner)}


def test_events_come_back_digit_by_digit_in_the_order_they_came_and_again_they_change_nothing(store):
    rows = [bought("b", "0.123456789012345678", fee={"amount": "1.50", "cur": "EUR"}), bought("a", "1.0")]
    batch = add(store, *rows)
    kept = store.records("ann")
    assert [(one.event, one.content, one.batch) for one in kept] == [
        (row.event, row.content, batch) for row in rows
    ]
    assert holding_event(kept[0])["fee"] == {"amount": "1.50", "cur": "EUR"}
    again, found = store.add("ann", "file", "kraken.csv", rows, most=MOST)
    assert (again, found.new, [one.event for one in found.known]) == ("", [], ["b", "a"])
    assert store.records("ann") == kept
    assert [one.id for one in store.batches("ann")] == [batch]
    assert store.records("bob") == store.batches("bob") == []


def test_a_file_with_one_id_twice_that_says_two_things_enters_not_at_all(store):
    add(store, bought("a"))
    batch, found = store.add("ann", "file", "", [bought("b"), bought("a", "2"), bought("b", "3")], most=MOST)
    assert batch == ""
    assert [one.event for one in found.conflicting] == ["a", "b"]
    assert list(contents(store)) == ["a"]


def test_a_dry_run_says_what_would_be_added_and_adds_nothing(store):
    batch, found = store.add("ann", "file", "", [bought("a")], most=MOST, dry_run=True)
    assert (batch, [one.event for one in found.new]) == ("", ["a"])
    assert store.records("ann") == store.batches("ann") == []


def test_more_events_than_a_person_may_have_enter_not_at_all(store):
    add(store, bought("a"))
    with pytest.raises(UsageError, match="at most 2 lines, would be 3"):
        store.add("ann", "file", "", [bought("b"), bought("c")], most=2)
    assert list(contents(store)) == ["a"]


def test_a_correction_keeps_the_old_row_and_the_same_file_again_does_not_undo_it(store):
    first, second = bought("a"), bought("a", "2")
    add(store, first)
    batch = store.correct("ann", second, before=first.content)
    assert contents(store) == {"a": second.content}
    assert [one.content for one in store.revisions("ann", "a")] == [first.content, second.content]
    assert add(store, first) == ""
    assert contents(store) == {"a": second.content}
    with pytest.raises(Conflict):
        store.correct("ann", bought("a", "3"), before=first.content)
    assert store.undo("ann", batch) == 1
    assert contents(store) == {"a": first.content}


def test_what_was_taken_away_is_gone_until_that_is_undone(store):
    first = bought("a")
    add(store, first)
    batch = store.correct("ann", HoldingRecord("a", ""), before=first.content)
    assert contents(store) == {}
    assert add(store, first) == "", "the file that told it does not bring it back"
    with pytest.raises(NotFound):
        store.correct("ann", bought("a", "2"), before="")
    store.undo("ann", batch)
    assert contents(store) == {"a": first.content}


def test_an_undone_import_takes_its_corrections_with_it_and_may_come_again(store, clock):
    first, hand = bought("a"), bought("hand")
    batch = add(store, first)
    add(store, hand, kind="form")
    store.correct("ann", bought("a", "2"), before=first.content)
    assert store.undo("ann", batch) == 1
    assert store.undo("ann", batch) == 0
    assert contents(store) == {"hand": hand.content}
    assert {one.id: one.ts_undone for one in store.batches("ann")}[batch] == clock.wall_now()
    assert add(store, first)
    assert contents(store) == {"hand": hand.content, "a": first.content}


def test_somebody_elses_events_are_neither_seen_nor_changed(store):
    first = bought("a")
    batch = add(store, first)
    assert add(store, bought("a", "5"), owner="bob")
    with pytest.raises(NotFound):
        store.undo("bob", batch)
    with pytest.raises(NotFound):
        store.correct("eve", bought("a", "2"), before=first.content)
    assert store.revisions("eve", "a") == []
    assert contents(store) == {"a": first.content}


def test_all_of_a_person_is_handed_over_and_forgotten(store):
    add(store, bought("a"))
    kept = store.records("ann"), store.batches("ann")
    store.hand_over("ann", "eve")
    assert (store.records("ann"), store.batches("ann")) == ([], [])
    assert (store.records("eve"), store.batches("eve")) == kept
    store.forget("bob")
    assert store.records("eve")
    store.forget("eve")
    assert (store.records("eve"), store.batches("eve"), store.revisions("eve", "a")) == ([], [], [])


def test_the_version_changes_with_what_is_in_force_and_with_nothing_else(store):
    seen = [store.version("ann")]
    first = bought("a")
    batch = add(store, first)
    seen.append(store.version("ann"))
    add(store, first)
    add(store, bought("b"), owner="bob")
    assert store.version("ann") == seen[-1]
    correction = store.correct("ann", bought("a", "2"), before=first.content)
    seen.append(store.version("ann"))
    store.undo("ann", correction)
    seen.append(store.version("ann"))
    store.undo("ann", batch)
    seen.append(store.version("ann"))
    store.forget("ann")
    assert store.version("ann") == seen[0]
    add(store, first)
    seen.append(store.version("ann"))
    assert len(set(seen)) == len(seen)


FILES = st.lists(st.lists(st.sampled_from("abcdef"), max_size=6), max_size=5)


@given(FILES)
def test_files_in_any_order_and_as_often_as_may_be_bring_each_event_once(files):
    def kept(order: list[list[str]]) -> dict[str, str]:
        revisions = []
        for file in order:
            said = current_records(revisions)[1]
            revisions += [
                (record, "file") for record in sort_records(said, [bought(one) for one in file]).new
            ]
        return {event: record.content for event, record in current_records(revisions)[0].items()}

    assert (
        kept(files)
        == kept([*files[::-1], *files])
        == {event: bought(event).content for file in files for event in file}
    )


def test_coins_of_everybody_are_named_once_and_those_of_undone_batches_are_not(store):
    add(store, bought("e1"), bought("e2", asset="lumar"))
    add(store, bought("e1", to_asset="ethereum", fee={"asset": "binancecoin", "qty": "1"}), owner="bob")
    gone = add(store, bought("e3", asset="solana"))
    assert store.coins() == ["binancecoin", "bitcoin", "ethereum", "lumar", "solana"]
    store.undo("ann", gone)
    assert store.coins() == ["binancecoin", "bitcoin", "ethereum", "lumar"]


def pair(left: HoldingRecord, arrived: HoldingRecord) -> TransferPair:
    """Join two as a transfer joins them: the first says it, the second is gone."""
    return TransferPair(
        bought(left.event, "7"), HoldingRecord(arrived.event, ""), left.content, arrived.content
    )


def test_joined_lines_are_one_batch_that_is_undone_whole_and_corrected_only_then(store):
    a, b, c, d = (bought(name, place=name) for name in "abcd")
    add(store, a, b, c, d)
    before = contents(store)
    batch = store.join("ann", [pair(a, b), pair(c, d)])
    joined = {"a": bought("a", "7").content, "c": bought("c", "7").content}
    assert contents(store) == joined
    assert store.revisions("ann", "b")[-1].content == ""
    assert {one.kind: one.n_events for one in store.batches("ann")} == {"file": 4, "transfer": 4}
    with pytest.raises(Conflict, match="undo that first"):
        store.correct("ann", a, before=joined["a"])
    with pytest.raises(Conflict, match="undo that first"):
        store.join("ann", [pair(a, b)])
    assert add(store, a, b) == "", "the files again change nothing"
    assert contents(store) == joined
    assert store.undo("ann", batch) == 4
    assert contents(store) == before
    assert store.correct("ann", bought("a", "3"), before=a.content)


def test_one_pair_that_was_changed_meanwhile_holds_all_of_them_back(store):
    a, b, c, d = (bought(name) for name in "abcd")
    add(store, a, b, c, d)
    store.correct("ann", bought("d", "2"), before=d.content)
    kept = contents(store)
    with pytest.raises(Conflict, match="changed meanwhile"):
        store.join("ann", [pair(a, b), pair(c, d)])
    assert contents(store) == kept
    with pytest.raises(NotFound):
        store.join("bob", [pair(a, b)])


def test_where_one_file_of_a_pair_is_undone_the_other_line_is_as_before_and_other_pairs_stay(store):
    left, arrived, c, d = (bought(name) for name in ("left", "arrived", "c", "d"))
    first, second = add(store, left), add(store, arrived)
    add(store, c, d)
    store.join("ann", [pair(left, arrived), pair(c, d)])
    store.undo("ann", second)
    assert contents(store) == {"left": left.content, "c": bought("c", "7").content}
    assert [one.content for one in store.revisions("ann", "left")] == [left.content]
    add(store, arrived)
    assert contents(store)["arrived"] == arrived.content, "what came again was not joined"
    assert store.correct("ann", bought("left", "2"), before=left.content)
    store.undo("ann", first)
    assert "left" not in contents(store)


def test_a_refusal_is_remembered_once_until_it_is_undone(store):
    batch = store.refuse("ann", "a", "b")
    assert store.refuse("ann", "a", "b") == batch
    assert (store.refusals("ann"), store.refusals("bob")) == ({"a b": batch}, {})
    assert store.undo("ann", batch) == 1
    assert store.refusals("ann") == {}
    assert store.refuse("ann", "a", "b") != batch


class Killed(Exception):
    """The process ends inside a statement."""


def test_killed_at_any_statement_of_a_join_or_its_undoing_the_lines_are_as_before_or_as_after(
    store, database
):
    a, b = bought("a"), bought("b")
    add(store, a, b)
    before, after = {"a": a.content, "b": b.content}, {"a": bought("a", "7").content}
    passed: list[str] = []
    until = [0]

    def count(*given: object) -> None:
        passed.append(str(given[2])[:20])
        if len(passed) == until[0]:
            raise Killed

    def dying(work, begun: dict[str, str], done: dict[str, str]) -> int:
        """Return at how many statements it died."""
        deaths = 0
        while True:
            passed.clear()
            until[0] = deaths + 1
            sql_events.listen(database.durable, "before_cursor_execute", count)
            try:
                work()
            except Killed:
                deaths += 1
            finally:
                sql_events.remove(database.durable, "before_cursor_execute", count)
            if len(passed) < until[0]:
                assert contents(store) == done
                return deaths
            assert contents(store) == begun, f"died at {passed}"

    assert dying(lambda: store.join("ann", [pair(a, b)]), before, after) >= 3
    (batch,) = [one.id for one in store.batches("ann") if one.kind == "transfer"]
    assert dying(lambda: store.undo("ann", batch), after, before) >= 2


def test_an_account_is_included_once_until_that_is_undone(store):
    batch = store.include("ann", "main")
    assert store.include("ann", "main") == batch
    assert (store.included("ann"), store.included("bob"), store.refusals("ann")) == ({"main": batch}, {}, {})
    store.undo("ann", batch)
    assert store.included("ann") == {}
