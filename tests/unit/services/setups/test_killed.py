"""Whoever follows setups is killed before, inside and after each write: no change is lost and none is doubled."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from tests.crash.mortal import Dead, Life
from tests.traded import DAYS, house_of
from tests.unit.services.setups.test_following import GrowingLog
from tests.unit.services.trading.material import BEGUN
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.setups import CHANGED, SqlSetups
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS
from vigie.ports.setups import SetupFilter
from vigie.services.needs import provide
from vigie.services.setups.following import RunFollower
from vigie.services.trading.account_plans.trading_stores import TradingStores


@pytest.fixture(scope="module")
def house(traded_home, tmp_path_factory):
    return house_of(traded_home, tmp_path_factory.mktemp("killed") / "home", BEGUN + DAYS * DAY_MS)[0]


@dataclass(frozen=True, slots=True)
class MortalAudit(SqlAuditLog):
    """Dies after a change's row is written and before it is kept."""

    life: Life = field(default_factory=Life)

    def extend(self, connection, actor, notes):
        self.life.at("inside before")
        added = SqlAuditLog.extend(self, connection, actor, notes)
        self.life.at("inside after")
        return added


@dataclass(frozen=True, slots=True)
class MortalSetups(SqlSetups):
    """Dies before and after each write."""

    life: Life = field(default_factory=Life)

    def record(self, closes):
        self.life.at("record before")
        written = SqlSetups.record(self, closes)
        self.life.at("record after")
        return written

    def reach(self, scope, run, step):
        self.life.at("reach before")
        SqlSetups.reach(self, scope, run, step)
        self.life.at("reach after")


def lived(database, clock, stores, run, life):
    """Follow a run whose log grows, until it dies or all is read."""
    log = GrowingLog(stores.trades)
    setups = MortalSetups(database, clock, MortalAudit(database, clock, life=life), life=life)
    follower = None
    try:
        last = stores.trades.last_step(run.id)
        for log.until in (last // 8, last // 5):
            follower = follower or RunFollower(replace(stores, trades=log), setups, run)
            follower.follow()
    except Dead:
        return False
    return True


def kept(database, clock, account):
    """Return what is written of an account: changes, what the audit says of them, and how far it went."""
    setups = SqlSetups(database, clock, SqlAuditLog(database, clock))
    names = sorted({change.setup for change in setups.newest(SetupFilter([account]), limit=1_000)})
    changes = [change.body for name in names for change in setups.of(name, [account])]
    events = [
        {name: value for name, value in (event.text or {}).items() if name != "account"}
        for event in SqlAuditLog(database, clock).after(0, limit=100_000, kinds=[CHANGED])
        if (event.text or {}).get("account") == account
    ]
    return changes, sorted(events, key=json.dumps)


# `make test` has one point in five and the first of each kind; `make chaos` has all.
@pytest.mark.parametrize("share", [5, pytest.param(1, marks=pytest.mark.chaos)])
def test_no_change_is_lost_or_doubled_wherever_it_is_killed(house, database, clock, share):
    run = house.trades.run("main")
    stores = provide(house, TradingStores)
    book = type(house.trades)(database, clock)

    def account_of(name):
        book.begin(TradeRun(f"r-{name}", name, "u1", run.venue, "paper", "f" * 64, Decimal(10_000), 1))
        return replace(run, account=name)

    whole = Life()
    assert lived(database, clock, stores, account_of("whole"), whole)
    expected = kept(database, clock, "whole")
    assert len(expected[0]) == len(expected[1]) > 3
    assert {"inside before", "inside after", "record before", "record after", "reach after"} <= set(
        whole.points
    )
    chosen = {whole.points.index(kind) + 1 for kind in whole.points}
    chosen |= set(range(share, len(whole.points) + 1, share))
    for point in sorted(chosen):
        account = account_of(f"a{point}")
        assert not lived(database, clock, stores, account, Life(point))
        assert lived(database, clock, stores, account, Life())
        assert kept(database, clock, account.account) == expected, whole.points[point - 1]
