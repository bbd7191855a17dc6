"""What the strategies say at the close of the newest bar, judged on the stored history as a backtest would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from vigie.data.feature_columns import is_column
from vigie.domain.bar import Bars
from vigie.domain.errors import DataError
from vigie.engine.judgement import judge, stop_and_target_units
from vigie.engine.signals import make_flags
from vigie.trading.loaded_strategy import Strategy

HistoryOf = Callable[[int, int], Bars]
"""Number of a slot and open time of its newest finished bar; gives its history up to and with that bar."""


@dataclass(frozen=True, slots=True)
class SlotEvaluation:
    """Flags and distance units at one close, and the features that were known there."""

    flags: int
    stop_unit: float
    target_unit: float
    features: tuple[tuple[str, float], ...] = ()


class Evaluator(Protocol):
    """Says what the strategies say."""

    def evaluate_at(self, number: int, ts_bar: int) -> SlotEvaluation:
        """Judge a slot at the close of the bar that opened at a time."""
        ...

    def fingerprint(self, number: int) -> str:
        """Return what the history that a slot was judged on last is known by; empty where that is not known."""
        ...


@dataclass(frozen=True, slots=True)
class StrategyEvaluator:
    """The strategies of all slots, and where their histories are."""

    strategies: Sequence[tuple[Strategy, Any]]
    history: HistoryOf
    bar_fingerprint: Callable[[int], str] = lambda _: ""

    def evaluate_at(self, number: int, ts_bar: int) -> SlotEvaluation:
        """Judge a slot at the close of a bar.

        Raises
        ------
        DataError
            If the history does not end with that bar.
        """
        bars = self.history(number, ts_bar)
        if not len(bars) or bars.ts[-1] != ts_bar:
            ends = int(bars.ts[-1]) if len(bars) else None
            raise DataError(
                "history_slot_must_end_bar",
                "history of slot {number} must end with the bar at {ts_bar}, ended at {ends}",
                number=number,
                ts_bar=ts_bar,
                ends=ends,
            )
        return self.evaluate(number, bars)

    def evaluate(self, number: int, bars: Bars) -> SlotEvaluation:
        """Judge a slot at the close of the last of some bars."""
        criteria = judge(*self._strategy_input(number, bars))
        stop_unit, target_unit = stop_and_target_units(criteria, bars)
        # Columns are computed anew from the bars and from the features that are recorded.
        features = tuple(
            (name, float(values[-1])) for name, values in sorted(bars.features.items()) if not is_column(name)
        )
        flags = int(make_flags(criteria, len(bars))[-1])
        return SlotEvaluation(flags, float(stop_unit[-1]), float(target_unit[-1]), features)

    def fingerprint(self, number: int) -> str:
        """Return what the history that a slot was judged on last is known by."""
        return self.bar_fingerprint(number)

    def _strategy_input(self, number: int, bars: Bars) -> tuple[Strategy, Bars, Any]:
        strategy, params = self.strategies[number]
        return strategy, bars, params
