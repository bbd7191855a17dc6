"""What goes before what at a venue that takes no more for a moment; Hyperliquid's is in its own folder."""

from __future__ import annotations

import asyncio

import pytest

from tests.clocks import JumpingClock
from vigie.adapters.venues.binance import wire as binance
from vigie.adapters.venues.bitget import wire as bitget
from vigie.adapters.venues.bitget.trading import BitgetTrading
from vigie.adapters.venues.rank_queue import Rank
from vigie.domain.errors import ConnectorError, TransientError
from vigie.ports.trading import Levels

D_BTC = "btc-usdt-perp"


class Answering:
    """A venue with a position, that tells no levels beside it."""

    def __init__(self, clock):
        self.clock = clock
        self.asked = []

    async def request(self, path, api, method, fields):
        self.asked.append(path)
        now = str(self.clock.now)
        data = {
            "v2/public/time": {"serverTime": now},
            "v2/mix/order/fills": {"fillList": [FILL | {"cTime": now}]},
            "v2/mix/order/orders-plan-pending": {"entrustedList": []},
            "v2/mix/order/place-pos-tpsl": [{"orderId": "2"}],
            "v2/mix/position/all-position": [{"total": "1", "symbol": "BTCUSDT"}],
            "v2/mix/order/detail": None,
        }
        return {"serverTime": now} if path == "time" else {"data": data.get(path)}


FILL = {"orderId": "1", "symbol": "BTCUSDT", "tradeId": "1"}


def at_binance(clock):
    wire = binance.BinanceWire(
        clock, url="http://127.0.0.1:1", key="k", secret="s", demo=False, is_paced=True
    )
    wire._client = Answering(clock)
    return wire, wire._budget, wire.order("order", {})


def at_bitget(clock):
    wire = bitget.BitgetWire(
        clock, url="http://127.0.0.1:1", key="k", secret="s", passphrase="p", demo=False, interval_ms=50.0
    )
    wire._client = Answering(clock)
    return wire, wire._pace._address_budget, wire.order("v2/mix/order/place-order", {})


@pytest.mark.parametrize("at", [at_binance, at_bitget])
def test_an_exit_that_must_ask_for_the_time_first_does_not_wait_where_looks_have_used_up_theirs(at):
    pytest.importorskip("ccxt")
    clock = JumpingClock()
    wire, budget, exit_ = at(clock)

    async def story():
        while not budget.take(10, Rank.LOOK):
            pass
        await exit_

    asyncio.run(story())
    assert clock.waits == []
    assert len(wire._client.asked) == 2, "the time, then the exit"


@pytest.mark.parametrize(
    ("deed", "rank"),
    [
        (lambda venue: venue.positions(), Rank.LOOK),
        (lambda venue: venue.fills(0), Rank.LOOK),
        (lambda venue: venue.order(D_BTC, "a" * 32), Rank.LOOK),
        (lambda venue: venue.protect(Levels(D_BTC, 1, 90, 110)), Rank.EXIT),
        (lambda venue: venue._change_setting("set-leverage", {}), Rank.READ),
        (lambda venue: venue.open_orders(), Rank.READ),
    ],
    ids=["positions", "fills", "order", "protect", "set-up", "open orders"],
)
def test_questions_to_bitget_have_the_rank_of_what_they_are_for(deed, rank):
    pytest.importorskip("ccxt")
    clock, ranks = JumpingClock(), {}
    wire, _, unsent = at_bitget(clock)
    unsent.close()
    turn = wire._pace.wait_turn

    async def noted(path, weight, rank=Rank.READ):
        ranks[path] = rank
        await turn(path, weight, rank)

    wire._pace.wait_turn = noted
    try:
        asyncio.run(deed(BitgetTrading("bitget-perp", wire, None)))
    except (TransientError, ConnectorError):
        # What is made of the answers is not what this is about.
        assert ranks
    assert ranks.pop("v2/public/time") is Rank.EXIT
    assert set(ranks.values()) == {rank}
