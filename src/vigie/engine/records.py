"""The records of one execution: what is planned, what came of each slot, what came of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from vigie.domain.account import AccountSettings, Costs
from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.daily_closes import DailyCloses
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.signal import Criteria
from vigie.domain.state import Records
from vigie.engine.backtest import Outcome, closes_of
from vigie.engine.inputs import Settlements, SlotInput
from vigie.quant.metrics.benchmark import buy_and_hold
from vigie.quant.metrics.summary import Summary
from vigie.trading.loaded_strategy import Strategy

# An account of nothing still has a capital to divide by.
SMALLEST: Final = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class PlannedSlot:
    """One slot of a plan, before anything is computed.

    Attributes
    ----------
    slot : SlotId
        Its name.
    bars : Bars
        History, indicator-only bars included.
    first : int
        Bars before it are for indicators only.
    own_fees : dict
        ``taker`` and ``maker`` of its instrument where they differ from the account's.
    history : DailyCloses or None
        The closing prices of all that was read, where the bars are cut from it.
    """

    slot: SlotId
    bars: Bars
    strategy: Strategy
    params: Any
    versions: tuple[Instrument, ...]
    account: AccountSettings
    funding: Settlements = field(default_factory=Settlements)
    first: int = 0
    detail: Bars | None = None
    own_fees: dict[str, float] = field(default_factory=dict)
    history: DailyCloses | None = None

    @property
    def costs(self) -> Costs:
        """What its trades cost."""
        return replace(self.account.costs, **self.own_fees) if self.own_fees else self.account.costs


@dataclass(frozen=True, slots=True, eq=False)
class SlotRun:
    """What came of one slot.

    Attributes
    ----------
    plan : PlannedSlot
        What was asked for.
    criteria : Criteria
        What the strategy said.
    input : SlotInput
        What the kernel read.
    trades : record array of `TRADE`
        This slot's trades.
    equity : float64 array, shape (n_bars - first,)
        Isolated: the slot's own account. Portfolio: capital plus the slot's booked results and open position.
    summary : Summary
        The figures.
    """

    plan: PlannedSlot
    criteria: Criteria
    input: SlotInput
    trades: Records
    equity: FloatArray
    summary: Summary

    @property
    def hold(self) -> FloatArray:
        """Buy and hold of the same span from the same capital, at each close; computed when asked for."""
        return buy_and_hold_curve(self.plan, self.plan.first)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What came of a plan.

    Attributes
    ----------
    account : AccountSettings
        Mode, costs, sizing, protections.
    slots : tuple of SlotRun
        In slot order.
    outcomes : tuple of Outcome
        Isolated: one a slot. Portfolio: a single one.
    total : Summary
        Isolated: of the sum of all accounts, with one slot its own. Portfolio: of the account.
    samples_ts, samples_offset : int64 array, shape (n_samples,), and int
        Close times less the offset.
    equity : float64 array, shape (n_samples,)
        The account (portfolio) or the sum of all accounts (isolated).
    timings : dict of str to float
        Seconds spent in criteria, checks, kernel and metrics.
    checked : bool
        Whether causality and warm-up were checked.
    market : tuple of str
        The series of bitcoin that alpha and beta were measured against; empty: neither is known.
    """

    account: AccountSettings
    slots: tuple[SlotRun, ...]
    outcomes: tuple[Outcome, ...]
    total: Summary
    samples_ts: IntArray
    samples_offset: int
    equity: FloatArray
    timings: dict[str, float]
    checked: bool
    market: tuple[str, ...] = ()

    @property
    def equity_ts(self) -> IntArray:
        """Close times of the samples in `equity`."""
        return closes_of(self.samples_ts, self.samples_offset)

    @property
    def log(self) -> Any:
        """The decision log of all slots, in slot order (isolated) or event order (portfolio)."""
        return np.concatenate([outcome.log for outcome in self.outcomes])

    @property
    def values(self) -> FloatArray:
        """Limits and values beside `log`."""
        return np.concatenate([outcome.values for outcome in self.outcomes])


def capital_of(account: AccountSettings) -> float:
    """Return what returns are divided by."""
    return max(account.sizing.capital, SMALLEST)


def buy_and_hold_curve(plan: PlannedSlot, since: int) -> FloatArray:
    """Return buy and hold from the slot's first open, at the closes from bar `since` on."""
    costs = plan.costs
    return buy_and_hold(
        plan.bars.open[plan.first :],
        plan.bars.close[since:],
        capital=capital_of(plan.account),
        taker=costs.taker,
        slippage_bps=costs.slippage_bps,
    )


def with_account(plan: PlannedSlot, account: AccountSettings) -> PlannedSlot:
    """Return the same slot under other settings."""
    return replace(plan, account=account)
