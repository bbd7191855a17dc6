"""What models said in the shadow before they could have several markets stays theirs."""

from __future__ import annotations

from sqlalchemy import text

from tests.databases import HandClock
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.learned_models import SqlLearnedModels
from vigie.domain.learned import ShadowDecision

OF_BEFORE = ShadowDecision(3_600_000, 1, 0.25, "ab")


def test_kept_decisions_stay_and_markets_of_one_model_stand_beside_each_other(empty_url):
    database = open_database(empty_url)
    schema.move(database, "0038")
    with database.writing("before") as connection:
        connection.execute(
            text(
                "INSERT INTO shadow_decisions (name, version, ts_bar, flags, log_odds, bars, effects) "
                "VALUES ('btc_day', 1, 3600000, 1, 0.25, 'ab', '[]')"
            )
        )
    schema.move(database, "0039")
    models = SqlLearnedModels(database, HandClock(0))
    assert models.shadow("btc_day", 1) == [OF_BEFORE]
    pooled = [
        ShadowDecision(0, 0, None, "cd", instrument=name) for name in ("btc-usdt-perp", "eth-usdt-perp")
    ]
    for decision in pooled:
        models.note_shadow("majors", 1, decision)
    assert [models.shadow("majors", 1, instrument=one.instrument) for one in pooled] == [
        [one] for one in pooled
    ]
    schema.move(database, "0038")
    with database.reading() as connection:
        kept = connection.execute(text("SELECT name, ts_bar FROM shadow_decisions")).all()
    assert kept == [("btc_day", 3_600_000)]
    database.close()
