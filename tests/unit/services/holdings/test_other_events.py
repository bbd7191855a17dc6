"""Events by hand beyond purchase and sale: kept as the contract writes them, refused in a sentence, corrected."""

from __future__ import annotations

import pytest

from tests.unit.services.holdings.material import ask, holding_house
from vigie.domain.errors import UsageError

DAY = "2025-03-01"


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"kind": "swap", "to_coin": "ETH", "to_quantity": "2"}, ("2", "ethereum", "", "", "")),
        ({"kind": "transfer", "to_place": "Ledger"}, ("", "", "Ledger", "", "")),
        ({"kind": "income", "sort": "staking"}, ("", "", "", "staking", "")),
        ({"kind": "gift", "way": "out"}, ("", "", "", "", "out")),
        ({"kind": "fee"}, ("", "", "", "", "")),
        ({"kind": "loss"}, ("", "", "", "", "")),
        ({"kind": "fork", "quantity": "", "to_coin": "SOL", "to_quantity": "1"}, ("1", "solana", "", "", "")),
    ],
)
def test_each_kind_is_kept_with_what_it_needs(built, typed, kept):
    ask(built, "add", coin="BTC", quantity="1", day="2025-02-01", place="Kraken", amount="30000")
    ask(built, "add", **{"coin": "BTC", "quantity": "0.5", "day": DAY, "place": "Kraken", **typed})
    row = ask(built, "list").rows[0]
    assert (row.kind, row.day) == (typed["kind"], DAY)
    assert (row.to_quantity, row.to_asset, row.to_place, row.sort, row.way) == kept


def test_what_moved_lies_at_its_new_place_and_a_fee_in_coins_leaves(built):
    ask(built, "add", coin="BTC", quantity="1", day="2025-02-01", place="Kraken", amount="30000")
    ask(
        built, "add", kind="transfer", coin="BTC", quantity="0.4", day=DAY, place="Kraken", to_place="Ledger",
        fee="0.1", fee_coin="BTC",
    )  # fmt: skip
    (position,) = ask(built, "positions").rows
    assert (position.quantity, position.places) == ("0.9", "Kraken, Ledger")
    assert ask(built, "list").rows[0].fee_coin == "bitcoin"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"kind": "swap"}, "holding_needs_to_coin"),
        ({"kind": "swap", "to_coin": "ETH", "to_quantity": "NaN"}, "holding_quantity_must_number"),
        ({"kind": "transfer"}, "holding_needs_to_place"),
        ({"kind": "transfer", "to_place": " Kraken "}, "holding_needs_to_place"),
        ({"kind": "income"}, "holding_needs_sort"),
        ({"kind": "gift"}, "holding_needs_way"),
        ({"kind": "loss", "amount": "5"}, "holding_no_money_here"),
        ({"kind": "fee", "fee": "-1", "fee_coin": "BTC"}, "holding_quantity_must_number"),
    ],
)
def test_what_a_kind_needs_is_asked_for_and_nothing_is_kept(built, typed, code):
    with pytest.raises(UsageError) as refused:
        ask(built, "add", **{"coin": "BTC", "quantity": "0.5", "place": "Kraken", **typed})
    assert refused.value.args[0].code == code
    assert ask(built, "list").rows == []


def test_a_correction_keeps_the_old_event(built):
    added = ask(built, "add", kind="income", sort="staking", coin="BTC", quantity="1", day=DAY, amount="9")
    changed = ask(
        built, "change", holding=added.entry, kind="gift", way="in", coin="BTC", quantity="1", day=DAY
    )
    assert [row.kind for row in ask(built, "list").rows] == ["gift"]
    assert len(ask(built, "versions", holding=added.entry).rows) == 2
    ask(built, "undo", holding_batch=changed.batch)
    (row,) = ask(built, "list").rows
    assert (row.kind, row.sort, row.amount) == ("income", "staking", "9")
