"""The public half of Binance against the simulated exchange that an account is practised at: no key is needed."""

import asyncio

import pytest

from tests.contracts.trading_exchanges import BINANCE, MINUTE, RATE, START, served, walking
from vigie.adapters.clock import SystemClock
from vigie.adapters.venues.binance.history import open_history
from vigie.adapters.venues.binance.live import SPEECH
from vigie.adapters.venues.live import open_live
from vigie.adapters.venues.manifest import FOLDER, read_manifest

pytest.importorskip("ccxt")

MANIFEST = read_manifest(FOLDER / "binance")
BTC = BINANCE.btc


@pytest.fixture(scope="module")
def exchange():
    with served(walking(BINANCE)) as running:
        running.jump(150)
        yield running


def test_rules_and_bars_are_read_and_tiers_are_told_to_accounts_only(exchange):
    history = open_history(MANIFEST, market="perp", clock=SystemClock(), url=exchange.url)
    (terms,) = history.terms([BTC])
    assert (str(terms.tick), str(terms.lot), terms.min_notional) == ("0.1", "0.0001", 5.0)
    assert history.maintenance_rate(BTC) is None
    bars = history.page(BTC, "1m", START + 10 * MINUTE, START + 13 * MINUTE)
    assert [(row[0], row[4]) for row in bars] == [
        (START + number * MINUTE, 50_000.0) for number in (10, 11, 12)
    ]


def test_quotes_and_settlements_are_asked_for(exchange):
    async def ask():
        live = open_live(
            MANIFEST,
            SPEECH,
            market="perp",
            clock=SystemClock(),
            url=exchange.url,
            instruments=[BTC],
            timeframes=(),
        )
        try:
            client = live.tickers.live_client.client()
            (quote,) = await SPEECH.tickers(client, ["BTCUSDT"])
            return quote, await SPEECH.funding(client, "BTCUSDT", START)
        finally:
            await live.close()

    quote, settled = asyncio.run(asyncio.wait_for(ask(), 30))
    assert quote.symbol == "BTCUSDT"
    # Asked for one after the other: the market has moved on a little.
    assert quote.values["bid"] < quote.values["ask"] == pytest.approx(quote.values["last"], abs=10.0)
    assert quote.values["mark"] == pytest.approx(quote.values["last"], abs=10.0)
    assert quote.values["funding_hours"] == 8.0
    assert settled == [(START + 120 * MINUTE, float(RATE))]
