"""One chunk of combinations: parameters, flags, compiled trading, figures.

Takes combinations; gives a row each. The Python part (parameters, criteria, flags) is done by one thread at a
time, so that threads do not fight over the interpreter; the compiled part, which needs no interpreter, runs
beside it. What does not depend on the combination is prepared once. A piece of work can be sent to another
machine.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from vigie.domain import state
from vigie.domain.account import AccountSettings
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import DataError, UsageError
from vigie.engine.batch import FIGURES, run_batch
from vigie.engine.run import PlannedSlot, judge, prepare_slot
from vigie.engine.signals import flags_of
from vigie.quant.metrics.sampling import period_ends, periods_per_year
from vigie.research.sweep.accounts import trade_accounts
from vigie.research.sweep.plan import SweepPlan, variant, varied_account, varied_params
from vigie.research.sweep.space import Number
from vigie.trading.strategy import atr_of

CHUNK: Final = 64
# Signals and distances that wait for one compiled call, in bytes.
_WAITING: Final = 4 * 1024 * 1024
_NO_SAMPLES: Final = np.empty((0, 0))

Rows = np.ndarray[Any, np.dtype[np.void]]


def row_type(accounts: int) -> np.dtype[np.void]:
    """Return the type of a row: combination, whether it was refused, figures of each account."""
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
class _Series:
    """What one series gives to every combination."""

    slot: PlannedSlot
    ends: IntArray
    per_year: float
    rules: dict[tuple[Number, ...], Any]
    settings: dict[tuple[Number, ...], Any]


@dataclass(slots=True, eq=False)
class _Batch:
    """Variants that wait for one compiled call."""

    flags: list[Any]
    stops: list[FloatArray]
    targets: list[FloatArray]
    settings: list[Any]
    rules: Any
    rows: list[tuple[int, int, int, int]]
    places: list[int]
    waiting: int = 0


class SweepWork:
    """Scores combinations of a plan; callable by executors, picklable."""

    def __init__(self, plan: SweepPlan) -> None:
        self._plan = plan
        self._prepare()

    def _prepare(self) -> None:
        self._lock = threading.Lock()
        self._fast = not self._plan.is_shared and all(
            slot.detail is None and self._plan.account.protections is None for slot in self._plan.slots
        )
        self._params = [axis.name for axis in self._plan.space.axes if axis.kind == "param"]
        self._accounts: dict[tuple[Number, ...], AccountSettings | None] = {}
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

    def _series_of(self, slot: PlannedSlot) -> _Series:
        bars = slot.bars
        return _Series(
            slot, period_ends(bars.ts[slot.first :], bars.span_ms), periods_per_year(bars.span_ms), {}, {}
        )

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
        rows, _ = self._scored(combinations, sampled=False)
        return rows

    def sampled(self, combinations: IntArray) -> list[Samples]:
        """Return the account values of combinations at the ends of their sampling periods, by account."""
        return self._scored(combinations, sampled=True)[1]

    def _scored(self, combinations: IntArray, *, sampled: bool) -> tuple[Rows, list[Samples]]:
        rows = np.zeros(len(combinations), self._dtype)
        rows["combination"] = combinations
        rows["figures"] = np.nan
        if not self._fast:
            return rows, self._slowly(rows)
        samples = []
        for account, series in enumerate(self._series):
            curve = np.full((len(rows), len(series.ends)), np.nan) if sampled else _NO_SAMPLES
            samples.append(Samples(series.slot.bars.ts[series.slot.first :][series.ends], curve))
            at = 0
            while at < len(rows):
                with self._lock:
                    batch, at = self._gather(series, rows, at)
                if batch.rows:
                    self._run(series, batch, rows["figures"][:, account], curve)
        return rows, samples

    def _gather(self, series: _Series, rows: Rows, at: int) -> tuple[_Batch, int]:
        """Make the signals of the next combinations, until enough wait."""
        batch = _Batch([], [], [], [], None, [], [])
        flag_rows: dict[tuple[Number, ...], tuple[int, int, int]] = {}
        setting_rows: dict[tuple[Number, ...], int] = {}
        axes = self._plan.space.axes
        cut = len(self._params)
        while at < len(rows) and batch.waiting < _WAITING:
            places = self._plan.space.coordinates(int(rows["combination"][at]))
            values = tuple(axis.values[place] for axis, place in zip(axes, places, strict=True))
            account = self._account(values[cut:])
            rules = None if account is None else self._rules(series, account, values[cut:])
            if rules is not None and batch.rules is not None and rules is not batch.rules:
                break
            found = flag_rows.get(values[:cut]) if account is not None else None
            if account is not None and found is None:
                found = self._signals(series, values[:cut], batch)
                if found is not None:
                    flag_rows[values[:cut]] = found
            if account is None or found is None:
                rows["refused"][at] = True
            else:
                batch.rules = rules
                setting = setting_rows.setdefault(values[cut:], len(batch.settings))
                if setting == len(batch.settings):
                    batch.settings.append(self._settings(series, account, values[cut:]))
                batch.rows.append((*found, setting))
                batch.places.append(at)
            at += 1
        return batch, at

    def _account(self, values: tuple[Number, ...]) -> AccountSettings | None:
        if values not in self._accounts:
            names = [axis.name for axis in self._plan.space.axes if axis.kind != "param"]
            try:
                self._accounts[values] = varied_account(self._plan, dict(zip(names, values, strict=True)))
            except UsageError:
                self._accounts[values] = None
        return self._accounts[values]

    @staticmethod
    def _rules(series: _Series, account: AccountSettings, key: tuple[Number, ...]) -> Any:
        found = series.rules.get(key)
        if found is None:
            made = state.rules_of(list(series.slot.versions), costs=account.costs)
            # Settings that leave the rules alone share one array, so that they can wait together.
            same = next((known for known in series.rules.values() if known.tobytes() == made.tobytes()), None)
            found = series.rules[key] = made if same is None else same
        return found

    @staticmethod
    def _settings(series: _Series, account: AccountSettings, key: tuple[Number, ...]) -> Any:
        if key not in series.settings:
            series.settings[key] = state.settings_of(account.sizing, account.costs)
        return series.settings[key]

    def _signals(
        self, series: _Series, values: tuple[Number, ...], batch: _Batch
    ) -> tuple[int, int, int] | None:
        slot = series.slot
        try:
            params = varied_params(self._plan, dict(zip(self._params, values, strict=True)), slot.params)
        except UsageError:
            return None
        bars = slot.bars
        criteria = judge(slot.strategy, bars, params)
        try:
            flags = flags_of(criteria, len(bars))
        except DataError as fault:
            raise UsageError(f"strategy {slot.strategy.name}: {fault}") from fault
        batch.flags.append(flags)
        batch.waiting += flags.nbytes
        stop = self._distance(batch.stops, criteria.stop_distance, slot, batch)
        target = self._distance(batch.targets, criteria.target_distance, slot, batch)
        return len(batch.flags) - 1, stop, target

    @staticmethod
    def _distance(known: list[FloatArray], given: FloatArray | None, slot: PlannedSlot, batch: _Batch) -> int:
        unit = atr_of(slot.bars) if given is None else given
        if known and known[-1] is unit:
            return len(known) - 1
        if unit.shape != (len(slot.bars),):
            raise UsageError(
                f"strategy {slot.strategy.name}: a distance must have {len(slot.bars)} values, had {unit.shape}"
            )
        known.append(np.ascontiguousarray(unit, np.float64) if given is not None else unit)
        if len(known) > 1:
            batch.waiting += unit.nbytes
        return len(known) - 1

    def _run(self, series: _Series, batch: _Batch, figures: FloatArray, curve: FloatArray) -> None:
        slot = series.slot
        bars, funding = slot.bars, slot.funding
        found = np.empty((len(batch.rows), len(FIGURES)))
        ends = np.empty((len(batch.rows), len(series.ends))) if len(curve) else _NO_SAMPLES
        run_batch(
            bars.ts, bars.open, bars.high, bars.low, bars.close,
            np.array(batch.flags), _stacked(batch.stops), _stacked(batch.targets),
            np.concatenate(batch.settings), np.array(batch.rows, np.int64),
            funding.ts, funding.rate, funding.mark, batch.rules,
            bars.span_ms, slot.first, series.ends, series.per_year, found, ends,
        )  # fmt: skip
        figures[batch.places] = found
        if len(curve):
            curve[batch.places] = ends

    def _slowly(self, rows: Rows) -> list[Samples]:
        """Score through the account loop."""
        found: list[Samples] = []
        for at in range(len(rows)):
            with self._lock:
                slots = variant(self._plan, int(rows["combination"][at]))
                inputs = [] if slots is None else [prepare_slot(slot)[1] for slot in slots]
            if slots is None:
                rows["refused"][at] = True
                continue
            accounts = trade_accounts(slots, inputs)
            if not found:
                found = [Samples(one.ts, np.full((len(rows), len(one.ts)), np.nan)) for one in accounts]
            for number, (one, samples) in enumerate(zip(accounts, found, strict=True)):
                rows["figures"][at, number] = one.figures
                samples.values[at] = one.samples
        return found


def _stacked(units: Sequence[FloatArray]) -> FloatArray:
    return units[0].reshape(1, -1) if len(units) == 1 else np.array(units)
