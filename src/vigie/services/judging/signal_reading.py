"""Signals out of a slot's run: what the strategy said at a bar, with the levels an order would have.

Takes a `JudgedSlot` and a bar, or many; gives a `Signal` each. Entries, levels and refusals come from the functions
that decide in a backtest, on the same arrays, so the record shown is the one that would be traded.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.codes import BOTH_SIDES, END_OF_DATA, REFUSALS
from vigie.domain.instrument import Instrument
from vigie.domain.signal import (
    FORMING_CLOSES,
    FORMING_NEARNESS,
    Criteria,
    Criterion,
    CriterionState,
    Outlook,
    SideName,
    Signal,
)
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY, SLOT, Records, rules_of, settings_of
from vigie.domain.time import iso
from vigie.engine import kernel
from vigie.engine.inputs import SlotInput
from vigie.engine.run import PlannedSlot
from vigie.engine.signals import criterion_between, nearness_of, score_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_NAMES: dict[int, SideName] = {1: "long", -1: "short", 0: "none"}


class JudgedSlot(Protocol):
    """A slot after a run on its own account, as far as signals are read off it."""

    @property
    def plan(self) -> PlannedSlot:
        """What was asked for."""
        ...

    @property
    def criteria(self) -> Criteria:
        """What the strategy said."""
        ...

    @property
    def input(self) -> SlotInput:
        """What the kernel read."""
        ...

    @property
    def trades(self) -> Records:
        """The slot's trades."""
        ...


@dataclass(frozen=True, slots=True)
class EntryLevels:
    """Levels of an entry, with the refusal of one that the account's rules do not let pass."""

    stop: float | None = None
    target: float | None = None
    stop_ticks: int | None = None
    target_ticks: int | None = None
    code: int = 0
    limit: float = 0.0
    value: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _SideArrays:
    """One side of a slot at some bars: computed once, read at each; their numbers begin with 0 there."""

    score: FloatArray
    nearness: FloatArray
    criteria: tuple[tuple[Criterion, FloatArray], ...]

    @classmethod
    def of(cls, criteria: tuple[Criterion, ...], begin: int, stop: int) -> _SideArrays:
        cut = tuple(criterion_between(criterion, begin, stop) for criterion in criteria)
        near = [criterion.nearness() for criterion in cut]
        return cls(
            score_of(cut, stop - begin),
            nearness_of(cut, stop - begin, near),
            tuple(zip(cut, near, strict=True)),
        )

    def outlook(self, bar: int) -> Outlook:
        return Outlook(
            score=float(self.score[bar]),
            nearness=float(self.nearness[bar]),
            criteria=tuple(_criterion_state(criterion, near, bar) for criterion, near in self.criteria),
        )


def signal_at(run: JudgedSlot, bar: int) -> Signal:
    """Return what a slot says at the close of one bar.

    Parameters
    ----------
    run : JudgedSlot
        The slot after a run on its own account; its trades up to the bar give the horizon.
    bar : int
        Index into its bars.

    Returns
    -------
    Signal
    """
    return next(signals_of(run, range(bar, bar + 1)))


def signals_of(run: JudgedSlot, at_bars: Iterable[int]) -> Iterator[Signal]:
    """Yield what a slot says at the closes of some bars.

    Parameters
    ----------
    run : JudgedSlot
        As for `signal_at`.
    at_bars : iterable of int
        Indices into its bars.

    Yields
    ------
    Signal
        One a bar, in the order of `at_bars`.
    """
    criteria, bars = run.criteria, list(at_bars)
    if not bars:
        return
    # What forms is read off the closes before as well.
    begin, stop = max(0, min(bars) - FORMING_CLOSES + 1), max(bars) + 1
    long, short = _SideArrays.of(criteria.long, begin, stop), _SideArrays.of(criteria.short, begin, stop)
    exits = tuple(
        (side, cut, cut.nearness())
        for side, criterion in (("long", criteria.long_exit), ("short", criteria.short_exit))
        if criterion is not None
        for cut in (criterion_between(criterion, begin, stop),)
    )
    params = fields_as_dict(run.plan.params)
    for bar in bars:
        ts, at = int(run.plan.bars.ts[bar]), bar - begin
        decided, forming, levels = _decide_at(run, bar, long.nearness[: at + 1], short.nearness[: at + 1])
        horizon, trades = _horizon(run, bar)
        yield Signal(
            id=f"{run.plan.slot}@{iso(ts)}",
            venue=run.plan.bars.venue,
            slot=run.plan.slot,
            params=params,
            ts_bar=ts,
            ts_known=ts + run.plan.bars.span_ms,
            side=_NAMES[decided],
            forming=_NAMES[forming],
            entry=float(run.plan.bars.close[bar]),
            stop=levels.stop,
            target=levels.target,
            stop_ticks=levels.stop_ticks,
            target_ticks=levels.target_ticks,
            horizon_bars=horizon,
            horizon_trades=trades,
            long=long.outlook(at),
            short=short.outlook(at),
            exits={side: _criterion_state(criterion, near, at) for side, criterion, near in exits},
            refusal=REFUSALS.get(levels.code, ""),
            limit=levels.limit,
            value=levels.value,
        )


