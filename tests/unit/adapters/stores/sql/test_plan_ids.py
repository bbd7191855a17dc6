"""Plans that were kept before ids were each person's own keep them."""

from __future__ import annotations

from dataclasses import replace

from tests.databases import HandClock
from tests.unit.services.plans.material import plan_of
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.plans import SqlPlans

TS = 1_760_000_000_000


def test_kept_plans_stay_and_another_may_have_one_of_the_same_id(empty_url):
    database = open_database(empty_url)
    schema.move(database, "0031")
    clock = HandClock(TS)
    plans = SqlPlans(database, clock, SqlAuditLog(database, clock))
    plan = plan_of("btc-usdt-perp", TS, stop=93.0, target=120.0)
    kept = plans.add(plan, "owner")
    schema.move(database, "0032")
    other = plans.add(replace(plan, owner="u1"), "u1")
    assert (plans.versions("owner"), plans.versions("u1")) == ([kept], [other])
    plans.forget("u1")
    schema.move(database, "0031")
    assert plans.versions("owner") == [kept]
    database.close()
