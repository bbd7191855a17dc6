"""Stored bars and quotes as instants: final bars, fresh prices, the same numbers for ever."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tests.clocks import StandingClock, settle
from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.data.boundaries import Boundaries
from vigie.data.decided_bars import DecidedBars
from vigie.data.frames import to_frame
from vigie.data.live_feed import FeedTimeouts, MarketStores, StoredFeed
from vigie.data.live_history import bars_until
from vigie.data.pushed_bars import PushedBars
from vigie.domain.bar import Bars
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS, MINUTE_MS, timeframe_ms
from vigie.ports.feed import FeedBar
from vigie.ports.source import Bar, FirstPrice

VENUE, BTC = "bitget-perp", "btc-usdt-perp"
DAWN = 1_760_000_400_000 // HOUR_MS * HOUR_MS
BEGUN = DAWN + 59 * MINUTE_MS
HOURLY = SeriesId(VENUE, BTC, "1h")


class Quotes:
    def __init__(self):
        self.newest: list[Quote] = []

        self.version = 0

    def since(self, version):
        return self.version, self.newest if self.version > version else []

    def say(self, ts: int, last: float, known: int | None = None, instrument: str = BTC):
        self.version += 1
        self.newest = [Quote(VENUE, instrument, ts, ts if known is None else known, last)]


class Market:
    """Stores that a test fills as time goes on."""

    def __init__(self, folder, now: int = BEGUN):
        self.quotes, self.bars, self.facts = (
            Quotes(),
            ParquetBars(folder / "bars"),
            ParquetFacts(folder / "facts"),
        )
        self.clock = StandingClock(now)
        self.store("1h", DAWN - 5 * HOUR_MS, 5)

    def store(self, timeframe: str, ts: int, count: int = 1, price: float = 100.0, instrument: str = BTC):
        span = timeframe_ms(timeframe)
        times = ts + span * np.arange(count, dtype=np.int64)
        prices = price + np.arange(count, dtype=float)
        bars = Bars(
            instrument, span, times, prices, prices + 1, prices - 1, prices + 0.5, np.ones(count), venue=VENUE
        )
        self.bars.upsert(SeriesId(VENUE, instrument, timeframe), to_frame(bars))

    def feed(
        self,
        *series: SeriesId,
        told: dict[str, int] | None = None,
        look_s: float = 0.5,
        detail: str = "",
        others: tuple[SeriesId, ...] = (),
    ) -> StoredFeed:
        stores = MarketStores(self.bars, self.quotes, self.facts)
        return StoredFeed(
            series or (HOURLY,),
            BEGUN,
            stores,
            self.clock,
            FeedTimeouts(look_s),
            settled_until=told,
            pushed=self.pushed,
            detail=detail,
            others=others,
        )

    pushed: PushedBars | None = None

    def push(self, ts: int, close: float, *, is_final: bool = False, begins: bool = True):
        bar = Bar(VENUE, BTC, "1h", ts, 200.0, 300.0, 100.0, close, 3.0, self.clock.now, is_final)
        opens = [FirstPrice(VENUE, BTC, "1h", ts + HOUR_MS, 201.25)] if begins else []
        self.pushed.take([bar], opens)


@pytest.fixture
def market(tmp_path):
    return Market(tmp_path)


def test_the_first_instant_opens_the_bar_in_progress_and_ends_none(market):
    instant = asyncio.run(market.feed().after(0))
    assert (instant.number, instant.ts, instant.closed) == (1, BEGUN, ())
    assert instant.opened == ((HOURLY.instrument + "/1h", 104.5),)


def test_a_bar_is_waited_for_until_it_is_stored_and_then_the_first_price_after_it(market):
    async def story():
        feed = market.feed()
        waiting = asyncio.ensure_future(feed.after(1))
        await market.clock.advance(60 + 5)
        assert not waiting.done()
        market.store("1h", DAWN, price=200.0)
        await market.clock.advance(1)
        assert not waiting.done()  # what was quoted before the boundary is no price of the new bar
        market.quotes.say(DAWN + HOUR_MS + 900, 201.25)
        await market.clock.advance(1)
        await settle()
        return await waiting, feed.stale

    instant, stale = asyncio.run(story())
    assert (instant.number, instant.ts) == (2, DAWN + HOUR_MS)
    assert [(bar.ts, bar.open, bar.close) for bar in instant.closed] == [(DAWN, 200.0, 200.5)]
    assert instant.opened == (("btc-usdt-perp/1h", 201.25),)
    assert not stale
    assert not instant.is_missed


def test_a_bar_that_never_comes_ends_nothing_and_opens_nothing(market):
    async def story():
        waiting = asyncio.ensure_future(market.feed().after(1))
        await market.clock.advance(60 + 29)
        assert not waiting.done()
        await market.clock.advance(5)
        return await waiting

    instant = asyncio.run(story())
    assert (instant.number, instant.closed, instant.opened) == (2, (), ())


def test_a_series_that_fell_silent_is_waited_for_once_and_again_when_a_price_of_it_is_heard(market):
    """The others are not late at every bar for one that is halted or gone."""
    name, eth = BTC + "/5m", "eth-usdt-perp"
    fives = SeriesId(VENUE, BTC, "5m")

    async def story():
        feed = market.feed(fives, look_s=2.0)
        at = DAWN + HOUR_MS
        waits = []
        for number in (1, 2, 3, 4):
            # At first nothing of the whole venue is heard, then of another instrument, then of this one.
            if number > 2:
                market.quotes.say(at - 1_000, 201.0, instrument=eth if number == 3 else BTC)
            waiting = asyncio.ensure_future(feed.after(number))
            await market.clock.advance((at - market.clock.now) / 1_000)
            if number == 4:
                await market.clock.advance(4)
                assert not waiting.done()
                market.store("5m", at - 5 * MINUTE_MS, price=200.0)
            while not waiting.done():
                await market.clock.advance(4)
            waits.append((market.clock.now - at) // 1_000)
            found.append([bar.series for bar in waiting.result().closed])
            at += 5 * MINUTE_MS
        return waits

    found = []
    first, second, third, _ = asyncio.run(story())
    assert min(first, second) >= 28
    assert third <= 4
    assert found == [[], [], [], [name]]


def test_a_series_whose_bar_came_too_late_is_waited_for_again_though_no_price_of_it_is_heard(market):
    async def story():
        feed, at = market.feed(SeriesId(VENUE, BTC, "5m"), look_s=2.0), DAWN + HOUR_MS
        waiting = asyncio.ensure_future(feed.after(1))
        await market.clock.advance(60 + 36)
        assert (await waiting).closed == ()
        market.store("5m", at - 5 * MINUTE_MS, price=200.0)
        market.quotes.say(at + MINUTE_MS, 201.0, instrument="eth-usdt-perp")
        waiting = asyncio.ensure_future(feed.after(2))
        await market.clock.advance((at + 5 * MINUTE_MS - market.clock.now) / 1_000 + 4)
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(story())


class Hands(StandingClock):
    """A clock whose hands are set back while seconds go on."""

    back_ms = 0

    def wall_now(self):
        return self.now - self.back_ms

    market_now = wall_now


@pytest.mark.parametrize("is_stored", [False, True], ids=["no bar", "no price"])
def test_nothing_is_waited_for_longer_where_the_clock_is_set_back_meanwhile(market, is_stored):
    async def story():
        waiting = asyncio.ensure_future(market.feed().after(1))
        await market.clock.advance(60 + 1)
        market.clock.back_ms = HOUR_MS
        await market.clock.advance(28)
        assert not waiting.done()
        await market.clock.advance(6)
        assert waiting.done()
        return await waiting

    market.clock = Hands(BEGUN)
    if is_stored:
        market.store("1h", DAWN, price=200.0)
    instant = asyncio.run(story())
    assert (instant.number, len(instant.closed)) == (2, int(is_stored))


STEP_S = 5
# A clock that ran ahead by so much is put right while a bar is waited for.
AHEAD_S = 60


def waiting_for_a_bar(market, tells, then):
    """Return the instant after a wait in which the clock is put right; `then` is told what the venue's time is."""

    async def story():
        waiting = asyncio.ensure_future(market.feed(look_s=2.5).after(1))
        await market.clock.advance(60 + 1)
        market.clock.back_ms = AHEAD_S * 1_000
        for second in range(0, AHEAD_S + 40, STEP_S):
            venue = DAWN + HOUR_MS + (second - AHEAD_S) * 1_000
            if tells(venue):
                market.quotes.say(venue, 201.0, known=venue + 40)
            await market.clock.advance(STEP_S)
            if then(venue, waiting.done()):
                break
        await settle()
        assert waiting.done()
        return waiting.result()

    market.clock = Hands(BEGUN)
    return asyncio.run(story())


