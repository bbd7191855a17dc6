"""Funding counted to the position that was held when it was settled, also where that has ended since."""

from __future__ import annotations

from typing import Any

import numpy as np

from vigie.domain.state import Records
from vigie.quant import money


def charge_funding(slot: Any, trades: Records, number: int, ts: int, amount: int) -> None:
    """Count funding to the position that was held when it was settled.

    Parameters
    ----------
    slot : record
        The slot's record; changed where the position is still held.
    trades : Records
        The account's trades that ended, in booking order; the one that held then is changed.
    number : int
        The slot's number.
    ts : int
        When the funding was settled, in milliseconds.
    amount : int
        In minor units; negative is paid.
    """
    own_trades = np.flatnonzero(trades["slot"] == number)
    candidates = [*own_trades[trades["exit_ts"][own_trades] >= ts], *own_trades[-1:]]
    if slot["side"] != 0 and len(candidates) < 2:
        slot["funding_minor"] = money.add(slot["funding_minor"], amount)
    elif candidates:
        trade = trades[candidates[0]]
        trade["funding"] = money.amount_of(money.add(money.minor_of(trade["funding"]), amount))
        trade["pnl_minor"] = money.add(trade["pnl_minor"], amount)
        trade["pnl"] = money.amount_of(trade["pnl_minor"])
        trade["return_pct"] = 100.0 * trade["pnl"] / trade["decision_equity"]