def _decide_at(
    run: JudgedSlot, bar: int, long: FloatArray, short: FloatArray
) -> tuple[int, int, EntryLevels]:
    """Return the side that is decided at a close, the side that forms, and the levels of the one or the other.

    `long` and `short` are how near each is, up to this close.
    """
    flags = int(run.input.flags[bar])
    has_both_sides = bool(flags & LONG_ENTRY) and bool(flags & SHORT_ENTRY)
    # Without a distance there is neither an entry nor a refusal (rule 1).
    has_distances = not (np.isnan(run.input.stop_unit[bar]) or np.isnan(run.input.target_unit[bar]))
    decided = int(kernel.entry_side(flags)) if has_distances else 0
    forming = 0 if decided or has_both_sides or not has_distances else _forming_side(run, bar, long, short)
    if has_both_sides:
        return decided, forming, EntryLevels(code=BOTH_SIDES, limit=1.0, value=2.0)
    return decided, forming, entry_levels(run, bar, decided or forming)


def _forming_side(run: JudgedSlot, bar: int, long: FloatArray, short: FloatArray) -> int:
    """Return the side that was near for long enough, the nearer one when both were; 0 for none or a tie."""
    # An entry that would not be decided does not form either.
    if bar - FORMING_CLOSES + 1 < 0 or bar < run.criteria.warmup:
        return 0
    # NaN is not near.
    forming = [bool((side[-FORMING_CLOSES:] >= FORMING_NEARNESS).all()) for side in (long, short)]
    if all(forming):
        return int(np.sign(long[-1] - short[-1]))
    return 1 if forming[0] else -1 if forming[1] else 0


def entry_levels(run: JudgedSlot, bar: int, side: int) -> EntryLevels:
    """Return the levels of an entry at this close as the kernel decides them, for a slot without a position.

    Parameters
    ----------
    run : JudgedSlot
        The slot; its distances at the bar are read.
    bar : int
        Index into its bars.
    side : int
        1 long, -1 short; 0 for none, which has no levels.
    """
    if side == 0:
        return EntryLevels()
    plan = run.plan
    version = version_at(plan.versions, int(plan.bars.ts[bar]))
    sizing, costs = run.input.sizing, run.input.costs
    slot = np.zeros(1, SLOT)
    # A record without a type of its own: the kernel reads and writes it by field.
    row: Any = slot[0]
    code = kernel.decide_entry(
        row,
        rules_of([version], costs=costs)[0],
        settings_of(sizing, costs)[0],
        side,
        sizing.capital,
        sizing.risk_fraction,
        sizing.leverage,
        kernel.NO_LIMIT,
        float(plan.bars.close[bar]),
        float(run.input.stop_unit[bar]),
        float(run.input.target_unit[bar]),
        int(plan.bars.ts[bar]),
    )
    stop, target = int(row["pending_stop_ticks"]), int(row["pending_target_ticks"])
    tick = version.tick
    limit, value = (float(row["limit"]), float(row["value"])) if code else (0.0, 0.0)
    return EntryLevels(tick.point(stop), tick.point(target), stop, target, int(code), limit, value)


def fields_as_dict(record: DataclassInstance) -> dict[str, Any]:
    """Return what `dataclasses.asdict` returns; a record of nothing but numbers and texts is not copied deeply.

    Parameters
    ----------
    record : dataclass instance
        Parameters, sizing or costs.

    Returns
    -------
    dict of str to object
        By field, in their order.
    """
    plain = {name.name: getattr(record, name.name) for name in dataclasses.fields(record)}
    return plain if all(type(value) in _PLAIN for value in plain.values()) else dataclasses.asdict(record)


def version_at(versions: Sequence[Instrument], ts: int) -> Instrument:
    """Return the rules that hold at a time; the first ones before any."""
    ordered = sorted(versions, key=lambda version: version.valid_from)
    return [ordered[0], *(version for version in ordered[1:] if version.valid_from <= ts)][-1]


def _horizon(run: JudgedSlot, bar: int) -> tuple[float | None, int]:
    """Return the bars such a trade lasts, and how many trades say so."""
    max_bars = run.plan.account.sizing.max_bars
    if max_bars:
        return float(max_bars), 0
    # Of the closed trades; their other fields are not copied.
    held = run.trades["bars_held"][(run.trades["reason"] != END_OF_DATA) & (run.trades["exit_bar"] <= bar)]
    if len(held) == 0:
        return None, 0
    return float(np.median(held)), len(held)


def _criterion_state(criterion: Criterion, nearness: FloatArray, bar: int) -> CriterionState:
    reading = criterion.read()
    threshold = reading.threshold
    return CriterionState(
        name=criterion.name,
        value=float(reading.value[bar]),
        threshold=float(threshold[bar] if isinstance(threshold, np.ndarray) else threshold),
        weight=criterion.weight,
        required=criterion.required,
        holds=bool(reading.holds[bar]),
        nearness=float(nearness[bar]),
        sense=criterion.sense,
    )
