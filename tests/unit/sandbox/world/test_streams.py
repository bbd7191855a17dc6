import json
from itertools import pairwise

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.unit.sandbox.world.captured import lacks, messages, samples, shape
from tests.unit.sandbox.world.hands import HOUR_MS, MINUTE_MS, Hand, ask, go, small_world
from vigie_sandbox.world.server import serving
from vigie_sandbox.world.services import open_stream
from vigie_sandbox.world.services.hyperliquid import Hyperliquid

TICKER = {"instType": "USDT-FUTURES", "channel": "ticker", "instId": "BTCUSDT"}
CANDLE = {"instType": "USDT-FUTURES", "channel": "candle1m", "instId": "BTCUSDT"}
TRADE = {"instType": "USDT-FUTURES", "channel": "trade", "instId": "BTCUSDT"}
BITGET = "/v2/ws/public"


@pytest.fixture
def world():
    return small_world()


def subscribe(talk, world, *args):
    text = json.dumps({"op": "subscribe", "args": list(args)})
    return [json.loads(one) for one in talk.receive(text, world.now_ms())]


def told(talk, world):
    return [json.loads(one) for one in talk.push_to_client(world.now_ms())]


def test_bitget_answers_ping_and_confirms_before_the_snapshot(world):
    talk = open_stream(world, "bitget", BITGET, "")
    assert talk.receive("ping", world.now_ms()) == ["pong"]
    confirmed, first = subscribe(talk, world, TICKER)
    assert confirmed == {"event": "subscribe", "arg": TICKER}
    assert (first["action"], first["arg"], first["data"][0]["instId"]) == ("snapshot", TICKER, "BTCUSDT")


def test_bitget_tells_a_ticker_once_a_second_of_the_market(world):
    talk = open_stream(world, "bitget", BITGET, "")
    subscribe(talk, world, TICKER)
    assert told(talk, world) == []
    go(world, 1_000)
    assert len(told(talk, world)) == 1
    assert told(talk, world) == []


def test_bitget_ends_a_bar_with_its_last_words_before_the_next_begins(world):
    talk = open_stream(world, "bitget", BITGET, "")
    _, snapshot = subscribe(talk, world, CANDLE)
    begin = int(snapshot["data"][-1][0])
    go(world, 30_000)
    told(talk, world)
    go(world, 2 * MINUTE_MS)
    rows = [row for message in told(talk, world) for row in message["data"]]
    assert [int(row[0]) for row in rows] == [begin, begin + MINUTE_MS, begin + 2 * MINUTE_MS]
    asked = {"symbol": "BTCUSDT", "granularity": "1m", "productType": "USDT-FUTURES", "limit": "2"}
    assert rows[:2] == ask(world, "bitget", "/api/v2/mix/market/history-candles", **asked)["data"]


def test_bitget_trades_come_newest_first_and_none_twice(world):
    talk = open_stream(world, "bitget", BITGET, "")
    _, snapshot = subscribe(talk, world, TRADE)
    go(world, 5_000)
    update = told(talk, world)[0]
    ids = [int(row["tradeId"]) for row in update["data"]] + [int(row["tradeId"]) for row in snapshot["data"]]
    assert ids == sorted(set(ids), reverse=True)


def test_bitget_refuses_unknown_channels_and_stops_what_is_left(world):
    talk = open_stream(world, "bitget", BITGET, "")
    (refused,) = subscribe(talk, world, TICKER | {"channel": "orders"})
    assert (refused["event"], refused["code"]) == ("error", 30001)
    assert json.loads(talk.receive("hello", 0)[0])["code"] == 30002
    subscribe(talk, world, TICKER)
    talk.receive(json.dumps({"op": "unsubscribe", "args": [TICKER]}), world.now_ms())
    go(world, 1_000)
    assert told(talk, world) == []


@pytest.mark.shared
def test_bitget_messages_have_the_frame_of_captured_ones(world):
    talk = open_stream(world, "bitget", BITGET, "")
    ours = {}
    for arg in (TICKER, CANDLE, TRADE):
        confirmed, first = subscribe(talk, world, arg)
        ours[arg["channel"]] = (confirmed, first)
    theirs = messages("bitget-perp-ws-capture.jsonl.gz")
    for channel, (confirmed, first) in ours.items():
        of_channel = [one for one in theirs if one.get("arg", {}).get("channel") == channel]
        real = next(one for one in of_channel if "event" in one)
        assert lacks(confirmed, real) == {}
        real = next(one for one in of_channel if one.get("action") == "snapshot")
        assert set(real) <= set(first)
        assert lacks(first["arg"], real["arg"]) == {}
    real = next(one for one in theirs if one.get("arg", {}).get("channel") == "candle1m" and "data" in one)
    # The second version of the protocol added the quote volume to the row.
    assert shape(real["data"][0][:6]) == shape(ours["candle1m"][1]["data"][0][:6])


