"""What is asked for prices, and which answers are none."""

import asyncio

import pytest

from tests.clocks import JumpingClock
from vigie.adapters.venues.history import CcxtHistory
from vigie.adapters.venues.hyperliquid.history import DIALECT, fault
from vigie.adapters.venues.hyperliquid.live import SPEECH
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


@pytest.mark.parametrize(("kind", "rows"), [("candleSnapshot", 60), ("fundingHistory", 20), ("meta", None)])
def test_pages_that_follow_one_another_stay_below_what_an_address_may_ask_in_a_minute(kind, rows):
    pytest.importorskip("ccxt")
    clock = JumpingClock()
    manifest = next(one for one in manifests() if one.id == "hyperliquid")
    client = CcxtHistory(manifest, DIALECT, market="perp", clock=clock)._client()
    asked = client.api["public"]["post"]["info"]
    began, pages = clock.now, 60
    for _ in range(pages):
        client.throttle(client.calculate_rate_limiter_cost("public", "POST", "info", {"type": kind}, asked))
        client.set_last_rest_request_timestamp()
    # As the venue's page on limits says: 20 a question, one more for so many rows of an answer.
    weight = 20 + (manifest.page_bars / rows if rows else 0)
    assert (pages - 1) * weight / ((clock.now - began) / MINUTE_MS) < 1_200


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
