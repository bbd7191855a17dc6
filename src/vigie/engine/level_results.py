"""What one trade gains and loses at its levels: the fill model's own trade on two made bars, with all costs.

Takes an entry with stop and target; gives quantity, loss, gain and costs, or why the entry is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from vigie.domain.account import Costs, Sizing
from vigie.domain.bar import Bars
from vigie.domain.codes import REFUSALS
from vigie.domain.instrument import Instrument
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY, Records
from vigie.domain.time import HOUR_MS
from vigie.engine.backtest import run_slot
from vigie.engine.inputs import SlotInput
from vigie.engine.run import cap_leverage
from vigie.trading import sizing as sizes

_CODE: Final = 6
# A level on the grid must not fall beside it for the last digit of a quotient.
NUDGE: Final = 1e-12


@dataclass(frozen=True, slots=True)
class LevelResults:
    """A trade at its levels.

    Attributes
    ----------
    refusal : str
        Why the entry is refused; empty where it is not. Then all else is 0.
    limit, value : float
        What the refusal compared.
    qty : float
        Base units.
    notional : float
        Quote units at the entry.
    loss, gain : float
        Result at the stop and at the target after fees and slippage, without funding; the loss is negative.
    costs_at_stop, costs_at_target : float
        Fees and slippage of these.
    liquidation : float
        Price of liquidation; 0 where there is none.
    """

    refusal: str = ""
    limit: float = 0.0
    value: float = 0.0
    qty: float = 0.0
    notional: float = 0.0
    loss: float = 0.0
    gain: float = 0.0
    costs_at_stop: float = 0.0
    costs_at_target: float = 0.0
    liquidation: float = 0.0

    @property
    def break_even(self) -> float | None:
        """Share of such trades that must reach the target so that nothing is lost; None where no share does."""
        return -self.loss / (self.gain - self.loss) if self.gain > 0.0 > self.loss else None


def level_results(
    versions: Sequence[Instrument],
    sizing: Sizing,
    costs: Costs,
    *,
    side: Literal["long", "short"],
    entry: float,
    stop: float,
    target: float,
    ts: int,
) -> LevelResults:
    """Return what a trade makes at its stop and at its target, entered at a price.

    Parameters
    ----------
    versions : sequence of Instrument
        The instrument's rules in time.
    sizing, costs
        Of the account; size and caps are those of the fill model.
    side : str
        ``long`` or ``short``.
    entry, stop, target : float
        Quote units.
    ts : int
        Whose rules hold, epoch milliseconds.
    """
    allowed = cap_leverage(replace(sizing, max_bars=0), tuple(versions), ts)
    slot = SlotInput(
        _bars_to(entry, entry, versions[0].name, ts),
        np.array([LONG_ENTRY if side == "long" else SHORT_ENTRY, 0], np.uint8),
        np.full(2, abs(entry - stop) / sizing.stop_atr * (1.0 - NUDGE)),
        np.full(2, abs(target - entry) / sizing.target_atr * (1.0 + NUDGE)),
        tuple(versions),
        allowed,
        costs=costs,
    )
    at_stop, at_target = (
        _trade_of(replace(slot, bars=_bars_to(level, entry, versions[0].name, ts)))
        for level in (stop, target)
    )
    if isinstance(at_stop, LevelResults):
        return at_stop
    if isinstance(at_target, LevelResults):
        return at_target
    held = max(
        (version for version in versions if version.valid_from <= ts),
        key=lambda one: one.valid_from,
        default=versions[0],
    )
    return LevelResults(
        qty=float(at_stop["qty"]),
        notional=float(at_stop["qty"] * at_stop["entry"]),
        loss=float(at_stop["pnl"]),
        gain=float(at_target["pnl"]),
        costs_at_stop=float(at_stop["fees"] + at_stop["slippage"]),
        costs_at_target=float(at_target["fees"] + at_target["slippage"]),
        liquidation=float(
            sizes.liquidation_price(
                1 if side == "long" else -1, float(at_stop["entry"]), allowed.leverage, held.maintenance_rate
            )
        ),
    )


def _bars_to(level: float, entry: float, instrument: str, ts: int) -> Bars:
    """Return the bar at whose close the entry is decided, and one that opens there and reaches a level."""
    prices = np.array([entry, entry])
    return Bars(
        instrument, HOUR_MS, np.array([ts, ts + HOUR_MS]),
        open=prices, high=np.array([entry, max(entry, level)]), low=np.array([entry, min(entry, level)]),
        close=np.array([entry, level]), volume=np.zeros(2),
    )  # fmt: skip


def _trade_of(slot: SlotInput) -> Records | LevelResults:
    """Return the trade that a slot makes; or the refusal."""
    outcome = run_slot(slot)
    if len(outcome.trades):
        trade: Records = outcome.trades[0]
        return trade
    row = int(outcome.refusals[0])
    return LevelResults(
        refusal=REFUSALS[int(outcome.log[row, _CODE])],
        limit=float(outcome.values[row, 0]),
        value=float(outcome.values[row, 1]),
    )
