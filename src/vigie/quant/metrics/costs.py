"""What trading cost: from gross result to net, and the cost at which nothing would be left."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vigie.quant.metrics.trades import TradeColumns, column_figures


@dataclass(frozen=True, slots=True)
class CostWaterfall:
    """The way from the gross to the net result of closed trades, quote currency.

    Attributes
    ----------
    gross : float
        Result had every fill been at its price before slippage, without fees and funding.
    slippage : float
        Lost to slippage, >= 0.
    fees : float
        Paid on both sides; negative for rebates.
    funding : float
        Received; negative when paid.
    net : float
        ``gross - slippage - fees + funding``, the sum of pnl.
    notional : float
        Traded value, both sides.
    breakeven_bps : float
        Cost a side (fee and slippage together) at which net would be zero, basis points of the traded value,
        trades and sizes unchanged. Negative when even free trading lost; NaN when not known.
    """

    gross: float
    slippage: float
    fees: float
    funding: float
    net: float
    notional: float
    breakeven_bps: float


def cost_waterfall(trades: TradeColumns) -> CostWaterfall:
    """Return what closed trades earned before costs, each cost, and the cost they could bear.

    Parameters
    ----------
    trades : TradeColumns
        With `pnl`, `fees`, `funding`, `slippage` and `notional`; one that is missing makes what needs it NaN.

    Returns
    -------
    CostWaterfall
        Sums over all trades, quote currency.
    """
    n = len(trades.pnl)
    net, slippage, fees, funding, notional = (
        column_figures(column, n)[0]
        for column in (trades.pnl, trades.slippage, trades.fees, trades.funding, trades.notional)
    )
    before_costs = net + slippage + fees
    breakeven = before_costs / notional * 1e4 if notional > 0 else math.nan
    return CostWaterfall(before_costs - funding, slippage, fees, funding, net, notional, breakeven)
