"""Setups of an account: followed close by close they are those of its whole log, whatever is stored meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import polars as pl
import pytest

from tests import houses
from tests.clocks import JumpingClock
from tests.unit.services.trading.material import BEGUN
from tests.unit.services.trading.test_replaying import begun, replayed
from vigie.data import decided_bars
from vigie.domain.setup import ENDED, SetupScope
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.setups.life import WITHOUT_CAPITAL
from vigie.ports.setups import SetupFilter
from vigie.services.needs import provide
from vigie.services.setups import decided_log, folding, following
from vigie.services.setups.following import RunFollower, SetupFollower
from vigie.services.setups.sealed_folding import KeptSetups
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores

PRICES = ("open", "high", "low", "close")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return houses.house(tmp_path_factory.mktemp("home") / "home", clock=JumpingClock(BEGUN + 7 * HOUR_MS))


@pytest.fixture(scope="module")
def stores(house):
    return provide(house, TradingStores)


@pytest.fixture(scope="module")
def run(house, stores, tmp_path_factory):
    made = begun(house, stores, tmp_path_factory.mktemp("file"))
    replayed(stores, made)
    return made


class Kept:
    """A store of setups in memory: what was written, in its order."""

    def __init__(self):
        self.changes, self.kept, self.reach_of = [], {}, {}

    def lives(self, scope):
        return {slot: lives for (of, slot), lives in self.kept.items() if of == scope}

    def record(self, closes):
        known = {(one["setup"], one["state"]) for one in self.changes}
        new = [one for one in closes.changes if (one["setup"], one["state"]) not in known]
        self.changes += new
        self.kept[closes.scope, closes.slot] = closes.lives
        return len(new)

    def reached(self, scope):
        return self.reach_of.get(scope, ("", 0))

    def reach(self, scope, run, step):
        self.reach_of[scope] = run, step

    def by_slot(self):
        found = {}
        for one in self.changes:
            found.setdefault(one["slot"], []).append(one)
        return found


class GrowingLog:
    """The log of a run as far as it was written at a time."""

    def __init__(self, trades, until=0):
        self.trades, self.until = trades, until

    def steps(self, run, after=0):
        return [step for step in self.trades.steps(run, after=after) if step.number <= self.until]


def followed(stores, run, cuts, *, restarts=False, between=lambda: None):
    """Follow a run whose log grows to some numbers; `restarts` begins anew at each, with what was written."""
    kept, follower, log = Kept(), None, GrowingLog(stores.trades)
    for log.until in cuts:
        if follower is None or restarts:
            follower = RunFollower(replace(stores, trades=log), kept, run)
        follower.follow()
        between()
    return kept


def cuts_of(stores, run, parts=12):
    last = stores.trades.last_step(run.id)
    return [*range(1, last, max(1, last // parts)), last]


@pytest.fixture(scope="module")
def whole(stores, run):
    return followed(stores, run, [stores.trades.last_step(run.id)])


def test_a_run_has_setups_that_end(whole):
    states = [one["state"] for one in whole.changes]
    assert states.count("confirmed") > 5
    assert set(states) & set(ENDED)


@pytest.mark.parametrize("restarts", [False, True])
def test_close_by_close_and_after_restarts_it_is_what_the_whole_log_gives(stores, run, whole, restarts):
    assert followed(stores, run, cuts_of(stores, run), restarts=restarts).by_slot() == whole.by_slot()


@pytest.mark.parametrize("restarts", [False, True])
def test_histories_that_are_pinned_anew_give_the_same_close_by_close(
    stores, run, whole, monkeypatch, restarts
):
    # The histories of the material have 4,512 bars of an hour, and 288 come with the run.
    monkeypatch.setattr(decided_bars, "MOST_BARS", 4_600)
    monkeypatch.setattr(decided_log, "KEPT_BARS", 4_500)
    once = followed(stores, run, [stores.trades.last_step(run.id)])
    assert {one["bars"] for one in once.changes} != {one["bars"] for one in whole.changes}
    assert followed(stores, run, cuts_of(stores, run, 40), restarts=restarts).by_slot() == once.by_slot()


def test_what_is_stored_after_a_decision_changes_nothing(house, stores, run, whole):
    other = CorrectedBars(stores.data.bars)

    def correct():
        other.begin = other.begin or BEGUN - 12 * DAY_MS

    corrected = replace(stores, data=replace(stores.data, bars=other))
    kept = followed(corrected, run, cuts_of(stores, run), restarts=False, between=correct)
    # The log tells all of what was decided on: the store is not even asked again.
    assert other.begin
    assert other.n_corrected == 0
    assert kept.by_slot() == whole.by_slot()


@pytest.mark.parametrize("restarts", [False, True])
def test_a_volume_that_is_stored_otherwise_later_changes_nothing(stores, run, whole, restarts):
    other = CorrectedBars(stores.data.bars, ["volume"])
    other.begin = BEGUN - 12 * DAY_MS
    corrected = replace(stores, data=replace(stores.data, bars=other))
    kept = followed(corrected, run, cuts_of(stores, run), restarts=restarts)
    assert kept.by_slot() == whole.by_slot()
    assert any("olume" in one["name"] for change in whole.changes for one in change["criteria"])


def test_a_log_of_before_that_tells_no_volumes_takes_them_from_the_store(stores, run, whole):
    class FormerLog(GrowingLog):
        def steps(self, run, after=0):
            found = [(step, json.loads(step.body)) for step in super().steps(run, after)]
            for _, body in found:
                for bar in body.get("bars", ()):
                    bar.pop("volume", None)
            return [replace(step, body=json.dumps(body)) for step, body in found]

    kept, last = Kept(), stores.trades.last_step(run.id)
    RunFollower(replace(stores, trades=FormerLog(stores.trades, last)), kept, run).follow()
    assert kept.by_slot() == whole.by_slot()
    doubled = CorrectedBars(stores.data.bars, ["volume"])
    doubled.begin, other = BEGUN - 12 * DAY_MS, Kept()
    former = replace(stores, trades=FormerLog(stores.trades, last), data=replace(stores.data, bars=doubled))
    RunFollower(former, other, run).follow()
    assert {one["bars"] for one in other.changes} != {one["bars"] for one in whole.changes}


def test_following_writes_nothing_but_changes(house, stores, run):
    before = [event.seq for event in house.audit.after(0)]
    SetupFollower(stores, Kept()).follow_once()
    assert [event.seq for event in house.audit.after(0)] == before


def test_a_changed_file_is_not_followed_and_is_told_once(stores, run, monkeypatch):
    said = []
    monkeypatch.setattr(following, "strategy_source", lambda strategy: "0" * 64)
    follower = SetupFollower(stores, Kept(), said.append)
    assert follower.follow_once() == follower.follow_once() == 0
    (sentence,) = said
    assert "account main" in sentence
    assert "another file than when the run began" in sentence


def test_a_changed_file_holds_up_an_account_until_its_next_run(stores, run, whole, monkeypatch):
    last = stores.trades.last_step(run.id)
    kept, said = Kept(), []
    log = GrowingLog(stores.trades, last // 2)
    RunFollower(replace(stores, trades=log), kept, run).follow()
    scope = SetupScope(run.account, run.is_replayed)
    later = replace(run, id="later")
    plans = {run.id: load_plan(stores.results, run.id)}
    source = "1" * 64
    plans["later"] = replace(
        plans[run.id], slots=tuple(replace(one, source=source) for one in plans[run.id].slots)
    )
    monkeypatch.setattr(following, "load_plan", lambda results, run_id: plans[run_id])
    monkeypatch.setattr(following, "strategy_source", lambda strategy: source)
    runs = TwoRuns(stores.trades, run, later, last // 2)
    follower = SetupFollower(replace(stores, trades=runs), kept, said.append)
    runs.known = [run]
    assert follower.follow_once() == follower.follow_once() == 0
    assert len(said) == 1
    runs.known = [run, later]
    assert follower.follow_once() > 0
    assert kept.reached(scope) == ("later", last)
    assert len(said) == 1


class TwoRuns:
    """The log of one run, the second half of it told again as another's."""

    def __init__(self, trades, first, second, half):
        self.trades, self.first, self.second, self.half, self.known = trades, first, second, half, []

    def runs_of(self):
        return self.known

    def last_step(self, run):
        return self.trades.last_step(self.first.id)

    def steps(self, run, after=0):
        begin = self.half if run == self.second.id else 0
        return self.trades.steps(self.first.id, after=max(after, begin))


