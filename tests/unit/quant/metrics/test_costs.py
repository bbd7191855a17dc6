"""From gross to net by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.quant.metrics.costs import cost_waterfall
from vigie.quant.metrics.trades import TradeColumns


def test_the_way_from_gross_to_net_adds_up() -> None:
    fall = cost_waterfall(
        TradeColumns(
            pnl=np.array([30.0, -10.0]),
            fees=np.array([2.0, 3.0]),
            funding=np.array([-1.0, 0.5]),
            slippage=np.array([1.0, 1.5]),
            notional=np.array([20_000.0, 30_000.0]),
        )
    )
    assert fall.gross == pytest.approx(28.0)
    assert (
        fall.net
        == pytest.approx(fall.gross - fall.slippage - fall.fees + fall.funding)
        == pytest.approx(20.0)
    )
    assert fall.breakeven_bps == pytest.approx(27.5 / 50_000 * 1e4)


def test_at_the_breakeven_cost_nothing_is_left() -> None:
    fall = cost_waterfall(
        TradeColumns(
            pnl=np.array([5.0]),
            fees=np.array([4.0]),
            funding=np.array([1.0]),
            slippage=np.array([2.0]),
            notional=np.array([10_000.0]),
        )
    )
    assert fall.gross + fall.funding - fall.breakeven_bps / 1e4 * fall.notional == pytest.approx(
        0.0, abs=1e-12
    )


def test_what_is_not_known_makes_unknown_only_what_needs_it() -> None:
    fall = cost_waterfall(TradeColumns(pnl=np.array([5.0]), fees=np.array([1.0])))
    assert (fall.net, fall.fees) == (5.0, 1.0)
    assert math.isnan(fall.gross)
    assert math.isnan(fall.breakeven_bps)


def test_no_trades_cost_nothing() -> None:
    fall = cost_waterfall(TradeColumns())
    assert (fall.gross, fall.net, fall.fees) == (0.0, 0.0, 0.0)
    assert math.isnan(fall.breakeven_bps)
