"""What a person or agent may ask of a sweep: run it, go on with it after a kill, keep and show what it found."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from vigie.data.desk import DataDesk
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import StorageError, UsageError
from vigie.engine.run import Run, Ticker, execute
from vigie.ports.executor import Executor
from vigie.ports.trials import TrialRegistry
from vigie.quant.stats.permutation import PermutationTest
from vigie.quant.stats.verdict import Verdict
from vigie.research.files import parquet_bytes, plain
from vigie.research.sweep.judge import judge_sweep
from vigie.research.sweep.loop import Search, check_plan, run_search, search_size
from vigie.research.sweep.objective import MIN_TRADES, Objective
from vigie.research.sweep.plan import (
    SweepPlan,
    TrialNames,
    configuration,
    configuration_hash,
    refusal,
    series_name,
    variant,
)
from vigie.research.sweep.shuffled import permuted_search
from vigie.research.sweep.space import parse_grid
from vigie.research.sweep.table import SCORES, frame_of, ranked, rows_of
from vigie.research.sweep.terrain import HeatMap, Plateau, heat_map, plateau_of, svg_map
from vigie.research.sweep.tpe import run_tpe
from vigie.research.sweep.work import Rows, row_type
from vigie.services import backtest
from vigie.services.backtest import BacktestRequest

Writer = Callable[[Path, Mapping[str, bytes]], None]
Clock = Callable[[], float]

PARTS: Final = "parts"
PART_ROWS: Final = 8_192
PART_SECONDS: Final = 2.0
TOP: Final = 10
# More rows than these are ranked and drawn from the file, never held at once.
_SAMPLE: Final = 100_000


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

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be."""
        if self.min_trades < 1:
            raise UsageError(f"min-trades must be >= 1, was {self.min_trades}")
        if self.permutations < 0:
            raise UsageError(f"permutations must be >= 0, was {self.permutations}")


@dataclass(frozen=True, slots=True, eq=False)
class KeptSweep:
    """A finished sweep whose files are written.

    Attributes
    ----------
    folder : Path
        Where they are.
    record : dict
        What ``sweep.json`` holds.
    top : polars.DataFrame
        The best combinations, the best first.
    best : Run
        The best combination as `vigie backtest` runs it.
    """

    folder: Path
    record: dict[str, Any]
    plan: SweepPlan
    top: pl.DataFrame
    best: Run
    verdict: Verdict
    plateau: Plateau
    heat: HeatMap | None
    permutation: PermutationTest | None


