"""What is asked for prices, and which answers are none."""

import asyncio

import pytest

from tests.clocks import JumpingClock
from vigie.adapters.venues.history import CcxtHistory
from vigie.adapters.venues.hyperliquid.history import DIALECT, fault
from vigie.adapters.venues.hyperliquid.live import SPEECH
from vigie.adapters.venues.live_client import LiveClient
from vigie.adapters.venues.manifest import manifests
from vigie.domain.time import MINUTE_MS

CONTEXT = {"markPx": "50000.0", "midPx": "50001.0", "prevDayPx": "49000.0", "oraclePx": "50000.0"}


class Client:
    """Answers, and remembers what it was asked and when."""

    def __init__(self):
        self.now, self.options, self.asked = 0, {}, []

    def milliseconds(self):
        return self.now

    async def publicPostInfo(self, body):
        self.asked.append(body["type"])
        if body["type"] == "allMids":
            return {"BTC": "50002.0", "OLD": "3.0", "@107": "1.0"}
        return [{"universe": [{"name": "BTC"}, {"name": "OLD", "isDelisted": True}]}, [CONTEXT, CONTEXT]]


def test_prices_are_asked_often_and_contexts_now_and_then():
    client, told = Client(), []
    for now in (0, 2_000, 4_000, 31_000):
        client.now = now
        told.append(asyncio.run(SPEECH.tickers(client, ["BTC"])))
    assert client.asked == ["metaAndAssetCtxs", "allMids", "allMids", "metaAndAssetCtxs"]
    assert [[(one.symbol, one.values["last"]) for one in heard] for heard in told] == [
        [("BTC", 50_001.0)], [("BTC", 50_002.0)], [("BTC", 50_002.0)], [("BTC", 50_001.0)],
    ]  # fmt: skip


# A venue is asked at another address where it has a test network, or somebody stands between.
ELSEWHERE = "https://api.hyperliquid-testnet.xyz"


@pytest.mark.parametrize("url", [None, ELSEWHERE])
@pytest.mark.parametrize(("kind", "rows"), [("candleSnapshot", 60), ("fundingHistory", 20), ("meta", None)])
def test_questions_that_follow_one_another_stay_within_what_an_address_may_ask_in_a_minute(kind, rows, url):
    pytest.importorskip("ccxt")
    clock, sent = JumpingClock(), []
    manifest = next(one for one in manifests() if one.id == "hyperliquid")
    client = CcxtHistory(manifest, DIALECT, market="perp", clock=clock, url=url)._client()
    client.fetch = lambda *_: sent.append(clock.now) or []
    for _ in range(100):
        client.publicPostInfo({"type": kind})
    # As the venue's page on limits says: 20 a question, one more for so many rows of an answer.
    weight = 20 + (manifest.page_bars / rows if rows else 0)
    minutes = [sum(ts <= other < ts + MINUTE_MS for other in sent) * weight for ts in sent]
    assert max(minutes) <= 1_200
    # What belongs to one moment, such as the bars of an hour, is asked for at once.
    assert sent[1_000 // 45 - 1] - sent[0] < MINUTE_MS


def test_a_line_to_the_venue_itself_waits_for_room_and_one_to_a_simulated_one_does_not():
    pytest.importorskip("ccxt")
    manifest = next(one for one in manifests() if one.id == "hyperliquid")

    async def waited(url):
        clock = JumpingClock()
        line = LiveClient(manifest, SPEECH, clock, url)
        client = line.client()
        asked = client.api["public"]["post"]["info"]
        try:
            for _ in range(25):
                question = {"type": "fundingHistory"}
                client.calculate_rate_limiter_cost("public", "POST", "info", question, asked)
                await client.throttle(0)
            return sum(clock.waits), line.budget_left()
        finally:
            await line.close()

    far, left = asyncio.run(waited(None))
    assert far > 0
    assert left < 1_200 - 45
    assert asyncio.run(waited(ELSEWHERE))[0] == far
    assert asyncio.run(waited("http://127.0.0.1:9"))[0] == 0


@pytest.mark.parametrize("answer", [[], [{}], {"BTC": "1.0"}, {"coin": "BTC", "time": 1, "levels": [[], []]}])
def test_lists_prices_and_books_are_answers(answer):
    assert fault(answer) is None


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        "text",
        5,
        {"levels": []},
        {"coin": "BTC", "time": 1, "levels": [[]]},
        {"error": None},
        {"message": "later"},
    ],
)
def test_anything_else_is_none(answer):
    assert fault(answer) is not None