def binance(world, *names):
    talk = open_stream(world, "binance", "/ws", "")
    reply = talk.receive(json.dumps({"method": "SUBSCRIBE", "params": list(names), "id": 3}), world.now_ms())
    assert json.loads(reply[0]) == {"result": None, "id": 3}
    return talk


@pytest.mark.parametrize("path", ["/ws/btcusdt@ticker", "/market/ws/btcusdt@ticker"])
def test_binance_takes_streams_from_the_path(world, path):
    talk = open_stream(world, "binance", path, "")
    go(world, 1_000)
    assert [one["e"] for one in told(talk, world)] == ["24hrTicker"]


def test_binance_wraps_messages_of_combined_streams(world):
    talk = open_stream(world, "binance", "/stream", "streams=btcusdt@miniTicker/ethusdt@markPrice@1s")
    go(world, 1_000)
    assert [one["stream"] for one in told(talk, world)] == ["btcusdt@miniTicker", "ethusdt@markPrice@1s"]


def test_binance_marks_the_last_words_on_a_bar_as_closed(world):
    talk = binance(world, "btcusdt@kline_1m")
    go(world, 10_000)
    told(talk, world)
    go(world, MINUTE_MS)
    bars = [one["k"] for one in told(talk, world)]
    assert [bar["x"] for bar in bars] == [True, False]
    rows = ask(world, "binance", "/fapi/v1/klines", symbol="BTCUSDT", interval="1m", limit=2)
    assert [bars[0][name] for name in "tohlcv"] == rows[0][:6]


def test_binance_tells_more_forced_orders_in_a_crash(world):
    def counted():
        talk = binance(world, "!forceOrder@arr")
        orders = []
        for _ in range(60):
            go(world, 10_000)
            orders += [one["o"] for one in told(talk, world)]
        return orders

    calm = counted()
    world.start_scene("flash-crash")
    wild = counted()
    assert len(wild) > 2 * len(calm)
    assert sum(one["S"] == "SELL" for one in wild) > len(wild) / 2


@pytest.mark.shared
@pytest.mark.parametrize(
    ("sample", "stream"),
    [
        ("kline_stream_open", "btcusdt@kline_1m"),
        ("ticker_stream", "btcusdt@ticker"),
        ("mark_price_stream", "btcusdt@markPrice"),
        ("trade_stream", "btcusdt@trade"),
        ("agg_trade_stream", "btcusdt@aggTrade"),
        ("book_ticker_stream", "btcusdt@bookTicker"),
        ("liquidation_stream", "!forceOrder@arr"),
    ],
)
def test_binance_messages_have_the_shape_of_captured_ones(world, sample, stream):
    real = samples("orderbook", "exchange-message-samples.json")["binance"]
    theirs = real[f"futures/market_data_json/{sample}.json"]
    talk = binance(world, stream)
    ours = []
    for _ in range(200):
        go(world, 5_000)
        ours = told(talk, world)
        if ours:
            break
    # Fields that only some copies of the documentation have.
    wanted = {key: kind for key, kind in theirs.items() if key not in ("st", "ps")}
    assert lacks(ours[0], wanted) == {}


@pytest.mark.shared
def test_binance_klines_have_the_shape_of_captured_ones(world):
    capture = messages("binance-perp-ws-capture.jsonl.gz")
    real = next(one["data"] for one in capture if isinstance(one, dict) and "kline" in one.get("stream", ""))
    talk = binance(world, "btcusdt@kline_1m")
    go(world, 5_000)
    assert shape(told(talk, world)[0]) == shape(real)


def hyperliquid(world, **subscription):
    talk = open_stream(world, "hyperliquid", "/ws", "")
    text = json.dumps({"method": "subscribe", "subscription": subscription})
    reply = json.loads(talk.receive(text, world.now_ms())[0])
    assert reply == {
        "channel": "subscriptionResponse",
        "data": {"method": "subscribe", "subscription": subscription},
    }
    return talk


