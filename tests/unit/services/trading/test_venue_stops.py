"""Where stops stand is read from the last process that looked on, whatever was written before it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests import houses
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.domain.order import TradeRun
from vigie.services.trading.log.venue_stops import VenueStops

BTC, ENTRY = "btc-usdt-perp", 7
RUN = TradeRun("run-main", "main", "owner", "bitget-perp", "demo", "p", Decimal(1_000), ENTRY)


class Counting:
    """An audit chain that counts the records that are read of it."""

    def __init__(self, audit):
        self._audit, self.read = audit, 0
        self.append, self.newest = audit.append, audit.newest

    def after(self, *args, **more):
        return self._counted(self._audit.after(*args, **more))

    def before(self, *args, **more):
        return self._counted(self._audit.before(*args, **more))

    def _counted(self, page):
        self.read += len(page)
        return page


@pytest.fixture
def house(tmp_path, sqlite_database, clock):
    audit = Counting(SqlAuditLog(sqlite_database, clock))
    return replace(houses.house(tmp_path / "home", with_bars=False), audit=audit)


def begins(house, account="main", *, by_force=False):
    text = {"holder": "trade", "by_force": by_force}
    house.audit.append("trade.lease", actor="owner", subject=account, text=text)


def moved(house, stop, account="main"):
    text = {"account": account, "begun": ENTRY, "stop": stop, "meant": "90"}
    house.audit.append("trade.stop_moved", actor="owner", subject=BTC, text=text)


def looked(house):
    seen = VenueStops()
    house.audit.read = 0
    seen.update(house.audit, RUN)
    return seen.levels


def test_what_earlier_processes_saw_is_not_read(house):
    for stop in range(60):
        begins(house)
        moved(house, str(stop))
    assert looked(house) == {(BTC, ENTRY): "59"}
    assert house.audit.read < 60


def test_who_closes_by_force_and_other_accounts_are_no_beginning(house):
    begins(house)
    moved(house, "80")
    for _ in range(25):
        begins(house, "other")
        moved(house, "10", "other")
        begins(house, by_force=True)
    assert looked(house) == {(BTC, ENTRY): "80"}
    begins(house)
    assert looked(house) == {}


def test_records_of_an_account_that_no_process_took_are_read_all(house):
    moved(house, "80")
    assert looked(house) == {(BTC, ENTRY): "80"}
