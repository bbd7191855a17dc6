"""What moved the worth is in sum the change, and a coin's part is what its price did to what was held."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.intelligence.holdings.attribution import attribute
from vigie.intelligence.holdings.booking import BookRules, book_events
from vigie.intelligence.holdings.events import read_events
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.worth import worth_at

FIRST = date(2024, 1, 1)
DAYS = 12
COINS = ("a", "b")


def day(number: int) -> date:
    return FIRST + timedelta(number)


@st.composite
def pasts(draw):
    """Closes of twelve days and some purchases, sales, swaps and fees, at other prices than the close."""
    closes = [
        (coin, day(number), Decimal(draw(st.integers(1, 900))) / 7, "EUR")
        for coin in COINS
        for number in range(DAYS)
    ]
    closes = [(coin, when, price.quantize(Decimal("1e-9")), cur) for coin, when, price, cur in closes]
    events = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(("buy", "buy", "sell", "swap", "income", "loss")))
        coin = draw(st.sampled_from(COINS))
        at = datetime.combine(day(draw(st.integers(0, DAYS - 1))), datetime.min.time(), UTC)
        event = {
            "id": f"e{number}", "at": at.isoformat(), "kind": kind, "place": "p", "asset": coin,
            "qty": str(draw(st.integers(1, 50))),
        }  # fmt: skip
        money = {"amount": str(draw(st.integers(1, 999))), "cur": "EUR"}
        more = {
            "buy": {"cost": money}, "sell": {"proceeds": money}, "income": {"sort": "staking"}, "loss": {},
            "swap": {"to_asset": COINS[coin == "a"], "to_qty": str(draw(st.integers(1, 50)))},
        }[kind]  # fmt: skip
        events.append({**event, **more})
    return closes, events


@settings(max_examples=60, deadline=None)
@given(past=pasts(), start=st.integers(-1, DAYS - 2), length=st.integers(1, DAYS))
def test_the_parts_are_in_sum_the_change_of_worth_without_money_in_and_out(past, start, length):
    closes, rows = past
    prices = PriceTable(closes, [], "EUR")
    booked = book_events(read_events(rows)[0], prices, BookRules())
    first, last = day(start), day(min(start + length, DAYS - 1))
    found = attribute(booked, prices, first, last)
    assert found is not None
    flows = sum(
        (flow.money_out - flow.money_in for when, flow in booked.flows.items() if first < when <= last),
        Decimal(0),
    )
    worths = [worth_at(booked, prices, when).total for when in (first, last)]
    assert found.change == worths[1] - worths[0] + flows
    assert sum(found.by_coin.values(), found.rest) == found.change
    quiet = not any(first < date.fromisoformat(row["at"][:10]) <= last for row in rows)
    if quiet:
        assert found.rest == 0
        assert found.change == worths[1] - worths[0]


def test_a_coin_has_what_its_price_did_and_a_bargain_is_the_rest():
    closes = [("a", day(number), Decimal(10 + number), "EUR") for number in range(5)]
    rows = [
        {"id": "1", "at": "2024-01-01T00:00:00Z", "kind": "buy", "place": "", "asset": "a", "qty": "2",
         "cost": {"amount": "20", "cur": "EUR"}},
        {"id": "2", "at": "2024-01-03T00:00:00Z", "kind": "buy", "place": "", "asset": "a", "qty": "1",
         "cost": {"amount": "9", "cur": "EUR"}},
    ]  # fmt: skip
    prices = PriceTable(closes, [], "EUR")
    found = attribute(book_events(read_events(rows)[0], prices, BookRules()), prices, day(0), day(4))
    assert found.by_coin == {"a": Decimal(2 * 2 + 3 * 2)}
    assert (found.rest, found.change) == (Decimal(3), Decimal(13))


def test_a_day_without_a_price_leaves_it_unknown():
    closes = [("a", day(0), Decimal(10), "EUR")]
    rows = [{"id": "1", "at": "2024-01-01T00:00:00Z", "kind": "buy", "place": "", "asset": "a", "qty": "2",
             "cost": {"amount": "20", "cur": "EUR"}}]  # fmt: skip
    prices = PriceTable(closes, [], "EUR")
    assert attribute(book_events(read_events(rows)[0], prices, BookRules()), prices, day(0), day(20)) is None
