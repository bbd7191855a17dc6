"""What became of trades that end at a stop, a target or their time: results, and whether signals were worth it.

The trades themselves are made by the fill model, in `vigie.engine.barrier_walk`; nothing here says again how they end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.codes import TARGET
from vigie.quant.labels.label import Labels, labels_of


@dataclass(frozen=True, slots=True, eq=False)
class BarrierTrades:
    """The trade of each bar's decision, made alone.

    Attributes
    ----------
    side : int64 array, shape (n_bars,)
        +1 long, -1 short, 0 where nothing was decided.
    reason : int64 array, shape (n_bars,)
        ``STOP``, ``TARGET``, ``TIME`` or ``LIQUIDATION``; the code of the refusal where the entry was refused; 0
        where nothing was decided, or the history ends before the trade does.
    last : int64 array, shape (n_bars,)
        The bar in which it ended; -1 where there is no trade.
    entry, exit : float64 arrays, shape (n_bars,)
        Fill prices with slippage, quote currency; NaN where there is no trade.
    gross : float64 array, shape (n_bars,)
        Result before fees and funding, as a fraction of the entry; NaN where there is no trade.
    """

    side: IntArray
    reason: IntArray
    last: IntArray
    entry: FloatArray
    exit: FloatArray
    gross: FloatArray


def result_labels(trades: BarrierTrades) -> Labels:
    """Return the gross result of each trade as its label.

    Parameters
    ----------
    trades : BarrierTrades
        Of any decisions.

    Returns
    -------
    Labels
        Fractions of the entry; NaN where there is no trade.
    """
    return labels_of(trades.gross.copy(), trades.last)


def meta_labels(trades: BarrierTrades, gaps: ArrayLike = ()) -> Labels:
    """Return 1 where the trade of a rule's signal reached its target, 0 where it ended otherwise.

    Parameters
    ----------
    trades : BarrierTrades
        Of the rule's signals.
    gaps : int64 array
        Bars before which at least one is missing, as in `Bars.gaps`; a trade across one has no label.

    Returns
    -------
    Labels
        NaN where there is no signal, or no trade came of it.

    References
    ----------
    Lopez de Prado (2018), Advances in Financial Machine Learning, section 3.6.
    """
    reached = np.where(np.isnan(trades.gross), np.nan, (trades.reason == TARGET).astype(np.float64))
    return labels_of(reached, trades.last).within_gaps(gaps)
