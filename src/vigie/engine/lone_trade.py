"""What the fill model does inside the bars after one decision, the slot traded alone and once.

What is decided at later closes (exit conditions, opposite signals, time) is left out: who asks reads it off the same
closes. So the answer for a bar depends on no bar after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.domain.codes import GAP_THROUGH_LEVEL, LIQUIDATION, STOP, TARGET
from vigie.domain.setup import EntryTerms, InsideEvent
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY, Records
from vigie.engine.backtest import Outcome, run_slot
from vigie.engine.inputs import Settlements, SlotInput

# The end of data says nothing of a trade that goes on.
_EVENTS: Final[dict[int, InsideEvent]] = {STOP: "stop", TARGET: "target", LIQUIDATION: "liquidation"}
_CODE: Final = 6
# What such a trade risked is below this only where a stop stands at the close itself.
_LEAST_RISK: Final = 1e-12


@dataclass(frozen=True, slots=True)
class InsideEnd:
    """How a trade, or its entry, ended inside a bar.

    Attributes
    ----------
    bar : int
        Index into the slot's bars.
    event : str
        ``stop``, ``target``, ``liquidation``; ``gap_through_level`` or ``entry_refused`` where the entry was refused at
        the open.
    r : float or None
        What the trade made over what it risked, see `r_of`; None where there was no trade.
    """

    bar: int
    event: InsideEvent
    r: float | None = None


def inside_end(slot: SlotInput, bar: int, side: str, stop: int, terms: EntryTerms) -> InsideEnd | None:
    """Return what ends the trade of one decision before a bar, where a bar's own prices do.

    Parameters
    ----------
    slot : SlotInput
        The slot; its finer bars are not read: within a bar the stop comes before the target.
    bar : int
        Index of the bar at whose close the entry is decided.
    side : str
        ``long`` or ``short``.
    stop : int
        Bars from here on are not read.
    terms : EntryTerms
        What was decided, whatever a history that begins elsewhere would say now.

    Returns
    -------
    InsideEnd or None
        None where the trade goes on.
    """
    outcome = _lone_outcome(slot, bar, side, stop, terms)
    if len(outcome.trades):
        event = _EVENTS.get(int(outcome.trades["reason"][0]))
        at = bar + int(outcome.trades["exit_bar"][0])
        return InsideEnd(at, event, r_of(outcome.trades, float(slot.bars.close[bar]))) if event else None
    if len(outcome.refusals):
        refused = outcome.log[outcome.refusals[0]]
        is_gap = int(refused[_CODE]) == GAP_THROUGH_LEVEL
        at = bar + int(np.searchsorted(slot.bars.ts[bar:stop], refused[0]))
        return InsideEnd(at, "gap_through_level" if is_gap else "entry_refused")
    return None


def settled_r(slot: SlotInput, bar: int, side: str, end: int, terms: EntryTerms) -> float | None:
    """Return the R of a trade that is closed at the close of a bar, with slippage and fee: the fill model's last bar.

    Parameters
    ----------
    slot, bar, side, terms
        As for `inside_end`.
    end : int
        Index of the bar at whose close the trade is over.

    Returns
    -------
    float or None
        None where there is no trade.
    """
    return r_of(_lone_outcome(slot, bar, side, end + 1, terms).trades, float(slot.bars.close[bar]))


@dataclass(frozen=True, slots=True)
class LoneFunding:
    """What funding made of a trade.

    Attributes
    ----------
    r : float
        Over what the trade risked; negative where it was paid.
    rates : tuple of (int, float)
        By open time of each bar in which funding was borne, the sum of its rates.
    """

    r: float
    rates: tuple[tuple[int, float], ...]


def lone_funding(
    slot: SlotInput, bar: int, side: str, end: int, terms: EntryTerms, settled: Settlements
) -> LoneFunding | None:
    """Return what settlements made of the trade of one decision that is over by the close of a bar (rule 8).

    Parameters
    ----------
    slot, bar, side, terms
        As for `inside_end`.
    end : int
        Index of the bar in which the trade ended, or at whose close it is over.
    settled : Settlements
        As far as they are known.

    Returns
    -------
    LoneFunding or None
        None where there is no trade.
    """
    trades = _lone_outcome(replace(slot, funding=settled), bar, side, end + 1, terms).trades
    risked = _risked(trades, float(slot.bars.close[bar])) if len(trades) else 0.0
    if risked <= _LEAST_RISK:
        return None
    # What is settled at the entry's own open is borne by whoever held before.
    ts = slot.bars.ts
    is_borne = (settled.ts > ts[bar + 1]) & (settled.ts < ts[end] + slot.bars.span_ms)
    places = np.searchsorted(ts, settled.ts[is_borne], side="right") - 1
    rates: dict[int, float] = {}
    for place, rate in zip(places.tolist(), settled.rate[is_borne].tolist(), strict=True):
        rates[int(ts[place])] = rates.get(int(ts[place]), 0.0) + rate
    return LoneFunding(float(trades["funding"][0]) / risked, tuple(sorted(rates.items())))


def r_of(trades: Records, close: float) -> float | None:
    """Return R of the first of some trades: its result after costs over quantity times |close - stop| as decided.

    Parameters
    ----------
    trades : record array of `TRADE`
        Perhaps none.
    close : float
        Of the bar at whose close the entry was decided, quote currency.
    """
    if not len(trades):
        return None
    risked = _risked(trades, close)
    return float(trades["pnl"][0]) / risked if risked > _LEAST_RISK else None


def _risked(trades: Records, close: float) -> float:
    return float(trades["qty"][0]) * abs(close - float(trades["stop"][0]))


def _lone_outcome(slot: SlotInput, bar: int, side: str, stop: int, terms: EntryTerms) -> Outcome:
    bars = slot.bars.slice(bar, stop)
    flags = np.zeros(len(bars), np.uint8)
    flags[0] = LONG_ENTRY if side == "long" else SHORT_ENTRY
    return run_slot(
        replace(
            slot,
            bars=bars,
            flags=flags,
            # Only the first bar's are read: nothing else is decided.
            stop_unit=np.full(len(bars), terms.stop_unit),
            target_unit=np.full(len(bars), terms.target_unit),
            sizing=replace(slot.sizing, leverage=terms.leverage, max_bars=0),
            first=0,
            detail=None,
        )
    )
