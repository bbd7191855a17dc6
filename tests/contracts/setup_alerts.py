"""Setups that somebody writes, rules about them, and what is told: on any database."""

from __future__ import annotations

from decimal import Decimal

from tests.unit.intelligence.setups.closes import SLOT, decided
from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.adapters.stores.sql.accounts.store import SqlUserStore
from vigie.adapters.stores.sql.alerts.store import SqlAlertStore
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.items.store import SqlItems
from vigie.adapters.stores.sql.names import SqlNames
from vigie.adapters.stores.sql.quotes import SqlSourceBookmarks
from vigie.adapters.stores.sql.setup_notices import SqlSetupNotices
from vigie.adapters.stores.sql.setups import SqlSetups
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.alert import AlertRule
from vigie.domain.order import TradeRun
from vigie.domain.setup import SetupScope, SideLife
from vigie.domain.time import HOUR_MS
from vigie.intelligence.setups.life import advance
from vigie.ports.setups import FollowedCloses
from vigie.services.alerting.dispatch import AlertDispatch
from vigie.services.alerting.watching import setups as watching
from vigie.services.caches.ended_setups import EndedSetupCache
from vigie.services.setups.folding import change_record
from vigie.services.setups.noticing import NoticeSources
from vigie.wiring.data import open_data

HER = "u1"
BODY = change_record(advance(SideLife("long"), decided(0))[1])


class SetupAlerts:
    """Writes changes and looks at them, as worker and server do."""

    def __init__(self, database, clock, folder, *, accounts=("main",)):
        parts = (database, clock)
        self.clock, self.runs = clock, {}
        self.audit, trades, users = SqlAuditLog(*parts), SqlTradeBook(*parts), SqlUserStore(*parts)
        for account in accounts:
            self.runs[account] = f"r-{account}"
            trades.begin(
                TradeRun(
                    self.runs[account], account, HER, "binance-perp", "paper", "f" * 64, Decimal(10_000), 1
                )
            )
        self.setups, self.notices = SqlSetups(*parts, self.audit), SqlSetupNotices(*parts)
        self.alerts, self.users, self.bookmarks = SqlAlertStore(*parts), users, SqlSourceBookmarks(*parts)
        self.dispatch = AlertDispatch(self.alerts, users, SqlItems(*parts), SqlNames(*parts))
        self.sources = NoticeSources(
            self.setups, self.notices, trades, users, ParquetFacts(folder), open_data(folder, clock=clock),
            EndedSetupCache(),
        )  # fmt: skip
        self.count = 0

    def rule(self, **more):
        given = {"name": "Setups", "kind": "setup", "channels": ("inbox",), **more}
        return self.alerts.put_rule(AlertRule("", HER, **given))

    def look(self):
        return watching.look(self.dispatch, self.sources, self.bookmarks, self.audit, self.clock)

    def write(
        self, state="confirmed", *, setup=None, cause="decided", account="main", replayed=False, **more
    ):
        """Write a change, of a setup of its own where none is named, and return the setup's id."""
        self.count += 1
        setup, now = setup or f"{self.count:016x}", self.clock.market_now()
        body = {
            **BODY, "setup": setup, "state": state, "cause": cause, "ts_bar": now - HOUR_MS, "ts_known": now,
            "ts_begun": now, **more,
        }  # fmt: skip
        scope = SetupScope(account, replayed)
        slot = str(body["slot"])
        self.setups.record(FollowedCloses(scope, self.runs[account], slot, (), (body,)))
        return setup

    def deliveries(self, state):
        entries = self.alerts.list_deliveries(HER, limit=100_000)
        return [one for one in reversed(entries) if one.delivery.state == state]

    def told(self):
        """Return what was told, oldest first."""
        return [one.alert.happening for one in self.deliveries("sent")]


SLOT_NAME = str(SLOT)
