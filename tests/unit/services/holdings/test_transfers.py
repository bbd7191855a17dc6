"""Transfers that are proposed from two files: joined and undone, refused and remembered, never chosen silently."""

from __future__ import annotations

import pytest

from tests.unit.services.holdings.material import ANN, BOB, ask, holding_house
from vigie.domain.errors import Conflict, NotFound, UsageError

HEAD = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label\n"
BOUGHT = "2025-02-01 10:00:00,20000,EUR,1,BTC,,,\n"
SENT = "2025-03-01 10:00:00,0.5,BTC,,,,,\n"
CAME = "2025-03-01 11:00:00,,,0.4998,BTC,,,\n"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return holding_house(tmp_path_factory.mktemp("transfers") / "home")


@pytest.fixture
def built(opened):
    for who in (ANN, BOB):
        opened.holdings.forget(who.user)
    return opened


def load(built, place: str, *rows: str) -> str:
    return ask(built, "import", text=HEAD + "".join(rows), place=place, dry_run=False).batch


def lines(built) -> list[tuple[str, str, str, str, str | None]]:
    rows = ask(built, "list").rows
    return sorted((row.kind, row.place, row.to_place, row.quantity, row.fee) for row in rows)


def test_a_withdrawal_and_a_deposit_become_one_transfer_that_is_undone(built):
    load(built, "Ledger", CAME)
    load(built, "Kraken", BOUGHT, SENT)
    before = lines(built)
    (row,) = ask(built, "transfers").rows
    assert (row.place, row.to_place, row.asset, row.fee) == ("Kraken", "Ledger", "bitcoin", "0.0002")
    assert (row.left_at, row.arrived_at) == ("2025-03-01T10:00:00Z", "2025-03-01T11:00:00Z")
    assert (row.choices, row.is_clear) == (1, True)
    held = ask(built, "positions").rows[0].quantity
    told = ask(built, "join_transfers", holding=row.entry, arrival=row.arrival)
    assert (told.joined, told.left) == (1, 0)
    assert lines(built) == [
        ("buy", "Kraken", "", "1", None),
        ("transfer", "Kraken", "Ledger", "0.4998", "0.0002"),
    ]
    assert (held, ask(built, "positions").rows[0].quantity) == ("1", "0.9998")
    assert ask(built, "transfers").rows == []
    with pytest.raises(Conflict, match="undo that first"):
        ask(built, "change", holding=row.entry, coin="bitcoin", quantity="1")
    assert load(built, "Kraken", BOUGHT, SENT) == "", "the file again changes nothing"
    assert ask(built, "undo", holding_batch=told.batch).undone == 2
    assert lines(built) == before
    assert len(ask(built, "transfers").rows) == 1


def test_what_was_joined_is_listed_with_what_undoes_it(built):
    assert ask(built, "joined_transfers").rows == []
    load(built, "Kraken", BOUGHT, SENT, "2025-04-01 10:00:00,2,ETH,,,0.01,ETH,\n")
    load(built, "Ledger", CAME, "2025-04-02 10:00:00,,,1.99,ETH,,,\n")
    batch = ask(built, "join_transfers", all_clear=True).batch
    ask(
        built,
        "add",
        kind="transfer",
        coin="bitcoin",
        quantity="0.1",
        day="2025-05-01",
        place="A",
        to_place="B",
    )
    told = ask(built, "joined_transfers")
    assert [(row.at, row.asset, row.quantity, row.place, row.to_place, row.batch, row.together)
            for row in told.rows] == [
        ("2025-04-01T10:00:00Z", "ethereum", "1.99", "Kraken", "Ledger", batch, 2),
        ("2025-03-01T10:00:00Z", "bitcoin", "0.4998", "Kraken", "Ledger", batch, 2),
    ]  # fmt: skip
    first = ask(built, "joined_transfers", limit=1)
    assert (len(first.rows), first.total, first.rows[0].together) == (1, 2, 2)
    assert ask(built, "joined_transfers", limit=1, cursor=first.next_cursor).rows == told.rows[1:]
    assert ask(built, "joined_transfers", BOB).rows == []
    ask(built, "undo", holding_batch=batch)
    assert ask(built, "joined_transfers").rows == []


