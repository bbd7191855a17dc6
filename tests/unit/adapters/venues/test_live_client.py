"""A venue's line: who hears what is said on it, and what becomes of the rest."""

from __future__ import annotations

import asyncio
from importlib import import_module
from types import SimpleNamespace

import pytest

from tests.clocks import JumpingClock
from vigie.adapters.clock import SystemClock
from vigie.adapters.venues.bitget.live import SPEECH
from vigie.adapters.venues.live_client import LiveClient
from vigie.adapters.venues.manifest import manifests
from vigie.domain.time import MINUTE_MS

pytest.importorskip("ccxt")

URL = "wss://127.0.0.1/v2/ws/public#bars0-1"
CANDLE = {
    "action": "update",
    "arg": {"instType": "USDT-FUTURES", "channel": "candle1m", "instId": "BTCUSDT"},
    "data": [["1790000000000", "1", "3", "1", "2", "5", "10", "10"]],
    "ts": 1_790_000_000_500,
}


def told(listeners):
    """Let a candle be said on a line; return what ccxt keeps of it."""

    async def say():
        manifest = next(one for one in manifests() if one.id == "bitget")
        line = LiveClient(manifest, SPEECH, SystemClock(), None)
        line._listeners.update(listeners)
        client = line.client()
        try:
            connection = SimpleNamespace(url=URL, resolve=lambda *_: None)
            client.handle_message(connection, CANDLE)
            return client.ohlcvs
        finally:
            await line.close()

    return asyncio.run(say())


@pytest.mark.parametrize("venue", ["bitget", "hyperliquid"])
def test_what_the_pace_leaves_of_a_minute_is_told_where_the_venue_does_not_say(venue):
    async def spend():
        clock = JumpingClock()
        speech = import_module(f"vigie.adapters.venues.{venue}.live").SPEECH
        line = LiveClient(
            next(one for one in manifests() if one.id == venue), speech, clock, "http://127.0.0.1:9"
        )
        told = [line.budget_left()]
        client = line.client()
        try:
            for cost in (None, 19.5):
                told.append(line.budget_left())
                await client.throttle(cost)
            told.append(line.budget_left())
            clock.now += MINUTE_MS
            return *told, line.budget_left()
        finally:
            await line.close()

    unopened, whole, first, second, later = asyncio.run(spend())
    assert unopened is None
    assert [whole - first, first - second, later - whole] == [1, 20, 0]


def test_what_is_heard_is_heard_once_and_kept_nowhere():
    heard = []
    assert not told({URL: lambda message: heard.append(message) or True})
    assert heard == [CANDLE]


def test_what_is_not_ours_to_hear_is_left_to_the_library():
    assert told({URL: lambda _: False})


def test_what_is_still_said_on_a_line_that_was_hung_up_is_kept_nowhere():
    assert not told({})