class FolderKeeper:
    """Keeps rows as Parquet parts in a folder, and counts their trials before they are kept.

    Parts hold whole chunks in order: what is there is always a beginning of the sweep.
    """

    def __init__(
        self,
        plan: SweepPlan,
        folder: Path,
        *,
        key: str,
        registry: TrialRegistry,
        write: Writer,
        clock: Clock = time.monotonic,
    ) -> None:
        self._plan = plan
        self._folder = folder
        self._registry = registry
        self._write = write
        self._clock = clock
        self._names = TrialNames(plan)
        self._waiting: list[Rows] = []
        self._since = clock()
        self._parts = self._begin(key)
        self._count = sum(int(pl.scan_parquet(p).select(pl.len()).collect().item()) for p in self._parts)

    def _begin(self, key: str) -> list[Path]:
        mark = self._folder / "plan.json"
        if mark.is_file():
            known = json.loads(mark.read_text(encoding="utf-8")).get("configuration_hash")
            if known != key:
                raise UsageError(
                    f"{self._folder.parent} holds an unfinished sweep with other settings or bars; "
                    "give --fresh to drop it, or another --out"
                )
        else:
            self._write(self._folder, {"plan.json": json.dumps({"configuration_hash": key}).encode()})
        return sorted(self._folder.glob("part-*.parquet"))

    @property
    def parts(self) -> list[Path]:
        """The files, in order."""
        return self._parts

    def kept(self) -> Rows:
        """Return the rows that an earlier run kept."""
        blocks = [rows_of(self._plan, pl.read_parquet(part)) for part in self._parts]
        return np.concatenate(blocks) if blocks else np.zeros(0, row_type(self._plan.accounts))

    def kept_count(self) -> int:
        """Return how many rows an earlier run kept."""
        return self._count

    def keep(self, rows: Rows) -> None:
        """Keep rows; written when enough wait or some time has passed."""
        self._waiting.append(rows)
        late = self._clock() - self._since >= PART_SECONDS
        if late or sum(len(block) for block in self._waiting) >= PART_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what waits; its trials are counted first."""
        self._since = self._clock()
        if not self._waiting:
            return
        rows = np.concatenate(self._waiting)
        self._waiting = []
        self._registry.record(self._names.pairs(rows["combination"][~rows["refused"]].tolist()))
        path = self._folder / f"part-{len(self._parts):06d}.parquet"
        self._write(self._folder, {path.name: parquet_bytes(frame_of(self._plan, rows))})
        self._parts.append(path)


def plan_sweep(desk: DataDesk, request: SweepRequest) -> SweepPlan:
    """Load the bars and lay out the space."""
    slots = tuple(backtest.plan_slots(desk, request.backtest))
    names = {slot.strategy.name for slot in slots}
    if len(names) > 1:
        raise UsageError(f"a sweep varies one strategy, had {' '.join(sorted(names))}")
    space = parse_grid(request.grid, slots[0].strategy)
    return SweepPlan(slots=slots, account=request.backtest.account, space=space, objective=request.objective)


def search_plain(request: SweepRequest) -> dict[str, Any]:
    """Return how combinations are chosen, as stored; a grid does not depend on the seed."""
    found = dataclasses.asdict(request.search)
    if request.search.method == "grid":
        found["seed"] = 0
    return found


def run_sweep(
    desk: DataDesk,
    request: SweepRequest,
    folder: Path | None,
    *,
    registry: TrialRegistry,
    write: Writer,
    executor: Executor,
    fresh: bool = False,
    progress: Ticker,
) -> KeptSweep:
    """Run a sweep, or go on with one that was interrupted, and keep its files.

    Parameters
    ----------
    folder : Path, optional
        Where the files go; ``runs/sweep-…`` by the configuration where left out.
    fresh : bool
        Whether to drop what an interrupted run left.

    Raises
    ------
    UsageError
        With cause and cure, for everything that cannot be run.
    """
    plan = plan_sweep(desk, request)
    settings = configuration(plan, search_plain(request))
    key = configuration_hash(settings)
    folder = folder or Path("runs") / f"sweep-{key}"
    parts = folder / PARTS
    if fresh and parts.is_dir():
        shutil.rmtree(parts)
    check_plan(plan, check=request.backtest.check, seed=request.backtest.seed)
    keeper = FolderKeeper(plan, parts, key=key, registry=registry, write=write)
    search = run_tpe if request.search.method == "tpe" else run_search
    search(plan, request.search, executor, keeper, progress)
    keeper.flush()
    table = _Table(keeper.parts)
    top = ranked(table.frame, min_trades=request.min_trades, count=TOP)
    if top.height == 0:
        raise UsageError(f"no combination is possible: {refusal(plan, 0)}")
    found = _believed(plan, request, table, top, registry, executor, progress)
    record = _record(plan, request, table, top, found, settings, key)
    _sink(table.frame, folder / "sweep.parquet")
    files = {"sweep.json": (json.dumps(record, indent=1, allow_nan=False) + "\n").encode()}
    if found.heat is not None:
        title = f"{plan.strategy.name}: {plan.objective}"
        files["heatmap.svg"] = svg_map(found.heat, title=title, objective=plan.objective).encode()
    write(folder, files)
    shutil.rmtree(parts)
    return KeptSweep(
        folder, record, plan, top, found.best, found.verdict, found.plateau, found.heat, found.permutation
    )


class _Table:
    """All rows of a sweep, read from its parts as they are needed."""

    def __init__(self, parts: list[Path]) -> None:
        self.frame = pl.scan_parquet(parts)

    def counts(self) -> tuple[int, int]:
        """Return how many combinations were run and how many were refused."""
        row = self.frame.select(
            (~pl.col("refused")).sum().alias("run"), pl.col("refused").sum().alias("no")
        ).collect()
        return int(row["run"][0]), int(row["no"][0])

    def combinations(self) -> IntArray:
        """Return the combinations that were run, or an even sample of them."""
        run, _ = self.counts()
        step = max(1, math.ceil(run / _SAMPLE))
        frame = self.frame.filter(~pl.col("refused")).select("combination").gather_every(step).collect()
        found: IntArray = np.sort(frame["combination"].to_numpy())
        return found

    def scores(self, combinations: list[int]) -> dict[int, float]:
        """Return the scores of those of some combinations that were run."""
        wanted = pl.col("combination").is_in(combinations) & ~pl.col("refused")
        found = self.frame.filter(wanted).select("combination", "score").collect()
        return dict(zip(found["combination"].to_list(), found["score"].to_list(), strict=True))

    def known_scores(self, combinations: list[int]) -> FloatArray:
        """Return the scores of those that were run, in the order given."""
        found = self.scores(combinations)
        return np.array([found[k] for k in combinations if k in found])


@dataclass(frozen=True, slots=True, eq=False)
class _Believed:
    best: Run
    verdict: Verdict
    plateau: Plateau
    heat: HeatMap | None
    permutation: PermutationTest | None
    trials: int


def _believed(
    plan: SweepPlan,
    request: SweepRequest,
    table: _Table,
    top: pl.DataFrame,
    registry: TrialRegistry,
    executor: Executor,
    progress: Ticker,
) -> _Believed:
    best = int(top["combination"][0])
    slots = variant(plan, best)
    if slots is None:
        raise UsageError(f"combination {best} is refused: {refusal(plan, best)}")
    run = execute(slots, slots[0].account, check=request.backtest.check, seed=request.backtest.seed)
    seed = request.backtest.seed
    permutation = None
    if request.permutations:
        permutation = permuted_search(
            plan,
            request.search,
            executor,
            observed=float(top["score"][0]),
            permutations=request.permutations,
            seed=seed,
            min_trades=request.min_trades,
            progress=progress,
        )
    trials = registry.count(list(dict.fromkeys(series_name(slot) for slot in plan.slots)))
    verdict = judge_sweep(
        plan,
        table.combinations(),
        best,
        trials=max(trials, table.counts()[0]),
        seed=seed,
        permutation_p=math.nan if permutation is None else permutation.p_value,
    )
    neutral = 1.0 if plan.objective == "profit_factor" else 0.0
    plateau = plateau_of(plan.space, best, table.known_scores, neutral=neutral)
    return _Believed(run, verdict, plateau, heat_map(plan.space, best, table.scores), permutation, trials)


def _record(
    plan: SweepPlan,
    request: SweepRequest,
    table: _Table,
    top: pl.DataFrame,
    found: _Believed,
    settings: dict[str, Any],
    key: str,
) -> dict[str, Any]:
    run, refused = table.counts()
    names = [axis.name for axis in plan.space.axes]
    first_refused = table.frame.filter(pl.col("refused")).select("combination").head(1).collect()
    permutation = found.permutation
    return dict(
        plain(
            {
                "version": backtest.package_version(),
                "simulated": any(slot.bars.venue.startswith("simulated-") for slot in plan.slots),
                "configuration": json.loads(json.dumps(settings, default=str)),
                "configuration_hash": key,
                "data_fingerprint": settings["data_fingerprint"],
                "mode": plan.account.mode,
                "objective": plan.objective,
                "combinations": plan.space.size,
                "asked": search_size(plan, request.search),
                "run": run,
                "refused": refused,
                "refused_because": refusal(plan, int(first_refused["combination"][0])) if refused else "",
                "trials_ever": found.trials,
                "checked": found.best.checked,
                "best": {
                    "params": {name: top[name][0] for name in names},
                    **{name: top[name][0] for name in ("combination", *SCORES)},
                    "decision_hash": _hash(found.best),
                    "slots": [
                        {"slot": str(slot.plan.slot), **dataclasses.asdict(slot.summary)}
                        for slot in found.best.slots
                    ],
                },
                "top": top.select("combination", *names, *SCORES).to_dicts(),
                "plateau": {**dataclasses.asdict(found.plateau), "sentence": found.plateau.sentence},
                "permutation": None
                if permutation is None
                else {
                    "p_value": permutation.p_value,
                    "samples": permutation.samples,
                    "observed": permutation.observed,
                },
                "verdict": {"about": "the best combination", **dataclasses.asdict(found.verdict)},
            }
        )
    )


def _hash(run: Run) -> str:
    from vigie.engine.journal import decision_hash

    return decision_hash(run.log)


def _sink(frame: pl.LazyFrame, path: Path) -> None:
    """Write all combinations that were run to one file, row group after row group."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        frame.filter(~pl.col("refused")).drop("refused").sink_parquet(aside, compression="zstd")
        with open(aside, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(aside, path)
    except (OSError, pl.exceptions.ComputeError) as fault:
        aside.unlink(missing_ok=True)
        raise StorageError(
            f"{path} could not be written: {fault}; the old result is untouched. Free some space or give another --out"
        ) from fault


def make_search(random: int | None, tpe: int | None, seed: int) -> Search:
    """Return how combinations are chosen: all, `random` drawn, or `tpe` learned.

    Raises
    ------
    UsageError
        If both are asked for.
    """
    if random is not None and tpe is not None:
        raise UsageError("--random and --tpe exclude one another")
    if random is not None:
        return Search("random", random, seed)
    return Search("tpe", tpe, seed) if tpe is not None else Search("grid", 0, seed)
