"""What a strategy says about bars, and the proof that it may be believed.

Takes a strategy, its parameters and bars; gives criteria that nothing the strategy does later can change.
Strategies see sealed bars. A person's own file may raise anything, keep anything and try to write anywhere: it gets
copies of the bars, what it raises is shown with its name, what it returns is copied, and the proof asks copies of it
that remember nothing, the last one in a process that is never given more than the bars it is asked about.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import DataError, UsageError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.engine.causality import check_causality, check_warmup, read_criterion
from vigie.engine.strategy_process import StrategyProcess, StrategyProcessServer, materialise
from vigie.quant.arrays import floats
from vigie.trading import catalogue, outside
from vigie.trading.loaded_strategy import Strategy
from vigie.trading.strategy import atr_of

_MAX_MESSAGE_CHARS: Final = 300
_COLUMNS: Final = ("ts", "open", "high", "low", "close", "volume")


def judge(strategy: Strategy, bars: Bars, params: Any) -> Criteria:
    """Call a strategy's `criteria` and refuse anything that is not an answer.

    Raises
    ------
    UsageError
        If it raises, leaves, writes to what it shares with others, returns no criteria, or none of those that a
        setting requires; with its name.
    """
    return make_judge(strategy, bars)(params)


def make_judge(strategy: Strategy, bars: Bars) -> Callable[[Any], Criteria]:
    """Return `judge` of one strategy on one history, for a search that asks a thousand times."""
    is_shipped = catalogue.is_shipped(strategy)
    # Shipped strategies declare exactly what they need, which their contract tests hold.
    # Shipped strategies are read by many; all others get copies, so that nothing leads them to what is traded.
    shown_bars = bars.sealed() if is_shipped else bars.apart()

    def judged(params: Any) -> Criteria:
        try:
            criteria = strategy.criteria(shown_bars, params)
        except (Exception, SystemExit) as fault:  # a person's file may raise anything; it is named
            message = str(fault)[:_MAX_MESSAGE_CHARS]
            raise UsageError(
                "strategy_raised",
                "strategy {name} raised {name_2}: {message}",
                name=strategy.name,
                name_2=type(fault).__name__,
                message=message,
            ) from fault
        if not isinstance(criteria, Criteria):
            kind = type(criteria).__name__
            raise UsageError(
                "strategy_must_return_criteria",
                "strategy {name} must return Criteria, returned {kind}",
                name=strategy.name,
                kind=kind,
            )
        if strategy.require:
            criteria = strategy.gated(criteria)
        if is_shipped:
            return criteria
        copies = _ArrayCopies(strategy.name, bars)
        copies.refuse_forgery()
        return _copy_criteria(criteria, copies, catalogue.declared_warmup(strategy, params))

    return judged


class _ArrayCopies:
    """Copies of arrays: one of each, and none of the bars' own, for which those of the engine stand."""

    __slots__ = ("_bars", "_copies", "_strategy")

    def __init__(self, strategy: str, bars: Bars) -> None:
        self._strategy, self._bars = strategy, bars
        shown_bars, sealed = bars.apart(), bars.sealed()
        # The original is kept beside its copy: an array that dies could pass its id to another.
        self._copies: dict[int, tuple[Any, Any]] = {
            id(getattr(shown_bars, name)): (getattr(shown_bars, name), getattr(sealed, name))
            for name in _COLUMNS[1:]
        }

    def refuse_forgery(self) -> None:
        """Refuse a strategy after which the bars that are traded are no longer the ones it was given."""
        shown_bars = self._bars.apart()
        for name in _COLUMNS:
            if not _same_bits(getattr(self._bars, name), getattr(shown_bars, name)):
                raise UsageError(
                    "strategy_changed_input_bars",
                    "strategy {strategy} changed {name} of its input bars; copy an array before "
                    "writing to it",
                    strategy=self._strategy,
                    name=name,
                )

    def copy_of(self, part: Any) -> Any:
        if not isinstance(part, np.ndarray):
            return part
        entry = self._copies.get(id(part))
        if entry is None:
            entry = self._copies[id(part)] = (part, part.copy())
        return entry[1]


def _same_bits(expected: Any, actual: Any) -> bool:
    if type(actual) is not np.ndarray or actual.dtype != expected.dtype:
        return False
    return np.array_equal(expected.view(np.int64), actual.view(np.int64))


def _copy_criteria(criteria: Criteria, copies: _ArrayCopies, warmup: int) -> Criteria:
    exits = [criteria.long_exit, criteria.short_exit]
    long_exit, short_exit = [
        None if exit_criterion is None else _copy_criterion(exit_criterion, copies)
        for exit_criterion in exits
    ]
    return Criteria(
        long=tuple(_copy_criterion(criterion, copies) for criterion in criteria.long),
        short=tuple(_copy_criterion(criterion, copies) for criterion in criteria.short),
        long_exit=long_exit,
        short_exit=short_exit,
        stop_distance=copies.copy_of(criteria.stop_distance),
        target_distance=copies.copy_of(criteria.target_distance),
        warmup=warmup,
    )


def _copy_criterion(criterion: Criterion, copies: _ArrayCopies) -> Criterion:
    reading = criterion.reading
    copied_reading = (
        _copy_reading(reading, copies)
        if isinstance(reading, Reading)
        else partial(_read_and_copy, criterion, copies)
    )
    return Criterion(criterion.name, copied_reading, criterion.weight, criterion.required, criterion.sense)


