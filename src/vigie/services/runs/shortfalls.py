"""What a run lacked: own strategies left out, bars for a first decision, bars between the others, finer ones.

A broken file of a person's own spoils a run that asks for it by name; one that asks for all strategies goes on
with the others and says which was left out, and why.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vigie.data.stores import DataStores
from vigie.domain.errors import DataError, UsageError
from vigie.engine.backtest import shows_range
from vigie.engine.run import ProgressCallback, Run, execute
from vigie.services.runs.backtest import no_progress, plan_slots, run_backtest
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.runs.features import strategy_features
from vigie.trading import catalogue
from vigie.trading.strategy import ATR_WINDOW

# Behind the first bar that may decide comes the one at whose open is entered.
DECISION_BARS = 2


@dataclass(frozen=True, slots=True)
class SkippedStrategy:
    """An own strategy that did not run, its file's name and the reason."""

    strategy: str
    file: str
    why: str

    def __str__(self) -> str:
        """Say it in a line, with the cure."""
        return f"{self.strategy} ({self.file}): {self.why}; see `vigie strategy check {self.strategy}`"


@dataclass(frozen=True, slots=True)
class ShortSlot:
    """A slot whose bars cannot hold a decision.

    Attributes
    ----------
    needs : int
        Bars for one decision: warm-up, the bar that decides, the one at whose open is entered.
    """

    slot: str
    bars: int
    warmup: int
    needs: int

    def __str__(self) -> str:
        """Say it in a line."""
        held_bars = f"{self.bars} bar{'' if self.bars == 1 else 's'}"
        return (
            f"{held_bars} of {self.slot} cannot hold a decision: warm-up needs {self.warmup} bars, "
            f"the first decision and its entry {self.needs}"
        )


@dataclass(frozen=True, slots=True)
class FineBarCoverage:
    """A series of which finer bars show some bars only: in the others the stop comes before the target.

    Attributes
    ----------
    bars, shown : int
        Bars that were traded, and those whose finer bars were walked.
    """

    series: str
    bars: int
    shown: int

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.shown} of {self.bars} bars of {self.series}"


@dataclass(frozen=True, slots=True)
class SeriesGaps:
    """A series that goes on after gaps: its next bar is the next stored one.

    Attributes
    ----------
    bars, missing, gaps : int
        Bars that were traded, bars that are missing between them, and in how many gaps.
    """

    series: str
    bars: int
    missing: int
    gaps: int

    def __str__(self) -> str:
        """Say it in a line."""
        gaps = "1 gap" if self.gaps == 1 else f"{self.gaps} gaps"
        return f"{self.missing:,} between {self.bars:,} of {self.series} ({gaps})"


def run_request(
    data_stores: DataStores,
    request: BacktestRequest,
    strategies: str | None,
    *,
    progress: ProgressCallback = no_progress,
) -> tuple[Run, BacktestRequest, tuple[SkippedStrategy, ...]]:
    """Run a request; where all strategies were asked for, without the own ones whose file is at fault.

    Parameters
    ----------
    strategies : str, optional
        As typed: ``all``, or names that must all run.

    Returns
    -------
    Run, BacktestRequest, tuple of SkippedStrategy
        The run, the request of what was run, and what was left out of it.

    Raises
    ------
    UsageError
        For every other reason not to run, bars and settings among them.
    """
    if strategies is None or strategies.strip() != "all":
        return run_backtest(data_stores, request, progress=progress), request, ()
    own = _own_files(request)
    skipped = [
        _skipped_strategy(own[name], fault)
        for name in own
        if (fault := _find_load_fault(data_stores, own[name]))
    ]
    request = _drop_skipped(request, skipped)
    try:
        return run_backtest(data_stores, request, progress=progress), request, tuple(skipped)
    except (UsageError, DataError):
        failed = [
            _skipped_strategy(path, fault)
            for name, path in _own_files(request).items()
            if (fault := _find_run_fault(data_stores, request, name))
        ]
        if not failed:
            raise
    request = _drop_skipped(request, failed)
    return run_backtest(data_stores, request, progress=progress), request, (*skipped, *failed)


