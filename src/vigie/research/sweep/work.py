"""One chunk of combinations: parameters, flags, compiled trading, figures.

Takes combinations; gives a row each. The Python part (parameters, criteria, flags) is done by one thread at a
time, so that threads do not fight over the interpreter; the compiled part, which needs no interpreter, runs
beside it. What does not depend on the combination is prepared once. A piece of work can be sent to another
machine.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.engine.batch import FIGURES, run_batch
from vigie.engine.books import check_money
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.quant.metrics.sampling import period_ends, periods_per_year
from vigie.research.sweep.accounts import trade_accounts
from vigie.research.sweep.gather import WAITING, BatchGatherer, SweepBatch
from vigie.research.sweep.plan import SweepPlan, variant_slots

CHUNK: Final = 32
_NO_SAMPLES: Final = np.empty((0, 0))

Rows = np.ndarray[Any, np.dtype[np.void]]


def row_type(accounts: int) -> np.dtype[np.void]:
    """Return the type of a row: combination, whether it was refused, figures of each account.

    Parameters
    ----------
    accounts : int
        Accounts of a combination, see `SweepPlan.accounts`.

    Returns
    -------
    np.dtype[np.void]
        Figures in the order of `FIGURES`, shape (accounts, 6).
    """
    figures = ("figures", np.float64, (accounts, len(FIGURES)))
    return np.dtype([("combination", np.int64), ("refused", np.bool_), figures])


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Values of one account of many combinations at the ends of its sampling periods.

    Attributes
    ----------
    ts : int64 array, shape (n_periods,)
        Open of the last bar of each period.
    values : float64 array, shape (n_combinations, n_periods)
        NaN for refused combinations.
    """

    ts: IntArray
    values: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _SweepSeries:
    """What one series gives to every combination."""

    slot: PlannedSlot
    gatherer: BatchGatherer
    ends: IntArray
    per_year: float


@dataclass(frozen=True, slots=True, eq=False)
class PreparedChunk:
    """A chunk whose signals are made.

    Attributes
    ----------
    rows : record array of `row_type`
        Refused ones are marked.
    parts : list of (account, SweepBatch), or None
        None where signals are made as they are traded: together they would take too much memory.
    """

    rows: Rows
    parts: list[tuple[int, SweepBatch]] | None


