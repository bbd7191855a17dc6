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


@pytest.mark.parametrize("row", ["2019-01-01;achat;BTC;1;1;EUR;", f"{DAY};retrait;BTC;1;;;"])
def test_without_a_known_price_or_rate_nothing_is_told(built, row):
    found = load(built, f"{HEAD}{row}\n")
    assert (found.new, codes(found)) == (1, [])


def test_a_currency_without_rates_is_told_once_for_all_rows_that_have_it(built):
    text = f"{HEAD}{DAY};achat;BTC;1;1;GBP;\n{DAY};achat;BTC;2;2;GBP;1\n{DAY};retrait;BTC;1;;CHF;1\n"
    found = load(built, text, dry_run=False)
    assert codes(found) == [(2, "import_no_rate"), (4, "import_no_rate")]
    assert [fault.message.arguments["currency"] for fault in found.noted] == ["GBP", "CHF"]
    assert ask(built, "worth", ANN).cost is None


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Prix unitaire", "unit_price"), ("price per coin", "unit_price"), ("Unit Price (EUR)", "unit_price"),
        ("Cours", "unit_price"), ("QUANTITE", "quantity"), ("Date", "time"), ("Cryptoactif", "coin"),
        ("Frais", "fee"), ("devise", "currency"), ("Type", "kind"), ("Montant total", "amount"),
        ("Montant (€)", "amount"),
    ],
)  # fmt: skip
def test_a_header_that_is_evident_is_proposed(header, field):
    assert proposed_columns([header, "Notes"]) == {field: header}


def test_what_may_mean_two_things_is_not_proposed():
    assert proposed_columns(["Price", "Amount", "Prix", "Date", "Jour"]) == {}


BARE = {"time": "Date", "kind": "Type", "coin": "Crypto", "quantity": "N", "amount": "Payé", "fee": "Frais"}
BARE_HEAD = "Date;Type;Crypto;N;Payé;Frais\n"


def test_all_amounts_of_a_file_without_a_currency_may_be_said_to_be_in_one_and_are_so_in_the_next(built):
    text = f"{BARE_HEAD}{DAY};achat;BTC;1;100;2\n"
    (fault,) = load(built, text, columns=BARE).refused
    assert (fault.row, fault.column, fault.message.code) == (2, "payé", "import_no_currency")
    (line,) = load(built, text, columns=BARE, currency="EUR", dry_run=False).new_lines
    assert (line.amount, line.currency, line.fee, line.fee_currency) == ("100", "EUR", "2", "EUR")
    again = ask(built, "import", ANN, text=text.replace(";1;", ";2;"))
    assert (again.is_remembered, again.currency, again.new_lines[0].currency) == (True, "EUR", "EUR")


def test_a_row_names_its_own_currency_in_its_column_or_beside_its_number(built):
    text = (
        f"{HEAD}{DAY};achat;BTC;1;100;usd;\n{DAY};achat;BTC;2;100;;\n{DAY};achat;BTC;3;100 $;;1 €\n"
        f"{DAY};achat;BTC;4;100 $;EUR;\n{DAY};achat;BTC;5;100 $;CAD;0.1 BTC\n"
    )
    found = load(built, text, currency="EUR")
    assert [(line.currency, line.fee_currency) for line in found.new_lines] == [
        ("USD", ""), ("EUR", ""), ("USD", "EUR"), ("CAD", "bitcoin"),
    ]  # fmt: skip
    assert [(fault.row, fault.message.code) for fault in found.refused] == [(5, "import_two_currencies")]
    text = f"{BARE_HEAD}{DAY};achat;BTC;1;12,50 €;0,1 BTC\n{DAY};achat;BTC;2;12,50 EUR;\n"
    lines = load(built, text, columns=BARE).new_lines
    assert [(line.amount, line.currency, line.fee, line.fee_currency) for line in lines] == [
        ("12.5", "EUR", "0.1", "bitcoin"), ("12.5", "EUR", "", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("fee", ["1", "1,5"])
def test_a_fee_without_a_currency_is_refused_with_the_same_sentence(built, fee):
    (fault,) = load(built, f"{BARE_HEAD}{DAY};retrait;BTC;1;;{fee}\n", columns=BARE).refused
    assert (fault.column, fault.message.code) == ("frais", "import_no_currency")


def test_a_column_without_a_header_is_none_of_those_that_were_not_chosen(built):
    text = f";{HEAD}7;{DAY};achat;BTC;2;;EUR;\n"
    (line,) = load(built, text).new_lines
    assert (line.amount, line.fee) == ("", "")
    assert [event["place"] for event in events(built)] == []
    load(built, text, dry_run=False)
    assert [(event["place"], "cost" in event) for event in events(built)] == [("", False)]
