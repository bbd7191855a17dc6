"""Amounts of files of one's own columns: of the row or of one coin, their currency, and those far from the price."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.services.holdings.material import ANN, DOLLARS_PER_EURO, ask, close_of, holding_house
from vigie.domain.holding import holding_event
from vigie.services.holdings.column_words import proposed_columns

COLUMNS = {"time": "Date", "kind": "Type", "coin": "Crypto", "quantity": "Quantité", "unit_price": "Cours",
           "currency": "Devise", "fee": "Frais"}  # fmt: skip
HEAD = "Date;Type;Crypto;Quantité;Cours;Devise;Frais\n"
# The day of the first close.
DAY = "2025-01-01"


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def load(built, text, **more):
    return ask(built, "import", ANN, text=text, **{"columns": COLUMNS, **more})


def events(built):
    return [holding_event(record) for record in built.holdings.records("u-ann")]


def codes(found):
    return [(fault.row, fault.message.code) for fault in found.noted]


def test_the_price_of_one_coin_times_the_quantity_is_the_amount(built):
    found = load(built, f"{HEAD}{DAY};achat;BTC;0,25;40000,10;EUR;1,5\n", dry_run=False)
    (line,) = found.new_lines
    assert (line.amount, line.currency, line.fee, line.fee_currency) == ("10000.025", "EUR", "1.5", "EUR")
    (bought,) = events(built)
    assert (bought["cost"], bought["fee"]) == (
        {"amount": "10000.025", "cur": "EUR"}, {"amount": "1.5", "cur": "EUR"},
    )  # fmt: skip


def test_the_amount_of_the_row_counts_where_a_row_says_both(built):
    columns = {**COLUMNS, "amount": "Total"}
    text = f"{HEAD.strip()};Total\n{DAY};achat;BTC;2;100;EUR;;199,99\n{DAY};achat;BTC;2;100;EUR;;\n"
    assert [line.amount for line in load(built, text, columns=columns).new_lines] == ["199.99", "200"]


def test_an_amount_is_rounded_once_half_to_even(built):
    text = (
        f"{HEAD}{DAY};achat;BTC;0.5;0.00000001;EUR;\n{DAY};achat;BTC;0.5;0.00000003;EUR;\n"
        f"{DAY};achat;BTC;0.123456789012345678;3.000000000000000001;EUR;\n"
    )
    assert [line.amount for line in load(built, text).new_lines] == ["", "0.00000002", "0.37037037"]


def test_an_amount_far_from_the_price_of_the_day_is_told_and_enters(built):
    usual = close_of(0) / DOLLARS_PER_EURO
    rows = [
        (2, usual * 2),
        (2, usual * 2 * 2.9),
        (2, usual * 2 * 3.1),
        (2, usual * 2 / 3.1),
        (2, usual / 2 * 1.5),
    ]
    lines = "".join(
        f"{DAY} 0{number}:00;achat;BTC;{quantity};{amount:.2f};EUR;\n"
        for number, (quantity, amount) in enumerate(rows)
    )
    columns = {name: header for name, header in COLUMNS.items() if name != "unit_price"} | {"amount": "Cours"}
    found = load(built, HEAD + lines, columns=columns, mark="point")
    assert codes(found) == [(4, "import_far_amount"), (5, "import_far_amount")]
    assert found.noted[0].message.arguments["usual"] == f"{Decimal(usual):.2f}".rstrip("0").rstrip(".")
    assert load(built, HEAD + lines, columns=columns, mark="point", dry_run=False).new == 5


@pytest.mark.parametrize(
    "row", [f"{DAY};achat;BTC;1;1;GBP;", "2019-01-01;achat;BTC;1;1;EUR;", f"{DAY};retrait;BTC;1;;;"]
)
def test_without_a_known_price_or_rate_nothing_is_told(built, row):
    found = load(built, f"{HEAD}{row}\n")
    assert (found.new, codes(found)) == (1, [])


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Prix unitaire", "unit_price"), ("price per coin", "unit_price"), ("Unit Price (EUR)", "unit_price"),
        ("Cours", "unit_price"), ("QUANTITE", "quantity"), ("Date", "time"), ("Cryptoactif", "coin"),
        ("Frais", "fee"), ("devise", "currency"), ("Type", "kind"), ("Montant total", "amount"),
    ],
)  # fmt: skip
def test_a_header_that_is_evident_is_proposed(header, field):
    assert proposed_columns([header, "Notes"]) == {field: header}


def test_what_may_mean_two_things_is_not_proposed():
    assert proposed_columns(["Price", "Amount", "Prix", "Date", "Jour"]) == {}