class SweepWork:
    """Scores combinations of a plan; callable by executors, picklable.

    `prepare` is the Python part, `finish` the compiled one; executors that can let the one run beside the other.
    """

    def __init__(self, plan: SweepPlan) -> None:
        self._plan = plan
        self._prepare()

    def _prepare(self) -> None:
        self._lock = threading.Lock()
        self._fast = not self._plan.is_shared and all(
            slot.detail is None and self._plan.account.protections is None for slot in self._plan.slots
        )
        self._series = [self._series_of(slot) for slot in self._plan.slots]
        self._dtype = row_type(self._plan.accounts)

    def __getstate__(self) -> SweepPlan:
        """Leave remembered indicators behind: they are known by identity, which ends with the process."""
        slots = tuple(replace(slot, bars=replace(slot.bars, _memo={})) for slot in self._plan.slots)
        return replace(self._plan, slots=slots)

    def __setstate__(self, plan: SweepPlan) -> None:
        """Prepare again where the work is done."""
        self._plan = plan
        self._prepare()

    def _series_of(self, slot: PlannedSlot) -> _SweepSeries:
        bars = slot.bars
        ends = period_ends(bars.ts[slot.first :], bars.span_ms)
        return _SweepSeries(slot, BatchGatherer(self._plan, slot), ends, periods_per_year(bars.span_ms))

    def __call__(self, combinations: IntArray) -> Rows:
        """Score combinations.

        Parameters
        ----------
        combinations : int64 array, shape (n,)

        Returns
        -------
        record array of `row_type`, shape (n,)
            In the same order; figures of refused ones are NaN.
        """
        return self.finish(self.prepare(combinations))

    def prepare(self, combinations: IntArray) -> PreparedChunk:
        """Make the signals of combinations.

        Parameters
        ----------
        combinations : int64 array, shape (n,)
            Numbers in the plan's space.

        Returns
        -------
        PreparedChunk
            To be given to `finish` once.
        """
        rows = np.zeros(len(combinations), self._dtype)
        rows["combination"] = combinations
        rows["figures"] = np.nan
        weight = sum(len(series.slot.bars) for series in self._series) * len(rows)
        if not self._fast or weight > WAITING:
            return PreparedChunk(rows, None)
        return PreparedChunk(
            rows,
            [
                (account, batch)
                for account in range(len(self._series))
                for batch in self._batches(account, rows)
            ],
        )

    def finish(self, prepared: PreparedChunk) -> Rows:
        """Trade what was prepared.

        Parameters
        ----------
        prepared : PreparedChunk
            Its rows are filled in place.

        Returns
        -------
        record array of `row_type`, shape (n,)
            In the order of the combinations; figures of refused ones are NaN.
        """
        rows = prepared.rows
        if not self._fast:
            self._score_by_accounts(rows)
            return rows
        for account, series in enumerate(self._series):
            parts = prepared.parts
            batches = (
                self._batches(account, rows) if parts is None else [b for at, b in parts if at == account]
            )
            for batch in batches:
                self._run(series, batch, rows["figures"][:, account], _NO_SAMPLES)
        return rows

    def sample_accounts(self, combinations: IntArray) -> list[Samples]:
        """Return the account values of combinations at the ends of their sampling periods, by account.

        Parameters
        ----------
        combinations : int64 array, shape (n,)
            Numbers in the plan's space.

        Returns
        -------
        list of Samples
            In the order of the accounts; may be empty where every combination is refused.
        """
        rows = np.zeros(len(combinations), self._dtype)
        rows["combination"] = combinations
        if not self._fast:
            return self._score_by_accounts(rows)
        samples = []
        for account, series in enumerate(self._series):
            curve = np.full((len(rows), len(series.ends)), np.nan)
            samples.append(Samples(series.slot.bars.ts[series.slot.first :][series.ends], curve))
            for batch in self._batches(account, rows):
                self._run(series, batch, rows["figures"][:, account], curve)
        return samples

    def _batches(self, account: int, rows: Rows) -> Iterator[SweepBatch]:
        """Make the signals of all rows on one series, a batch at a time; one thread at a time."""
        gatherer = self._series[account].gatherer
        numbers = rows["combination"].tolist()
        at = 0
        while at < len(numbers):
            with self._lock:
                batch, refused, at = gatherer.gather(numbers, at)
            rows["refused"][refused] = True
            if len(batch.rows):
                yield batch

    def _run(self, series: _SweepSeries, batch: SweepBatch, figures: FloatArray, curve: FloatArray) -> None:
        slot = series.slot
        bars, funding, waiting = slot.bars, slot.funding, batch.conditions
        results = np.empty((len(batch.rows), len(FIGURES)))
        ends = np.empty((len(batch.rows), len(series.ends))) if len(curve) else _NO_SAMPLES
        largest = run_batch(
            bars.ts, bars.open, bars.high, bars.low, bars.close,
            batch.flags, waiting.rows, waiting.conditions, waiting.levels,
            batch.stops, batch.targets, batch.settings, batch.rows,
            funding.ts, funding.rate, funding.mark, batch.rules,
            bars.span_ms, slot.first, series.ends, series.per_year, results, ends,
        )  # fmt: skip
        check_money(np.array([largest]), [bars.instrument])
        figures[batch.places] = results
        if len(curve):
            curve[batch.places] = ends

    def _score_by_accounts(self, rows: Rows) -> list[Samples]:
        """Score through the account loop."""
        samples_by_account: list[Samples] = []
        for row in range(len(rows)):
            with self._lock:
                slots = variant_slots(self._plan, int(rows["combination"][row]))
                inputs = [] if slots is None else [prepare_slot(slot)[1] for slot in slots]
            if slots is None:
                rows["refused"][row] = True
                continue
            accounts = trade_accounts(slots, inputs)
            if not samples_by_account:
                samples_by_account = [
                    Samples(account.ts, np.full((len(rows), len(account.ts)), np.nan)) for account in accounts
                ]
            for number, (account, samples) in enumerate(zip(accounts, samples_by_account, strict=True)):
                rows["figures"][row, number] = account.figures
                samples.values[row] = account.samples
        return samples_by_account
