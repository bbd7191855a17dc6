"""What the live half of every venue promises, over the simulated world and over captured messages."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from importlib import import_module
from typing import Any

import pytest

from tests.clocks import OPENED
from tests.shared import shared_dir
from vigie.adapters.clock import SandboxClock, SystemClock
from vigie.adapters.venues.live import LiveVenue, open_live
from vigie.adapters.venues.manifest import manifests
from vigie.domain.errors import VigieError
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS
from vigie.ports.source import Bar, Batch
from vigie_sandbox.world.server import serving
from vigie_sandbox.world.world import World

pytest.importorskip("ccxt")

LIVE = {manifest.id: manifest for manifest in manifests() if "live" in manifest.capabilities}
INSTRUMENTS = {
    "bitget": ("btc-usdt-perp", "eth-usdt-perp"),
    "binance": ("btc-usdt-perp", "eth-usdt-perp"),
    "hyperliquid": ("btc-usdc-perp", "eth-usdc-perp"),
}


@pytest.fixture(scope="module")
def world() -> World:
    return World(time.monotonic, OPENED, history_days=40, speed=240.0, flawless=True, quiet=True)


@pytest.fixture(scope="module")
def url(world: World) -> Iterator[str]:
    with serving(world, poll_s=0.02) as address:
        yield address


def opened(venue: str, url: str, clock: Any, path: str | None = None) -> LiveVenue:
    return open_live(
        LIVE[venue],
        import_module(f"vigie.adapters.venues.{venue}.live").SPEECH,
        market="perp",
        clock=clock,
        url=f"{url}/{path or venue}",
        instruments=INSTRUMENTS[venue],
        timeframes=("1m",),
    )


async def listened(stream: Any, until: Any, longest_s: float = 60.0) -> list[Batch]:
    batches: list[Batch] = []
    async with asyncio.timeout(longest_s), aclosing(stream.listen()) as arriving:
        async for batch in arriving:
            batches.append(batch)
            if until(batches):
                return batches
    return batches


def quotes_of(batches: Sequence[Batch]) -> list[Quote]:
    return [quote for batch in batches for quote in batch.quotes]


def bars_of(batches: Sequence[Batch]) -> list[Bar]:
    return [bar for batch in batches for bar in batch.bars]


def settled_of(*batches: Batch) -> dict[str, set[int]]:
    times: dict[str, set[int]] = {}
    for batch in batches:
        for fact in batch.observations:
            times.setdefault(fact.series, set()).add(fact.ts_event)
    return times


def test_every_live_venue_is_under_contract():
    assert set(LIVE) == set(INSTRUMENTS)


@pytest.mark.parametrize("venue", INSTRUMENTS)
def test_stream_gives_quotes_of_every_instrument(url, world, venue):
    async def act() -> list[Batch]:
        live = opened(venue, url, SandboxClock(url))
        try:
            return await listened(live.quotes, is_whole)
        finally:
            await live.close()

    def is_whole(got: Sequence[Batch]) -> bool:
        # Binance's are asked for; Hyperliquid's are told by its exchange, not by this world.
        known = {q.instrument for q in quotes_of(got) if venue != "bitget" or (q.bid and q.ask)}
        return known == set(INSTRUMENTS[venue])

    began = world.now_ms()
    for quote in quotes_of(asyncio.run(act())):
        assert quote.venue == f"{venue}-perp"
        assert quote.instrument in INSTRUMENTS[venue]
        assert quote.last > 0
        assert began - HOUR_MS < quote.ts_event <= quote.ts_known
        if quote.bid and quote.ask:
            assert quote.bid < quote.ask


@pytest.mark.parametrize("venue", INSTRUMENTS)
def test_stream_gives_finished_bars_as_the_venue_serves_them_later(url, world, venue):
    instrument = INSTRUMENTS[venue][0]

    async def act() -> list[Batch]:
        live = opened(venue, url, SandboxClock(url))
        try:
            return await listened(
                live.bars,
                lambda got: len({b.ts for b in bars_of(got) if b.instrument == instrument}) >= 4,
            )
        finally:
            await live.close()

    found = {bar.ts: bar for bar in bars_of(asyncio.run(act())) if bar.instrument == instrument}
    from vigie.wiring.data import open_data

    feed = open_data(clock=SandboxClock(url), urls={venue: f"{url}/{venue}"}).feed(f"{venue}-perp")
    first, last = min(found), max(found)
    rows = {row[0]: row for row in feed.page(instrument, "1m", max(first, last - 90 * 60_000), last + 60_000)}
    compared = 0
    for ts, bar in found.items():
        if ts in rows:
            assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == pytest.approx(rows[ts][1:])
            compared += 1
    assert compared >= 3


@pytest.mark.parametrize("venue", INSTRUMENTS)
def test_tickers_give_quotes_of_everything_and_facts_of_the_watched(url, world, venue):
    async def act() -> tuple[Batch, Batch, list[float | None]]:
        live = opened(venue, url, SandboxClock(url))
        try:
            left = [live.budget_left()]
            first = await live.tickers.pull("")
            left.append(live.budget_left())
            return first, await live.tickers.pull(first.bookmark), left
        finally:
            await live.close()

    first, again, (before, after) = asyncio.run(act())
    assert before is None, "nothing was asked yet"
    assert after is not None
    assert after > 0
    assert again.quotes
    # Facts are of five minutes, which may be over by then.
    assert not again.observations or again.bookmark != first.bookmark
    assert len(first.quotes) == len(world.venues[venue].coins)
    by_name = {quote.instrument: quote for quote in first.quotes}
    for name in INSTRUMENTS[venue]:
        quote = by_name[name]
        for value in (quote.mark, quote.index, quote.open_interest, quote.volume_24h, quote.funding_hours):
            assert value is not None
            assert value > 0
        assert quote.funding_rate is not None
        assert quote.funding_next_ts is not None
        assert quote.funding_next_ts > quote.ts_known
        assert quote.change_24h is not None
        assert abs(quote.change_24h) < 1, "a fraction, no per cent"
    measured = {fact.series.rpartition("/")[2] for fact in first.observations}
    live = opened(venue, url, SandboxClock(url))
    assert measured == {measure.pattern.rpartition("/")[2] for measure in live.tickers.measures()}


@pytest.mark.parametrize("venue", INSTRUMENTS)
def test_funding_is_known_at_its_settlement_and_goes_on_from_its_bookmark(url, world, venue):
    async def act() -> tuple[Batch, Batch]:
        live = opened(venue, url, SandboxClock(url))
        try:
            first = await live.funding.pull("")
            return first, await live.funding.pull(first.bookmark)
        finally:
            await live.close()

    first, again = asyncio.run(act())
    assert len(first.observations) >= 2 * 40
    assert all(fact.ts_known == fact.ts_event <= world.now_ms() for fact in first.observations)
    assert {fact.series for fact in first.observations} == {
        f"derivatives/{venue}-perp:{name}/funding_fraction" for name in INSTRUMENTS[venue]
    }
    assert all(fact.ts_event > int(first.bookmark) for fact in again.observations)
    # The hour may turn between two instruments: only what all were asked for is behind the bookmark.
    assert (
        int(again.bookmark) >= int(first.bookmark) == min(max(times) for times in settled_of(first).values())
    )


class TurningSpeech:
    """Words of a venue with funding that settles between its first instrument and the next."""

    def __init__(self, speech: Any, turn: Callable[[], None]) -> None:
        self._speech = speech
        self._turn = turn
        self._asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._speech, name)

    async def funding(self, client: Any, symbol: str, since_ms: int) -> list[tuple[int, float]]:
        rates: list[tuple[int, float]] = await self._speech.funding(client, symbol, since_ms)
        self._asked += 1
        if self._asked == 1:
            self._turn()
        return rates


@pytest.mark.parametrize("has_bookmark", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("venue", INSTRUMENTS)
def test_settlement_between_two_instruments_is_missed_of_none(venue, has_bookmark):
    turn = (OPENED // (8 * HOUR_MS) + 1) * 8 * HOUR_MS
    market = World(time.monotonic, turn - 1, history_days=5, paused=True, flawless=True, quiet=True)

    async def act(url: str) -> tuple[list[Batch], Batch]:
        live = opened(venue, url, SandboxClock(url))
        try:
            kept = [await live.funding.pull("")] if has_bookmark else []
            speech = live.funding.live_client.speech
            live.funding.live_client.speech = TurningSpeech(speech, lambda: market.clock.change(jump_to=turn))
            for _ in range(2):
                kept.append(await live.funding.pull(kept[-1].bookmark if kept else ""))
            return kept, await live.funding.pull("")
        finally:
            await live.close()

    with serving(market, poll_s=0.02) as address:
        kept, whole = asyncio.run(act(address))
    everything = settled_of(whole)
    assert len(everything) == len(INSTRUMENTS[venue])
    for series, times in everything.items():
        assert max(times) == turn
        assert times <= settled_of(*kept)[series]
    assert kept[-1].bookmark == str(turn)


@pytest.mark.parametrize("kind", ["5xx", "half-body", "wrong-json"])
@pytest.mark.parametrize("venue", INSTRUMENTS)
def test_broken_answer_is_an_error_never_an_empty_batch(url, world, venue, kind):
    async def act() -> None:
        live = opened(venue, url, Hasty())
        try:
            await live.tickers.pull("")
        finally:
            await live.close()

    world.faults.add({"service": venue, "kind": kind, "times": None})
    try:
        with pytest.raises(VigieError):
            asyncio.run(act())
    finally:
        world.faults.clear(venue)


@pytest.mark.parametrize("venue", INSTRUMENTS)
def test_cut_stream_ends_with_an_error_and_can_be_opened_again(url, world, venue):
    async def act() -> None:
        live = opened(venue, url, SandboxClock(url))
        try:
            world.faults.add({"service": venue, "kind": "cut-stream", "times": 1})
            with pytest.raises(VigieError):
                await listened(live.quotes, lambda got: False)
            world.faults.clear(venue)
            assert quotes_of(await listened(live.quotes, lambda got: bool(quotes_of(got))))
        finally:
            world.faults.clear(venue)
            await live.close()

    asyncio.run(act())


@pytest.mark.parametrize("venue", INSTRUMENTS)
def test_venue_that_is_not_there_is_an_error(venue):
    async def act() -> None:
        live = opened(venue, "http://127.0.0.1:9", Hasty())
        try:
            await listened(live.quotes, lambda got: False, 15.0)
        finally:
            await live.close()

    with pytest.raises(VigieError):
        asyncio.run(act())


class Hasty(SystemClock):
    """Real time without pauses: tries follow each other at once."""

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(0)


def speech_of(venue: str) -> Any:
    module = import_module(f"vigie.adapters.venues.{venue}.live")
    return getattr(module, f"{venue.title()}Speech")()


@pytest.mark.parametrize("venue", INSTRUMENTS)
@pytest.mark.parametrize("message", ["pong", 7, None, [], {}, {"event": "subscribe"}, {"channel": "pong"}])
def test_message_that_is_no_data_is_left_to_the_client(venue, message):
    assert not speech_of(venue).parse_message(message)


@pytest.mark.shared
@pytest.mark.parametrize("venue", ["binance", "bitget"])
def test_captured_messages_are_read_or_left_alone_never_garbled(venue):
    path = shared_dir("data", "orderbook", f"{venue}-perp-ws-capture.jsonl.gz")
    speech, heard = speech_of(venue), []
    with gzip.open(path, "rt") as lines:
        for line in lines:
            captured = json.loads(line)
            message = captured["msg"]
            if captured["dir"] != "recv" or not isinstance(message, dict):
                continue
            if venue == "bitget" and message.get("arg", {}).get("channel") == "ticker":
                continue  # captured in 2022 from the first version, whose tickers had other names
            heard += list(speech.parse_message(message) or ())
    candles = [one for one in heard if one.candle is not None]
    assert candles
    assert all(one.symbol.endswith("USDT") and one.timeframe == "1m" for one in candles)
    if venue == "binance":
        books = [one for one in heard if one.values.get("bid")]
        assert len(books) > 100
        assert all(one.values["bid"] < one.values["ask"] for one in books)


@pytest.mark.shared
def test_captured_answers_of_hyperliquid_are_read():
    path = shared_dir("data", "leaderboard", "hyperliquid-info-samples.json")
    samples = json.loads(path.read_text())
    speech = speech_of("hyperliquid")
    history = samples["http_funding_history.json"]

    class Client:
        async def publicPostInfo(self, _question: dict[str, Any]) -> object:
            return history

    settled = asyncio.run(speech.funding(Client(), "BTC", 0))
    assert len(settled) == len(history)
    assert settled == sorted(settled)
    heard = []
    for _dex, contexts in samples["ws_all_dexs_asset_ctxs.json"]["data"]["ctxs"]:
        for context in contexts:
            heard += speech.parse_message(
                {"channel": "activeAssetCtx", "data": {"coin": "BTC", "ctx": context}}
            )
    assert heard
    assert all(one.values["mark"] > 0 for one in heard)