@pytest.mark.shared
def test_hyperliquid_messages_have_the_shape_of_captured_ones(world):
    real = samples("leaderboard", "hyperliquid-info-samples.json")
    talk = hyperliquid(world, type="allMids")
    go(world, 1_000)
    mids = told(talk, world)[0]
    assert mids["channel"] == real["ws_allmids.json"]["channel"]
    assert shape(mids["data"]["mids"]["BTC"]) == shape(real["ws_allmids.json"]["data"]["mids"]["BTC"])
    talk = hyperliquid(world, type="l2Book", coin="BTC")
    go(world, 1_000)
    assert lacks(told(talk, world)[0]["data"], real["ws_book_data.json"]) == {}
    talk = hyperliquid(world, type="activeAssetCtx", coin="BTC")
    go(world, 1_000)
    context = real["ws_all_dexs_asset_ctxs.json"]["data"]["ctxs"][0][1][0]
    assert lacks(told(talk, world)[0]["data"]["ctx"], context) == {}


def test_hyperliquid_tells_the_best_bid_and_ask_when_they_are_others(world):
    talk, heard = hyperliquid(world, type="bbo", coin="BTC"), []
    # Of two looks at one moment the second has nothing to tell.
    for pause in (1_000, 0) * 10:
        go(world, pause)
        heard += told(talk, world)
    *_, last = [one["data"] for one in heard]
    book = Hyperliquid(world).book(world.venues["hyperliquid"].by_symbol["BTC"], last["time"])
    assert last == {"coin": "BTC", "time": book["time"], "bbo": [side[0] for side in book["levels"]]}
    assert len(heard) > 1
    assert all(one["data"]["bbo"] != after["data"]["bbo"] for one, after in pairwise(heard))


def test_hyperliquid_answers_pings_and_refuses_unknown_coins(world):
    talk = open_stream(world, "hyperliquid", "/ws", "")
    assert json.loads(talk.receive('{"method": "ping"}', 0)[0]) == {"channel": "pong"}
    text = json.dumps(
        {"method": "subscribe", "subscription": {"type": "candle", "coin": "NOPE", "interval": "1m"}}
    )
    assert json.loads(talk.receive(text, 0)[0])["channel"] == "error"


def test_there_is_no_stream_where_there_is_none(world):
    assert open_stream(world, "coingecko", "/ws", "") is None
    assert open_stream(world, "bitget", "/v2/ws/private", "") is None


@pytest.fixture
def address(world):
    with serving(world) as url:
        yield url.replace("http", "ws")


def next_message(stream):
    return json.loads(stream.recv(timeout=10))


def test_a_stream_over_the_wire_tells_what_happens_as_the_hand_moves(world, address):
    with connect(address + "/bitget/v2/ws/public", proxy=None) as stream:
        stream.send(json.dumps({"op": "subscribe", "args": [TICKER]}))
        assert next_message(stream)["event"] == "subscribe"
        first = next_message(stream)["data"][0]
        world.clock.change(jump_to=world.clock.now_ms() + 3_000)
        later = next_message(stream)["data"][0]
        assert int(later["ts"]) - int(first["ts"]) == 3_000


def test_a_silent_stream_still_answers_pings(world, address):
    world.faults.add({"service": "bitget", "kind": "silent-stream"})
    with connect(address + "/bitget/v2/ws/public", proxy=None) as stream:
        stream.send(json.dumps({"op": "subscribe", "args": [TICKER]}))
        assert next_message(stream)["event"] == "subscribe"
        next_message(stream)
        world.clock.change(jump_to=world.clock.now_ms() + HOUR_MS)
        for _ in range(20):
            stream.send("ping")
            assert stream.recv(timeout=10) == "pong"


def test_a_stream_can_be_cut_and_comes_back(world, address):
    with connect(address + "/bitget/v2/ws/public", proxy=None) as stream:
        world.faults.add({"service": "bitget", "kind": "cut-stream", "times": 1})
        with pytest.raises(ConnectionClosed):
            stream.recv(timeout=10)
    with connect(address + "/bitget/v2/ws/public", proxy=None) as stream:
        stream.send("ping")
        assert stream.recv(timeout=10) == "pong"


def test_an_outage_closes_the_streams_of_its_venue(world, address):
    with connect(address + "/binance/ws/btcusdt@ticker", proxy=None) as stream:
        started = httpx.post(
            address.replace("ws", "http", 1) + "/scenes/venue-outage", trust_env=False
        ).json()
        world.clock.change(jump_to=started["start_ms"])
        assert len(list(stream)) < 100
        assert stream.close_code == 1001


def test_the_speed_of_the_hand_is_the_speed_of_the_stream():
    hand = Hand()
    world = small_world(hand, speed=60.0)
    talk = open_stream(world, "bitget", BITGET, "")
    first = subscribe(talk, world, TICKER)[1]["data"][0]
    hand.seconds += 0.5
    later = told(talk, world)[0]["data"][0]
    assert int(later["ts"]) - int(first["ts"]) == 30_000
