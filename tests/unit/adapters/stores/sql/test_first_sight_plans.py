"""A list's leads go by indexes, however many coins and items a home has: no query of them walks a table."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.first_sightings import (
    FirstSightingRow,
    SqlFirstSightings,
    namesake_queries,
    reports_query,
    since_query,
)
from vigie.domain.first_sighting import FirstSighting

SPANS = {"coin": 90, "pool": 7}


@pytest.fixture
def database(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'plans.sqlite'}")
    schema.ensure_schema(opened)
    yield opened
    opened.close()


def plan(database, query):
    written = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with database.reading() as connection:
        return [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {written}"))]


def test_every_query_of_a_list_goes_by_an_index(database):
    sight = FirstSighting("novum", "coin", "Novum", "NOVUM", "novum", 5)
    pool = FirstSighting("eth_novum", "pool", "NOVUM / USDC", "NOVUM", "eth_0xnovum", 5)
    queries = [reports_query(["novum", "alter"], 9), *namesake_queries([sight, pool], SPANS)]
    queries.append(since_query("coin", 5))
    queries.append(FirstSightingRow.__table__.select().where(FirstSightingRow.id.in_(["novum", "alter"])))
    for query in namesake_queries([sight, pool], SPANS):
        # By name, kind and days at once: of a ticker there are more pools every day.
        assert all(
            "kind=? AND ts_seen>? AND ts_seen<?" in step
            for step in plan(database, query)
            if "INDEX" in step and "MULTI" not in step
        )
    for query in queries:
        steps = plan(database, query)
        assert all("SCAN" not in step for step in steps), steps
        assert any("USING" in step and "INDEX" in step for step in steps), steps


def test_a_page_asks_as_often_for_many_coins_as_for_few(database, monkeypatch):
    store = SqlFirstSightings(database, None)
    asked = []
    real = type(database).reading
    monkeypatch.setattr(type(database), "reading", lambda self: asked.append(1) or real(self))
    counts = []
    for size in (2, 300):
        sights = [FirstSighting(f"c{at}", "coin", f"C{at}", f"C{at}", f"c{at}", 5) for at in range(size)]
        asked.clear()
        store.get([one.id for one in sights])
        store.first_reports([one.id for one in sights])
        store.namesakes(sights, SPANS)
        counts.append(len(asked))
    assert counts == [3, 3]