def test_one_account_that_fails_does_not_hold_up_the_others(stores, run):
    said = []

    class Failing(Kept):
        def record(self, closes):
            raise ZeroDivisionError

    assert SetupFollower(stores, Failing(), said.append).follow_once() == 0
    assert said == ["setups of account main cannot be followed: ZeroDivisionError()"]


def test_all_runs_are_followed_once_and_only_what_is_new_is_written(house, stores, run, whole):
    follower = SetupFollower(stores, house.setups)
    assert follower.follow_once() == len(whole.changes)
    assert follower.follow_once() == 0
    assert SetupFollower(stores, house.setups).follow_once() == 0
    names = {one["setup"] for one in whole.changes}
    written = [change.body for name in sorted(names) for change in house.setups.of(name, ["main"])]
    assert len(written) == len(whole.changes)
    assert {change.setup for change in house.setups.newest(SetupFilter(["main"]), limit=1_000)} == names
    assert {change.is_replayed for change in house.setups.newest(SetupFilter(["main"]), limit=1_000)} == {
        True
    }
    assert house.setups.reached(SetupScope("main", is_replayed=True)) == (
        run.id,
        stores.trades.last_step(run.id),
    )


def test_the_next_run_of_an_account_goes_on_with_what_is_open(stores, run, whole):
    # The same log as two runs, one after the other: the second begins where the first one ends.
    last = stores.trades.last_step(run.id)
    kept, log = Kept(), GrowingLog(stores.trades, last // 2)
    RunFollower(replace(stores, trades=log), kept, run).follow()
    second = replace(stores, trades=LaterLog(stores.trades, last // 2))
    RunFollower(second, kept, run).follow()
    told = [(one["slot"], one["setup"], one["state"], one["cause"]) for one in kept.changes]
    assert sorted(told) == sorted(
        (one["slot"], one["setup"], one["state"], one["cause"]) for one in whole.changes
    )


def test_what_a_run_left_open_in_a_slot_that_the_next_does_not_have_is_void_where_no_run_tells_its_bars(
    stores, run, whole, monkeypatch
):
    last = stores.trades.last_step(run.id)
    kept, log = Kept(), GrowingLog(stores.trades)
    # Somewhere on the way the slot of four hours has an open setup.
    for log.until in range(last // 3, last, 3):
        kept = Kept()
        RunFollower(replace(stores, trades=log), kept, run).follow()
        open_lives = [
            life for (_, slot), lives in kept.kept.items() for life in lives if life.state and "4h" in slot
        ]
        if open_lives:
            break
    assert open_lives
    plan = load_plan(stores.results, run.id)
    fewer = replace(plan, slots=tuple(one for one in plan.slots if one.slot.timeframe == "1h"))
    monkeypatch.setattr(following, "load_plan", lambda results, run_id: fewer)
    later = OnlyOf(LaterLog(stores.trades, log.until), range(len(fewer.slots)))
    follower = RunFollower(replace(stores, trades=later), kept, replace(run, id=run.id))
    before = len(kept.changes)
    follower.follow()
    ended = [one for one in kept.changes[before:] if "4h" in one["slot"]]
    assert [(one["setup"], one["state"], one["cause"]) for one in ended] == [
        (life.setup, "invalidated", "strategy_changed") for life in open_lives
    ]
    assert {(one["entry"], one["r"]) for one in ended} == {(None, None)}
    assert follower.follow() == 0
    assert not any(life.state for (_, slot), lives in kept.kept.items() for life in lives if "4h" in slot)


class OnlyOf:
    """The log of a run as far as it is about some slots."""

    def __init__(self, log, slots):
        self.log, self.slots = log, slots

    def runs_of(self):
        """No run of before is left, so nothing tells what a trade made."""
        return []

    def steps(self, run, after=0):
        for step in self.log.steps(run, after=after):
            body = json.loads(step.body)
            if "bars" in body:
                body["bars"] = [bar for bar in body["bars"] if bar["slot"] in self.slots]
            yield replace(step, body=json.dumps(body))


class LaterLog:
    """The log of a run without what came up to a step."""

    def __init__(self, trades, after):
        self.trades, self.after = trades, after

    def steps(self, run, after=0):
        return self.trades.steps(run, after=max(after, self.after))


class CorrectedBars:
    """A store that says other numbers of bars from a time on, once `begin` is set."""

    def __init__(self, bars, names=PRICES):
        self.bars, self.names, self.begin, self.n_corrected = bars, names, 0, 0

    def read(self, series, **span):
        frame = self.bars.read(series, **span)
        if not self.begin:
            return frame
        is_later = pl.col("timestamp").to_physical() >= self.begin
        self.n_corrected += frame.filter(is_later).height
        raised = [
            pl.when(is_later).then(pl.col(name) * 1.01).otherwise(pl.col(name)).alias(name)
            for name in self.names
        ]
        return frame.with_columns(raised)

    def series(self, venue, instrument):
        return self.bars.series(venue, instrument)


def test_setups_of_before_go_on_and_are_made_anew_with_the_digest_they_began_with(
    stores, run, whole, monkeypatch
):
    """An earlier version's digest covered the capital; a setup that it left open is not void for that."""
    last, kept, log = stores.trades.last_step(run.id), Kept(), GrowingLog(stores.trades)
    digest = folding.strategy_digest
    log.until = last // 2
    with monkeypatch.context() as patch:
        patch.setattr(folding, "strategy_digest", lambda plan, **_: digest(plan, has_capital=True))
        RunFollower(replace(stores, trades=log), kept, run).follow()
    assert any(life.state for lives in kept.kept.values() for life in lives)
    n_formerly, log.until = len(kept.changes), last
    RunFollower(replace(stores, trades=log), kept, run).follow()
    strategies = [str(one["strategy"]) for one in kept.changes]
    formerly = {one["setup"] for one in kept.changes if not one["strategy"].startswith(WITHOUT_CAPITAL)}
    assert formerly == {one["setup"] for one in kept.changes[:n_formerly]}
    assert any(not strategy.startswith(WITHOUT_CAPITAL) for strategy in strategies[n_formerly:])
    assert any(strategy.startswith(WITHOUT_CAPITAL) for strategy in strategies)
    # Beside names, digests and decimals all is as if there had been one version.
    assert plain(kept) == plain(whole)
    anew = Kept()
    names = [SimpleNamespace(setup=one["setup"], run="") for one in kept.changes]
    RunFollower(stores, anew, run, kept=KeptSetups({"": names}, {})).follow()
    assert anew.by_slot() == kept.by_slot()
    assert anew.kept == kept.kept


def plain(kept):
    """Return the changes by slot without what their digest is in, and funding: such setups leave it out."""
    return {
        slot: [
            {
                name: round(value, 4) if name == "r" and value is not None else value
                for name, value in one.items()
                if name not in ("setup", "strategy", "funding")
            }
            for one in changes
        ]
        for slot, changes in kept.by_slot().items()
    }
