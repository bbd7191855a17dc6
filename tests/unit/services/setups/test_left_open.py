"""A setup that is open in a slot which its account stops trading ends with its R, and stays in the rates."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import text

from tests import houses
from tests.clocks import JumpingClock
from tests.unit.services.setups.test_following import GrowingLog, Kept, LaterLog, OnlyOf
from tests.unit.services.trading.material import BEGUN
from tests.unit.services.trading.test_replaying import begun, replayed
from vigie.domain.setup import SetupScope
from vigie.domain.time import HOUR_MS
from vigie.services.needs import provide
from vigie.services.setups import folding, following, left_open
from vigie.services.setups.checking import check_setups
from vigie.services.setups.ended import ended_setups
from vigie.services.setups.following import RunFollower, SetupFollower
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores

LEFT = "4h"
SCOPE = SetupScope("main", is_replayed=True)


class TwoRuns:
    """The log of a run as two runs: the second begins after a step, without the slots of four hours."""

    def __init__(self, trades, first, until, slots):
        self.first, self.second = first, replace(first, id="second")
        self.logs = {
            first.id: GrowingLog(trades, until),
            "second": OnlyOf(LaterLog(trades, until), slots),
        }
        self.last = {first.id: until, "second": trades.last_step(first.id)}

    def runs_of(self, owner=None):
        return [self.first, self.second]

    def steps(self, run, after=0):
        return self.logs[run].steps(self.first.id, after=after)

    def last_step(self, run):
        return self.last[run]


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


@pytest.fixture(scope="module")
def closes(stores, run):
    """What was kept after each close of four hours, by the step of the log."""
    kept, log = Kept(), GrowingLog(stores.trades)
    follower, found = RunFollower(replace(stores, trades=log), kept, run), {}
    for log.until in range(1, stores.trades.last_step(run.id) + 1):
        before = lives(kept)
        follower.follow()
        if lives(kept) != before:
            found[log.until] = deepcopy(kept)
    return found


@pytest.fixture
def two_runs(stores, run, monkeypatch):
    plan = load_plan(stores.results, run.id)
    fewer = replace(plan, slots=tuple(one for one in plan.slots if one.slot.timeframe != LEFT))

    def load(_results, run_id):
        return fewer if run_id == "second" else plan

    monkeypatch.setattr(following, "load_plan", load)
    monkeypatch.setattr(left_open, "load_plan", load)
    return lambda until: replace(stores, trades=TwoRuns(stores.trades, run, until, range(len(fewer.slots))))


def lives(kept):
    return [life for (_, slot), sides in kept.kept.items() if LEFT in slot for life in sides]


def told(kept):
    return {(one["setup"], one["state"]) for one in kept.changes}


def left(made, kept, run):
    """Return what the second run writes of slots that it does not have."""
    before = len(kept.changes)
    RunFollower(made, kept, replace(run, id="second")).follow()
    return [one for one in kept.changes[before:] if LEFT in one["slot"]]


def open_at(closes, n_closes):
    """Return a close, the one before it, and a setup that was confirmed so many closes ago."""
    steps = sorted(closes)
    for before, step in pairwise(steps):
        for life in lives(closes[step]):
            if life.state == "confirmed" and life.closes == n_closes:
                return before, step, life
    raise AssertionError("no setup is open so long")


def test_it_is_settled_at_the_last_close_that_was_decided_on(stores, run, closes, two_runs, monkeypatch):
    before, step, life = open_at(closes, 2)
    changed, log = deepcopy(closes[before]), GrowingLog(stores.trades, step)
    with monkeypatch.context() as patch:
        # As a changed setting ends it at that close.
        patch.setattr(folding, "strategy_digest", lambda plan, **_: "2:another")
        RunFollower(replace(stores, trades=log), changed, run).follow()
    (wanted,) = [
        one for one in changed.changes if (one["setup"], one["cause"]) == (life.setup, "strategy_changed")
    ]
    (ended,) = [
        one for one in left(two_runs(step), deepcopy(closes[step]), run) if one["setup"] == life.setup
    ]
    assert (ended["state"], ended["cause"]) == ("invalidated", "strategy_changed")
    assert wanted["r"]
    assert ended["r"] == wanted["r"]


def test_a_stop_that_nobody_followed_any_more_is_its_end(stores, run, closes, two_runs):
    """As where the file of a strategy changed: the log went on, and what was in it was not read."""
    last = closes[max(closes)].changes
    ended = {one["setup"]: one for one in last if LEFT in one["slot"] and one["cause"] in ("stop", "target")}
    assert ended
    for setup, end in ended.items():
        begins = min(step for step, kept in closes.items() if (setup, "confirmed") in told(kept))
        over = min(step for step, kept in closes.items() if (setup, end["state"]) in told(kept))
        kept = deepcopy(closes[begins])
        RunFollower(two_runs(over), kept, replace(run, id="second")).follow()
        (made,) = [
            one for one in kept.changes if one["setup"] == setup and one["cause"] == "strategy_changed"
        ]
        assert made["r"] == end["r"]


def test_without_a_trade_it_is_void(run, closes, two_runs):
    _, step, life = open_at(closes, 0)
    (ended,) = [
        one for one in left(two_runs(step), deepcopy(closes[step]), run) if one["setup"] == life.setup
    ]
    assert ended["r"] is None


@pytest.mark.parametrize("is_of_before", [False, True])
def test_made_anew_it_is_the_same_also_where_it_was_void_before(
    house, run, closes, two_runs, monkeypatch, is_of_before
):
    _, step, life = open_at(closes, 2)
    made = two_runs(step)
    with house.setups.database.writing() as connection:
        for table in ("setup_changes", "setup_lives", "setup_reach"):
            connection.execute(text(f"DELETE FROM {table}"))
    with monkeypatch.context() as patch:
        if is_of_before:
            patch.setattr(following, "left_result", lambda *_: (None, None))
        SetupFollower(made, house.setups).follow_once()
    change = house.setups.of(life.setup, ["main"])[-1]
    assert (change.cause, change.body["r"] is None) == ("strategy_changed", is_of_before)
    assert check_setups(made, house.setups, SCOPE).difference is None
    (ended,) = ended_setups(house.setups.of(life.setup, ["main"]))
    assert ended.kind == ("void" if is_of_before else "trade")
