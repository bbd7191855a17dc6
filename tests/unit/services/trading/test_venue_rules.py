"""Rules of instruments that change while an account is traded: asked for, kept to, and never those of before."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from tests import houses
from tests.clocks import StandingClock, settle
from tests.unit.services.trading.material import BEGUN, BUSY, FILE, planned
from tests.unit.services.trading.test_trading import go
from vigie.data.instruments.versions import current_rules
from vigie.domain.errors import DiskFull, StorageError, TransientError, UsageError
from vigie.domain.instrument import StatedRules
from vigie.domain.money import parse_step
from vigie.domain.time import DAY_MS
from vigie.engine.live.fold import steps
from vigie.engine.live.waiting import with_timeout
from vigie.ports.venue import Terms
from vigie.services.needs import bound
from vigie.services.trading.journal.comparing import load_account_run, run_own_backtest
from vigie.services.trading.process.venue_rules import VenueRules

VENUE, BTC = "binance-perp", "btc-usdt-perp"
NEW_LOT = "0.05"
FAST = FILE.replace('strategy = "ema_cross"', f'strategy = "ema_cross"\n{BUSY}')


@pytest.fixture
def house(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    return houses.house(tmp_path / "home", clock=clock)


def shipped(house):
    return current_rules(house.data.instruments, VENUE)[BTC]


def change(house, ts, **more):
    """Keep other rules of bitcoin from a time on."""
    known = shipped(house)
    house.data.instruments.add(VENUE, [replace(known, valid_from=ts, **more)])


def rules(house, plan, *, asks=False, clock=None, say=lambda line: None):
    return VenueRules(house.data, plan, clock or StandingClock(BEGUN), asks, lambda: 1.0, say)


def told(house, plan):
    made = rules(house, plan)
    made.read()
    return {one.name: str(one.lot) for one in made.newest()}


def test_an_account_goes_on_under_rules_that_changed_while_nobody_traded_it(house, tmp_path):
    plan, said = planned(house, tmp_path, text=FAST), []
    go(house, plan, BEGUN + 4 * DAY_MS, said)
    change(house, BEGUN + 4 * DAY_MS, lot=parse_step(NEW_LOT), min_qty=float(NEW_LOT))
    run = go(house, plan, BEGUN + 8 * DAY_MS, said, begun=BEGUN + 4 * DAY_MS)
    (step,) = [
        one
        for one in map(steps.decode_step, house.trades.steps(run.id))
        if isinstance(one, steps.RulesChanged)
    ]
    assert [one.lot for one in step.rules] == [NEW_LOT]
    entries = [one.intent for one in house.trades.intents(run.id) if one.intent.leg == "entry"]
    ours = [one for one in entries if one.instrument == BTC]
    assert {one.qty % Decimal(NEW_LOT) for one in ours if one.ts_bar >= step.ts} == {0}
    assert {one.qty % Decimal(NEW_LOT) for one in ours if one.ts_bar < step.ts} - {0}
    events = [one.subject for one in house.audit.after(0, kinds=["trade.rules"])]
    assert events == [BTC]
    # The run's own backtest knows of them from the same instant on.
    ours, theirs = load_account_run(house.results, house.trades, run), bound(house, run_own_backtest)(run)
    assert [one.qty for one in ours.trades] == [one.qty for one in theirs.trades]


def test_known_rules_are_told_and_those_that_a_person_states_on_paper_stay(house, tmp_path):
    plan = planned(house, tmp_path)
    assert told(house, plan)[BTC] == str(shipped(house).lot)
    change(house, BEGUN + DAY_MS, lot=parse_step(NEW_LOT))
    assert told(house, plan)[BTC] == NEW_LOT
    stated = StatedRules("BTC", lot="0.002")
    own = replace(house, data=replace(house.data, stated=(stated,)))
    assert told(own, planned(own, tmp_path))[BTC] == "0.002"


def test_a_run_file_that_says_what_holds_is_believed(house, tmp_path):
    plan = planned(house, tmp_path, text=f'{FILE}\n[data]\nlot = "0.01"\n')
    change(house, BEGUN + DAY_MS, lot=parse_step(NEW_LOT))
    assert BTC not in told(house, plan)


def test_at_a_venue_its_own_rules_hold_whatever_a_person_states_but_for_fees(house, tmp_path):
    stated = StatedRules("BTC", lot="0.02", min_qty=3.0, taker=0.001)
    own = replace(house, data=replace(house.data, stated=(stated,)))
    paper, demo = (planned(own, tmp_path, mode=mode).slots[0] for mode in ("paper", "demo"))
    assert (str(paper.versions[-1].lot), paper.versions[-1].min_qty) == ("0.02", 3.0)
    assert (demo.versions[-1].lot, demo.versions[-1].min_qty) == (shipped(house).lot, shipped(house).min_qty)
    assert (paper.effective_costs.taker, demo.effective_costs.taker) == (0.001, 0.001)


@pytest.mark.parametrize("said", ['tick = "1"', 'lot = "1"', 'tick = "1"\nlot = "1"'])
def test_a_run_file_with_rules_of_its_own_is_not_traded_at_a_venue(house, tmp_path, said):
    text = f"{FILE}\n[data]\n{said}\n"
    assert planned(house, tmp_path, text=text)
    with pytest.raises(UsageError, match=r"a venue's own rules apply; remove .* from \[data\]"):
        planned(house, tmp_path, text=text, mode="demo")


class Feed:
    """A venue that lists bitcoin under another lot from its second answer on, and is busy at its third."""

    def __init__(self, known):
        self.known, self.asked = known, 0

    def terms(self, names):
        self.asked += 1
        if self.asked == 3:
            raise TransientError("busy")
        lot = self.known.lot if self.asked == 1 else parse_step(NEW_LOT)
        return [Terms(BTC, self.known.tick, lot)] if BTC in names else []

    def maintenance_rate(self, name):
        return None


def test_the_venue_is_asked_every_hour_and_what_cannot_be_asked_is_said_once(house, tmp_path):
    feed, said, clock = Feed(shipped(house)), [], StandingClock(BEGUN)
    plan = planned(house, tmp_path)
    asked = replace(house, data=replace(house.data, feed=lambda venue: feed, clock=clock))

    async def story():
        made = rules(asked, plan, asks=True, clock=clock, say=said.append)
        seen = []
        for _ in range(4):
            await made.update()
            clock.now += 1
            seen.append({one.name: str(one.lot) for one in made.newest()}.get(BTC))
        asking = asyncio.ensure_future(made.run())
        await clock.advance(3_599)
        before = feed.asked
        await clock.advance(2)
        while feed.asked == before:
            await settle()
        asking.cancel()
        return seen, before

    seen, before = asyncio.run(story())
    assert (seen[1:], before) == ([NEW_LOT] * 3, 4)
    assert [line.partition(" could")[0] for line in said] == [
        "rules of binance-perp", "rules of binance-perp are known again",
    ]  # fmt: skip


def test_who_was_refused_hears_at_once_what_the_venue_asks_for_now_or_that_it_does_not_say(house, tmp_path):
    feed, said, clock = Feed(shipped(house)), [], StandingClock(BEGUN)
    plan = planned(house, tmp_path)
    asked = replace(house, data=replace(house.data, feed=lambda venue: feed, clock=clock))
    made = rules(asked, plan, asks=True, clock=clock, say=said.append)
    made.read()

    async def known():
        await made.ask(BTC)
        clock.now += 1
        return {one.name: str(one.lot) for one in made.newest()}.get(BTC)

    before = str(shipped(house).lot)
    assert [asyncio.run(known()) for _ in range(2)] == [before, NEW_LOT]
    with pytest.raises(TransientError, match="busy"):
        asyncio.run(known())
    # One line, though it is asked again and again.
    assert [line.partition(" could")[0] for line in said] == ["rules of binance-perp"]
    assert asyncio.run(known()) == NEW_LOT


def test_rules_are_asked_once_at_a_time(house, tmp_path, monkeypatch):
    running, most = [], []

    async def counted(work, *given):
        running.append(given)
        most.append(len(running))
        await settle()
        running.remove(given)

    monkeypatch.setattr(asyncio, "to_thread", counted)

    async def both():
        made = rules(house, planned(house, tmp_path), asks=True)
        await asyncio.gather(made.ask(BTC), made.update(), made.ask(BTC))

    asyncio.run(both())
    assert most == [1, 1], "who asks for the same as somebody else waits for one answer"


def test_an_answer_that_came_when_nobody_waited_any_more_is_heard_by_who_asks_next(
    house, tmp_path, monkeypatch
):
    clock, asked, answers = StandingClock(BEGUN), [], []

    async def slow(work, *given):
        asked.append(given)
        answers.append(asyncio.Event())
        await answers[-1].wait()

    monkeypatch.setattr(asyncio, "to_thread", slow)

    async def story():
        made = rules(house, planned(house, tmp_path), asks=True, clock=clock)
        first = asyncio.ensure_future(with_timeout(clock, 3.0, made.ask(BTC)))
        await clock.advance(3.0)
        with pytest.raises(TransientError, match="no answer within 3 s"):
            await first
        joined = asyncio.ensure_future(with_timeout(clock, 3.0, made.ask(BTC)))
        await clock.advance(3.0)
        with pytest.raises(TransientError):
            await joined
        assert len(asked) == 1, "its thread goes on: a second one would keep the same twice"
        change(house, BEGUN + DAY_MS, lot=parse_step(NEW_LOT))
        answers[0].set()
        await settle()
        await with_timeout(clock, 3.0, made.ask(BTC))
        assert len(asked) == 1
        assert {one.name: str(one.lot) for one in made.newest()}[BTC] == NEW_LOT
        # Heard once: whoever is refused after that asks anew.
        again = asyncio.ensure_future(made.ask(BTC))
        await settle()
        assert len(asked) == 2
        answers[1].set()
        await again
        left = asyncio.ensure_future(with_timeout(clock, 3.0, made.ask(BTC)))
        await clock.advance(3.0)
        with pytest.raises(TransientError):
            await left
        answers[2].set()
        await clock.advance(60.0)
        old = asyncio.ensure_future(made.ask(BTC))
        await settle()
        assert len(asked) == 4, "what came a minute ago is no answer to a question of now"
        answers[3].set()
        await old

    asyncio.run(story())


@pytest.mark.parametrize("fault", [StorageError("the folder cannot be written"), DiskFull("no room")])
@pytest.mark.parametrize("where", ["add", "versions"])
def test_rules_that_cannot_be_kept_or_read_are_not_known_and_nobody_ends_of_it(house, tmp_path, fault, where):
    said, feed = [], Feed(shipped(house))
    feed.asked = 1
    plan = planned(house, tmp_path)

    class Broken:
        def __getattr__(self, name):
            def done(*given):
                if name == where and feed.asked > 1:
                    raise fault
                return getattr(house.data.instruments, name)(*given)

            return done

    data = replace(house.data, feed=lambda venue: feed, instruments=Broken())
    made = rules(replace(house, data=data), plan, asks=True, say=said.append)
    with pytest.raises(TransientError, match=str(fault)):
        asyncio.run(made.ask(BTC))
    assert [line.partition(" could")[0] for line in said] == ["rules of binance-perp"]
    feed.asked = 1
    asyncio.run(made.update())
    assert len(said) == 1, "said once"
