"""Brackets without end are refused like any other nonsense, on streams and in bodies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.sandbox.exchange.binance.booths import open_booth
from tests.unit.sandbox.exchange.hyperliquid.counter import open_counter
from tests.unit.sandbox.exchange.stalls import open_stall
from vigie_sandbox.exchange.bitget.signing import make_signature

DEEP = "[" * 20_000


@pytest.mark.parametrize(
    ("opened", "path"),
    [(open_stall, "/v2/ws/public"), (open_booth, "/ws"), (open_counter, "/ws")],
    ids=["bitget", "binance", "hyperliquid"],
)
def test_a_stream_answers_brackets_without_end_by_its_error(opened, path):
    session = opened().opened.venue.add_session(path)
    assert session is not None
    session.receive(DEEP, 0.0)
    assert session.outbox.qsize() == 1


def test_a_signed_body_of_brackets_without_end_is_refused():
    stall = open_stall()
    asked = stall.question("POST", "order/place-order")
    told = asked.headers["access-timestamp"]
    sign = make_signature(stall.key.secret, f"{told}POST{asked.path}{DEEP}")
    asked = replace(asked, body=DEEP.encode(), headers={**asked.headers, "access-sign": sign})
    assert stall.make_reply(asked).body["code"] == "40020"
