"""A row that was corrected in its file and looks like a kept line: told before it enters twice."""

from __future__ import annotations

import pytest

from tests.unit.services.holdings.material import ANN, BOB, ask, holding_house
from vigie.services.holdings.notice_text import notice_text
from vigie.services.refusal_text import translate_plain

COLUMNS = {"time": "when", "kind": "what", "coin": "coin", "quantity": "n", "amount": "paid", "fee": "fee",
           "place": "at", "to_coin": "to", "to_quantity": "m"}  # fmt: skip
HEAD = "when,what,coin,n,paid,fee,at,to,m\n"
FIRST = "2025-02-01 10:00:00,buy,BTC,1,50000,5,Safe,,\n"


@pytest.fixture
def built(tmp_path):
    home = holding_house(tmp_path / "home")
    load(home, FIRST, dry_run=False)
    return home


def load(built, rows, caller=ANN, **more):
    return ask(built, "import", caller, text=HEAD + rows, columns=COLUMNS, currency="USD", **more)


def likes(found):
    return [
        (fault.row, fault.message.arguments["difference"].code.removeprefix("import_word_other_"))
        for fault in found.noted
        if fault.message.code == "import_looks_kept"
    ]


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ("50000", "51000", "amount"), (",5,", ",6,", "fee"), ("Safe", "Vault", "place"),
        (" 10:00:00,buy,BTC,1,50000", ",buy,BTC,1,51000", "amount"), (" 10:00:00", "", "time"),
    ],
)  # fmt: skip
def test_a_row_like_a_kept_line_is_told_and_enters(built, before, after, difference):
    (line,) = ask(built, "list").rows
    found = load(built, FIRST.replace(before, after))
    assert (found.new, likes(found)) == (1, [(2, difference)])
    assert [fault.entry for fault in found.noted] == [line.entry]
    done = load(built, FIRST.replace(before, after), dry_run=False)
    assert (done.new, likes(done)) == (1, [(2, difference)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("BTC", "ETH"), (",1,", ",2,"), ("buy", "sell"), ("10:00:00", "11:00:00"), ("02-01", "02-02"),
    ],
)  # fmt: skip
def test_a_row_of_another_coin_kind_quantity_or_time_is_not_told(built, before, after):
    found = load(built, FIRST.replace(before, after).replace("50000", "49000"))
    assert (found.new, likes(found)) == (1, [])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2025-02-01 10:00:00,buy,BTC,1.5,50000,5,Safe,,\n", True),
        ("2025-02-01 10:00:00,buy,BTC,1.5,75000,5,Safe,,\n", True),
        ("2025-02-01,buy,BTC,2,100000.01,5,Safe,,\n", True),
        ("2025-02-01 10:00:00,buy,BTC,1.5,60000,5,Safe,,\n", False),
        ("2025-02-01 10:00:00,buy,BTC,1.5,50000,5,Vault,,\n", False),
        ("2025-02-01 11:00:00,buy,BTC,1.5,50000,5,Safe,,\n", False),
        ("2025-02-01 10:00:00,sell,BTC,1.5,50000,5,Safe,,\n", False),
        ("2025-02-01 10:00:00,buy,BTC,1.5,,5,Safe,,\n", False),
    ],
)
def test_a_row_whose_quantity_was_corrected_is_told_where_amount_or_price_is_the_same(built, row, told):
    (line,) = ask(built, "list").rows
    found = load(built, row)
    assert (found.new, likes(found)) == (1, [(2, "quantity")] if told else [])
    assert [fault.entry for fault in found.noted if fault.entry] == [line.entry] * told


def test_rows_of_one_file_are_not_like_each_other_also_when_it_comes_again_longer(built):
    second, third = FIRST.replace("50000", "50001"), FIRST.replace("50000", "50002")
    load(built, FIRST + second, dry_run=False)
    again = load(built, FIRST + second + third)
    assert (again.new, again.known, likes(again)) == (1, 2, [])


def test_a_line_by_hand_of_that_day_is_like_a_row_with_a_time(built):
    ask(built, "add", coin="ethereum", quantity="2", day="2025-02-03", amount="6000", currency="USD")
    assert likes(load(built, "2025-02-03 09:00:00,buy,ETH,2,6001,,,,\n")) == [(2, "amount")]


def test_what_left_one_place_is_not_like_what_came_to_another(built):
    load(built, "2025-02-05 10:00:00,withdrawal,BTC,1,,,Safe,,\n", dry_run=False)
    assert likes(load(built, "2025-02-05 10:00:00,deposit,BTC,1,,,Vault,,\n")) == []


def test_lines_of_others_and_undone_ones_are_not_looked_at(built):
    row = FIRST.replace("50000", "51000")
    assert likes(load(built, row, BOB)) == []
    ask(built, "undo", holding_batch=ask(built, "list").rows[0].batch)
    assert likes(load(built, row)) == []


def test_the_hint_is_french_in_french(built):
    (fault,) = load(built, FIRST.replace("50000", "51000")).noted
    said = translate_plain(notice_text(fault.message, "fr"), "fr")
    assert "avec un autre montant" in said
    assert "celle du 1er févr. 2025" in said


def test_a_row_without_an_id_at_another_place_is_new_with_a_column_of_the_place_and_changed_without(built):
    again = load(built, FIRST.replace("Safe", "Vault"))
    assert (again.new, again.changed, likes(again)) == (1, 0, [(2, "place")])
    columns = {name: header for name, header in COLUMNS.items() if name != "place"}
    text = HEAD + FIRST.replace("2025-02-01", "2025-02-07")
    told = {"columns": columns, "currency": "USD", "text": text}
    ask(built, "import", ANN, place="Safe", dry_run=False, **told)
    other = ask(built, "import", ANN, place="Vault", **told)
    assert (other.new, other.changed) == (0, 1)


def test_a_row_with_an_id_at_another_place_is_changed(built):
    columns = {**COLUMNS, "id": "to"}
    told = {
        "columns": {name: header for name, header in columns.items() if name != "to_coin"},
        "currency": "USD",
    }
    row = "2025-02-08 10:00:00,buy,BTC,1,50000,5,{},t1,\n"
    ask(built, "import", ANN, text=HEAD + row.format("Safe"), dry_run=False, **told)
    other = ask(built, "import", ANN, text=HEAD + row.format("Vault"), **told)
    assert (other.new, other.changed) == (0, 1)
