"""Setups of an account: followed close by close they are those of its whole log, whatever is stored meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import houses
from tests.clocks import JumpingClock
from tests.unit.services.trading.material import BEGUN
from tests.unit.services.trading.test_replaying import begun, replayed
from vigie.domain.setup import ENDED
from vigie.domain.time import HOUR_MS
from vigie.services.needs import provide
from vigie.services.setups.following import RunFollower, SetupFollower
from vigie.services.trading.plans.trading_stores import TradingStores


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
        self.changes, self.kept = [], {}

    def lives(self, scope):
        return dict(self.kept)

    def record(self, close):
        known = {(one["setup"], one["state"]) for one in self.changes}
        new = [one for one in close.changes if (one["setup"], one["state"]) not in known]
        self.changes += new
        self.kept[close.slot] = close.lives
        return len(new)

    def by_slot(self):
        found = {}
        for one in self.changes:
            found.setdefault(one["slot"], []).append(one)
        return found


class GrowingLog:
    """The log of a run as far as it was written at a time."""

    def __init__(self, trades, until):
        self.trades, self.until = trades, until

    def steps(self, run, after=0):
        return [step for step in self.trades.steps(run, after=after) if step.number <= self.until]


def followed(stores, run, cuts, *, restarts=False):
    """Follow a run whose log grows to some numbers; `restarts` begins anew at each, with what was written."""
    kept, follower = Kept(), None
    for until in cuts:
        grown = replace(stores, trades=GrowingLog(stores.trades, until))
        if follower is None or restarts:
            follower = RunFollower(grown, kept, run)
        else:
            follower._stores = grown
        follower.follow()
    return kept


@pytest.fixture(scope="module")
def whole(stores, run):
    return followed(stores, run, [stores.trades.last_step(run.id)])


def test_a_run_has_setups_that_end(whole):
    states = [one["state"] for one in whole.changes]
    assert states.count("confirmed") > 5
    assert set(states) & set(ENDED)


@pytest.mark.parametrize("restarts", [False, True])
def test_close_by_close_and_after_restarts_it_is_what_the_whole_log_gives(stores, run, whole, restarts):
    last = stores.trades.last_step(run.id)
    cuts = [*range(1, last, max(1, last // 12)), last]
    assert followed(stores, run, cuts, restarts=restarts).by_slot() == whole.by_slot()


def test_all_runs_are_followed_once_and_only_what_is_new_is_written(house, stores, run, whole):
    follower = SetupFollower(stores, house.setups)
    assert follower.follow_once() == len(whole.changes)
    assert follower.follow_once() == 0
    assert SetupFollower(stores, house.setups).follow_once() == 0
    names = {one["setup"] for one in whole.changes}
    written = [change.body for name in sorted(names) for change in house.setups.of(name)]
    assert len(written) == len(whole.changes)
    assert {change.setup for change in house.setups.newest([run.id], limit=1_000)} == names
