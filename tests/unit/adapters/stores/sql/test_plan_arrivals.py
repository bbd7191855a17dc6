"""Notices of plans that were kept before they had a first and a last time of arrival go on, and count on both days."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.databases import HandClock
from tests.unit.services.plans.material import plan_of
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.alerts.store import SqlAlertStore
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.plan_notices import SqlPlanNotices
from vigie.adapters.stores.sql.plans import SqlPlans
from vigie.domain.alert import Alert, AlertDelivery, AlertEvent
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.plan_notices import PlanNotice

TODAY = 1_760_000_000_000 // DAY_MS * DAY_MS
EVENING, MORNING = TODAY + 22 * HOUR_MS, TODAY + DAY_MS + 7 * HOUR_MS
INSERT = """
    INSERT INTO trade_plan_notices (version, "key", kind, facts, ts_known, ts, ts_due, is_counted, held)
    VALUES (:version, :key, 'news', '{}', :ts, :ts, :due, :counted, :held)
"""


@pytest.fixture
def database(empty_url):
    opened = open_database(empty_url)
    schema.move(opened, "0030")
    yield opened
    opened.close()


def test_old_notices_count_from_when_they_were_noticed_to_the_last_that_waits(database):
    clock = HandClock(EVENING)
    plans = SqlPlans(database, clock, SqlAuditLog(database, clock))
    version = plans.add(plan_of("btc-usdt-perp", TODAY, stop=93.0, target=120.0), "owner").number
    rows = [("put off", MORNING, ""), ("digest", EVENING, ""), ("held", 0, "full")]
    with database.writing() as connection:
        for key, due, held in rows:
            given = {"version": version, "key": key, "ts": EVENING, "due": due, "held": held}
            connection.execute(text(INSERT), {**given, "counted": True})
    event = AlertEvent("desk", f"plan/{version}/digest", "Plan", EVENING, EVENING)
    deliveries = [
        AlertDelivery("d1", "a1", "inbox", "sent", EVENING, ts_done=EVENING),
        AlertDelivery("d2", "a1", "mail", "waiting", MORNING),
    ]
    SqlAlertStore(database, clock).add([(Alert("a1", "rule", "owner", event, EVENING), deliveries)])

    schema.move(database, "0031")
    notices = SqlPlanNotices(database, clock)
    times = {one.key: (one.ts_first, one.ts_last) for one in notices.of_versions([version])}
    assert times == {"put off": (EVENING, MORNING), "digest": (EVENING, MORNING), "held": (0, 0)}
    for day in (TODAY, TODAY + DAY_MS):
        new = PlanNotice(version, f"new/{day}", "news", {}, day, day, day, day)
        assert notices.keep(new, [(day, day + DAY_MS)], 2).held == "full"
        assert notices.keep(replace(new, key=f"more/{day}"), [(day, day + DAY_MS)], 3).held == ""

    schema.move(database, "0030")
    with database.reading() as connection:
        dues = dict(connection.execute(text('SELECT "key", ts_due FROM trade_plan_notices')).tuples().all())
    assert dues["put off"] == dues["digest"] == MORNING