def test_a_bar_is_not_missing_where_the_venue_says_that_it_is_not_over_yet(market):
    def then(venue, is_done):
        assert not is_done or venue > DAWN + HOUR_MS + 5_000
        if venue == DAWN + HOUR_MS + 5_000:
            market.store("1h", DAWN, price=200.0)
        return is_done

    instant = waiting_for_a_bar(market, lambda venue: True, then)
    assert [(bar.ts, bar.open) for bar in instant.closed] == [(DAWN, 200.0)]
    assert instant.opened == (("btc-usdt-perp/1h", 201.0),)


@pytest.mark.parametrize("until", [-30_000, 0], ids=["prices end", "the bar does"])
def test_it_is_missing_half_a_minute_after_the_venue_was_heard_last_before_its_end(market, until):
    ended = []

    def then(venue, is_done):
        ended.extend([venue] if is_done else [])
        return is_done

    instant = waiting_for_a_bar(market, lambda venue: venue <= DAWN + HOUR_MS + until, then)
    assert instant.closed == ()
    assert 20_000 <= ended[0] - (DAWN + HOUR_MS + until) <= 65_000


def test_a_contract_whose_old_time_is_told_again_and_again_holds_nobody_up(market):
    ended = []

    def tells(venue):
        # Another contract tells once that the bar is over; this one stands still.
        if venue == DAWN + HOUR_MS:
            market.quotes.say(venue + 1_000, 50.0, known=venue + 1_040, instrument="eth-usdt-perp")
        elif venue > DAWN + HOUR_MS:
            market.quotes.say(DAWN, 201.0, known=venue + 40)
        return venue < DAWN + HOUR_MS

    def then(venue, is_done):
        ended.extend([venue] if is_done else [])
        return is_done

    waiting_for_a_bar(market, tells, then)
    assert ended
    assert ended[0] - (DAWN + HOUR_MS) <= 65_000


