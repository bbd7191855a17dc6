"""Market streams have the keys and types of messages that were captured from the venue, and of its own samples."""

import json

import pytest

from tests.unit.sandbox.exchange.binance.booths import heard, open_booth
from tests.unit.sandbox.exchange.stalls import FALL
from tests.unit.sandbox.world.captured import messages, samples, shape

pytestmark = pytest.mark.shared

CAPTURED = {
    "kline_1m": "kline",
    "aggTrade": "aggTrade",
    "bookTicker": "bookTicker",
    "depth@100ms": "depthUpdate",
}
SAMPLES = {
    "ticker": "ticker_stream.json",
    "markPrice@1s": "mark_price_stream.json",
    "trade": "trade_stream.json",
}
# Of markets that are not perpetuals, and added later.
ELSEWHERE = {"st", "ps"}


def ours(channel):
    booth = open_booth(FALL)
    session = booth.opened.venue.add_session("/stream", {})
    session.receive(json.dumps({"method": "SUBSCRIBE", "params": [f"btcusdt@{channel}"], "id": 1}), 0.0)
    return next(one for one in heard(session) if "stream" in one)


def real(event):
    return next(
        one for one in messages("binance-perp-ws-capture.jsonl.gz") if one.get("data", {}).get("e") == event
    )


@pytest.mark.parametrize("channel", CAPTURED)
def test_a_message_is_the_venue_s(channel):
    theirs, mine = real(CAPTURED[channel]), ours(channel)
    assert mine.keys() == theirs.keys()
    assert shape(mine["data"]) == shape(theirs["data"])


@pytest.mark.parametrize("channel", SAMPLES)
def test_a_message_is_as_the_venue_shows_it(channel):
    found = samples("orderbook", "exchange-message-samples.json")["binance"]
    theirs = found["futures/market_data_json/" + SAMPLES[channel]]
    mine = ours(channel)["data"]
    assert mine.keys() >= theirs.keys() - ELSEWHERE
    assert {name: shape(mine[name]) for name in theirs.keys() - ELSEWHERE} == {
        name: shape(theirs[name]) for name in theirs.keys() - ELSEWHERE
    }
