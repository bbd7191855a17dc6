"""What happened is read whole: page by page, week by week, and what made an order is found."""

import asyncio
from decimal import Decimal
from types import SimpleNamespace

import pytest

from tests.contracts.test_trading_venues import opened, order
from tests.contracts.trading_exchanges import BINANCE, FALL, MINUTE, QUIET, START, machine_ms, served, walking
from vigie.adapters.clock import SystemClock
from vigie.adapters.venues.binance.account_history import AccountHistory
from vigie.adapters.venues.binance.wire import BinanceWire
from vigie.domain.time import DAY_MS
from vigie.ports.trading import Levels

pytest.importorskip("ccxt")

D = Decimal
BEGUN = machine_ms()


class MarketClock(SystemClock):
    """A clock by which the market's hour is now."""

    late_ms = 0

    def wall_now(self):
        return super().wall_now() - BEGUN + START + 30 * MINUTE + self.late_ms


@pytest.fixture
def exchange():
    with served(walking(BINANCE), MarketClock().wall_now) as running:
        yield running


def talked(exchange, conversation, **changed):
    async def run():
        venue = opened(exchange, **{"clock": MarketClock(), **changed})
        try:
            return await asyncio.wait_for(conversation(venue), 30)
        finally:
            await venue.close()

    return asyncio.run(run())


async def traded(venue, count=5):
    await venue.prepare(BINANCE.btc, D(5))
    for number in range(1, count + 1):
        side = 1 if number % 2 else -1
        made = order(BINANCE, number, side, "0.001", ts=MarketClock().wall_now())
        await venue.place(made)


@pytest.mark.parametrize("since", [0, START, START - 20 * DAY_MS, START - 80 * DAY_MS])
@pytest.mark.parametrize("page", [1, 2, 5, 1_000])
def test_every_fill_and_settlement_is_read_whatever_the_page_and_the_time(exchange, since, page):
    async def read(venue):
        await traded(venue)
        venue._past = AccountHistory(venue._wire, page)
        return await venue.fills(since), await venue.fills(MarketClock().wall_now() + MINUTE)

    every, none = talked(exchange, read)
    assert [one.client_id for one in every] == [f"{number:032x}" for number in range(1, 6)]
    assert none == []


def test_a_fee_in_bnb_blocks_no_fill_and_is_told_once(caplog):
    clock = MarketClock()
    wire = BinanceWire(clock, url="http://127.0.0.1:1", key="k", secret="s", demo=False, is_paced=False)
    trades = [
        {
            "symbol": "BTCUSDT", "id": number, "orderId": 7, "side": "BUY", "qty": "1", "price": "50000",
            "commission": paid, "commissionAsset": coin, "time": clock.wall_now(), "maker": False,
        }
        for number, (coin, paid) in enumerate([("BNB", "0.01"), ("USDT", "20"), ("BNB", "0.02")])
    ]  # fmt: skip

    async def answer(path, api, method, asked):
        if path == "userTrades":
            return trades if "startTime" in asked else []
        return {"clientOrderId": "web_1", "origType": "MARKET", "serverTime": clock.wall_now()}

    wire._client = SimpleNamespace(request=answer)
    past = AccountHistory(wire)
    past.touch("BTCUSDT")
    past._scanned_ms, past._scanned_since_ms = clock.wall_now(), 0

    async def read():
        return await past.fills(clock.wall_now() - MINUTE), await past.fills(clock.wall_now() - MINUTE)

    first, again = asyncio.run(read())
    assert [(one.id, one.fee) for one in first] == [("0", D(0)), ("1", D(20)), ("2", D(0))]
    assert again == first
    assert [line.getMessage().partition(",")[0] for line in caplog.records] == ["Binance took a fee in BNB"]


def test_a_stop_that_was_placed_weeks_ago_says_why_it_traded(exchange):
    async def protected(venue):
        await traded(venue, 1)
        await venue.protect(Levels(BINANCE.btc, 1, D(49_000), None))

    async def read(venue):
        return await venue.fills(START), await venue._history._cause_of_order(
            "BTCUSDT", found[0].order_id, later
        )

    talked(exchange, protected)
    exchange.jump(QUIET + FALL + 10)
    found = [one for one in talked(exchange, lambda venue: venue.fills(START)) if one.cause == "stop"]
    later = found[0].ts + 20 * DAY_MS
    (entry, stop), cause = talked(exchange, read)
    assert (entry.cause, stop.cause, cause) == ("order", "stop", "stop")


def test_an_order_of_nobody_is_somebody_else_s(exchange):
    talked(exchange, lambda venue: venue.prepare(BINANCE.btc, D(5)))
    exchange.do("foreign_order", client_id="x-bot-1", side="buy", size="0.001")
    (fill,) = talked(exchange, lambda venue: venue.fills(START))
    assert (fill.client_id, fill.cause) == ("", "other")