def test_without_a_fresh_price_the_last_close_stands_in_and_the_series_is_stale(market):
    async def story():
        feed = market.feed()
        market.store("1h", DAWN, price=200.0)
        market.quotes.say(DAWN + HOUR_MS - 1, 199.0)
        waiting = asyncio.ensure_future(feed.after(1))
        await market.clock.advance(60 + 40)
        return await waiting, feed.stale

    instant, stale = asyncio.run(story())
    assert instant.opened == (("btc-usdt-perp/1h", 200.5),)
    assert stale == {"btc-usdt-perp/1h"}


def test_what_is_over_when_the_process_comes_back_is_given_in_order_and_marked(market):
    market.store("1h", DAWN, 3, price=300.0)
    market.clock.now = DAWN + 3 * HOUR_MS + 10 * MINUTE_MS
    market.quotes.say(market.clock.now, 305.0)

    async def story():
        feed = market.feed()
        return [await feed.after(number) for number in (1, 2, 3)]

    found = asyncio.run(story())
    assert [(one.number, one.ts, one.is_missed) for one in found] == [
        (number, DAWN + (number - 1) * HOUR_MS, True) for number in (2, 3, 4)
    ]
    assert [bar.open for one in found for bar in one.closed] == [300.0, 301.0, 302.0]
    assert [one.opened[0][1] for one in found] == [301.0, 302.0, 305.0]


