"""What a sweep found: the best combination run whole, what lies around it, whether it can be believed."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from vigie.domain.errors import UsageError
from vigie.domain.trials import TrialCount
from vigie.engine.journal import decision_hash
from vigie.engine.run import Run, Ticker, execute
from vigie.ports.executor import Executor
from vigie.quant.stats.permutation import PermutationTest
from vigie.quant.stats.verdict import Verdict
from vigie.research.files import plain
from vigie.research.sweep.judge import judge_sweep
from vigie.research.sweep.loop import Search, search_size
from vigie.research.sweep.objective import MIN_TRADES
from vigie.research.sweep.plan import SweepPlan, configuration_hash, refusal, variant
from vigie.research.sweep.shuffled import permuted_search, silent
from vigie.research.sweep.table import SCORES, Table, ranked
from vigie.research.sweep.terrain import HeatMap, Plateau, heat_map, plateau_of

TOP: Final = 10


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked of a finished search.

    Attributes
    ----------
    min_trades : int
        Combinations with fewer trades come after all others.
    permutations : int
        Shuffled histories to repeat the search on; 0 for none.
    check : bool
        Whether causality of the best is proved.
    seed : int
        Of checks, shuffles and statistics.
    """

    min_trades: int = MIN_TRADES
    permutations: int = 0
    check: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be."""
        if self.min_trades < 1:
            raise UsageError(f"min-trades must be >= 1, was {self.min_trades}")
        if self.permutations < 0:
            raise UsageError(f"permutations must be >= 0, was {self.permutations}")


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What a sweep found.

    Attributes
    ----------
    top : polars.DataFrame
        The best combinations, the best first.
    best : Run
        The best combination as `vigie backtest` runs it.
    trials : TrialCount
        All trials ever made on these histories.
    """

    top: pl.DataFrame
    best: Run
    verdict: Verdict
    plateau: Plateau
    heat: HeatMap | None
    permutation: PermutationTest | None
    trials: TrialCount


def best_rows(plan: SweepPlan, table: Table, *, min_trades: int, count: int = TOP) -> pl.DataFrame:
    """Return the best combinations.

    Raises
    ------
    UsageError
        If every combination was refused.
    """
    top = ranked(table.frame, min_trades=min_trades, count=count)
    if top.height == 0:
        raise UsageError(f"no combination is possible: {refusal(plan, 0)}")
    return top


def run_of(plan: SweepPlan, combination: int, *, check: bool, seed: int) -> Run:
    """Run one combination whole, as a backtest would."""
    slots = variant(plan, combination)
    if slots is None:
        raise UsageError(f"combination {combination} is refused: {refusal(plan, combination)}")
    return execute(slots, slots[0].account, check=check, seed=seed)


def plateau_around(plan: SweepPlan, table: Table, best: int) -> Plateau:
    """Look at the neighbours of the best."""
    neutral = 1.0 if plan.objective == "profit_factor" else 0.0
    return plateau_of(plan.space, best, table.known_scores, neutral=neutral)


def findings(
    plan: SweepPlan,
    search: Search,
    table: Table,
    questions: Questions,
    executor: Executor,
    *,
    trials: TrialCount,
    progress: Ticker = silent,
) -> Findings:
    """Ask a finished search what it found.

    Parameters
    ----------
    trials : TrialCount
        From the registry, this search's own included.
    """
    top = best_rows(plan, table, min_trades=questions.min_trades)
    best = int(top["combination"][0])
    run = run_of(plan, best, check=questions.check, seed=questions.seed)
    permutation = None
    if questions.permutations:
        permutation = permuted_search(
            plan,
            search,
            executor,
            observed=float(top["score"][0]),
            permutations=questions.permutations,
            seed=questions.seed,
            min_trades=questions.min_trades,
            progress=progress,
        )
    counted = trials.at_least(table.counts()[0])
    verdict = judge_sweep(
        plan,
        table.combinations(),
        best,
        trials=counted,
        seed=questions.seed,
        permutation_p=math.nan if permutation is None else permutation.p_value,
    )
    return Findings(
        top=top,
        best=run,
        verdict=verdict,
        plateau=plateau_around(plan, table, best),
        heat=heat_map(plan.space, best, table.scores),
        permutation=permutation,
        trials=counted,
    )


def record_of(
    plan: SweepPlan, search: Search, table: Table, found: Findings, settings: dict[str, Any], *, version: str
) -> dict[str, Any]:
    """Return what ``sweep.json`` holds; nothing in it depends on when, where or on how many threads it was made."""
    run, refused = table.counts()
    first = table.frame.filter(pl.col("refused")).select("combination").head(1).collect()
    names = [axis.name for axis in plan.space.axes]
    record = plain(
        {
            "version": version,
            "simulated": any(slot.bars.venue.startswith("simulated-") for slot in plan.slots),
            "configuration": json.loads(json.dumps(settings, default=str)),
            "configuration_hash": configuration_hash(settings),
            "data_fingerprint": settings["data_fingerprint"],
            "mode": plan.account.mode,
            "objective": plan.objective,
            "combinations": plan.space.size,
            "asked": search_size(plan, search),
            "run": run,
            "refused": refused,
            "refused_because": refusal(plan, int(first["combination"][0])) if refused else "",
            "trials_ever": found.trials.trials,
            "checked": found.best.checked,
            "best": _best(names, found),
            "top": found.top.select("combination", *names, *SCORES).to_dicts(),
            "plateau": {**dataclasses.asdict(found.plateau), "sentence": found.plateau.sentence},
            "permutation": permutation_record(found.permutation),
            "verdict": {"about": "the best combination", **dataclasses.asdict(found.verdict)},
        }
    )
    return dict(record)


def _best(names: list[str], found: Findings) -> dict[str, Any]:
    row = found.top.row(0, named=True)
    return {
        "params": {name: row[name] for name in names},
        **{name: row[name] for name in ("combination", *SCORES)},
        "decision_hash": decision_hash(found.best.log),
        "slots": [
            {"slot": str(slot.plan.slot), **dataclasses.asdict(slot.summary)} for slot in found.best.slots
        ],
    }


def permutation_record(test: PermutationTest | None) -> dict[str, Any] | None:
    """Return a permutation test as plain values."""
    if test is None:
        return None
    return {"p_value": test.p_value, "samples": test.samples, "observed": test.observed}
