"""A stored run of a trading account, replayed: the same decisions and money to the last bit, on every Python."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.golden import log
from vigie.engine.live import steps

EXPECTED = json.loads(log.RECORD.read_text(encoding="utf-8"))


def test_a_stored_run_replays_to_the_same_decisions_and_money():
    run = log.traded()
    assert log.record(log.replayed(run.account.slots, run.account.ts_begun, log.stored())) == EXPECTED
    assert EXPECTED["trades"] >= 20


def test_traded_anew_it_is_the_stored_run():
    run = log.traded()
    assert [steps.written(step) for step in run.taken] == [replace(one, number=0) for one in log.stored()]
    assert log.record(run.account) == EXPECTED


def test_another_signal_in_it_makes_another_account():
    run, rows = log.traded(), log.stored()
    place = next(at for at, row in enumerate(rows) if '"flags":1,' in row.body)
    silent = replace(rows[place], body=rows[place].body.replace('"flags":1,', '"flags":0,', 1))
    kept = rows[: place + 1]
    changed = [*rows[:place], silent]
    told = [
        log.replayed(run.account.slots, run.account.ts_begun, some).decision_hash for some in (kept, changed)
    ]
    assert told[0] != told[1]
