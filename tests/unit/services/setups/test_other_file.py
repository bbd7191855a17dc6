"""A record whose strategy's file changed since: what needs the file is told apart, and all else is still checked."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests import houses
from tests.traded import DAYS, house_of
from tests.unit.services.setups.test_following import GrowingLog
from tests.unit.services.setups.test_left_open import TwoRuns
from tests.unit.services.trading.material import BEGUN
from vigie.domain.errors import DataError
from vigie.domain.setup import SetupScope
from vigie.domain.time import DAY_MS
from vigie.services.needs import provide
from vigie.services.setups import folding, following
from vigie.services.setups.checking import check_setups
from vigie.services.setups.following import RunFollower, SetupFollower
from vigie.services.setups.verifying import body_text, verify_record
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.trading import catalogue

MAIN = SetupScope("main")
OLD = "0" * 64
NEW = "f" * 64
SOURCE = folding.strategy_source


def now(monkeypatch, source, name=""):
    """Let the files of all strategies, or of one, be others."""

    def todays(strategy):
        return source if strategy.path and name in ("", strategy.name) else SOURCE(strategy)

    monkeypatch.setattr(following, "strategy_source", todays)
    monkeypatch.setattr(folding, "strategy_source", todays)


@pytest.fixture(scope="module")
def house(traded_home, tmp_path_factory):
    built, _ = house_of(traded_home, tmp_path_factory.mktemp("other") / "home", BEGUN + DAYS * DAY_MS)
    SetupFollower(provide(built, TradingStores), built.setups).follow_once()
    return built


class Forged:
    """What is kept, one change otherwise, with a digest as if nothing was."""

    def __init__(self, setups, number, **altered):
        self.setups, self.number, self.altered = setups, number, altered

    def __getattr__(self, name):
        return getattr(self.setups, name)

    def of(self, setup, accounts):
        return [self.forge(change) for change in self.setups.of(setup, accounts)]

    def forge(self, change):
        if change.number != self.number:
            return change
        columns = {name: value for name, value in self.altered.items() if hasattr(change, name)}
        forged = replace(change, body={**change.body, **self.altered}, **columns)
        return replace(forged, digest=hashlib.sha256(body_text(forged).encode()).hexdigest())


def check(house, setups=None, stores=None):
    return check_setups(stores or provide(house, TradingStores), setups or house.setups, MAIN)


def ends(house, strategy):
    changes = [one for one in house.setups.changes(MAIN) if one.slot.endswith(strategy)]
    found = [one for one in changes if one.body["r"] is not None]
    assert len(found) > 1
    return found


def test_where_no_file_changed_everything_is_decided_anew(house):
    done = check(house)
    assert (done.difference, done.undecided) == (None, [])
    for end in (ends(house, "ema_cross")[-1], ends(house, "macd_cross")[0]):
        assert check(house, Forged(house.setups, end.number, r=0.5)).difference is not None


def test_changes_of_another_file_are_counted_and_the_others_are_decided_anew(house, monkeypatch):
    now(monkeypatch, NEW, "ema_cross")
    done = check(house)
    assert done.difference is None
    of = [one for one in house.setups.changes(MAIN) if one.slot.endswith("ema_cross")]
    source = load_plan(provide(house, TradingStores).results, house.trades.run("main").id).slots[0].source
    assert done.other_files() == {("ema_cross", source): len(of)}
    assert 0 < len(of) < done.changes == len(house.setups.changes(MAIN))
    found = verify_record(house.audit, house.setups, provide(house, TradingStores), ["main"], {})
    assert (found.difference, found.undecided) == ("", {("ema_cross", source): len(of)})


def test_an_edited_file_of_ones_own_is_told_until_the_former_one_is_back(house, tmp_path):
    """The edited file decides wholly otherwise, and has other parameters."""
    copy = houses.copied(house.home, tmp_path / "own", clock=house.clock)
    own = copy.results.strategies
    own.mkdir(parents=True, exist_ok=True)
    edited = own / "ema_cross.py"
    edited.write_bytes((catalogue.SHIPPED / "donchian_breakout.py").read_bytes())
    done, end = check(copy), ends(copy, "ema_cross")[0]
    assert done.difference is None
    assert {strategy for strategy, _ in done.other_files()} == {"ema_cross"}
    assert check(copy, Forged(copy.setups, end.number, r=0.5)).difference is not None
    edited.unlink()
    assert check(copy).undecided == []


def test_a_forged_outcome_is_found_whether_or_not_the_file_changed(house, monkeypatch):
    now(monkeypatch, NEW, "ema_cross")
    for end in (*ends(house, "ema_cross"), *ends(house, "macd_cross")[:2]):
        for altered in ({"r": end.body["r"] + 0.001}, {"cause": "horizon", "state": "expired"}):
            forged = Forged(house.setups, end.number, **altered)
            if altered.get("cause") != end.cause:
                assert check(house, forged).difference is not None, (end.slot, end.cause, altered)


def test_levels_entries_and_bars_are_made_anew_without_the_file(house, monkeypatch):
    now(monkeypatch, NEW, "ema_cross")
    kept = [one for one in house.setups.changes(MAIN) if one.slot.endswith("ema_cross")]
    entered, forming = (next(one for one in kept if one.state == state) for state in ("confirmed", "forming"))
    levels = ({"stop": 1.0}, {"target": 1.0}, {"entry": 1.0}, {"bars": OLD}, {"strategy": f"2:{OLD}"})
    for change, altered in [(one, altered) for one in (entered, forming) for altered in levels]:
        forged = Forged(house.setups, change.number, **altered)
        assert check(house, forged).difference is not None, (change.state, altered)
    # A decision that the log has not cannot be put in, and none of its can be left out.
    forged = Forged(house.setups, forming.number, state="confirmed", cause="decided")
    assert check(house, forged).difference is not None


def test_another_file_in_a_plan_hides_nothing_that_was_sealed_with_todays(house, monkeypatch):
    def altered(results, run):
        plan = load_plan(results, run)
        return replace(plan, slots=tuple(replace(one, source=OLD) for one in plan.slots))

    monkeypatch.setattr(following, "load_plan", altered)
    with pytest.raises(DataError, match="another file than when the run began"):
        check(house)
    found = verify_record(house.audit, house.setups, provide(house, TradingStores), ["main"], {})
    assert "another file" in found.difference


@pytest.fixture
def edited(house, tmp_path, monkeypatch):
    """Give what makes a home whose account began anew after its files had changed, followed before up to a step."""
    copy = houses.copied(house.home, tmp_path / "edited", clock=house.clock)
    stores, run = provide(copy, TradingStores), copy.trades.run("main")
    plan, last = load_plan(stores.results, run.id), copy.trades.last_step(run.id)
    old = replace(plan, slots=tuple(replace(one, source=OLD) for one in plan.slots))

    def load(_results, run_id):
        return plan if run_id == "second" else old

    monkeypatch.setattr(following, "load_plan", load)

    def make(begins, followed):
        with copy.setups.database.writing() as connection:
            for table in ("setup_changes", "setup_lives", "setup_reach"):
                connection.execute(text(f"DELETE FROM {table}"))
        with monkeypatch.context() as patch:
            now(patch, OLD)
            log = GrowingLog(stores.trades, int(last * followed))
            RunFollower(replace(stores, trades=log), copy.setups, run).follow()
        n_before = len(copy.setups.changes(MAIN))
        runs = TwoRuns(stores.trades, run, int(last * begins), range(len(plan.slots)))
        both = replace(stores, trades=runs)
        SetupFollower(both, copy.setups, lambda _: None).follow_once()
        return copy, both, n_before

    return make


@pytest.mark.parametrize(("begins", "share"), [(0.55, 1.0), (0.7, 0.97), (0.4, 0.8), (0.4, 0.3), (0.55, 0.0)])
def test_the_run_after_an_edited_file_is_decided_anew_however_far_the_one_before_was_followed(
    edited, begins, share
):
    copy, stores, n_before = edited(begins, begins * share)
    kept = copy.setups.changes(MAIN)
    assert len(kept) > n_before
    done = check(copy, stores=stores)
    assert done.difference is None, (done.difference.made, done.difference.kept)
    assert sum(done.other_files().values()) == n_before
    assert done.changes == len(kept)


def test_forged_outcomes_before_and_after_an_edited_file_are_found(edited):
    copy, stores, n_before = edited(0.5, 0.5)
    kept = copy.setups.changes(MAIN)
    with_r = [one for one in kept if one.body["r"] is not None]
    before, after = ([one for one in with_r if (one.run != "second") is is_old] for is_old in (True, False))
    assert n_before
    for end in (before[0], after[-1]):
        assert check(copy, Forged(copy.setups, end.number, r=0.5), stores).difference is not None


@pytest.fixture
def begun_again(house, tmp_path, monkeypatch):
    """Give a home of two runs on the same files, which are others today, followed a little into the second one."""
    copy = houses.copied(house.home, tmp_path / "again", clock=house.clock)
    stores, run = provide(copy, TradingStores), copy.trades.run("main")
    plan = load_plan(stores.results, run.id)
    old = replace(plan, slots=tuple(replace(one, source=OLD) for one in plan.slots))
    monkeypatch.setattr(following, "load_plan", lambda _results, _run: old)

    def make(begins, steps):
        with copy.setups.database.writing() as connection:
            for table in ("setup_changes", "setup_lives", "setup_reach"):
                connection.execute(text(f"DELETE FROM {table}"))
        runs = TwoRuns(stores.trades, run, begins, range(len(plan.slots)))
        both = replace(stores, trades=runs)
        with monkeypatch.context() as patch:
            now(patch, OLD)
            RunFollower(both, copy.setups, runs.first).follow()
            before = copy.setups.lives(MAIN)
            RunFollower(both, copy.setups, runs.second).follow(begins + steps)
        return copy, both, before

    return make


@pytest.mark.parametrize("begins", [100, 450])
def test_a_run_that_changed_nothing_yet_goes_on_with_what_was_open_before_it(begun_again, begins):
    copy, stores, before = begun_again(begins, 30)
    told = {one.slot for one in copy.setups.changes(MAIN) if one.run == "second"}
    after = copy.setups.lives(MAIN)
    assert any(any(life.state for life in before[slot]) for slot in before.keys() - told)
    assert all(after[slot] != before[slot] for slot in before)
    done = check(copy, stores=stores)
    assert done.difference is None, (done.difference.made, done.difference.kept)
