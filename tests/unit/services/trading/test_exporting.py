"""An account as files of lines: nothing is missing, and each record leads back to the audit chain."""

from __future__ import annotations

import json

import pytest

from tests.traded import house_of
from tests.unit.services.trading.material import BEGUN
from vigie.services.needs import bound
from vigie.services.trading.accounts.account_status import get_account_status
from vigie.services.trading.log.exporting import BEATS, EVENTS, ORDERS, export


@pytest.fixture(scope="module")
def exported(traded_home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    house, run = house_of(traded_home, folder / "home", BEGUN)
    counts = bound(house, export)(run, folder / "files")
    read = {
        name: [json.loads(line) for line in (folder / "files" / name).read_text().splitlines()]
        for name in counts
    }
    assert {name: len(rows) for name, rows in read.items()} == counts
    return house, run, read


def test_every_order_is_there_with_its_end_and_the_record_written_before_it_was_sent(exported):
    house, run, read = exported
    known = {one.intent.id: one.move.state for one in house.trades.intents(run.id)}
    assert {row["id"]: row["state"] for row in read[ORDERS]} == known
    chain = {row["seq"]: row for row in read[EVENTS]}
    for row in read[ORDERS]:
        record = chain[row["audit_seq"]]
        assert (record["kind"], record["subject"], record["hash"]) == (
            "trade.intent",
            row["id"],
            row["audit_hash"],
        )
    assert read[ORDERS]


def test_events_are_the_chains_own_and_of_trading_only(exported):
    house, _, read = exported
    assert house.audit.verify() >= len(read[EVENTS])
    newest = house.audit.after(read[EVENTS][-1]["seq"] - 1, limit=1)[0]
    assert read[EVENTS][-1]["hash"] == newest.hash
    chain = {one.seq: one for one in house.audit.after(0) if one.kind.startswith("trade.")}
    assert {row["seq"]: row["hash"] for row in read[EVENTS]} == {seq: one.hash for seq, one in chain.items()}


def test_every_line_says_that_it_was_decided_as_the_market_went(exported):
    *_, read = exported
    assert {row["is_replayed"] for rows in read.values() for row in rows} == {False}


def test_there_is_one_beat_an_instant_and_the_last_is_how_the_account_stands(exported):
    house, run, read = exported
    times = [row["ts"] for row in read[BEATS]]
    assert times == sorted({step.ts for step in house.trades.steps(run.id)})
    assert len(times) >= 4 * 24
    found, last = bound(house, get_account_status)("main", "owner"), read[BEATS][-1]
    assert (last["cash"], last["equity"], last["decision_hash"]) == (
        found["cash"], found["equity"], found["decision_hash"],
    )  # fmt: skip
