"""A kept fold is the same account, and is taken only where it cannot be another."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import json
import pickle
from dataclasses import replace
from functools import partialmethod
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import houses
from tests.traded import house_of
from tests.unit.services.trading.material import BEGUN, RunningClock, planned
from tests.unit.services.trading.test_trading import go
from vigie.domain.errors import StorageError
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.engine.live.book import account_memory
from vigie.engine.live.book.account_memory import LogReplay, restore_memory
from vigie.engine.live.paper.paper_venue import PaperVenue
from vigie.services.trading.account_plans.account_plan import folder_of, load_plan
from vigie.services.trading.flattening import flattening
from vigie.services.trading.gateway.caps import list_entry_times
from vigie.services.trading.log import event_reporting, replay_cache
from vigie.services.trading.log.event_log import EventLog
from vigie.services.trading.log.replay_cache import FILE, FOLDER, load_event_log
from vigie.services.trading.process import trading
from vigie.services.trading.process.trading import LEASE_S

EVERY = 10


class Until:
    """A book that knows a log only up to a step, and says a step otherwise than it was written."""

    def __init__(self, book, last=2**60, changed=0):
        self._book, self._last, self._changed = book, last, changed

    def __getattr__(self, name):
        return getattr(self._book, name)

    def steps(self, run, after=0):
        for step in self._book.steps(run, after):
            if step.number <= self._last:
                yield replace(step, body=step.body + " ") if step.number == self._changed else step


@pytest.fixture(scope="module")
def traded(traded_home, tmp_path_factory):
    house, run = house_of(traded_home, tmp_path_factory.mktemp("traded") / "home", BEGUN)
    steps = list(house.trades.steps(run.id))
    whole = EventLog(load_plan(house.results, run.id))
    for step in steps:
        whole.apply(step)
    assert len(whole.account.trades) > 3
    return house, run, whole


@pytest.fixture
def taken(monkeypatch):
    """Give the numbers of the steps that are folded, in order; folds are kept often."""
    numbers, take = [], EventLog.apply

    def counted(self, step):
        numbers.append(step.number)
        return take(self, step)

    monkeypatch.setattr(replay_cache, "EVERY", EVERY)
    monkeypatch.setattr(EventLog, "apply", counted)
    return numbers


@pytest.fixture
def path(traded):
    house, run, _ = traded
    kept = folder_of(house.results, run.id) / FOLDER / FILE
    kept.unlink(missing_ok=True)
    return kept


def state(chronicle):
    """Return everything that a fold knows."""
    account, out = chronicle.account, io.BytesIO()
    replay_cache._ReplayPickler(out, chronicle.decisions).dump(account)
    return (
        chronicle.number, chronicle.ts, chronicle.refusals, bytes(chronicle.decisions), account.decision_hash,
        account.cash, account.equity, account.trades.tobytes(), [account.slot(k) for k in range(4)],
        sorted(vars(account)), len(out.getvalue()), chronicle.curve,
    )  # fmt: skip


def test_a_fold_that_went_on_from_what_was_kept_is_the_whole_fold(traded, taken, path):
    house, run, whole = traded
    for cut in (1, EVERY, whole.number // 3, whole.number // 2, whole.number - 1, whole.number):
        path.unlink(missing_ok=True)
        cut_short = replace(house, trades=Until(house.trades, cut))
        load_event_log(cut_short.results, cut_short.trades, run)
        is_kept = path.exists()
        assert is_kept == (cut >= EVERY)
        taken.clear()
        assert state(load_event_log(house.results, house.trades, run)) == state(whole), cut
        assert taken == list(range(cut + 1 if is_kept else 1, whole.number + 1))


def test_what_is_folded_again_stays_below_a_bound_however_long_the_log(traded, taken, path):
    house, run, whole = traded
    for last in range(1, whole.number + 1, 3):
        taken.clear()
        cut_short = replace(house, trades=Until(house.trades, last))
        load_event_log(cut_short.results, cut_short.trades, run)
        assert len(taken) < EVERY + 3
    assert path.exists()


def unlike(path, name):
    """Say in the head of a kept fold something else."""
    head, _, body = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps({**json.loads(head), name: "other"}).encode() + b"\n" + body)


@pytest.mark.parametrize("name", ["code", "plan", "run", "steps", "decisions", "body", "number", "strange"])
def test_a_fold_that_may_be_another_is_not_taken(traded, taken, path, name):
    house, run, whole = traded
    load_event_log(house.results, house.trades, run)
    if name == "number":
        head, _, body = path.read_bytes().partition(b"\n")
        head = {**json.loads(head), "number": whole.number - 1}
        path.write_bytes(json.dumps(head).encode() + b"\n" + body)
    else:
        unlike(path, name)
    taken.clear()
    assert state(load_event_log(house.results, house.trades, run)) == state(whole)
    assert taken[0] == 1


@pytest.mark.parametrize("torn", [b"", b"no head", b"{}\n", "half"])
def test_a_torn_file_is_folded_anew_and_mended(traded, taken, path, torn):
    house, run, whole = traded
    load_event_log(house.results, house.trades, run)
    path.write_bytes(path.read_bytes()[:-7] if torn == "half" else torn)
    taken.clear()
    assert state(load_event_log(house.results, house.trades, run)) == state(whole)
    assert taken[0] == 1
    taken.clear()
    load_event_log(house.results, house.trades, run)
    assert taken == []


def test_a_log_that_says_something_else_at_that_step_is_folded_anew(traded, taken, path):
    house, run, whole = traded
    for back in (0, 1, EVERY - 1):
        load_event_log(house.results, house.trades, run)
        taken.clear()
        cut_short = replace(house, trades=Until(house.trades, changed=whole.number - back))
        load_event_log(cut_short.results, cut_short.trades, run)
        assert taken[:1] == [1], back
    load_event_log(house.results, house.trades, run)
    taken.clear()
    cut_short = replace(house, trades=Until(house.trades, last=whole.number - 1))
    load_event_log(cut_short.results, cut_short.trades, run)
    assert taken == list(range(1, whole.number)), "a log that is shorter than what was kept"


def test_a_file_that_nobody_can_read_keeps_nobody_from_beginning(traded, taken, path):
    house, run, whole = traded
    path.mkdir(parents=True)
    try:
        assert state(load_event_log(house.results, house.trades, run)) == state(whole)
    finally:
        path.rmdir()
    assert taken[0] == 1


def test_a_fold_is_known_by_the_program_that_made_it_and_not_by_the_one_that_was_installed_since(
    traded, taken, path, monkeypatch
):
    house, run, whole = traded
    spec = importlib.util.find_spec(replay_cache.__name__)
    running = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(running)
    monkeypatch.setattr(running, "EVERY", EVERY)
    with monkeypatch.context() as installed:
        installed.setattr(Path, "read_text", lambda *_, **__: "another program")
        running.load_event_log(house.results, house.trades, run)
    assert path.exists()
    taken.clear()
    assert state(load_event_log(house.results, house.trades, run)) == state(whole)
    assert taken == []


def test_a_home_that_takes_no_file_is_told_the_same_account(traded, taken, path):
    house, run, whole = traded

    def full(*_):
        raise StorageError("the disk is full")

    told = replace(house, results=replace(house.results, write=full))
    assert state(load_event_log(told.results, told.trades, run)) == state(whole)
    assert not path.exists()


@pytest.fixture
def folded_steps(monkeypatch):
    """Give the numbers of the steps that any fold takes, in order; folds are kept often."""
    numbers, take = [], LogReplay.take

    def counted(self, step, number, told):
        numbers.append(number)
        return take(self, step, number, told)

    monkeypatch.setattr(replay_cache, "EVERY", EVERY)
    monkeypatch.setattr(event_reporting, "EVERY", EVERY)
    monkeypatch.setattr(LogReplay, "take", counted)
    return numbers


async def flattened(house, run, now):
    """Close everything, as a person does from outside."""
    clock = RunningClock(now, now + DAY_MS)
    live = replace(house, clock=clock)
    lease = live.trades.take(run.account, "a person", for_s=LEASE_S, by_force=True)
    hands = asyncio.ensure_future(clock.run())
    try:
        job = trading.TradeJob(live, run, load_plan(live.results, run.id), lease, clock)
        return await flattening.flatten(job, lambda _: None)
    finally:
        hands.cancel()
        live.trades.leave(lease)


def test_who_trades_keeps_folds_and_who_comes_next_begins_with_the_last(tmp_path, folded_steps):
    until = BEGUN + 3 * DAY_MS
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(tmp_path / "home", clock=clock)
    run = go(house, planned(house, tmp_path), until, [])
    last = max(step.number for step in house.trades.steps(run.id))
    assert last > 5 * EVERY
    kept = folder_of(house.results, run.id) / FOLDER / FILE
    head = json.loads(kept.read_bytes().partition(b"\n")[0])
    assert last - head["number"] < 2 * EVERY
    folded_steps.clear()
    go(house, load_plan(house.results, run.id), until + HOUR_MS, [], begun=until)
    assert min(folded_steps) > head["number"]
    folded_steps.clear()
    asyncio.run(flattened(house, run, until + HOUR_MS))
    assert min(folded_steps, default=last + 1) > head["number"]


class Counting:
    """A book that counts the fills, intents and settlements that are read from it."""

    def __init__(self, book):
        self._book, self.read = book, 0

    def __getattr__(self, name):
        found = getattr(self._book, name)
        if name not in (
            "fills",
            "fills_after",
            "intents",
            "find_intents",
            "changed_since",
            "intent",
            "fundings",
        ):
            return found

        def counted(*given, **more):
            told = found(*given, **more)
            self.read += 1 if name == "intent" else len(told)
            return told

        return counted


def settled(house, ts):
    """Store that funding was settled."""
    house.facts.append(
        Observation(f"derivatives/{houses.VENUE}:{asset.lower()}-usdt-perp/funding_fraction", ts, ts, 0.0001)
        for asset in houses.ASSETS
    )


def begun_with(house, run):
    """Return how much a process reads that goes on with a run, and one that closes everything."""
    counts = []
    for ends in (False, True):
        book = Counting(house.trades)
        told = replace(house, trades=book)
        fold = load_event_log(told.results, told.trades, run).replay
        if ends:
            venue = SimpleNamespace(attaches_levels=True)
            job = trading.TradeJob(told, run, load_plan(told.results, run.id), None, told.clock, venue)
            asyncio.run(flattening._Flattening.create(job, print))
        else:
            plan = load_plan(told.results, run.id)
            PaperVenue(run, plan.live_slots(), None, book, told.clock, fold)
            restore_memory(run, plan.live_slots(), plan.protections, book, fold)
            list_entry_times(told.trades, told.clock, run)
        counts.append(book.read)
    return counts


def test_what_is_read_at_a_start_of_what_was_traded_and_paid_does_not_grow_with_the_run(
    tmp_path, folded_steps, monkeypatch
):
    monkeypatch.setattr(LogReplay, "drop_old_fills", partialmethod(LogReplay.drop_old_fills, DAY_MS))
    monkeypatch.setattr(account_memory, "PAPER_FUNDINGS_LATE_MS", DAY_MS)
    monkeypatch.setattr(replay_cache, "COMPARED", 2)
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(tmp_path / "home", clock=clock)
    for hour in range(8, 12 * 24, 8):
        settled(house, BEGUN + hour * HOUR_MS)
    begun, counts, written, paid = BEGUN, [], [], []
    plan = planned(house, tmp_path)
    for days in (4, 12):
        until = BEGUN + days * DAY_MS
        run = go(house, plan, until, [], begun=begun)
        begun, plan = until, load_plan(house.results, run.id)
        later = type(
            "Hand", (), {"market_now": lambda self, t=until: t, "wall_now": lambda self, t=until: t}
        )()
        counts.append(begun_with(replace(house, clock=later), run))
        paid.append(len(house.trades.fundings(run.id)))
        written.append(len(house.trades.fills(run.id)) + len(house.trades.intents(run.id)) + paid[-1])
    assert written[1] > 2 * written[0], "the run grew"
    assert paid[1] > 2 * paid[0] > 0, "and what it paid"
    assert max(counts[1]) <= max(counts[0]) + EVERY
    assert max(counts[1]) < written[1] / 2
    (folder_of(house.results, run.id) / FOLDER / FILE).unlink()
    assert begun_with(house, run)[0] >= len(house.trades.fills(run.id)), "without a fold all are read"


def test_fills_of_another_log_than_the_fold_has_met_are_read_anew(traded, taken, path):
    house, run, whole = traded
    load_event_log(house.results, house.trades, run)
    book = house.trades
    other = SimpleNamespace(
        steps=book.steps,
        fills=book.fills,
        fills_after=lambda run, after: [
            replace(one, price=one.price + 1) for one in book.fills_after(run, after)
        ],
    )
    taken.clear()
    elsewhere = replace(house, trades=other)
    assert state(load_event_log(elsewhere.results, elsewhere.trades, run)) == state(whole)
    assert taken[0] == 1


@pytest.mark.parametrize("what", [print, pickle.loads, StorageError.__init__, json.JSONDecoder])
def test_nothing_but_records_and_arrays_is_read_back(what):
    with pytest.raises(pickle.UnpicklingError, match="a kept fold holds no"):
        replay_cache._ReplayUnpickler(io.BytesIO(pickle.dumps(what))).load()
