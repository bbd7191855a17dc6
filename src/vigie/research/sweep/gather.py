"""The Python part of a chunk: parameters, criteria, flags and settings of combinations, laid out for one compiled call.

Called by one thread at a time. Combinations that share parameters share their flags; settings that leave the
rules of the instrument alone wait together.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from vigie.domain import state
from vigie.domain.bar import FloatArray
from vigie.domain.errors import DataError, UsageError, VigieError
from vigie.domain.signal import Criteria
from vigie.engine.judgement import distances, judge
from vigie.engine.run import PlannedSlot, prepare_slot, with_account
from vigie.engine.signals import Flags, flags_of
from vigie.research.sweep.plan import SweepPlan, varied_account
from vigie.research.sweep.space import Number

# Signals and distances that wait for one compiled call, in bytes.
WAITING: Final = 4 * 1024 * 1024

Values = tuple[Number, ...]


@dataclass(slots=True, eq=False)
class Batch:
    """Combinations that wait for one compiled call.

    Attributes
    ----------
    flags : uint8 array, shape (n_rows, n_bars)
        Distinct ones in its first `used` rows.
    stops, targets, settings : list of arrays
        Distinct ones.
    rows : list of (flags, stop, target, settings)
        What each combination reads.
    places : list of int
        Where each combination's figures belong.
    rules : record array or None
        Of the instrument, for all of them.
    used, waiting : int
        Rows of flags; bytes of distances.
    """

    flags: Flags
    stops: list[FloatArray]
    targets: list[FloatArray]
    settings: list[Any]
    rows: list[tuple[int, int, int, int]]
    places: list[int]
    rules: Any = None
    used: int = 0
    waiting: int = 0


class Gatherer:
    """Lays out combinations of a plan on one series."""

    def __init__(self, plan: SweepPlan, slot: PlannedSlot) -> None:
        self._plan = plan
        self._slot = slot
        self._base = {f.name: getattr(slot.params, f.name) for f in fields(slot.params)}
        self._params = [axis.name for axis in plan.space.axes if axis.kind == "param"]
        self._rest = [axis.name for axis in plan.space.axes if axis.kind != "param"]
        digits = [
            (axis.values, stride, len(axis.values))
            for axis, stride in zip(plan.space.axes, plan.space.strides, strict=True)
        ]
        self._varied, self._settings = digits[: len(self._params)], digits[len(self._params) :]
        self._usual: tuple[FloatArray, FloatArray] | None = None
        self._setups: dict[Values, tuple[Any, Any] | None] = {}

    def gather(self, combinations: list[int], at: int) -> tuple[Batch, list[int], int]:
        """Make the signals of combinations from place `at` on, until enough wait.

        Returns
        -------
        Batch
        list of int
            Places of the combinations that were refused.
        int
            Where to go on.
        """
        n_bars = len(self._slot.bars)
        room = max(1, min(len(combinations) - at, WAITING // n_bars))
        batch = Batch(np.empty((room, n_bars), np.uint8), [], [], [], [], [])
        refused: list[int] = []
        signals: dict[Values, tuple[int, int, int] | None] = {}
        settings: dict[Values, int] = {}
        while at < len(combinations) and batch.used < room and batch.waiting < WAITING:
            number = combinations[at]
            params = tuple([values[number // stride % size] for values, stride, size in self._varied])
            rest = tuple([values[number // stride % size] for values, stride, size in self._settings])
            setup = self._setup(rest)
            if setup is not None and batch.rows and setup[0] is not batch.rules:
                break
            if setup is not None and params not in signals:
                signals[params] = self._signals(params, batch)
            found = signals[params] if setup is not None else None
            if setup is None or found is None:
                refused.append(at)
            else:
                batch.rules = setup[0]
                row = settings.setdefault(rest, len(batch.settings))
                if row == len(batch.settings):
                    batch.settings.append(setup[1])
                batch.rows.append((*found, row))
                batch.places.append(at)
            at += 1
        return batch, refused, at

    def _setup(self, values: Values) -> tuple[Any, Any] | None:
        """Return the rules of the instrument and the settings; None where the account refuses the values."""
        if values not in self._setups:
            self._setups[values] = self._made(values)
        return self._setups[values]

    def _made(self, values: Values) -> tuple[Any, Any] | None:
        try:
            account = varied_account(self._plan, dict(zip(self._rest, values, strict=True)))
            # What a backtest would trade under this account: the venue may allow less than was asked for.
            given = prepare_slot(with_account(self._slot, account))[1]
        except UsageError:
            return None
        rules = state.rules_of(list(given.versions), costs=given.costs)
        for known in self._setups.values():
            if known is not None and known[0].tobytes() == rules.tobytes():
                rules = known[0]
                break
        return rules, state.settings_of(given.sizing, given.costs)

    def _signals(self, values: Values, batch: Batch) -> tuple[int, int, int] | None:
        """Let the strategy judge; None where it refuses the parameters."""
        strategy, bars = self._slot.strategy, self._slot.bars
        chosen = self._base.copy()
        chosen.update(zip(self._params, values, strict=True))
        try:
            params = strategy.params(**chosen)
        except (VigieError, ValueError):
            return None
        criteria = judge(strategy, bars, params)
        try:
            flags_of(criteria, len(bars), batch.flags[batch.used])
            stop, target = self._units(criteria)
        except DataError as fault:
            raise UsageError(f"strategy {strategy.name}: {fault}") from fault
        batch.used += 1
        return batch.used - 1, self._row(batch.stops, stop, batch), self._row(batch.targets, target, batch)

    def _units(self, criteria: Criteria) -> tuple[FloatArray, FloatArray]:
        """Return the distances that are meant; the same two arrays wherever the strategy gives none."""
        if criteria.stop_distance is None and criteria.target_distance is None:
            if self._usual is None:
                self._usual = distances(criteria, self._slot.bars)
            return self._usual
        found = distances(criteria, self._slot.bars)
        for unit in found:
            if (unit < 0).any() or np.isinf(unit).any():
                raise DataError("distances must be >= 0 and finite, or NaN where not known")
        return found

    @staticmethod
    def _row(known: list[FloatArray], unit: FloatArray, batch: Batch) -> int:
        """Return which of the batch's distances it is."""
        if known and known[-1] is unit:
            return len(known) - 1
        batch.waiting += unit.nbytes if known else 0
        known.append(unit)
        return len(known) - 1
