"""What a person or agent may ask of a sweep: run it, go on with it after a kill, keep what it found."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from vigie.data.stores import DataStores
from vigie.domain.errors import StorageError, UsageError
from vigie.engine.run import ProgressCallback
from vigie.ports.executor import Executor
from vigie.ports.trials import TrialRegistry
from vigie.research.sweep.findings import EvaluationSettings, SweepFindings, find_results, sweep_record
from vigie.research.sweep.loop import Search, check_plan, run_search
from vigie.research.sweep.objective import MIN_TRADES, Objective, parse_objective
from vigie.research.sweep.plan import SweepPlan, configuration_hash, count_plan_trials, sweep_configuration
from vigie.research.sweep.row_store import FolderRowStore
from vigie.research.sweep.space import parse_grid
from vigie.research.sweep.table import SweepTable
from vigie.research.sweep.terrain import svg_map
from vigie.research.sweep.tpe import run_tpe
from vigie.services.runs import backtest
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.runs.features import FeatureWithoutValues, find_empty_features

WriteFiles = Callable[[Path, Mapping[str, bytes]], None]
LockFolder = Callable[[Path], AbstractContextManager[Any]]

PARTS_FOLDER: Final = "parts"
TABLE_FILE: Final = "sweep.parquet"


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """Everything a sweep is asked for.

    Attributes
    ----------
    backtest : BacktestRequest
        Bars, account, costs, the strategy and what is not varied.
    grid : str or None
        What is varied, as in `parse_grid`.
    search : Search
        How combinations are chosen.
    objective : str
        What ranks.
    min_trades : int
        Combinations with fewer trades come after all others.
    permutations : int
        Shuffled histories to repeat the search on; 0 for none.
    """

    backtest: BacktestRequest
    grid: str | None = None
    search: Search = dataclasses.field(default_factory=Search)
    objective: Objective = "sharpe"
    min_trades: int = MIN_TRADES
    permutations: int = 0

    @property
    def evaluation_settings(self) -> EvaluationSettings:
        """What is asked once the search is finished."""
        return EvaluationSettings(self.min_trades, self.permutations, self.backtest.check, self.backtest.seed)


@dataclass(frozen=True, slots=True, eq=False)
class SavedSweep:
    """A finished sweep whose files are written.

    Attributes
    ----------
    folder : Path
        Where they are.
    record : dict
        What ``sweep.json`` holds.
    empty_features : tuple of FeatureWithoutValues
        Features that the strategy reads and that have no value on the bars that were traded.
    """

    folder: Path
    record: dict[str, Any]
    plan: SweepPlan
    findings: SweepFindings
    empty_features: tuple[FeatureWithoutValues, ...] = ()


def make_search(random: int | None, tpe: int | None, seed: int) -> Search:
    """Return how combinations are chosen: all, `random` drawn, or `tpe` learned.

    Raises
    ------
    UsageError
        If both are asked for.
    """
    if random is not None and tpe is not None:
        raise UsageError("use_either_random_tpe", "use either --random or --tpe")
    if random is not None:
        return Search("random", random, seed)
    return Search("tpe", tpe, seed) if tpe is not None else Search()


def make_sweep_request(
    backtest_request: BacktestRequest,
    *,
    grid: str | None,
    random: int | None = None,
    tpe: int | None = None,
    objective: str = "sharpe",
    min_trades: int = MIN_TRADES,
    permutations: int = 0,
) -> SweepRequest:
    """Build a request from what a person typed.

    Raises
    ------
    UsageError
        With what it was and what it may be.
    """
    return SweepRequest(
        backtest=backtest_request,
        grid=grid,
        search=make_search(random, tpe, backtest_request.seed),
        objective=parse_objective(objective),
        min_trades=min_trades,
        permutations=permutations,
    )


def plan_sweep(data_stores: DataStores, request: SweepRequest) -> SweepPlan:
    """Load the bars and lay out the space."""
    names = list(dict.fromkeys(slot.strategy for slot in request.backtest.slots))
    if len(names) > 1:
        raise UsageError(
            "sweep_varies_one_strategy", "a sweep varies one strategy, had {names}", names=" ".join(names)
        )
    planned = backtest.plan_slots(data_stores, request.backtest)
    space = parse_grid(request.grid, planned[0].strategy)
    varied = {axis.name for axis in space.axes}
    # What is varied the sweep states itself.
    slots = tuple(
        dataclasses.replace(
            slot, own_fees={name: fee for name, fee in slot.own_fees.items() if name not in varied}
        )
        for slot in planned
    )
    return SweepPlan(slots=slots, account=request.backtest.account, space=space, objective=request.objective)


def run_sweep(
    data_stores: DataStores,
    request: SweepRequest,
    folder: Path | None,
    *,
    registry: TrialRegistry,
    write: WriteFiles,
    executor: Executor,
    lock_folder: LockFolder = nullcontext,
    fresh: bool = False,
    progress: ProgressCallback,
) -> SavedSweep:
    """Run a sweep, or go on with one that was interrupted, and keep its files.

    Parameters
    ----------
    folder : Path, optional
        Where the files go; ``runs/sweep-…`` by the configuration where left out.
    lock_folder : callable
        Holds the folder against a second sweep while this one writes there.
    fresh : bool
        Whether to drop what an interrupted sweep left.

    Raises
    ------
    UsageError
        With cause and cure, for everything that cannot be run, a folder in use among it.
    """
    plan = plan_sweep(data_stores, request)
    settings = sweep_configuration(plan, dataclasses.asdict(request.search))
    key = configuration_hash(settings)
    folder = folder or Path("runs") / f"sweep-{key}"
    evaluation, parts = request.evaluation_settings, folder / PARTS_FOLDER
    with lock_folder(folder):
        if fresh and parts.is_dir():
            shutil.rmtree(parts)
        check_plan(plan, check=evaluation.check, seed=evaluation.seed)
        row_store = FolderRowStore(plan, parts, key=key, registry=registry, write=write)
        search = run_tpe if request.search.method == "tpe" else run_search
        search(plan, request.search, executor, row_store, progress)
        row_store.flush()
        table = SweepTable(pl.scan_parquet(row_store.parts))
        trials = count_plan_trials(plan, registry)
        sweep_findings = find_results(
            plan, request.search, table, evaluation, executor, trials=trials, progress=progress
        )
        record = sweep_record(
            plan, request.search, table, sweep_findings, settings, version=backtest.package_version()
        )
        empty = find_empty_features(plan.slots)
        record["empty_features"] = [dataclasses.asdict(feature) for feature in empty]
        with _write_table(table.frame, folder / TABLE_FILE):
            write(folder, _result_files(plan, record, sweep_findings))
        shutil.rmtree(parts)
    return SavedSweep(folder, record, plan, sweep_findings, empty)


def _result_files(plan: SweepPlan, record: dict[str, Any], sweep_findings: SweepFindings) -> dict[str, bytes]:
    files = {"sweep.json": (json.dumps(record, indent=1, allow_nan=False) + "\n").encode()}
    if sweep_findings.heat is not None:
        title = f"{plan.strategy.name}: {plan.objective}"
        files["heatmap.svg"] = svg_map(sweep_findings.heat, title=title, objective=plan.objective).encode()
    return files


@contextmanager
def _write_table(frame: pl.LazyFrame, path: Path) -> Iterator[None]:
    """Write all combinations that were run to one file beside, a row group at a time; it takes its place at the end."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    # The folder is held by this sweep alone: whatever else is there was left by one that was killed.
    for leftover in path.parent.glob(f".{path.name}.*.tmp"):
        leftover.unlink(missing_ok=True)
    try:
        frame.filter(~pl.col("refused")).drop("refused").sink_parquet(temporary, compression="zstd")
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        yield
        os.replace(temporary, path)
    except (OSError, pl.exceptions.ComputeError) as fault:
        raise StorageError(
            "could_not_written_old_result",
            "{path} could not be written: {fault}; the old result is intact. Free some space or give "
            "another --out",
            path=path,
            fault=fault,
        ) from fault
    finally:
        temporary.unlink(missing_ok=True)
