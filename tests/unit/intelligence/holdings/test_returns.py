"""Worth and returns beyond the cases of the contract."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.intelligence.holdings.stories import ask, closes, row
from vigie.intelligence.holdings.returns import find_roots

BOUGHT = row("b1", "2024-01-01", "buy", "1", cost="100")
SPAN = ["2024-01-01", "2024-01-02"]


def twr(events, span=SPAN, **more):
    return ask(events, spans={"twr": span}, **more)


def test_nothing_is_worth_nothing():
    assert ask([BOUGHT], spans={"worth": "2023-12-31"}) == {
        "total": "0",
        "no_price": [],
        "cost": "0",
        "unrealised": "0",
    }


def test_a_price_in_dollars_is_converted_by_the_rate_of_the_day_asked():
    prices = [{"asset": "BTC", "day": "2024-01-01", "price": "125", "cur": "USD"}]
    rates = [
        {"cur": "USD", "day": "2024-01-01", "rate": "1.25"},
        {"cur": "USD", "day": "2024-01-03", "rate": "1"},
    ]
    for day, total in (("2024-01-02", "100"), ("2024-01-03", "125"), ("2024-01-09", "0")):
        assert ask([BOUGHT], spans={"worth": day}, prices=prices, rates=rates)["total"] == total


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        # in 100, above 100 + 0: a fee of 10 for a transfer is money put in that is gone.
        (
            row("t1", "2024-01-02", "transfer", "1", to_place="B", fee={"amount": "10", "cur": "EUR"}),
            100 / 110,
        ),
        # The swap's fee is put in, the swap itself is no flow.
        (
            row(
                "x1",
                "2024-01-02",
                "swap",
                "1",
                to_asset="ETH",
                to_qty="2",
                fee={"amount": "25", "cur": "EUR"},
            ),
            0.8,
        ),
        (row("g1", "2024-01-02", "gift", "0.5", way="in", value="50"), 1.0),
        (row("g1", "2024-01-02", "gift", "0.5", way="out", value="60"), 1.1),
        (row("l1", "2024-01-02", "loss", "0.5"), 0.5),
        (row("i1", "2024-01-02", "income", "0.5", sort="staking"), 1.5),
        # What a transfer shows was there all along comes in at the day's price.
        (row("t1", "2024-01-02", "transfer", "2", to_place="B"), 1.0),
        # A sale that costs more than it brings is money put in.
        (row("s1", "2024-01-02", "sell", "0.5", proceeds="10", fee={"amount": "35", "cur": "EUR"}), 50 / 125),
        (row("b2", "2024-01-02", "buy", "0.5"), 1.0),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_what_counts_as_money_in_and_out(event, expected):
    found = twr([BOUGHT, event], prices=closes(BTC_2024_01_01="100", ETH_2024_01_01="50"))
    assert float(found["return"]) == pytest.approx(expected - 1, abs=1e-12)


def test_the_worth_before_the_first_day_is_needed_and_an_unknown_flow_is_told():
    found = twr([BOUGHT], ["2024-01-02", "2024-01-03"], prices=closes(BTC_2024_01_02="100"))
    assert found == {"return": None, "annual": None, "code": "no_price", "day": "2024-01-01"}
    sold = row("s1", "2024-01-02", "sell", "1", proceeds={"amount": "1", "cur": "USD"})
    assert twr([BOUGHT, sold], prices=closes(BTC_2024_01_01="100"))["day"] == "2024-01-02"


def test_a_year_of_returns_begins_at_365_days():
    prices = [
        {"asset": "BTC", "day": f"2023-{month:02}-{day:02}", "price": "100"}
        for month in range(1, 13)
        for day in (1, 7, 13, 19, 25, 28)
    ]
    bought = row("b1", "2023-01-01", "buy", "1", cost="80")
    assert twr([bought], ["2023-01-01", "2023-12-31"], prices=prices)["annual"] == "0.25"
    assert twr([bought], ["2023-01-01", "2023-12-30"], prices=prices)["annual"] is None


def test_no_flow_at_all_is_too_short_and_a_missing_price_is_told():
    assert ask([], spans={"xirr": SPAN})["code"] == "too_short"
    found = ask([BOUGHT], spans={"xirr": SPAN})
    assert (found["rate"], found["code"], found["day"]) == (None, "no_price", "2024-01-02")


def test_the_period_is_of_the_whole_span():
    found = ask([BOUGHT], spans={"xirr": SPAN}, prices=closes(BTC_2024_01_02="101"))
    assert abs(Decimal(found["period"]) - Decimal("0.01")) < Decimal("1E-9")
    assert abs(Decimal(found["rate"]) - (Decimal("1.01") ** 365 - 1)) < Decimal("1E-9")


def test_roots_outside_the_bounds_are_none_and_a_long_span_does_not_overflow():
    assert find_roots({0: -1.0, 365: 102.0}) == ()
    assert find_roots({0: -1.0, 365: 100.9}) == pytest.approx([99.9], abs=1e-9)
    assert find_roots({0: -1.0, 365 * 150: 2.0}) == pytest.approx([2 ** (1 / 150) - 1], abs=1e-12)


def test_three_roots_are_all_found():
    # 100 x (x - 1.1)(x - 1.2)(x - 1.3)
    flows = {0: -100.0, 365: 360.0, 730: -431.0, 1095: 171.6}
    assert find_roots(flows) == pytest.approx([0.1, 0.2, 0.3], abs=1e-9)
