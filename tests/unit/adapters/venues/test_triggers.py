"""Stops and targets are triggered by the last price, as bars are made of it; each order says so."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.contracts.test_trading_venues import entered, talked
from tests.contracts.trading_exchanges import BINANCE, BITGET, served, walking
from vigie.ports.trading import Levels

pytest.importorskip("ccxt")


@pytest.mark.parametrize("words", [BITGET, BINANCE], ids=lambda words: words.venue)
def test_levels_that_ride_and_levels_that_are_put_are_triggered_by_the_last_price(words):
    levels = Levels(words.btc, 1, Decimal(49_500), Decimal(52_000))

    async def trade(venue):
        await entered(words, venue)
        rode = exchange.state()["plans"]
        await venue.protect(levels)
        return rode, exchange.state()["plans"]

    with served(walking(words)) as exchange:
        rode, put = talked(exchange, trade)
    assert len(put) > len(rode) >= 2
    assert {one["trigger_by"] for one in put} == {"last"}
