"""A live message whose numbers are nonsense ends no connection and tells nothing of a time to come."""

from __future__ import annotations

import asyncio
import json
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clocks import StandingClock
from vigie.adapters.sources.manifest import manifests
from vigie.adapters.sources.site import Feed, Site
from vigie.adapters.venues.board import BarBoard, QuoteBoard
from vigie.adapters.venues.live import LiveStream
from vigie.domain.errors import TransientError
from vigie.ports.source import Batch

VENUES = ("binance", "bitget", "hyperliquid")
NOW = StandingClock().market_now()
ODD = st.one_of(
    st.sampled_from(
        [10**400, 10**19, -(10**19), 1e308, float("inf"), float("nan"), "1e400", "-5", "0m", "", None]
    ),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
)
MESSAGES: dict[str, dict[str, Any]] = {
    "binance": {
        "ticker": {"e": "24hrTicker", "s": "BTCUSDT", "E": NOW, "c": "100", "P": "1", "q": "2"},
        "candle": {
            "e": "kline", "s": "BTCUSDT",
            "k": {"t": NOW, "o": "1", "h": "1", "l": "1", "c": "1", "v": "0", "i": "1m", "x": True},
        },
    },
    "bitget": {
        "ticker": {
            "action": "snapshot", "arg": {"channel": "ticker", "instId": "BTCUSDT"}, "ts": NOW,
            "data": [{"instId": "BTCUSDT", "lastPr": "100", "markPrice": "100", "ts": str(NOW),
                      "nextFundingTime": str(NOW), "fundingRate": "0.0001"}],
        },
        "candle": {
            "action": "update", "arg": {"channel": "candle1m", "instId": "BTCUSDT"},
            "data": [[str(NOW), "1", "1", "1", "1", "1", "1", "1"]],
        },
    },
    "hyperliquid": {
        "ticker": {
            "channel": "activeAssetCtx",
            "data": {"coin": "BTC", "ctx": {"markPx": "100", "midPx": "100", "funding": "0.00001", "oraclePx": "100",
                                            "openInterest": "1", "dayNtlVlm": "1", "prevDayPx": "99"}},
        },
        "candle": {
            "channel": "candle",
            "data": {"t": NOW, "T": NOW + 59_999, "s": "BTC", "i": "1m", "o": "1", "c": "1", "h": "1", "l": "1",
                     "v": "1", "n": 1},
        },
    },
}  # fmt: skip


def stream_of(venue: str, kind: str) -> LiveStream:
    speech = import_module(f"vigie.adapters.venues.{venue}.live").SPEECH
    line: Any = SimpleNamespace(speech=speech, clock=StandingClock())
    board = QuoteBoard(f"{venue}-perp", {"BTCUSDT": "btc-usdt-perp", "BTC": "btc-usdc-perp"})
    bars = BarBoard(f"{venue}-perp") if kind == "candle" else None
    return LiveStream(line, board, bars, lambda client: [])


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the ways to all plain values in a message."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [found for key, inner in items for found in places(inner, (*way, key))]
    return [way]


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("kind", ["ticker", "candle"])
def test_a_sound_message_is_read(venue, kind):
    stream = stream_of(venue, kind)
    assert stream._handle_message(MESSAGES[venue][kind])
    assert stream.unreadable == 0


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("kind", ["ticker", "candle"])
@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.data())
def test_an_odd_number_ends_nothing_and_is_of_no_time_to_come(venue, kind, data):
    stream = stream_of(venue, kind)
    message = json.loads(json.dumps(MESSAGES[venue][kind]))
    *way, last = data.draw(st.sampled_from(places(message)))
    part = message
    for key in way:
        part = part[key]
    part[last] = data.draw(ODD)
    stream._handle_message(message)
    batch = stream._take_batch()
    assert all(0 <= one.ts_event <= NOW for one in batch.quotes)
    assert all(one.last > 0 for one in batch.quotes)
    assert all(one.ts <= NOW + 60_000 for one in batch.bars)


@pytest.mark.parametrize("fault", [OverflowError("too large"), ZeroDivisionError("by zero"), KeyError("x")])
def test_an_answer_that_cannot_be_counted_with_is_in_an_unknown_form(fault):
    async def read(site: Any, bookmark: str) -> Batch:
        raise fault

    unused: Any = None
    site = Site(next(one for one in manifests() if one.id == "mempool"), unused, unused)
    feed = Feed(site, "fees", read, ())
    with pytest.raises(TransientError, match="unknown form"):
        asyncio.run(feed.pull(""))
