"""Plans that somebody arms, prices that a test sets, rules about plans, and what is told: on any database."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace

from tests.crash.mortal import Dead, Life
from tests.databases import wipe
from tests.unit.services.plans.material import plan_of
from vigie.adapters.stores.sql.accounts.store import SqlUserStore
from vigie.adapters.stores.sql.alerts.store import SqlAlertStore
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.items.store import SqlItems
from vigie.adapters.stores.sql.names import SqlNames
from vigie.adapters.stores.sql.plan_notices import SqlPlanNotices
from vigie.adapters.stores.sql.plans import SqlPlans
from vigie.adapters.stores.sql.quotes import SqlQuotes, SqlSourceBookmarks
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.alert import AlertRule
from vigie.domain.order import TradeRun
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS
from vigie.services.alerting.dispatch import AlertDispatch
from vigie.services.alerting.watching import plans as watching
from vigie.services.plans import plan_news, plan_noticing
from vigie.services.plans.plan_states import PlanOutcome

BTC, ETH = "btc-usdt-perp", "eth-usdt-perp"


class PlanAlerts:
    """A person with open plans, prices that a test sets, and what they are told."""

    def __init__(self, database, clock, life=None):
        parts = (database, clock)
        self.clock, self.audit = clock, SqlAuditLog(*parts)
        self.trades, self.users = SqlTradeBook(*parts), SqlUserStore(*parts)
        self.alerts, self.bookmarks, self.quotes = (
            SqlAlertStore(*parts),
            SqlSourceBookmarks(*parts),
            SqlQuotes(*parts),
        )
        self.plans, self.notices = SqlPlans(*parts, self.audit), SqlPlanNotices(*parts)
        items = SqlItems(*parts)
        mortal = life or Life()
        self.watch = watching.PlanWatch(
            AlertDispatch(Mortal(self.alerts, mortal, ("add",)), self.users, items, SqlNames(*parts)),
            SimpleNamespace(
                plans=self.plans, quotes=self.quotes, audit=self.audit, accounts=self.users,
                logs=SimpleNamespace(trades=self.trades),
            ),
            Mortal(self.notices, mortal, ("keep", "put_off")),
            plan_news.StorySources(items, Mortal(self.bookmarks, mortal, ("put",)), None),
            clock,
        )  # fmt: skip

    def begin(self):
        self.trades.begin(
            TradeRun("r1", "main", "owner", "binance-perp", "paper", "f" * 64, Decimal(10_000), 1)
        )
        self.alerts.put_rule(AlertRule("", "owner", "Plans", "desk", {"subject": ("plan",)}))
        self.look()

    def armed(self, instrument=BTC, sign="1", **values):
        ts = self.clock.market_now()
        levels = {"low": 99.0, "high": 101.0, "stop": 93.0, "target": 120.0, **values}
        plan = plan_of(instrument, ts, id="p" + sign * 16, until=ts + 90 * DAY_MS, **levels)
        return self.plans.mark(self.plans.add(plan, "owner").number, "armed", ts, "owner")

    def price(self, price, instrument=BTC, *, mark=None):
        now = self.clock.market_now()
        self.quotes.put([Quote("binance-perp", instrument, now, now, price, mark=mark)])

    def look(self):
        for at in (watching.look, watching.look_at_prices, watching.look_at_news, watching.look):
            at(self.watch)

    def entries(self, state):
        found = self.alerts.list_deliveries("owner", limit=1_000)
        return [one for one in reversed(found) if one.delivery.state == state]

    def told(self):
        return [one.alert.happening.title.partition("account main: ")[2] for one in self.entries("sent")]


@dataclass
class Mortal:
    """A store of which a process with a life asks some writes: it may be killed before and after each."""

    inner: object
    life: Life
    names: tuple[str, ...] = field(default=())

    def __getattr__(self, name):
        found = getattr(self.inner, name)
        if name not in self.names:
            return found

        def ask(*args, **more):
            self.life.at(f"{name} before")
            answer = found(*args, **more)
            self.life.at(f"{name} after")
            return answer

        return ask


def opened(database, clock, monkeypatch):
    """Return a desk with a rule about plans whose stories, positions and limits a test sets."""
    desk = PlanAlerts(database, clock)
    desk.stories, desk.positions, desk.limits = [], {}, []
    monkeypatch.setattr(
        watching, "stories_since", lambda _sources, instrument, since, now: [
            one for one in desk.stories if instrument == BTC and since <= one.ts_known <= now
        ],
    )  # fmt: skip
    monkeypatch.setattr(
        watching, "position_of", lambda _sources, marked, now: desk.positions.get(marked.number)
    )
    monkeypatch.setattr(
        watching, "limit_notices", lambda _sources, account, now: [
            plan_noticing.FoundNotice(
                f"risk/{name}/{now // DAY_MS}", "risk", {"risk": name, "share": share, "from": 0.8}, now
            )
            for name, share in desk.limits
        ],
    )  # fmt: skip
    desk.begin()
    return desk


def entered(desk, marked, *, entry=100.0):
    """Let a plan enter; 7 from entry to stop, so that a level is near within 1.75."""
    now = desk.clock.market_now()
    marked = desk.plans.mark(marked.number, "entered", now, "vigie")
    desk.positions[marked.number] = PlanOutcome(
        "entered", ts_entered=now, entry=entry, qty=2.0, planned_risk=14.0
    )
    return marked


def killed_at_each_write(desk, database, scene, share=1):
    """Play a scene on an empty database and look, then again and again, killed at each write of the look in turn.

    Parameters
    ----------
    share : int
        Killed at one write in so many, and at the first of each kind.

    Yields
    ------
    list of str
        After the look that is not killed: all its points; after each other: the point at which it was.
    """

    def looked(life):
        wipe(database)
        scene()
        try:
            PlanAlerts(database, desk.clock, life).look()
        except Dead:
            return False
        return True

    whole = Life()
    assert looked(whole)
    assert whole.points
    yield whole.points
    for number, point in enumerate(whole.points, 1):
        if number % share and point in whole.points[: number - 1]:
            continue
        assert not looked(Life(number))
        yield [point]
