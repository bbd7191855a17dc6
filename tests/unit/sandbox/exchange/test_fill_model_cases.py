"""The shared cases of the fill model, as far as an exchange can show them."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from tests.shared import shared_dir
from tests.unit.sandbox.exchange.worlds import ME, D, Desk, bars
from vigie_sandbox.exchange.core.entities import Contract
from vigie_sandbox.exchange.matchers.tracks import Track

pytestmark = pytest.mark.shared
_CAUSES = {"stop": "stop", "target": "target", "liquidation": "liquidation"}


@cache
def cases() -> list[dict[str, Any]]:
    known: list[dict[str, Any]] = json.loads(shared_dir("cases", "fill_model.json").read_text())
    return known


def exact(value: object) -> Decimal:
    return D(str(value))


def desk_of(case: dict[str, Any]) -> Desk:
    settings = case["settings"]
    contract = Contract(
        "BTCUSDT", "BTC", "USDT", exact(settings["tick"]), exact(settings["lot"]),
        min_qty=exact(settings.get("min_qty", 0)), min_notional=exact(settings.get("min_notional", 0)),
        max_qty=exact(settings["max_qty"]) if "max_qty" in settings else None,
    )  # fmt: skip
    track = Track("BTCUSDT", bars(case["bars"], case["timeframe_ms"], case["bar_ts"]))
    return Desk(
        [track],
        contracts=[contract],
        capital=str(settings["capital"]),
        fundings={"BTCUSDT": [(ts, exact(rate)) for ts, rate in case["funding"]]},
        marks={"BTCUSDT": {ts: exact(price) for ts, price in settings.get("mark", [])}},
    )


def play(case: dict[str, Any]) -> Desk:
    """Place what the expected trades say was decided; everything else is the exchange's doing."""
    desk, is_limit = desk_of(case), case["settings"].get("target_execution") == "limit"
    while True:
        instant = desk.hands.step()
        for trade in case["trades"]:
            decided = trade["reason"] not in ("stop", "target")
            if desk.position and decided and trade["exit_ts"] == instant.ts:
                desk.order(-desk.position.side, str(desk.position.qty), reduce_only=True)
        desk.hands.ack(instant.number, 1)
        for trade in case["trades"]:
            if trade["entry_ts"] == instant.ts:
                side, target = (1 if trade["side"] == "long" else -1), exact(trade["target"])
                more: dict[str, Any] = {} if is_limit else {"target": target}
                desk.order(side, str(trade["qty"]), stop=exact(trade["stop"]), **more)
        desk.hands.ack(instant.number, 2)
        for trade in case["trades"]:
            if is_limit and trade["entry_ts"] == instant.ts:
                side = 1 if trade["side"] == "long" else -1
                desk.order(-side, str(trade["qty"]), price=exact(trade["target"]), reduce_only=True)
        if instant.is_last:
            return desk


def test_every_case_with_trades_is_played() -> None:
    assert sum(1 for case in cases() if case["trades"]) >= 55


@pytest.mark.parametrize("number", range(72))
def test_expected_trades_are_what_the_exchange_books(number: int) -> None:
    known = cases()
    assert len(known) == 72
    case = known[number]
    desk = play(case)
    trades, closed = desk.trades, desk.exchange.closed_positions(ME)
    assert len(closed) == len(case["trades"])
    assert len(trades) == 2 * len(closed)
    assert desk.position is None
    for place, (expected, position) in enumerate(zip(case["trades"], closed, strict=True)):
        entry, leave = trades[2 * place], trades[2 * place + 1]
        assert (entry.ts, leave.ts) == (expected["entry_ts"], expected["exit_ts"])
        assert float(entry.qty) == float(leave.qty) == expected["qty"]
        assert float(entry.price) == expected["entry"]
        # A liquidation price lies on no grid: the case's is a product of floats.
        assert float(leave.price) == pytest.approx(expected["exit"], rel=1e-14)
        is_limit = case["settings"].get("target_execution") == "limit" and expected["reason"] == "target"
        assert leave.cause == ("order" if is_limit else _CAUSES.get(expected["reason"], "order"))
        assert leave.is_maker == is_limit
        assert float(position.fees) == pytest.approx(expected["fees"], abs=1e-7)
        assert float(position.funding) == pytest.approx(expected["funding"], abs=1e-7)
        pnl = position.realised - position.fees + position.funding
        assert float(pnl) == pytest.approx(expected["pnl"], abs=1e-7)
        after = [bill.cash for bill in desk.exchange.bills(ME) if bill.trade_id == leave.id]
        assert float(after[0]) == pytest.approx(expected["equity"], abs=1e-7)