def test_what_was_refused_is_not_proposed_again_until_that_is_undone(built):
    first = load(built, "Kraken", SENT)
    load(built, "Ledger", CAME)
    (row,) = ask(built, "transfers").rows
    batch = ask(built, "refuse_transfer", holding=row.entry, arrival=row.arrival).batch
    ask(built, "undo", holding_batch=first)
    load(built, "Kraken", SENT)
    assert ask(built, "transfers").rows == []
    with pytest.raises(NotFound):
        ask(built, "join_transfers", holding=row.entry, arrival=row.arrival)
    assert "refusal" in [row.kind for row in ask(built, "batches").rows]
    assert ask(built, "undo", holding_batch=batch).undone == 1
    assert len(ask(built, "transfers").rows) == 1


def test_of_several_that_fit_all_are_shown_and_none_is_joined_by_asking_for_all(built):
    load(
        built, "Kraken", SENT, "2025-03-01 10:30:00,0.5,BTC,,,,,\n", "2025-04-01 10:00:00,2,ETH,,,0.01,ETH,\n"
    )
    load(built, "Ledger", CAME, "2025-04-02 10:00:00,,,1.99,ETH,,,\n")
    found = ask(built, "transfers").rows
    assert [(row.asset, row.choices) for row in found] == [("ethereum", 1), ("bitcoin", 2), ("bitcoin", 2)]
    told = ask(built, "join_transfers", all_clear=True)
    assert (told.joined, told.left) == (1, 2)
    (joined,) = [row for row in ask(built, "list").rows if row.asset == "ethereum"]
    assert (joined.fee, joined.fee_coin, joined.quantity) == ("0.02", "ethereum", "1.99")
    one = ask(built, "transfers").rows[0]
    assert ask(built, "join_transfers", holding=one.entry, arrival=one.arrival).left == 0
    assert ask(built, "join_transfers", all_clear=True).batch == ""


def test_a_loss_is_proposed_and_joined_only_by_hand_and_a_fee_in_another_coin_stays(built):
    load(built, "Kraken", "2025-03-01 10:00:00,0.5,BTC,,,0.1,ETH,lost\n")
    load(built, "Ledger", CAME)
    (row,) = ask(built, "transfers").rows
    assert (row.kind, row.is_clear) == ("loss", False)
    assert ask(built, "join_transfers", all_clear=True).joined == 0
    ask(built, "join_transfers", holding=row.entry, arrival=row.arrival)
    assert lines(built) == [
        ("fee", "Kraken", "", "0.0002", None),
        ("transfer", "Kraken", "Ledger", "0.4998", "0.1"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "2025-03-05 10:00:00,,,0.4998,BTC,,,\n",
        "2025-02-28 09:00:00,,,0.4998,BTC,,,\n",
        "2025-03-01 11:00:00,,,0.47,BTC,,,\n",
        "2025-03-01 11:00:00,,,0.51,BTC,,,\n",
        "2025-03-01 11:00:00,,,0.4998,ETH,,,\n",
    ],
)
def test_too_late_too_early_too_little_too_much_or_another_coin_is_not_proposed(built, row):
    load(built, "Kraken", SENT)
    load(built, "Ledger", row)
    assert ask(built, "transfers").rows == []


def test_what_comes_back_to_its_own_place_is_no_transfer_and_other_peoples_lines_are_not_joined(built):
    load(built, "Kraken", SENT, CAME)
    assert ask(built, "transfers").rows == []
    load(built, "Ledger", CAME.replace("11:00", "12:00"))
    (row,) = ask(built, "transfers").rows
    for name in ("join_transfers", "refuse_transfer"):
        with pytest.raises(NotFound):
            ask(built, name, BOB, holding=row.entry, arrival=row.arrival)
    with pytest.raises(UsageError, match="name the line of what left"):
        ask(built, "join_transfers", holding=row.entry, arrival=row.arrival, all_clear=True)
