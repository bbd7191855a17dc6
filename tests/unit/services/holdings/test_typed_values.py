"""Numbers and days as readers type them, for the form and the terminal."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.intelligence.market.words import numbers_of
from vigie.services.holdings.typed_values import plain_day, plain_values


@pytest.mark.parametrize(
    ("language", "currency", "typed", "plain"),
    [
        ("fr", "EUR", "1\u202f234,56 \u20ac", "1234.56"),
        ("fr", "EUR", "1234,56\u20ac", "1234.56"),
        ("fr", "EUR", "\u20ac 12,5", "12.5"),
        ("fr", "EUR", "250 euros", "250"),
        ("fr", "USD", "1 234,56 dollars", "1234.56"),
        ("en", "USD", "$1,234.56", "1234.56"),
        ("en", "EUR", "5 EUR", "5"),
        # The sign of another currency, and what is no number, stay as they were typed.
        ("fr", "USD", "1 234,56 \u20ac", "1 234,56 \u20ac"),
        ("fr", "EUR", "$5", "$5"),
        ("fr", "EUR", "environ 1 234,56", "environ 1 234,56"),
        ("fr", "EUR", "-5,00", "-5,00"),
    ],
)
def test_an_amount_may_have_the_sign_of_its_currency(language, currency, typed, plain):
    given = {"amount": typed, "fee": typed, "currency": currency}
    assert plain_values(given, language) == {"amount": plain, "fee": plain, "currency": currency}


def test_coins_have_no_sign_of_money():
    given = {"quantity": "1 \u20ac", "fee": "0,1 \u20ac", "fee_coin": "bitcoin", "to_quantity": "0,5"}
    assert plain_values(given, "fr") == {**given, "to_quantity": "0.5"}


@pytest.mark.parametrize(
    ("language", "typed", "plain"),
    [
        ("en", "2024-02-13", "2024-02-13"),
        ("en", "1.2.2024", "2024-02-01"),
        ("en", "13/02/2024", "2024-02-13"),
        ("en", "01/02/2024", "01/02/2024"),
        ("fr", "01/02/2024", "2024-02-01"),
        ("fr", "13.02/2024", "13.02/2024"),
        ("fr", "13.02.24", "13.02.24"),
    ],
)
def test_a_day_in_two_orders_is_left_to_be_refused(language, typed, plain):
    assert plain_day(typed, language) == plain


@given(
    amount=st.decimals(0, 10**12, places=8),
    language=st.sampled_from(["en", "fr"]),
    signs=st.sampled_from(
        [("EUR", "", " €"), ("EUR", "€", ""), ("USD", "$", ""), ("USD", "", " USD"), ("EUR", "", "")]
    ),
)
def test_an_amount_as_the_page_writes_it_is_read_as_the_same(amount, language, signs):
    currency, before, after = signs
    written = f"{before}{numbers_of(language).exact(f'{amount:f}')}{after}"
    plain = plain_values({"amount": written, "currency": currency}, language)["amount"]
    assert Decimal(plain) == amount
