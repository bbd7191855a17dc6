"""Cells of files that say two things, or more than is kept: told, and nothing of them is booked as something else."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.unit.services.holdings.test_file_faults import booked, codes, read
from vigie.domain.errors import UsageError

PAID: Final = {"time": "when", "kind": "what", "coin": "coin", "quantity": "n", "amount": "paid"}
HEAD: Final = "when,what,coin,n,paid\n"
KRAKEN: Final = '"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"\n'
LEDGER: Final = (
    "Operation Date,Status,Currency Ticker,Operation Type,Operation Amount,Operation Fees,Operation Hash,"
    "Account Name\n"
)
# As exact as the contract allows: 18 digits before the point and 18 behind it.
LONG: Final = "123456789012345678.123456789012345678"


def quantities(text: str, columns: dict[str, str] | None = None, **more: Any) -> list[object]:
    return [event["qty"] for event in booked(read(text, columns, **more)[1])]


def test_a_quantity_enters_with_all_its_digits_and_one_with_more_is_refused():
    assert quantities(f"{HEAD}2025-02-01,buy,BTC,{LONG},1\n", PAID) == [LONG]
    assert quantities(f"{KRAKEN}T1,R1,2025-02-01 10:00:00,deposit,,currency,XXBT,{LONG},0,1\n") == [LONG]
    # 29 digits, of which 19 are decimals: rounded to 28 it would fit.
    text = f"{HEAD}2025-02-01,buy,BTC,1234567890.1234567890123456789,1\n"
    assert codes(*read(text, PAID)) == [(2, "import_number_too_long")]


def test_what_left_a_wallet_is_less_its_fee_to_the_last_digit():
    row = "2025-02-01T10:00:00Z,Confirmed,BTC,OUT,123456789012345678.000000000000000003,0.000000000000000001,a,A\n"
    assert quantities(LEDGER + row) == ["123456789012345678.000000000000000002"]


MONEY: Final = {
    **PAID,
    "currency": "cur",
    "fee": "fee",
    "fee_coin": "of",
    "to_coin": "to",
    "to_quantity": "m",
}
MONEY_HEAD: Final = "when,what,coin,n,paid,cur,fee,of,to,m\n"


@pytest.mark.parametrize(
    "cells",
    [
        "buy,BTC,1,100 kr,,,,,", "buy,BTC,1,€100 USD,,,,,", "buy,BTC,1,€100$,,,,,", "buy,BTC,1,$100 CAD,USD,,,,",
        "buy,BTC,1,$100,CHF,,,,", "buy,BTC,1,100 kr,CZK,,,,", "buy,BTC,1,100,EUR,$5,BTC,,",
        "buy,BTC,1,100,EUR,5 €,BTC,,",
        "buy,BTC,1.5 ETH,100,EUR,,,,", "buy,BTC,$500,100,EUR,,,,", "buy,BTC,500 €,100,EUR,,,,", "send,BTC,1 ETH,,,,,,",
        "swap,BTC,1,,,,,ETH,2 BTC", "transfer,BTC,+1 ETH,,,,,,",
    ],
)  # fmt: skip
def test_a_number_beside_which_another_currency_or_coin_stands_is_refused(cells):
    drafts, events = read(f"{MONEY_HEAD}2025-02-01,{cells}\n", MONEY)
    assert (codes(drafts, events), booked(events)) == ([(2, "import_two_currencies")], [])


@pytest.mark.parametrize(
    ("cells", "paid", "fee"),
    [
        ("$100 CAD,,,", "CAD", ""), ("$100,CAD,,", "CAD", ""), ("100 kr,SEK,1 kr,", "SEK", "SEK"),
        ("100 €,,1,", "EUR", "EUR"),
        ("100,€,1,", "EUR", "EUR"), ("100,euros,1,", "EUR", "EUR"), ("100,EUR (€),1,", "EUR", "EUR"),
        ("100,$,1,", "USD", "USD"),
        ("100,US$,1,", "USD", "USD"), ("100,chf,1 CHF,", "CHF", "CHF"), ("$100,USDT,,", "", ""),
    ],
)  # fmt: skip
def test_money_is_in_the_currency_that_its_row_says_however_it_is_written(cells, paid, fee):
    drafts, events = read(f"{MONEY_HEAD}2025-02-01,buy,Bitcoin,1 BTC,{cells},,\n", MONEY)
    (bought,) = booked(events)
    told = [bought.get(name, {}).get("cur", "") for name in ("cost", "fee")]
    assert (codes(drafts, events), told) == ([], [paid, fee])


def test_a_pair_of_currencies_is_none_of_them():
    _, events = read(f"{MONEY_HEAD}2025-02-01,buy,ETH,1,100,BTC/EUR,,,,\n", MONEY)
    assert [event["asset"] for event in booked(events)] == [""]


def test_a_year_of_two_digits_may_be_a_day_and_is_refused():
    text = f"{HEAD}13-03-24 10:00:00,buy,BTC,1,100\n"
    assert codes(*read(text, PAID)) == [(2, "import_short_year")]


def test_a_header_that_two_columns_have_is_refused_where_it_is_chosen():
    twice = "when,what,coin,n,paid,Paid,note,note\n2025-02-01,buy,BTC,1,100,700,a,b\n"
    with pytest.raises(UsageError) as refused:
        read(twice, PAID)
    assert refused.value.args[0].code == "import_header_twice"
    once = {**PAID, "amount": "sum"}
    assert codes(*read(twice.replace("paid,Paid", "paid,sum"), once)) == []


@pytest.mark.parametrize(
    ("paid", "noted"),
    [("1400", []), ("1530", []), ("1541", ["import_amount_apart"]), ("700", ["import_amount_apart"])],
)
def test_an_amount_that_is_not_the_quantity_by_its_price_is_told_and_kept(paid, noted):
    columns = {**PAID, "unit_price": "price"}
    drafts, events = read(f"when,what,coin,n,paid,price\n2025-02-01,buy,BTC,2,{paid},700\n", columns)
    (bought,) = booked(events)
    told = [fault.message.code for fault in drafts.noted]
    assert (told, bought["cost"]) == (noted, {"amount": paid, "cur": "EUR"})


@pytest.mark.parametrize(
    ("numbers", "amounts"),
    [
        (("1.234", "500"), None), (("12.500", "1.000"), None), (("1.234", "1.5"), ["1.234", "1.5"]),
        (("1.234", "0.500"), ["1.234", "0.5"]), (("1.234", "1234.567"), ["1.234", "1234.567"]),
        (("1234", "5"), ["1234", "5"]),
    ],
)  # fmt: skip
def test_a_point_that_may_mark_thousands_is_asked_where_no_number_shows_that_it_marks_decimals(
    numbers, amounts
):
    text = HEAD + "".join(f"2025-02-0{day},buy,BTC,1,{number}\n" for day, number in enumerate(numbers, 1))
    drafts, events = read(text, PAID)
    if amounts is None:
        assert {code for _, code in codes(drafts, events)} == {"import_unsure_number"}
    else:
        assert [event["cost"]["amount"] for event in booked(events)] == amounts


@pytest.mark.parametrize(("mark", "amount"), [("point", "1.234"), ("comma", "1234")])
def test_a_mark_that_was_said_counts_for_such_a_point(mark, amount):
    (bought,) = booked(read(f"{HEAD}2025-02-01,buy,BTC,1,1.234\n", PAID, mark=mark)[1])
    assert bought["cost"] == {"amount": amount, "cur": "EUR"}


def test_an_hour_after_noon_before_noon_is_refused():
    rows = ['"Mar 5, 2024, 13:30:00 AM"', '"Mar 5, 2024, 13:30:00 PM"', '"Mar 5, 2024, 12:30:00 AM"']
    drafts, events = read(HEAD + "".join(f"{moment},buy,BTC,1,100\n" for moment in rows), PAID)
    assert codes(drafts, events) == [(2, "outside_time_must_iso")]
    assert [event["at"] for event in booked(events)] == ["2024-03-05T13:30:00Z", "2024-03-05T00:30:00Z"]
