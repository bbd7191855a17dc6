"""Today has the worth of its last close in that day's money; other days, and money that is paid, keep their own."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import MoneyAmount

FIRST, DAYS = date(2026, 11, 1), 30
TODAY = FIRST + timedelta(DAYS)
AMOUNTS = st.decimals("0.01", "99999", places=6, allow_nan=False)


@st.composite
def tables(draw):
    """Draw closes in dollars until a day before today, some days missing, and the rate of most days and of today."""
    days = [FIRST + timedelta(number) for number in range(DAYS)]
    closed = draw(st.lists(st.sampled_from(days[-6:]), min_size=1, unique=True))
    rated = {*draw(st.lists(st.sampled_from(days), min_size=10, unique=True)), days[-8], TODAY}
    closes = [("BTC", day, draw(AMOUNTS), "USD") for day in closed]
    rates = [("USD", day, draw(AMOUNTS)) for day in sorted(rated)]
    return PriceTable(closes, rates, "EUR"), max(closed)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(tables(), AMOUNTS)
def test_todays_worth_is_that_of_the_last_close_and_nothing_else_moves(drawn, quantity):
    prices, last = drawn
    seen = prices.at_last_close(TODAY, last)
    assert seen.value("BTC", quantity, TODAY) == prices.value("BTC", quantity, last)
    for number in range(DAYS):
        day = FIRST + timedelta(number)
        assert seen.value("BTC", quantity, day) == prices.value("BTC", quantity, day)
    money = MoneyAmount(Decimal(quantity), "USD")
    assert seen.convert(money, TODAY) == prices.convert(money, TODAY)