def test_an_instant_is_the_same_after_a_restart(market):
    market.store("1h", DAWN, 4, price=300.0)
    market.clock.now = DAWN + 4 * HOUR_MS + 10 * MINUTE_MS

    async def story():
        whole = market.feed()
        first = [await whole.after(number) for number in (1, 2)]
        assert await whole.after(2) is first[1]
        return first, await market.feed().after(2)

    (_, third), again = asyncio.run(story())
    assert again == third


def test_a_longer_bar_is_made_of_stored_finer_ones_only_when_all_of_them_are_there(market):
    daily = SeriesId(VENUE, BTC, "4h")
    begin = DAWN // (4 * HOUR_MS) * 4 * HOUR_MS + 4 * HOUR_MS
    market.store("1h", begin, 3, price=10.0)
    assert not len(bars_until(market.bars, daily, begin, begin + 4 * HOUR_MS))
    market.store("1h", begin + 3 * HOUR_MS, price=20.0)
    made = bars_until(market.bars, daily, begin, begin + 4 * HOUR_MS)
    assert (made.open.tolist(), made.high.tolist(), made.close.tolist()) == ([10.0], [21.0], [20.5])


def test_stored_bars_that_lag_behind_are_carried_on_by_finer_ones(market):
    begin = DAWN // (4 * HOUR_MS) * 4 * HOUR_MS + 4 * HOUR_MS
    market.store("4h", begin, price=50.0)
    market.store("1h", begin, 8, price=10.0)
    made = bars_until(market.bars, SeriesId(VENUE, BTC, "4h"), begin, begin + 8 * HOUR_MS)
    assert (made.ts.tolist(), made.open.tolist()) == ([begin, begin + 4 * HOUR_MS], [50.0, 14.0])


def test_a_bar_that_goes_on_is_the_venues_own_also_where_finer_ones_make_it_before(market):
    """Sixty minutes are stored a moment before their hour: who took them would see it corrected."""
    revised, market.clock.now = [], DAWN + 2 * HOUR_MS - 1_000

    async def story():
        history = DecidedBars(market.bars, HOURLY, DAWN - 5 * HOUR_MS, 10_000, on_revised=revised.append)
        history.until(DAWN - HOUR_MS)
        waiting = asyncio.ensure_future(market.feed().after(2))
        market.store("1h", DAWN, price=100.0)
        market.store("1m", DAWN, 120)
        await market.clock.advance(1 + 10)
        assert not waiting.done()
        market.store("1h", DAWN + HOUR_MS, price=160.0)
        market.quotes.say(DAWN + 2 * HOUR_MS, 220.0)
        await market.clock.advance(1)
        instant = await waiting
        history.add_bar(FeedBar("btc-usdt-perp/1h", DAWN, 100.0, 101.0, 99.0, 100.5, 1.0))
        history.add_bar(*instant.closed)
        history.check()
        return instant

    assert [bar.volume for bar in asyncio.run(story()).closed] == [1.0]
    assert revised == []