def _copy_reading(reading: Reading, copies: _ArrayCopies) -> Reading:
    # Written out, since dataclasses.replace is slow and every cut history passes here.
    return Reading(
        value=copies.copy_of(reading.value),
        threshold=copies.copy_of(reading.threshold),
        holds=copies.copy_of(reading.holds),
        known=copies.copy_of(reading.known),
        scale=copies.copy_of(reading.scale),
        lookback=reading.lookback,
        is_crossing=reading.is_crossing,
    )


def _read_and_copy(criterion: Criterion, copies: _ArrayCopies) -> Reading:
    reading = read_criterion(criterion)
    copies.refuse_forgery()
    if not isinstance(reading, Reading):
        raise UsageError(
            "criterion_must_return_reading",
            "criterion {name!r} must return a Reading, returned {name_2}",
            name=criterion.name,
            name_2=type(reading).__name__,
        )
    return _copy_reading(reading, copies)


def stop_and_target_units(criteria: Criteria, bars: Bars) -> tuple[FloatArray, FloatArray]:
    """Return the units of stop and target as compiled code knows them; ATR where the strategy gives none.

    Raises
    ------
    DataError
        If one is not an array of one number a bar.
    """
    declared = (criteria.stop_distance, criteria.target_distance)
    units: dict[int, FloatArray] = {}
    for name, distance in zip(("stop_distance", "target_distance"), declared, strict=True):
        if distance is None:
            # Of the sealed bars: what strategies read there is not computed and kept once more.
            units[id(None)] = floats(atr_of(bars.sealed()))
            continue
        shape = np.shape(distance)
        if shape != (len(bars),):
            raise DataError(
                "must_values",
                "{name} must have {bars_count} values, had {shape}",
                name=name,
                bars_count=len(bars),
                shape=shape,
            )
        # Both sides may give one array, which then stays one.
        units.setdefault(id(distance), floats(distance))
    return units[id(declared[0])], units[id(declared[1])]


def prove(strategy: Strategy, params: Any, bars: Bars, criteria: Criteria, rng: np.random.Generator) -> None:
    """Refuse a strategy that looks ahead, repaints, declares too short a warm-up, or reads more than bars.

    Raises
    ------
    UsageError
        With the bar, the criterion and the two values; with the bars that are declared and needed.
    """
    catalogue.refuse_outside(strategy)
    fresh_strategy, own_params = catalogue.reload_strategy(strategy, params)
    declared = catalogue.declared_warmup(fresh_strategy, own_params)
    # What is found in this process is found soon; what a file has left somewhere in it, only outside.
    _refuse_leak(strategy, partial(_judge_cut, fresh_strategy, own_params), declared, bars, criteria, rng)
    if catalogue.is_own_file(strategy):
        with StrategyProcess(strategy, params) as witness:
            _refuse_leak(strategy, witness.evaluate, declared, bars, criteria, rng.spawn(1)[0])
    refuse_short_warmup(fresh_strategy, own_params, bars, None if fresh_strategy.require else criteria)


def refuse_short_warmup(
    strategy: Strategy, params: Any, bars: Bars, criteria: Criteria | None = None
) -> None:
    """Refuse a strategy that declares fewer bars than it needs, where these bars show it.

    Parameters
    ----------
    criteria : Criteria, optional
        What it says on the bars, where that is known and no setting requires optional criteria.

    Raises
    ------
    UsageError
        With the bars that are declared and needed.
    """
    # A setting may require criteria that know nothing for longer: what is declared is about the strategy itself.
    plain_strategy = strategy.requiring(())
    compute = partial(_judge_cut, plain_strategy, params)
    declared = catalogue.declared_warmup(plain_strategy, params)
    problem = check_warmup(compute, bars, compute(bars) if criteria is None else criteria, declared)
    if problem is not None:
        raise UsageError(
            "strategy_declares_too_short_warm",
            "strategy {name} declares too short a warm-up: {problem}",
            name=strategy.name,
            problem=problem,
        )


def _refuse_leak(
    strategy: Strategy,
    compute: Callable[[Bars], Criteria],
    declared: int,
    bars: Bars,
    criteria: Criteria,
    rng: np.random.Generator,
) -> None:
    leak = check_causality(compute, bars, criteria, rng, warmup=declared)
    if leak is not None:
        raise UsageError(
            "strategy_looks_ahead_repaints",
            "strategy {name} looks ahead or repaints: {leak}",
            name=strategy.name,
            leak=leak,
        )


def _judge_cut(strategy: Strategy, params: Any, bars: Bars) -> Criteria:
    return judge(strategy, bars, params)


def serve_strategy() -> None:
    """Answer, in a process of its own, what a strategy file says about the bars that come in; see `StrategyProcess`."""
    server = StrategyProcessServer()
    path, values, require, digest = server.read_setup()
    violations = outside.watch_process()
    while (bars := server.read_bars()) is not None:
        try:
            # Loaded once: the second time it is only looked up.
            strategy = catalogue.load_file(path, digest=digest).requiring(require)
            answer: Criteria | str = materialise(judge(strategy, bars, strategy.params(**values)))
        except (UsageError, DataError) as fault:
            answer = str(fault)
        # Whatever became of it: it has tried.
        server.send(
            f"strategy {path.stem} {violations[0]} when it was judged ({catalogue.CURE})"
            if violations
            else answer
        )
