"""Ninety days followed close by close into a database, with restarts: byte for byte what the whole log gives."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from tests import houses
from tests.clocks import JumpingClock
from tests.unit.services.setups.test_following import GrowingLog, followed
from tests.unit.services.trading.material import BEGUN, FILE, run_file
from tests.unit.services.trading.test_replaying import replayed
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.setups import SqlSetups
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.order import TradeRun
from vigie.domain.setup import ENDED, SetupScope
from vigie.domain.time import HOUR_MS
from vigie.engine.live.fold import steps
from vigie.services.needs import provide
from vigie.services.runs import request_builder
from vigie.services.setups.checking import check_setups
from vigie.services.setups.following import SetupFollower
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.process.replaying import begin_replay

DAYS = 90
# One strategy on bars of four hours: 540 closes.
COARSE = FILE[: FILE.index("[[slots]]")] + (
    '[[slots]]\ninstruments = ["BTC"]\ntimeframe = "4h"\nstrategy = "macd_cross"\n'
)
SCOPE = SetupScope("main", is_replayed=True)


class GrowingBook(GrowingLog):
    """The book of one run as far as its log was written at a time."""

    def runs_of(self, owner=None):
        return self.trades.runs_of(owner)

    def last_step(self, run):
        return min(self.until, self.trades.last_step(run))


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ninety")
    house = houses.house(folder / "home", clock=JumpingClock(BEGUN + 7 * HOUR_MS))
    stores = provide(house, TradingStores)
    asked = request_builder.build_request(
        house.data, config=run_file(folder, COARSE), own_strategies=house.results.strategies
    )
    replayed(stores, begin_replay(stores, asked, account="main", owner="owner", days=DAYS))
    return stores


# Close by close over days, shorter histories and cuts are told by `test_following.py`.
@pytest.mark.chaos
def test_ninety_days_close_by_close_are_what_the_whole_log_gives(database, clock, stores):
    (run,) = stores.trades.runs_of()
    # Changes belong to an account of their database.
    SqlTradeBook(database, clock).begin(
        TradeRun(run.id, "main", "owner", run.venue, "paper", "f" * 64, Decimal(1), 1, is_replayed=True)
    )
    setups = SqlSetups(database, clock, SqlAuditLog(database, clock))
    book, last = GrowingBook(stores.trades), stores.trades.last_step(run.id)
    closes = [
        written.number
        for written in stores.trades.steps(run.id)
        if isinstance(steps.decode_step(written), steps.BarsClosed)
    ]
    said, follower, written = [], None, []
    assert len(closes) == DAYS * 6
    for place, book.until in enumerate([*closes, last]):
        # A worker that begins anew reads back what is kept.
        if follower is None or place % 97 == 0:
            follower = SetupFollower(replace(stores, trades=book), setups, said.append)
        written.append(follower.follow_once())
    assert said == []
    whole = followed(stores, run, [last])
    kept = setups.after(0, limit=10_000)
    assert [json.dumps(change.body) for change in kept] == [json.dumps(one) for one in whole.changes]
    assert sum(written) == len(kept) > 40
    assert check_setups(stores, setups, SCOPE).difference is None
    for _, of in itertools.groupby(sorted(kept, key=lambda one: one.setup), key=lambda one: one.setup):
        assert sum(one.state in ENDED for one in of) <= 1
