"""A stored run of a trading account, replayed: the same decisions and money to the last bit, on every Python."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from operator import add

from tests.golden import log
from vigie.domain.money import to_decimal
from vigie.engine.live.fold import steps

EXPECTED = json.loads(log.RECORD.read_text(encoding="utf-8"))


def test_a_stored_run_replays_to_the_same_decisions_and_money():
    run = log.traded()
    assert log.record(log.replayed(run.account.slots, run.account.ts_start, log.stored())) == EXPECTED
    assert EXPECTED["trades"] >= 20


# What was pinned while cash was a float: the only thing in the record that changed when it became exact.
SUMMED_AS_FLOATS = float.fromhex("0x1.3dfde7564b103p+13")


def test_the_pinned_cash_is_the_decimal_sum_of_what_was_booked_and_a_sum_of_floats_is_not():
    account = log.traded().account
    gross = iter(float(trade["gross"]) for trade in account.trades)
    booked = []
    for step in map(steps.decode_step, log.stored()):
        booked += [-entry.fee for entry in getattr(step, "entries", ())]
        for number in range(len(account.slots)):
            paid = [one.amount for one in getattr(step, "payments", ()) if one.slot == number]
            ended = [one.fee for one in getattr(step, "leaves", ()) if one.slot == number]
            booked += paid + [amount for fee in ended for amount in (next(gross), -fee)]
    capital = account.slots[0].sizing.capital
    assert float.fromhex(EXPECTED["cash"]) == float(
        to_decimal(capital) + sum(map(to_decimal, booked), Decimal(0))
    )
    assert SUMMED_AS_FLOATS == reduce(add, booked, capital) != float.fromhex(EXPECTED["cash"])


def test_traded_anew_it_is_the_stored_run():
    run = log.traded()
    assert [steps.encode_step(step) for step in run.log_steps] == [
        replace(one, number=0) for one in log.stored()
    ]
    assert log.record(run.account) == EXPECTED


def test_another_signal_in_it_makes_another_account():
    run, rows = log.traded(), log.stored()
    place = next(at for at, row in enumerate(rows) if '"flags":1,' in row.body)
    silent = replace(rows[place], body=rows[place].body.replace('"flags":1,', '"flags":0,', 1))
    kept = rows[: place + 1]
    changed = [*rows[:place], silent]
    told = [
        log.replayed(run.account.slots, run.account.ts_start, some).decision_hash for some in (kept, changed)
    ]
    assert told[0] != told[1]