def _own_files(request: BacktestRequest) -> dict[str, Path]:
    files = catalogue.available(request.own_strategies)
    names = dict.fromkeys(slot.strategy for slot in request.slots)
    return {name: files[name] for name in names if name in files and files[name].parent != catalogue.SHIPPED}


def _skipped_strategy(path: Path, fault: str) -> SkippedStrategy:
    # A result says nothing about where it was made.
    return SkippedStrategy(path.stem, path.name, fault.replace(str(path), path.name))


def _drop_skipped(request: BacktestRequest, skipped: Iterable[SkippedStrategy]) -> BacktestRequest:
    names = {item.strategy for item in skipped}
    return replace(request, slots=tuple(slot for slot in request.slots if slot.strategy not in names))


def _find_load_fault(data_stores: DataStores, path: Path) -> str:
    try:
        catalogue.load_file(path)
        strategy_features(path, series=data_stores.series, facts=data_stores.facts)
    except UsageError as fault:
        return str(fault)
    return ""


def _find_run_fault(data_stores: DataStores, request: BacktestRequest, name: str) -> str:
    """Return why a strategy alone cannot be run on bars that can be read; empty where it can."""
    alone = tuple(slot for slot in request.slots if slot.strategy == name)
    # A fault of bars or settings is not the file's: it is raised.
    plans = plan_slots(data_stores, replace(request, slots=alone))
    try:
        execute(plans, request.account, check=request.check, seed=request.seed)
    except (UsageError, DataError) as fault:
        return str(fault)
    return ""


def find_short_slots(run: Run) -> tuple[ShortSlot, ...]:
    """Return the slots whose bars end before anything could be decided and entered."""
    short_slots = []
    for slot in run.slots:
        plan = slot.plan
        warmup = 0
        with suppress(UsageError):  # a run without checks never asked
            warmup = catalogue.declared_warmup(plan.strategy, plan.params)
        if slot.criteria.stop_distance is None or slot.criteria.target_distance is None:
            warmup = max(warmup, ATR_WINDOW)
        needs = max(warmup, plan.first) + DECISION_BARS
        if len(plan.bars) < needs:
            short_slots.append(ShortSlot(str(plan.slot), len(plan.bars), warmup, needs))
    return tuple(short_slots)


def find_fine_bar_coverage(run: Run) -> tuple[FineBarCoverage, ...]:
    """Return the series whose finer bars were asked for and do not show every bar, each once."""
    coverage = []
    for plan in (slot.plan for slot in run.slots):
        if plan.detail is None:
            continue
        bars, finer = plan.bars.slice(plan.first, len(plan.bars)), plan.detail
        low, high = np.searchsorted(finer.ts, bars.ts), np.searchsorted(finer.ts, bars.ts + bars.span_ms)
        shown_bars = int(shows_range(bars, finer, low, high).sum())
        if shown_bars < len(bars):
            coverage.append(
                FineBarCoverage(f"{plan.slot.instrument}/{plan.slot.timeframe}", len(bars), shown_bars)
            )
    return tuple(dict.fromkeys(coverage))


def find_series_gaps(run: Run) -> tuple[SeriesGaps, ...]:
    """Return the series of which bars are missing between those that were traded, each once."""
    series_gaps = []
    for plan in (slot.plan for slot in run.slots):
        steps = np.diff(plan.bars.ts[plan.first :]) // plan.bars.span_ms - 1
        if steps.any():
            name = f"{plan.slot.instrument}/{plan.slot.timeframe}"
            series_gaps.append(
                SeriesGaps(name, len(plan.bars) - plan.first, int(steps.sum()), int((steps > 0).sum()))
            )
    return tuple(dict.fromkeys(series_gaps))
