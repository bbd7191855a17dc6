"""What the published program reads off the life of a setup: as the product does, and as its bars' times allow."""

from __future__ import annotations

import json
import runpy

import pytest

from tests.contracts.setup_alerts import BODY
from vigie.domain.time import HOUR_MS, TIMEFRAME_MS
from vigie.ports.setups import StoredChange
from vigie.services.setups.ended import ended_setups
from vigie.services.setups.published.packing import PROGRAM

BEGUN = 1_750_003_200_000


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(PROGRAM))


def body_at(closes, state, cause, *, slot="btc-usdt-perp/1h/ema_cross", **more):
    span = TIMEFRAME_MS[slot.split("/")[1]]
    ts = BEGUN + closes * span
    return {**BODY, "slot": slot, "state": state, "cause": cause, "ts_bar": ts, "ts_known": ts + span, **more}


def rows_of(*bodies, sealed=0):
    """Return changes of one chain, the last of them sealed so much after its close."""
    return [
        {"chain": "c", "body": json.dumps(body), "record": {"seq": number, "ts": body["ts_known"] + sealed}}
        for number, body in enumerate(bodies, 1)
    ]


def kept(body):
    return StoredChange(
        1, body["setup"], "main", False, "r1", "binance-perp", body["slot"], body["side"], body["state"],
        body["cause"], body["ts_bar"], body["ts_known"], body["ts_begun"], body["ts_known"], body, "d" * 64,
    )  # fmt: skip


@pytest.mark.parametrize("strategy", ["ema_cross", "ema_cross#2"])
@pytest.mark.parametrize("timeframe", TIMEFRAME_MS)
def test_it_counts_a_setup_of_any_slot_as_the_product_does(program, timeframe, strategy):
    slot = f"btc-usdt-perp/{timeframe}/{strategy}"
    life = [
        body_at(0, "confirmed", "decided", slot=slot, horizon_bars=30, regime="rising_calm"),
        body_at(5, "played_out", "stop", slot=slot, r=-1.0),
    ]
    by_setup, n_open = program["lives_of"](rows_of(*life))
    (told,) = [program["_ended"](life) for life in by_setup.values()]
    (counted,) = ended_setups(kept(body) for body in life)
    names = ("kind", "strategy", "instrument", "regime", "horizon", "r")
    assert ({name: told[name] for name in names}, n_open) == (
        {name: getattr(counted, name) for name in names},
        0,
    )


CONFIRMED = body_at(0, "confirmed", "decided", horizon_bars=30)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        # A loser that would count as one that never was confirmed.
        (body_at(5, "invalidated", "not_near"), "as if it never was"),
        # Sealed long after its bar: as if its end was known only then, it would not count as late.
        (body_at(5, "played_out", "target", ts_known=BEGUN + 900 * HOUR_MS), "another time"),
        (body_at(5, "played_out", "target", ts_known=BEGUN), "another time"),
        (body_at(-1, "played_out", "target"), "another time"),
    ],
)
def test_lives_that_cannot_be_are_told(program, end, told):
    with pytest.raises(program["Difference"], match=told):
        program["lives_of"](rows_of(CONFIRMED, end))


def test_a_clock_that_was_set_back_between_a_decision_and_its_seal_makes_no_record_void(program):
    text = json.dumps(CONFIRMED)
    seal = program["seal_of"]("0" * 32, "", text)
    for early, is_refused in ((5_000, False), (61_000, True)):
        record = {
            "before": "0" * 64, "seq": 1, "ts": CONFIRMED["ts_known"] - early, "kind": "setup.sealed",
            "actor": "vigie", "subject": seal, "digest": "0" * 64,
        }  # fmt: skip
        record["hash"] = program["hash_of"](record)
        row = {
            "chain": seal[:12], "body": text, "salt": "0" * 32, "before": "", "seal": seal, "record": record,
        }  # fmt: skip
        if is_refused:
            with pytest.raises(program["Difference"], match="older than what it seals"):
                program["check_seals"]([row])
        else:
            program["check_seals"]([row])


def test_a_slot_that_is_no_longer_traded_ends_a_setup_later_than_its_last_bar(program):
    left = body_at(5, "invalidated", "strategy_changed", ts_known=BEGUN + 900 * HOUR_MS, r=-0.5)
    assert list(program["lives_of"](rows_of(CONFIRMED, left))[0]) == [CONFIRMED["setup"]]


def test_an_end_that_was_left_out_shows_by_the_time_that_went_by(program):
    other = {"setup": "f" * 16}
    for closes, state, cause, horizon in ((30, "confirmed", "decided", 30), (10, "forming", "near", 0)):
        begun = body_at(0, state, cause, horizon_bars=horizon)
        last, next_one = (
            body_at(at, "confirmed", "decided", horizon_bars=30, **other) for at in (closes, closes + 1)
        )
        assert program["overdue_of"](rows_of(begun, last)) == 0
        assert program["overdue_of"](rows_of(begun, next_one)) == 1


def test_ends_without_a_result_are_counted(program):
    refused = body_at(1, "invalidated", "entry_refused")
    assert program["no_result_of"]({"a": [CONFIRMED, refused]}) == 1
    assert (
        program["no_result_of"]({"a": [body_at(0, "forming", "near"), body_at(1, "expired", "closes")]}) == 0
    )
    assert program["no_result_of"]({"a": [CONFIRMED, body_at(1, "played_out", "stop", r=-1.0)]}) == 0
