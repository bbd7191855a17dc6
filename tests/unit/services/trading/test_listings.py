"""What a venue says of instruments: asked now and then, kept where it cannot be asked, told where it changes."""

from __future__ import annotations

import asyncio

import pytest

from tests.clocks import StandingClock, settle
from vigie.domain.errors import AuthError, ConnectorError, TransientError
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, iso
from vigie.ports.listed_venue import InstrumentState
from vigie.services.trading.process.listings import ListingMonitor

BTC, ETH = "btc-usdt-perp", "eth-usdt-perp"
TRADED = InstrumentState(BTC, "BTCUSDT", "trading")


class Venue:
    """Answers what it is given, one after the other; the last for ever."""

    venue = "bitget-perp"

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), 0

    async def states(self, instruments):
        assert list(instruments) == [BTC]
        self.asked += 1
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(told, Exception):
            raise told
        return [told]


def listings(clock, *answers, span_ms=HOUR_MS, speed=1.0):
    said = []
    venue = Venue(*answers)
    return ListingMonitor(venue, {BTC: span_ms}, clock, lambda: speed, said.append), venue, said


def state(clock, phase="trading", **ahead_ms):
    times = {name: clock.now + ms for name, ms in ahead_ms.items()}
    return InstrumentState(BTC, "BTCUSDT", phase, **times)


def test_until_the_venue_has_said_something_nothing_is_known():
    clock = StandingClock()
    sight, _, said = listings(clock, TransientError("busy"), TRADED)
    asyncio.run(sight.check())
    assert sight.phase(BTC) is None
    assert not sight.ending_instruments()
    asyncio.run(sight.check())
    assert sight.phase(BTC) == "trading"
    assert [line.partition(" could")[0] for line in said] == [
        "what bitget-perp lists", "what bitget-perp lists is known again",
    ]  # fmt: skip


@pytest.mark.parametrize("failure", [TransientError("busy"), ConnectorError("another kind of account")])
def test_a_failure_keeps_the_last_answer_and_is_told_once(failure):
    clock = StandingClock()
    sight, _, said = listings(clock, state(clock, "halted"), failure)
    for _ in range(3):
        asyncio.run(sight.check())
    assert sight.phase(BTC) == "halted"
    assert said[0] == f"{BTC} at bitget-perp is halted"
    assert said[1:] == [f"what bitget-perp lists could not be asked, what it said last counts: {failure}"]


def test_a_key_that_is_refused_ends_the_trader():
    sight, _, _ = listings(StandingClock(), AuthError("revoked"))
    with pytest.raises(AuthError):
        asyncio.run(sight.check())


def test_it_asks_every_hour_and_every_minute_while_there_is_no_answer():
    clock = StandingClock()

    async def story():
        sight, venue, _ = listings(clock, TRADED, TransientError("busy"), TransientError("busy"), TRADED)
        await sight.check()
        asking = asyncio.ensure_future(sight.run())
        counts = []
        for seconds in (3_500, 101, 61, 61, 3_000):
            await clock.advance(seconds)
            counts.append(venue.asked)
        asking.cancel()
        await settle()
        return counts

    assert asyncio.run(story()) == [1, 2, 3, 4, 4]


@pytest.mark.parametrize(("speed", "every_s"), [(60.0, 60.0), (1e6, 10.0)])
def test_a_fast_market_is_asked_about_by_its_own_hours_and_no_more_than_is_decent(speed, every_s):
    clock = StandingClock()

    async def story():
        sight, venue, _ = listings(clock, TRADED, speed=speed)
        await sight.check()
        asking = asyncio.ensure_future(sight.run())
        await clock.advance(every_s - 1.0)
        before = venue.asked
        await clock.advance(2.0)
        asking.cancel()
        await settle()
        return before, venue.asked

    assert asyncio.run(story()) == (1, 2)


