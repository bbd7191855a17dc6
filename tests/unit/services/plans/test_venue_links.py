"""Addresses of markets: what a name holds stays within its place, whatever it is."""

from __future__ import annotations

import pytest

from vigie.domain.errors import UsageError
from vigie.ports.connectors import MarketPages
from vigie.services.plans import venue_links
from vigie.services.plans.venue_links import market_link

PAGE = MarketPages(
    "acme-perp", "Acme", "https://acme.example{language}/{coin}_{quote}", {"en": "", "fr": "/fr"}
)


def test_coin_and_quote_stand_in_their_places():
    assert market_link(PAGE, "1000pepe-usdt-perp", "fr") == "https://acme.example/fr/1000PEPE_USDT"
    assert market_link(PAGE, "btc-usdt-perp", "de") == "https://acme.example/BTC_USDT"


@pytest.mark.parametrize("name", ["a/b", "a?ref=1", "a#b", "a&b", "köln", "a b", "../x", "a%2f"])
def test_no_name_of_a_coin_leaves_its_place(name):
    with pytest.raises(UsageError, match="instrument must look like"):
        market_link(PAGE, f"{name}-usdt-perp")
    # Were such a name ever accepted, it would still be no part of an address.
    encoded = venue_links._encoded(name)
    assert not set(encoded) & set("/?#& ")
    assert encoded.isascii()
    assert "%2f" not in encoded