@pytest.mark.parametrize(("stored", "waits_s"), [(0, 0), (1, 5), (2, 30)])
def test_a_bar_is_made_of_finer_ones_where_its_own_kind_does_not_go_on_and_when_that_stopped(
    market, stored, waits_s
):
    """None of four hours were ever stored; the last before the run began; the last before this one."""
    four, begin = SeriesId(VENUE, BTC, "4h"), DAWN // (4 * HOUR_MS) * 4 * HOUR_MS
    end = begin + 4 * HOUR_MS if stored < 2 else begin + 8 * HOUR_MS
    for number in range(stored):
        market.store("4h", begin + (number - 1) * 4 * HOUR_MS)
    market.store("1h", DAWN, (end - DAWN) // HOUR_MS)
    market.clock.now = end - 1_000
    market.quotes.say(end, 200.0)

    async def story():
        waiting = asyncio.ensure_future(market.feed(four).after(2 if stored == 2 else 1))
        await market.clock.advance(1 + waits_s - 0.75 if waits_s else 0.5)
        assert not waiting.done()
        await market.clock.advance(1.5)
        await settle()
        return await waiting

    instant = asyncio.run(story())
    assert [(bar.ts, bar.volume) for bar in instant.closed] == [(end - 4 * HOUR_MS, 4.0)]


def test_a_long_bar_waits_for_hours_that_lag_behind_their_minutes_by_more_than_one(market):
    four, end = SeriesId(VENUE, BTC, "4h"), DAWN // (4 * HOUR_MS) * 4 * HOUR_MS + 8 * HOUR_MS
    market.store("1h", DAWN, 3)  # until noon; minutes until four
    market.store("1m", end - 4 * HOUR_MS, 240)
    market.clock.now = end - 1_000
    market.quotes.say(end, 200.0)

    async def story():
        waiting = asyncio.ensure_future(market.feed(four).after(2))
        await market.clock.advance(20)
        assert not waiting.done()
        market.store("1h", end - 4 * HOUR_MS, 4)
        await market.clock.advance(1)
        return await waiting

    assert [bar.volume for bar in asyncio.run(story()).closed] == [4.0]


def test_rates_are_given_once_at_the_minute_they_were_settled_also_when_the_store_learns_late(market):
    name = f"derivatives/{VENUE}:{BTC}/funding_fraction"
    market.store("1h", DAWN, 3)
    market.clock.now = DAWN + 3 * HOUR_MS + 10 * MINUTE_MS

    async def story():
        feed = market.feed()
        market.facts.append([Observation(name, DAWN + HOUR_MS + 7, DAWN + HOUR_MS + 7, 0.01)])
        first = await feed.after(1)
        late = DAWN + 2 * HOUR_MS
        second = await feed.after(2)
        market.facts.append([Observation(name, late + 9, late + 99_000, 0.02)])
        return first.rates, second.rates, (await feed.after(3)).rates

    assert asyncio.run(story()) == (
        ((BTC, DAWN + HOUR_MS, 0.01),), (), ((BTC, DAWN + 2 * HOUR_MS, 0.02),),
    )  # fmt: skip


def test_a_rate_that_is_stored_while_nobody_listens_is_given_once_after_the_restart(market):
    name, settled = f"derivatives/{VENUE}:{BTC}/funding_fraction", DAWN + HOUR_MS
    market.store("1h", DAWN, 4)
    market.clock.now = DAWN + 4 * HOUR_MS + 10 * MINUTE_MS

    async def story():
        market.facts.append([Observation(name, DAWN + 9, DAWN + 9, 0.01)])
        before = await market.feed().after(1)
        market.facts.append([Observation(name, settled + 9, settled + 99_000, 0.02)])
        again = market.feed(told={BTC: DAWN})
        return before.rates, [(await again.after(number)).rates for number in (2, 3)]

    assert asyncio.run(story()) == ((), [((BTC, settled, 0.02),), ()])


@pytest.mark.parametrize("spans", [("1h",), ("1h", "4h"), ("5m", "1d"), ("1m", "6h", "1d")])
def test_numbers_follow_the_boundaries_without_a_hole(spans):
    wide = {timeframe_ms(one) for one in spans}
    boundaries = Boundaries.from_spans(wide, BEGUN)
    expected = [
        ts
        for ts in range(DAWN, DAWN + 3 * 86_400_000, MINUTE_MS)
        if ts > BEGUN and any(ts % s == 0 for s in wide)
    ]
    assert [boundaries.ts(number) for number in range(1, 40)] == [BEGUN, *expected[:38]]


def test_a_run_that_begins_on_a_boundary_goes_on_with_the_next_one():
    boundaries = Boundaries.from_spans([HOUR_MS], DAWN)
    assert [boundaries.ts(number) for number in (1, 2)] == [DAWN, DAWN + HOUR_MS]


# Pushed bars --------------------------------------------------------------------------------------------------------


def pushed_story(market, story, *, says_final=False):
    """Return the second instant of a feed to which bars are pushed, and what is stale."""
    market.pushed = PushedBars(market.clock, says_final)

    async def told():
        feed = market.feed()
        waiting = asyncio.ensure_future(feed.after(1))
        await story(waiting)
        return await waiting, feed.stale

    return asyncio.run(told())


def test_a_bar_that_the_venue_calls_final_is_decided_on_before_it_is_stored(market):
    async def story(waiting):
        await market.clock.advance(60)
        market.push(DAWN, 222.0, is_final=True, begins=False)
        await settle()
        assert not waiting.done()  # nobody knows the first price yet
        market.pushed.take([], [FirstPrice(VENUE, BTC, "1h", DAWN + HOUR_MS, 201.25)])
        await settle()
        assert waiting.done()

    instant, stale = pushed_story(market, story, says_final=True)
    assert instant.closed == (FeedBar(BTC + "/1h", DAWN, 200.0, 300.0, 100.0, 222.0, 3.0, is_pushed=True),)
    assert (instant.opened, stale) == (((BTC + "/1h", 201.25),), frozenset())


def test_another_bar_is_decided_on_two_seconds_after_its_end_and_not_before(market):
    async def story(waiting):
        await market.clock.advance(60.3)
        market.push(DAWN, 222.0)
        await market.clock.advance(1.6)
        assert not waiting.done()
        await market.clock.advance(0.1)
        assert waiting.done()

    instant, _ = pushed_story(market, story)
    assert [(bar.close, bar.is_pushed) for bar in instant.closed] == [(222.0, True)]


def test_where_the_push_was_lost_the_stored_bar_counts(market):
    async def story(_waiting):
        await market.clock.advance(60 + 3)
        market.store("1h", DAWN, price=150.0)
        market.quotes.say(DAWN + HOUR_MS + 900, 201.0)
        await market.clock.advance(1)

    for says_final in (True, False):
        instant, _ = pushed_story(market, story, says_final=says_final)
        assert [(bar.open, bar.is_pushed) for bar in instant.closed] == [(150.0, False)]
        assert instant.opened == ((BTC + "/1h", 201.0),)
        market.clock.now, market.quotes.newest = BEGUN, []


def test_in_a_quiet_market_the_stored_bar_counts_and_nothing_may_enter(market):
    async def story(waiting):
        await market.clock.advance(60 + 5)
        assert not waiting.done()
        market.store("1h", DAWN, price=150.0)
        await market.clock.advance(29)
        assert not waiting.done()
        await market.clock.advance(4)

    instant, stale = pushed_story(market, story)
    assert [(bar.open, bar.is_pushed) for bar in instant.closed] == [(150.0, False)]
    assert (instant.opened, stale) == (((BTC + "/1h", 150.5),), {BTC + "/1h"})


def test_one_series_that_is_not_pushed_is_waited_for_beside_those_that_are(market):
    eth = SeriesId(VENUE, "eth-usdt-perp", "1h")
    market.pushed = PushedBars(market.clock, says_final=True)

    async def story():
        feed = market.feed(HOURLY, eth)
        waiting = asyncio.ensure_future(feed.after(1))
        await market.clock.advance(60)
        market.push(DAWN, 222.0, is_final=True)
        await market.clock.advance(5)
        assert not waiting.done()
        frame = market.bars.read(HOURLY, last=1)
        market.bars.upsert(eth, frame.with_columns(timestamp=frame["timestamp"].dt.offset_by("1h")))
        market.quotes.say(DAWN + HOUR_MS + 9, 7.0, instrument=eth.instrument)
        await market.clock.advance(1)
        return await waiting

    instant = asyncio.run(story())
    assert [(bar.series, bar.is_pushed) for bar in instant.closed] == [
        (BTC + "/1h", True), ("eth-usdt-perp/1h", False),
    ]  # fmt: skip


def test_a_pushed_bar_that_is_corrected_while_others_are_waited_for_counts_as_corrected(market):
    eth = SeriesId(VENUE, "eth-usdt-perp", "1h")
    market.pushed = PushedBars(market.clock, says_final=True)

    async def story():
        waiting = asyncio.ensure_future(market.feed(HOURLY, eth).after(1))
        await market.clock.advance(60)
        market.push(DAWN, 222.0, is_final=True)
        await market.clock.advance(5)
        market.push(DAWN, 223.0, is_final=True)
        await market.clock.advance(1)
        # What was pushed stays, also where the stream is at the next bar when the others are there.
        market.push(DAWN + HOUR_MS, 224.0, is_final=True)
        await market.clock.advance(24)
        assert not waiting.done()
        await market.clock.advance(40)
        return await waiting

    instant = asyncio.run(story())
    assert [(bar.series, bar.close, bar.is_pushed) for bar in instant.closed] == [(BTC + "/1h", 223.0, True)]


def test_finer_bars_have_instants_of_their_own_only_while_positions_meet_them(market):
    name = f"{BTC}/15m"
    quarter = 15 * MINUTE_MS
    market.store("1h", DAWN)
    market.store("1h", DAWN + HOUR_MS)
    market.store("15m", DAWN + HOUR_MS, 4, price=300.0)
    market.clock = StandingClock(DAWN + 2 * HOUR_MS + 5 * MINUTE_MS)

    async def story(met):
        feed, number, seen = market.feed(detail="15m"), 1, []
        feed.watched_series = lambda: frozenset({name}) if met else frozenset()
        for _ in range(5 if met else 2):
            instant = await feed.after(number)
            assert await feed.after(number) is instant, "the same when asked again"
            number = instant.number
            closed = [(bar.series.split("/")[1], bar.open) for bar in instant.closed]
            seen.append((number, (instant.ts - DAWN) // quarter, instant.is_inside, closed))
            assert bool(instant.opened) != instant.is_inside
        return seen

    own = [(2, 4, False, [("1h", 100.0)]), (6, 8, False, [("1h", 100.0)])]
    assert asyncio.run(story(met=False)) == own
    quarters = [(3 + k, 5 + k, True, [("15m", 300.0 + k)]) for k in range(3)]
    assert asyncio.run(story(met=True)) == [own[0], *quarters, (6, 8, False, [("1h", 100.0), ("15m", 303.0)])]


def test_a_finer_bar_that_is_missing_is_waited_for_once_and_again_when_it_comes_back(market):
    name = f"{BTC}/15m"

    async def story():
        feed, number, waits = market.feed(detail="15m"), 1, []
        feed.watched_series = lambda: frozenset({name})
        market.store("1h", DAWN)
        market.quotes.say(DAWN + HOUR_MS, 100.0)
        for k in range(4):
            if k == 2:
                market.store("15m", DAWN + HOUR_MS + 15 * MINUTE_MS)
            due = DAWN + HOUR_MS + k * 15 * MINUTE_MS + 4_000
            await market.clock.advance((due - market.clock.market_now()) / 1_000)
            waiting = asyncio.ensure_future(feed.after(number))
            await market.clock.advance(5)
            waits.append(not waiting.done())
            await market.clock.advance(40)
            number = (await waiting).number
        return waits

    # The quarter before the hour is missing, and the one after it; the next is there, the last is missing again.
    assert asyncio.run(story()) == [True, False, False, True]


@pytest.mark.parametrize("quarters", [1, 4, 5], ids=["next bar", "close of the slot", "new position"])
def test_after_a_missing_finer_bar_the_next_one_counts_though_it_is_stored_seconds_after_its_end(
    market, quarters
):
    name, end = f"{BTC}/15m", DAWN + HOUR_MS

    async def story():
        feed, met = market.feed(detail="15m", look_s=1.0), {name}
        feed.watched_series = lambda: met

        async def after(number, ts, *, stored=False):
            """Let an instant come, whose finer bar is stored three seconds after its end or never."""
            await market.clock.advance((ts - market.clock.now) / 1_000 - 1)
            waiting = asyncio.ensure_future(feed.after(number))
            await market.clock.advance(1)
            if ts % HOUR_MS == 0:
                market.store("1h", ts - HOUR_MS)
            market.quotes.say(ts, 100.0)
            await market.clock.advance(3)
            if stored:
                assert not waiting.done()
                market.store("15m", ts - 15 * MINUTE_MS, price=300.0)
            await market.clock.advance(1 if stored else 30)
            assert waiting.done()
            return await waiting

        last = await after(1, end)
        assert name not in [bar.series for bar in last.closed]
        if quarters == 5:
            met.clear()
            last = await after(last.number, end + HOUR_MS)
            met.add(name)
        for k in range(1, 4 if quarters == 4 else 1):
            last = await after(last.number, end + k * 15 * MINUTE_MS)
        return await after(last.number, end + quarters * 15 * MINUTE_MS, stored=True)

    instant = asyncio.run(story())
    assert (instant.ts - end) // (15 * MINUTE_MS) == quarters
    assert (name, 300.0) in [(bar.series, bar.open) for bar in instant.closed]


@pytest.mark.parametrize("spans", [(HOUR_MS,), (15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS)])
@pytest.mark.parametrize("begun", [BEGUN, DAWN])
def test_a_boundary_knows_its_number(spans, begun):
    boundaries = Boundaries.from_spans(spans, begun)
    assert [boundaries.number(boundaries.ts(k)) for k in range(2, 40)] == list(range(2, 40))


def test_bars_of_others_are_waited_for_and_not_told_and_one_that_never_comes_for_a_moment_only(market):
    ether = "eth-usdt-perp"

    async def story():
        feed = market.feed(others=(SeriesId(VENUE, ether, "1h"),))
        waiting = asyncio.ensure_future(feed.after(1))
        await market.clock.advance(60 + 1)
        market.store("1h", DAWN, price=200.0)
        market.quotes.say(DAWN + HOUR_MS + 900, 201.25)
        await market.clock.advance(3)
        assert not waiting.done()  # the other one is on its way
        market.store("1h", DAWN, instrument=ether)
        await market.clock.advance(1)
        await settle()
        first, waits_s = await waiting, []
        for hour in (1, 2):
            ts = DAWN + hour * HOUR_MS
            market.store("1h", ts, price=200.0)
            market.clock.now = ts + HOUR_MS
            market.quotes.say(ts + HOUR_MS + 1, 201.25)
            waiting = asyncio.ensure_future(feed.after(1 + hour))
            waits_s.append(0)
            while not waiting.done():
                await market.clock.advance(1)
                await settle()
                waits_s[-1] += 1
        return first, await waiting, waits_s

    first, last, (once, again) = asyncio.run(story())
    assert [bar.series for bar in first.closed] == ["btc-usdt-perp/1h"]
    assert [bar.series for bar in last.closed] == ["btc-usdt-perp/1h"]
    assert once >= 30
    assert again <= 8
