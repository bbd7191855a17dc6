"""Domains that look like another's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.intelligence.news.judging.hosts import edit_distance, load_brands

BRANDS = load_brands(["valmer-markets.example", "tessel-herald.example"])


@pytest.mark.parametrize(
    ("host", "like", "how"),
    [
        ("valmer-rnarkets.example", "valmer-markets.example", "name"),
        ("valmer-market.example", "valmer-markets.example", "letters"),
        ("myetherwallet.gift", "myetherwallet.com", "name"),
        ("myetherwallet.com.evil.example", "myetherwallet.com", "name"),
        ("nnyetherwallet.com", "myetherwallet.com", "name"),
        ("b1nance-support.example", "binance.com", "letters"),
        ("xn--metmask-bta.io", "metamask.io", "script"),
        ("m\u0435tamask.io", "metamask.io", "script"),
        ("ledger-verify.example", "ledger.com", "name"),
        ("www.coinbsae.com", "coinbase.com", "letters"),
    ],
)
def test_imitations_are_named_with_whom_and_how(host, like, how):
    found = BRANDS.find_likeness(host)
    assert found is not None
    assert (found.like, found.how) == (like, how)


@pytest.mark.parametrize(
    "host",
    [
        "binance.com", "blog.binance.com", "www.sec.gov", "valmer-markets.example", "news.valmer-markets.example",
        "curve.finance", "revolutionradio.org", "crypto.news", "zycrypto.com", "lemonde.fr", "kraken.no", "circle.org",
        "example.com", "herald.example", "", ".", "localhost",
    ],
)  # fmt: skip
def test_others_are_left_alone(host):
    assert BRANDS.find_likeness(host) is None


@given(st.text(max_size=80))
def test_any_text_is_answered(host):
    found = BRANDS.find_likeness(host)
    assert found is None or found.like


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_edits_are_a_distance(one, other):
    assert edit_distance(one, other) == edit_distance(other, one)
    assert (edit_distance(one, other) == 0) == (one == other)
    assert edit_distance(one, other) <= max(len(one), len(other))


def test_a_swap_is_one_edit():
    assert (edit_distance("coinbsae", "coinbase"), edit_distance("kraken", "karken")) == (1, 1)


@pytest.mark.parametrize("host", ["\u0301", "xn--lsa", "\u0301.\u0301"])
def test_a_host_of_which_no_letter_is_left_is_nobodys(host):
    assert BRANDS.find_likeness(host) is None


def test_a_letter_of_the_caucasus_is_drawn_like_an_l():
    found = BRANDS.find_likeness("xn--edger-dof.com")
    assert (found.like, found.how) == (BRANDS.names["ledger"], "script")
