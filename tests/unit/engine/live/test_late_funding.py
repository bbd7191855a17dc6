"""Funding that is reported late belongs to the position held at its settlement."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.domain import state
from vigie.domain.state import Records
from vigie.engine.live.fold.late_funding import charge_funding
from vigie.quant import money


def ended_trade(exit_ts: int) -> Records:
    """One trade of slot 0 that made 100 on an equity of 5,000."""
    trades = np.zeros(1, state.TRADE)
    trades["exit_ts"], trades["decision_equity"] = exit_ts, 5_000.0
    trades["pnl"], trades["pnl_minor"], trades["return_pct"] = 100.0, money.minor_of(100.0), 2.0
    return trades


@pytest.mark.parametrize("side", [0, 1])
def test_funding_of_a_position_that_ended_is_its_own_whether_the_slot_holds_another_one_or_none(
    side: int,
) -> None:
    slots, trades = np.zeros(1, state.SLOT), ended_trade(20)
    slots["side"] = side
    charge_funding(slots[0], trades, 0, 10, money.minor_of(-50.0))
    assert slots["funding_minor"].tolist() == [0]
    assert (trades["funding"][0], trades["pnl"][0]) == (-50.0, 50.0)
    assert trades["return_pct"][0] == pytest.approx(1.0)


def test_funding_settled_after_the_last_trade_is_of_the_position_that_is_held() -> None:
    slots, trades = np.zeros(1, state.SLOT), ended_trade(20)
    slots["side"] = 1
    charge_funding(slots[0], trades, 0, 30, money.minor_of(-50.0))
    assert slots["funding_minor"].tolist() == [money.minor_of(-50.0)]
    assert (trades["funding"][0], trades["pnl"][0]) == (0.0, 100.0)