@pytest.mark.parametrize(("span_ms", "notice_ms"), [(HOUR_MS, DAY_MS), (DAY_MS, 2 * DAY_MS)])
def test_what_is_taken_away_is_closed_a_day_and_two_bars_before(span_ms, notice_ms):
    clock = StandingClock()
    sight, _, said = listings(clock, state(clock, ends_ts=notice_ms + 10), span_ms=span_ms)
    asyncio.run(sight.check())
    assert not sight.ending_instruments()
    clock.now += 10
    assert sight.ending_instruments() == {BTC}
    assert sight.phase(BTC) == "trading"
    clock.now += notice_ms
    assert sight.phase(BTC) == "ended"
    ends, closes = iso(clock.now), iso(clock.now - notice_ms)
    until = f"is taken away on {ends}, positions are closed from {closes} on"
    assert said == [f"{BTC} at bitget-perp is traded, {until}"]


def test_what_is_gone_at_three_answers_in_a_row_has_ended_whatever_was_announced():
    clock = StandingClock()
    sight, _, said = listings(clock, state(clock, "ended"))
    seen = []
    for _ in range(3):
        asyncio.run(sight.check())
        seen.append((sight.phase(BTC), set(sight.ending_instruments())))
    assert seen == [("halted", set()), ("halted", set()), ("ended", {BTC})]
    assert said == [f"{BTC} at bitget-perp is halted", f"{BTC} at bitget-perp is not traded any more"]


def test_an_answer_that_lacks_an_instrument_closes_nothing():
    clock = StandingClock()
    gone = state(clock, "ended")
    sight, _, _ = listings(clock, TRADED, gone, gone, TRADED, gone, TRADED)
    for _ in range(6):
        asyncio.run(sight.check())
        assert not sight.ending_instruments()
    assert sight.phase(BTC) == "trading"


def test_whether_an_instrument_is_gone_is_asked_again_within_minutes():
    clock = StandingClock()

    async def story():
        sight, venue, _ = listings(clock, state(clock, "ended"))
        await sight.check()
        asking = asyncio.ensure_future(sight.run())
        await clock.advance(125)
        told = set(sight.ending_instruments()), venue.asked
        await clock.advance(600)
        asking.cancel()
        await settle()
        return told, venue.asked

    assert asyncio.run(story()) == (({BTC}, 3), 3)


def test_what_was_announced_comes_true_while_nobody_can_ask():
    clock = StandingClock()
    sight, _, said = listings(clock, state(clock, reduces_ts=HOUR_MS, halts_ts=2 * HOUR_MS))
    asyncio.run(sight.check())
    phases = []
    for _ in range(3):
        phases.append(sight.phase(BTC))
        clock.now += HOUR_MS
    assert phases == ["trading", "reducing", "halted"]
    assert "takes no new positions from" in said[0]
    assert "is halted from" in said[0]


def test_nothing_is_entered_ten_minutes_before_a_halt_that_was_announced():
    clock = StandingClock()
    sight, _, _ = listings(clock, state(clock, halts_ts=HOUR_MS))
    asyncio.run(sight.check())
    clock.now += 50 * MINUTE_MS - 1
    assert sight.phase(BTC) == "trading"
    clock.now += 1
    assert sight.phase(BTC) == "halted"


def test_a_halt_that_was_announced_for_an_earlier_time_is_over_where_the_venue_trades_again():
    clock = StandingClock()
    sight, _, said = listings(clock, state(clock, halts_ts=-HOUR_MS))
    asyncio.run(sight.check())
    assert sight.phase(BTC) == "trading"
    assert not said


def test_a_change_is_told_once_and_its_end_too():
    clock = StandingClock()
    halted = state(clock, "halted")
    sight, _, said = listings(clock, TRADED, halted, halted, TRADED)
    for _ in range(4):
        asyncio.run(sight.check())
    assert said == [f"{BTC} at bitget-perp is halted", f"{BTC} at bitget-perp is traded"]
    assert sight.phase(ETH) is None
