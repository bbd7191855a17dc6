"""What faults do to the prices that each simulated venue shows, and what the gateway makes of them over the wire."""

from __future__ import annotations

import asyncio
from importlib import import_module
from types import SimpleNamespace

import pytest

from tests.clocks import JumpingClock
from tests.contracts.trading_exchanges import HOUR, VENUES, served
from tests.crash.day import opening, quoted
from vigie.adapters.venues.live import open_live
from vigie.adapters.venues.manifest import FOLDER, read_manifest
from vigie.domain import codes
from vigie.services.trading.gateway.entry_rules import SILENT_S, EntryCheck, first_refusal
from vigie.services.trading.gateway.market_snapshot import MarketReader

pytest.importorskip("ccxt")
FIRST, LATER = 60, 120


class MarketClock(JumpingClock):
    """An exchange's own time."""

    def __init__(self, exchange):
        super().__init__()
        self._desk = exchange.opened.venue.context

    def market_now(self) -> int:
        return self._desk.now_ms()


class Onlooker:
    """Asks one exchange, whose time stands, for ticker and book."""

    def __init__(self, exchange):
        words = exchange.words
        self.exchange, self.btc, self.clock = exchange, words.btc, MarketClock(exchange)
        self.live = open_live(
            read_manifest(FOLDER / words.venue), import_module(f"vigie.adapters.venues.{words.venue}.live").SPEECH,
            market="perp", clock=self.clock, url=exchange.url, instruments=[words.btc], timeframes=(),
        )  # fmt: skip
        exchange.control("POST", "clock", {"paused": True})

    def look(self):
        """Return the present market as an entry finds it."""
        return asyncio.run(self._look())

    async def _look(self):
        try:
            own = await quoted(self.live, self.btc)
            books = {self.btc: await self.live.book(self.btc)}
        finally:
            await self.live.close()
        quotes = SimpleNamespace(since=lambda _: (0, [own]))
        sight = MarketReader(self.live.venue, quotes, self.clock, lambda: 1.0, books, has_index=True)
        return sight.snapshot(self.btc, 1)


def verdict(seen, price):
    moment = EntryCheck(
        state="active", is_missed=False, is_stale=False, is_real=True, age_s=0.0, bar_s=HOUR / 1_000, price=price,
        qty=0.001, drift_s=0.0, market=seen, phase="trading",
    )  # fmt: skip
    refused = first_refusal(moment)
    return "" if refused is None else codes.CODES[refused[0]]


@pytest.fixture(params=VENUES, ids=lambda words: words.venue)
def onlooker(request):
    with served(opening(request.param)) as exchange:
        yield Onlooker(exchange)


def test_prices_that_stand_still_are_old_and_those_after_them_are_not(onlooker):
    onlooker.exchange.jump(FIRST)
    before = onlooker.look()
    assert verdict(before, before.last) == ""
    onlooker.exchange.fault("stale-price")
    onlooker.exchange.jump(LATER)
    still = onlooker.look()
    assert (still.last, still.levels) == (before.last, before.levels)
    assert still.age_s > SILENT_S
    assert verdict(still, still.last) == "silent_stream"
    onlooker.exchange.control("DELETE", "fault", {})
    after = onlooker.look()
    assert after.last != before.last, "the market went on meanwhile"
    assert verdict(after, after.last) == ""


def test_prices_that_jump_are_those_of_ticker_and_book_and_not_of_the_index(onlooker):
    onlooker.exchange.jump(FIRST)
    before = onlooker.look()
    onlooker.exchange.fault("price-spike", share=1.5)
    seen = onlooker.look()
    assert seen.last == pytest.approx(before.last * 1.5, rel=1e-3)
    assert seen.levels[0][0] == pytest.approx(seen.last, rel=1e-3), "the book jumps with the ticker"
    assert seen.reference == pytest.approx(before.last, rel=1e-3), "what others pay does not"
    # Whoever sized by the price that jumped finds nothing wrong with it but another source.
    assert verdict(seen, seen.last) == "price_jump"
    onlooker.exchange.control("DELETE", "fault", {})
    onlooker.exchange.fault("price-spike", share=1.001)
    assert verdict(onlooker.look(), before.last) == ""
