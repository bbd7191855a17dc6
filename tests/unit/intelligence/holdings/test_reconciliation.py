"""What a platform reported beside own events: matches, differences, what may explain them, and the events behind."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from vigie.domain.reported import ReportedRow, ReportedStatement
from vigie.intelligence.holdings.events import read_events
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.reconciliation import difference, reconcile

NOW = datetime(2027, 6, 1, tzinfo=UTC)
DAY = datetime(2026, 3, 1, tzinfo=UTC).date()
PRICES = PriceTable([("eth", DAY, Decimal(2000), "EUR")], [], "EUR")


def event(name: str, kind: str, qty: str = "1", at: str = "2026-03-01T12:00:00Z", **more: object):
    return {"id": name, "at": at, "kind": kind, "place": "Kraken", "asset": "eth", "qty": qty, **more}


def row(category: str, units: str, amount: str | None = None, count: int | None = None, sort: str = ""):
    told = None if amount is None else Decimal(amount)
    currency = "" if amount is None else "EUR"
    return ReportedRow("kraken", 2026, "eth", category, sort, Decimal(units), told, currency, count)


def beside(rows: list[ReportedRow], *told: dict[str, object]):
    events, refused = read_events(told, NOW)
    assert not refused
    statement = ReportedStatement("r", "kraken", 2026, 0, tuple(rows))
    return {found.category: found for found in reconcile(statement, events, PRICES)}


def codes(found) -> list[str]:
    return [reason.code for reason in found.reasons]


def test_purchases_and_sales_match_to_the_digit_or_but_for_rounding():
    told = (event("b", "buy", "1.0000004", cost="2000.004"), event("s", "sell", "0.5", proceeds="1500",
            fee={"amount": "10", "cur": "EUR"}))  # fmt: skip
    found = beside([row("fiat_in", "1", "2000.00", 1), row("fiat_out", "0.5", "1490", 1)], *told)
    assert (found["fiat_in"].status, found["fiat_out"].status) == ("rounded", "equal")
    assert [line.event for line in found["fiat_out"].own] == ["s"]
    assert difference(found["fiat_in"].units) == Decimal("0.0000004")


@pytest.mark.parametrize(
    ("rows", "told", "category", "status", "code"),
    [
        ([row("fiat_in", "3", "6000", 3)], [event("b", "buy", cost="2000")], "fiat_in", "different",
         "fewer_lines"),
        ([row("fiat_in", "2", "4000", 1)], [event("a", "buy", cost="2000"), event("b", "buy", cost="2000")],
         "fiat_in", "different", "split_lines"),
        ([row("fiat_out", "1", "2000.01", 1)],
         [event("s", "sell", proceeds="2000.01", fee={"amount": "12", "cur": "EUR"})], "fiat_out", "different",
         "fee_money"),
        ([row("transfer_out", "1.01", "2020", 1)],
         [event("t", "transfer", to_place="Safe", fee={"asset": "eth", "qty": "0.01"})], "transfer_out",
         "different", "fee_coins"),
        ([row("transfer_out", "1", "2100", 1)], [event("t", "transfer", to_place="Safe")], "transfer_out",
         "different", "valuation"),
        ([row("fiat_out", "1", "2000", 1)], [event("t", "transfer", to_place="Safe")], "fiat_out",
         "only_reported", "other_category"),
        ([row("fiat_out", "1", "2000", 1)], [event("t", "transfer", to_place="Safe")], "transfer_out",
         "only_own", "other_category"),
        ([row("fiat_in", "1", "2000", 1)], [event("b", "buy")], "fiat_in", "unchecked", "no_value"),
        ([row("transfer_in", "1", "2000", 1)], [event("i", "income", sort="staking", place="")], "transfer_in",
         "only_reported", "no_place"),
        ([row("fiat_in", "1", "2000", 1)], [event("b", "buy", at="2027-01-01T00:30:00Z", cost="2000")],
         "fiat_in", "only_reported", "year_turn"),
        ([row("transfer_wallet", "1")], [event("t", "transfer", to_place="Safe")], "transfer_wallet", "unchecked",
         "transfer_wallet"),
        ([row("transfer_wallet", "2")], [event("t", "transfer", to_place="Safe")], "transfer_wallet", "unchecked",
         "transfer_wallet_too_much"),
    ],
)  # fmt: skip
def test_each_difference_says_what_may_explain_it(rows, told, category, status, code):
    found = beside(rows, *told)[category]
    assert found.status == status
    assert category != "transfer_wallet" or [line.event for line in found.own] == ["t"]
    assert code in codes(found)


def test_types_of_transfers_are_one_figure_and_both_sides_of_a_swap_are_told():
    found = beside(
        [row("transfer_in", "0.4", "800", 1, "CARF501"), row("transfer_in", "0.6", "1200", 1, "CARF502")],
        event("i", "income", "0.4", sort="airdrop"), event("j", "income", "0.6", sort="staking"),
        event("w", "swap", "1", to_asset="btc", to_qty="0.05", value="2500"),
    )  # fmt: skip
    assert found["transfer_in"].status == "equal"
    assert (found["crypto_out"].asset, found["crypto_in"].asset) == ("eth", "btc")
    assert found["crypto_in"].amount == (None, Decimal(2500))
    assert codes(found["crypto_in"]) == ["only_own"]


def test_amounts_in_another_currency_are_not_compared_and_units_are():
    pounds = ReportedRow("kraken", 2026, "eth", "fiat_in", "", Decimal(1), Decimal(1700), "GBP", 1)
    found = beside([pounds], event("b", "buy", cost="2000"))["fiat_in"]
    assert (found.status, codes(found), found.amount[1]) == ("unchecked", ["currency"], None)
