"""Funding of instruments as the log of a run told it: which rates were known by which step.

A rate that the log tells later than a step is not known there, whoever asks: so the same closes give the same funding,
followed one by one or read at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import takewhile

import numpy as np

from vigie.domain.errors import DataError
from vigie.domain.order import TradeRun
from vigie.engine.inputs import Settlements
from vigie.engine.live.fold import steps
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores

_Rate = tuple[int, float]


@dataclass(slots=True)
class ToldFunding:
    """Settled rates by instrument, each with the step that told it first; 0 for what earlier runs told."""

    _rates: dict[str, dict[int, tuple[float, int]]] = field(default_factory=dict)

    def take(self, step: steps.Step, instruments: tuple[str, ...], number: int) -> None:
        """Take a step of the log.

        Parameters
        ----------
        instruments : tuple of str
            Of the run's slots, by number.
        number : int
            Of the step.
        """
        if isinstance(step, steps.BarsClosed):
            for bar in step.bars:
                self._add(instruments[bar.slot], bar.settlements, number)
        elif isinstance(step, steps.BarsOpened):
            for name, ts, rate in step.rates:
                self._add(name, [(ts, rate)], number)

    def known_by(self, instrument: str, number: int) -> Settlements:
        """Return the settlements of an instrument that were told by a step."""
        told = sorted(
            (ts, rate) for ts, (rate, by) in self._rates.get(instrument, {}).items() if by <= number
        )
        return Settlements(
            np.array([ts for ts, _ in told], np.int64),
            np.array([rate for _, rate in told], np.float64),
            np.full(len(told), np.nan),
        )

    def merge(self, other: ToldFunding) -> None:
        """Take what another one knows and this one does not."""
        for name, rates in other._rates.items():
            for ts, told in rates.items():
                self._rates.setdefault(name, {}).setdefault(ts, told)

    def _add(self, instrument: str, rates: Iterable[_Rate], number: int) -> None:
        known = self._rates.setdefault(instrument, {})
        for ts, rate in rates:
            known.setdefault(ts, (rate, number))


def runs_before(stores: TradingStores, run: TradeRun) -> list[TradeRun]:
    """Return the runs of an account before one of its runs, oldest first; those of its kind, replayed or not."""
    return [
        one
        for one in takewhile(lambda one: one.id != run.id, stores.trades.runs_of())
        if (one.account, one.is_replayed) == (run.account, run.is_replayed)
    ]


def told_before(stores: TradingStores, run: TradeRun, since: int) -> ToldFunding:
    """Return what the account's runs before one told of settlements after a time; it reads all of their logs.

    Parameters
    ----------
    since : int
        Epoch milliseconds; runs whose file is gone tell nothing.
    """
    told = ToldFunding()
    for before in runs_before(stores, run):
        try:
            plan = load_plan(stores.results, before.id)
        except DataError:
            continue
        instruments = tuple(slot.slot.instrument for slot in plan.slots)
        for written in stores.trades.steps(before.id):
            step = steps.decode_step(written)
            if step.ts > since:
                told.take(step, instruments, 0)
    return told
