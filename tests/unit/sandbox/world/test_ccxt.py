"""The client that the collector uses, pointed at the world: what it reads is what the world shows."""

import asyncio

import pytest

from tests.unit.sandbox.world.hands import HOUR_MS, MINUTE_MS, OPENED_MS, small_world
from vigie_sandbox.world.server import serving

pro = pytest.importorskip("ccxt.pro")

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"


def bitget(url):
    plain = pro.bitget()
    stream = url.replace("http", "ws") + "/bitget/v2/ws/public"
    api = {name: url + "/bitget" for name, value in plain.urls["api"].items() if isinstance(value, str)}
    for group in ("ws", "demo"):
        api[group] = dict.fromkeys(plain.urls["api"][group], stream)
    options = {"defaultType": "swap", "uta": False, "fetchMarkets": {"types": ["swap"]}}
    return pro.bitget({"urls": {"api": api}, "has": {"fetchCurrencies": False}, "options": options})


def binance(url):
    plain = pro.binance()
    hosts = {name: value for name, value in plain.urls["api"].items() if isinstance(value, str)}
    api = {name: value.replace("https://fapi.binance.com", url + "/binance") for name, value in hosts.items()}
    api["ws"] = {**plain.urls["api"]["ws"], "linear": url.replace("http", "ws") + "/binance/ws"}
    options = {"defaultType": "swap", "fetchMarkets": {"types": ["linear"]}}
    return pro.binance({"urls": {"api": api}, "has": {"fetchCurrencies": False}, "options": options})


def hyperliquid(url):
    base = url + "/hyperliquid"
    api = {"public": base, "private": base, "ws": {"public": base.replace("http", "ws") + "/ws"}}
    options = {"fetchMarkets": {"types": ["swap"]}}
    return pro.hyperliquid({"urls": {"api": api}, "has": {"fetchCurrencies": False}, "options": options})


@pytest.fixture
def world():
    return small_world()


def talked(world, client, conversation):
    """Run a conversation of a client with the world."""

    async def run(url):
        venue = client(url)
        try:
            return await asyncio.wait_for(conversation(venue), 60)
        finally:
            await venue.close()

    with serving(world) as url:
        return asyncio.run(run(url))


def move(world, milliseconds):
    # Only the clock: the tape is the server's while it serves.
    world.clock.change(jump_to=world.clock.now_ms() + milliseconds)


def test_bitget_tickers_bars_and_funding_are_read_over_rest(world):
    async def read(venue):
        await venue.load_markets()
        tickers = await venue.fetch_tickers(params={"productType": "USDT-FUTURES"})
        bars = await venue.fetch_ohlcv(BTC, "1h", limit=3)
        old = await venue.fetch_ohlcv(BTC, "1h", since=OPENED_MS - 30 * 24 * HOUR_MS, limit=200)
        history = await venue.fetch_funding_rate_history(BTC, limit=100)
        now = await venue.fetch_funding_rate(BTC)
        interest = await venue.fetch_open_interest(BTC)
        return len(venue.markets), tickers, bars, old, history, now, interest

    markets, tickers, bars, old, history, now, interest = talked(world, bitget, read)
    assert markets == len(tickers) == 39
    truth = world.venues["bitget"].ticker(world.coin_by_symbol["BTC"], world.now_ms())
    told = tickers[BTC]
    names = ("last", "bid", "ask", "high", "low", "baseVolume")
    shown = (truth.last, truth.bid, truth.ask, truth.high_24h, truth.low_24h, truth.volume_24h)
    assert [told[name] for name in names] == pytest.approx(shown, rel=1e-12)
    assert told["percentage"] == pytest.approx(truth.change_24h * 100, abs=1e-3)
    assert [bar[0] for bar in bars] == [OPENED_MS - 2 * HOUR_MS, OPENED_MS - HOUR_MS, OPENED_MS]
    assert [bar[0] for bar in old][:2] == [OPENED_MS - 30 * 24 * HOUR_MS + i * HOUR_MS for i in (0, 1)]
    assert len(old) == 200
    assert len(history) == 100
    assert now["fundingRate"] == truth.funding
    assert interest["openInterestAmount"] == truth.open_interest


def test_bitget_tickers_and_bars_are_watched_as_time_moves(world):
    async def watch(venue):
        first = await venue.watch_tickers([BTC, ETH])
        first |= await venue.watch_tickers([BTC, ETH])
        bars = await venue.watch_ohlcv(BTC, "1m")
        move(world, 2 * MINUTE_MS)
        later = await venue.watch_tickers([BTC])
        seen = {bar[0]: bar[1:] for bar in bars}
        while max(seen) < OPENED_MS + 2 * MINUTE_MS:
            seen |= {bar[0]: bar[1:] for bar in await venue.watch_ohlcv(BTC, "1m")}
        trades = await venue.watch_trades(BTC)
        served = await venue.fetch_ohlcv(BTC, "1m", limit=3)
        return first, later, seen, trades, served

    first, later, seen, trades, served = talked(world, bitget, watch)
    assert set(first) == {BTC, ETH}
    assert later[BTC]["timestamp"] - first[BTC]["timestamp"] == 2 * MINUTE_MS
    assert [[at, *seen[at]] for at in sorted(seen)[-3:]] == served
    assert trades[-1]["price"] > 0


def test_binance_is_read_and_watched(world):
    async def talk(venue):
        await venue.load_markets()
        ticker = await venue.fetch_ticker(BTC)
        bars = await venue.fetch_ohlcv(BTC, "1h", limit=2)
        funding = await venue.fetch_funding_rate_history(BTC, limit=5)
        interest = await venue.fetch_open_interest_history(BTC, "1h", limit=5)
        ratio = await venue.fetch_long_short_ratio_history(BTC, "1h", limit=5)
        watching = asyncio.ensure_future(venue.watch_ticker(BTC))
        while not watching.done():
            move(world, 1_000)
            await asyncio.sleep(0)
        forced = asyncio.ensure_future(venue.watch_liquidations_for_symbols([BTC, ETH]))
        while not forced.done():
            move(world, 2_000)
            await asyncio.sleep(0)
        return len(venue.markets), ticker, bars, funding, interest, ratio, watching.result(), forced.result()

    markets, ticker, bars, funding, interest, ratio, watched, forced = talked(world, binance, talk)
    assert markets == 30
    assert ticker["last"] == bars[-1][4]
    assert len(funding) == len(interest) == len(ratio) == 5
    assert watched["last"] > 0
    assert forced[0]["symbol"] in (BTC, ETH)


def test_hyperliquid_is_read_and_watched(world):
    symbol = "BTC/USDC:USDC"

    async def talk(venue):
        await venue.load_markets()
        tickers = await venue.fetch_tickers()
        # Without bounds the client asks for the last hours of the machine's own clock.
        bounds = {"since": OPENED_MS - HOUR_MS, "params": {"until": OPENED_MS + HOUR_MS}}
        bars = await venue.fetch_ohlcv(symbol, "1h", **bounds)
        funding = await venue.fetch_funding_rate_history(symbol, **bounds)
        watching = asyncio.ensure_future(venue.watch_tickers([symbol]))
        while not watching.done():
            move(world, 1_000)
            await asyncio.sleep(0)
        return tickers, bars, funding, watching.result()

    tickers, bars, funding, watched = talked(world, hyperliquid, talk)
    assert len(tickers) == 24
    assert tickers[symbol]["last"] == bars[-1][4]
    assert [row["timestamp"] for row in funding] == [OPENED_MS - HOUR_MS, OPENED_MS]
    assert watched[symbol]["last"] > 0
