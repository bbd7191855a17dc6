"""The Python part of a chunk: parameters, criteria, flags and settings of combinations, laid out for one compiled call.

Called by one thread at a time. Combinations that share parameters share their flags; settings that leave the
rules of the instrument alone wait together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np

from vigie.domain import state
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import DataError, UsageError, VigieError
from vigie.domain.signal import Criteria
from vigie.engine.conditions import MAX_BARS, NO_CONDITIONS, ConditionCache, Conditions, PendingConditions
from vigie.engine.judgement import make_judge, stop_and_target_units
from vigie.engine.run import PlannedSlot, prepare_slot, with_account
from vigie.engine.signals import Flags, make_flags
from vigie.research.sweep.plan import SweepPlan, varied_account
from vigie.research.sweep.space import Values

# Signals and distances that wait for one compiled call, in bytes.
WAITING: Final = 4 * 1024 * 1024
# Combinations whose values are looked up at once.
_AHEAD: Final = 256


@dataclass(slots=True, eq=False)
class _BatchBuilder:
    """What a batch is made of while combinations are added.

    Attributes
    ----------
    rows : list of (flags, stop, target, settings)
        What each combination reads.
    places : list of int
        Where each combination's figures belong.
    used, waiting : int
        Rows of flags; bytes of distances.
    """

    flags: Flags
    conditions: Conditions | None
    stops: list[FloatArray] = field(default_factory=list)
    targets: list[FloatArray] = field(default_factory=list)
    settings: list[Any] = field(default_factory=list)
    rows: list[tuple[int, int, int, int]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    rules: Any = None
    used: int = 0
    waiting: int = 0

    def build(self) -> SweepBatch:
        """Return the batch."""
        return SweepBatch(
            flags=self.flags,
            conditions=NO_CONDITIONS if self.conditions is None else self.conditions.pending(),
            stops=_matrix(self.stops),
            targets=_matrix(self.targets),
            settings=np.concatenate(self.settings) if self.settings else None,
            rows=np.array(self.rows, np.int64),
            places=self.places,
            rules=self.rules,
        )


@dataclass(frozen=True, slots=True, eq=False)
class SweepBatch:
    """Combinations that wait for one compiled call, as it reads them.

    Attributes
    ----------
    flags : uint8 array, shape (n_flags, n_bars)
        Distinct ones; those that `conditions` make are not filled in yet.
    conditions : PendingConditions
        What is still to be compared.
    stops, targets : float64 arrays, shape (n_units, n_bars)
        Distances, distinct ones.
    settings : record array
        Of the account, distinct ones.
    rows : int64 array, shape (n, 4)
        Which flags, stop, target and settings each combination reads.
    places : list of int
        Where each combination's figures belong.
    rules : record array
        Of the instrument, for all of them.
    """

    flags: Flags
    conditions: PendingConditions
    stops: FloatArray
    targets: FloatArray
    settings: Any
    rows: IntArray
    places: list[int]
    rules: Any


def _matrix(units: list[FloatArray]) -> FloatArray:
    # Usually there is one, which is not copied.
    return units[0].reshape(1, -1) if len(units) == 1 else np.array(units)


def _maker(slot: PlannedSlot, varied: list[str]) -> Callable[[Values], Any]:
    """Return what makes the parameters of varied values; written out in order where they are all there is."""
    kind = slot.strategy.params
    entries = fields(slot.params)
    is_plain = all(entry.init and not entry.kw_only for entry in entries) and kind.__dataclass_params__.init
    if is_plain and [entry.name for entry in entries] == varied:
        return lambda values: kind(*values)
    base = {entry.name: getattr(slot.params, entry.name) for entry in entries if entry.name not in varied}
    return lambda values: kind(**base, **dict(zip(varied, values, strict=True)))


class BatchGatherer:
    """Lays out combinations of a plan on one series."""

    def __init__(self, plan: SweepPlan, slot: PlannedSlot) -> None:
        self._plan = plan
        self._slot = slot
        self._judged: Callable[[Any], Criteria] | None = None
        self._params = _maker(slot, [axis.name for axis in plan.space.axes if axis.kind == "param"])
        self._rest = [axis.name for axis in plan.space.axes if axis.kind != "param"]
        self._default_units: tuple[FloatArray, FloatArray] | None = None
        self._setups: dict[Values, tuple[Any, Any] | None] = {}
        self._condition_cache = ConditionCache(len(slot.bars)) if len(slot.bars) <= MAX_BARS else None

    def gather(self, combinations: list[int], start: int) -> tuple[SweepBatch, list[int], int]:
        """Make the signals of combinations from place `start` on, until enough wait.

        Parameters
        ----------
        combinations : list of int
            Numbers in the plan's space.
        start : int
            Index in `combinations`.

        Returns
        -------
        SweepBatch
        list of int
            Places of the combinations that were refused.
        int
            Where to go on.
        """
        n_bars = len(self._slot.bars)
        room = max(1, min(len(combinations) - start, WAITING // n_bars))
        if self._condition_cache is not None and self._condition_cache.is_full:
            self._condition_cache = ConditionCache(n_bars)
        cache = self._condition_cache
        batch = _BatchBuilder(
            np.empty((room, n_bars), np.uint8), None if cache is None else Conditions(cache)
        )
        refused: list[int] = []
        signals: dict[Values, tuple[int, int, int] | None] = {}
        settings: dict[Values, int] = {}
        values = self._plan.space.split(combinations[start : start + _AHEAD])
        for index, (params, rest) in enumerate(values, start):
            if batch.used == room or batch.waiting >= WAITING or (cache is not None and cache.is_full):
                break
            setup = self._setup(rest)
            if setup is not None and batch.rows and setup[0] is not batch.rules:
                break
            if setup is not None and params not in signals:
                signals[params] = self._signals(params, batch)
            signal_rows = signals[params] if setup is not None else None
            if setup is None or signal_rows is None:
                refused.append(index)
                continue
            batch.rules = setup[0]
            row = settings.setdefault(rest, len(batch.settings))
            if row == len(batch.settings):
                batch.settings.append(setup[1])
            batch.rows.append((*signal_rows, row))
            batch.places.append(index)
        return batch.build(), refused, start + len(batch.places) + len(refused)

    def _setup(self, values: Values) -> tuple[Any, Any] | None:
        """Return the rules of the instrument and the settings; None where the account refuses the values."""
        if values not in self._setups:
            self._setups[values] = self._make_setup(values)
        return self._setups[values]

    def _make_setup(self, values: Values) -> tuple[Any, Any] | None:
        try:
            account = varied_account(self._plan, dict(zip(self._rest, values, strict=True)))
            # What a backtest would trade under this account: the venue may allow less than was asked for.
            slot_input = prepare_slot(with_account(self._slot, account))[1]
        except UsageError:
            return None
        rules = state.rules_of(list(slot_input.versions), costs=slot_input.costs)
        for setup in self._setups.values():
            if setup is not None and setup[0].tobytes() == rules.tobytes():
                rules = setup[0]
                break
        return rules, state.settings_of(slot_input.sizing, slot_input.costs)

    def _signals(self, values: Values, batch: _BatchBuilder) -> tuple[int, int, int] | None:
        """Let the strategy judge; None where it refuses the parameters."""
        try:
            params = self._params(values)
        except (VigieError, ValueError):
            return None
        if self._judged is None:
            self._judged = make_judge(self._slot.strategy, self._slot.bars)
        criteria, used = self._judged(params), batch.used
        try:
            if batch.conditions is None or not batch.conditions.add_flags(criteria, used):
                make_flags(criteria, len(self._slot.bars), batch.flags[used])
            stop, target = self._units(criteria)
        except DataError as fault:
            raise UsageError(
                "strategy_refused", "strategy {name}: {fault}", name=self._slot.strategy.name, fault=fault
            ) from fault
        batch.used = used + 1
        return used, self._row(batch.stops, stop, batch), self._row(batch.targets, target, batch)

    def _units(self, criteria: Criteria) -> tuple[FloatArray, FloatArray]:
        """Return the distances that are meant; the same two arrays wherever the strategy gives none."""
        if criteria.stop_distance is None and criteria.target_distance is None:
            if self._default_units is None:
                self._default_units = stop_and_target_units(criteria, self._slot.bars)
            return self._default_units
        units = stop_and_target_units(criteria, self._slot.bars)
        for unit in units:
            if (unit < 0).any() or np.isinf(unit).any():
                raise DataError(
                    "distances_must_finite", "distances must be >= 0 and finite, or NaN where not known"
                )
        return units

    @staticmethod
    def _row(known: list[FloatArray], unit: FloatArray, batch: _BatchBuilder) -> int:
        """Return which of the batch's distances it is."""
        if known and known[-1] is unit:
            return len(known) - 1
        batch.waiting += unit.nbytes if known else 0
        known.append(unit)
        return len(known) - 1
