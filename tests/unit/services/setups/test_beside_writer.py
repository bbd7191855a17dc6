"""The record is checked while a worker writes it: what is written meanwhile is no difference."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tests.crash.mortal import Dead
from tests.traded import DAYS, house_of
from tests.unit.services.setups.test_following import GrowingLog
from tests.unit.services.trading.material import BEGUN
from vigie.adapters.stores.sql.setups import SqlSetups
from vigie.domain.setup import SetupScope
from vigie.domain.time import DAY_MS
from vigie.services.needs import provide
from vigie.services.setups.checking import check_setups
from vigie.services.setups.following import RunFollower
from vigie.services.setups.verifying import verify_record
from vigie.services.trading.account_plans.trading_stores import TradingStores

MAIN = SetupScope("main")


class Worker:
    """Follows the account's growing log, a part of it at a time."""

    def __init__(self, house, setups):
        self.stores, run = provide(house, TradingStores), house.trades.run("main")
        self.log = GrowingLog(house.trades)
        self.last = house.trades.last_step(run.id)
        self.log.until = self.last // 8
        self.follower = RunFollower(replace(self.stores, trades=self.log), setups, run)

    def work(self, share=8):
        self.log.until += self.last // share
        return self.follower.follow()


class WrittenMeanwhile:
    """The kept changes, of which a worker writes more before the first readings of each kind."""

    def __init__(self, setups, worker):
        self.setups, self.worker, self.seen, self.written = setups, worker, set(), 0

    def __getattr__(self, name):
        if name not in self.seen:
            self.seen.add(name)
            self.written += self.worker.work(share=30)
        return getattr(self.setups, name)


class CutOff:
    """The audit chain without its end."""

    def __init__(self, audit, newest):
        self.audit, self.cut = audit, newest

    def verify(self):
        return self.cut

    def after(self, seq, **asked):
        return [event for event in self.audit.after(seq, **asked) if event.seq <= self.cut]


@dataclass(frozen=True, slots=True)
class HalfWritten(SqlSetups):
    """Dies once a slot's changes are written, before those of the others are."""

    def record(self, closes):
        written = SqlSetups.record(self, closes)
        if written:
            raise Dead
        return written


@pytest.fixture
def house(traded_home, tmp_path):
    return house_of(traded_home, tmp_path / "home", BEGUN + DAYS * DAY_MS)[0]


def test_a_record_that_grows_while_it_is_verified_is_intact(house):
    worker = Worker(house, house.setups)
    worker.work()
    setups = WrittenMeanwhile(house.setups, worker)
    found = verify_record(house.audit, setups, worker.stores, ["main"], {})
    assert found.difference == ""
    assert setups.written > 3
    assert 0 < found.sealed == found.made_anew < len(house.setups.changes(MAIN))


def test_a_chain_whose_end_is_cut_off_is_told(house):
    worker = Worker(house, house.setups)
    worker.work()
    sealed = sorted(change.sealed_at for change in house.setups.changes(MAIN) if change.seal)
    cut = CutOff(house.audit, sealed[len(sealed) // 2])
    found = verify_record(cut, house.setups, worker.stores, ["main"], {})
    assert found.difference.startswith("the chain does not hold the seal of change")


def test_an_account_whose_newest_closes_are_half_there_is_intact(house):
    worker = Worker(house, HalfWritten(house.trades.database, house.clock, house.audit))
    reached = house.setups.reached(MAIN)
    with pytest.raises(Dead):
        worker.work(share=4)
    assert house.setups.reached(MAIN) == reached
    assert len(house.setups.lives(MAIN)) < len(worker.follower._folds)
    done = check_setups(worker.stores, house.setups, MAIN)
    assert (done.difference, done.changes) == (None, len(house.setups.changes(MAIN)))
    assert done.changes > 0
    assert verify_record(house.audit, house.setups, worker.stores, ["main"], {}).difference == ""


def test_slots_that_are_further_than_the_rest_are_made_as_far(house):
    worker = Worker(house, house.setups)
    worker.work()
    begun = len(house.setups.changes(MAIN))
    worker.follower._setups = HalfWritten(house.trades.database, house.clock, house.audit)
    with pytest.raises(Dead):
        worker.work(share=3)
    assert len(house.setups.changes(MAIN)) > begun
    done = check_setups(worker.stores, house.setups, MAIN)
    assert (done.difference, done.changes) == (None, len(house.setups.changes(MAIN)))
