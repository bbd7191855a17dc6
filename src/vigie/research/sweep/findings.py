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
from vigie.engine.run import ProgressCallback, Run, execute
from vigie.ports.executor import Executor
from vigie.quant.stats.permutation import PermutationTest
from vigie.quant.stats.verdict import Verdict
from vigie.research.files import to_json_value
from vigie.research.sweep.loop import Search, search_size
from vigie.research.sweep.objective import MIN_TRADES
from vigie.research.sweep.plan import SweepPlan, configuration_hash, refusal_reason, variant_slots
from vigie.research.sweep.shuffled import no_progress, permuted_search
from vigie.research.sweep.sweep_verdict import judge_sweep
from vigie.research.sweep.table import SCORES, SweepTable, rank_rows
from vigie.research.sweep.terrain import ScoreHeatMap, ScorePlateau, heat_map, measure_plateau

TOP: Final = 10


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
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
            raise UsageError(
                "bad_min_trades", "min-trades must be >= 1, was {min_trades}", min_trades=self.min_trades
            )
        if self.permutations < 0:
            raise UsageError(
                "bad_permutations_must",
                "permutations must be >= 0, was {permutations}",
                permutations=self.permutations,
            )


@dataclass(frozen=True, slots=True, eq=False)
class SweepFindings:
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
    plateau: ScorePlateau
    heat: ScoreHeatMap | None
    permutation: PermutationTest | None
    trials: TrialCount


def top_rows(plan: SweepPlan, table: SweepTable, *, min_trades: int, count: int = TOP) -> pl.DataFrame:
    """Return the best combinations.

    Parameters
    ----------
    plan : SweepPlan
        For the reason where all are refused.
    table : SweepTable
        All rows of the sweep.
    min_trades : int
        Combinations with fewer come last.
    count : int
        Most rows.

    Returns
    -------
    polars.DataFrame
        The best first; columns of `rows_to_frame`.

    Raises
    ------
    UsageError
        If every combination was refused.
    """
    top = rank_rows(table.frame, min_trades=min_trades, count=count)
    if top.height == 0:
        raise UsageError(
            "no_combination_possible", "no combination is possible: {plan}", plan=refusal_reason(plan, 0)
        )
    return top


def run_combination(plan: SweepPlan, combination: int, *, check: bool, seed: int) -> Run:
    """Run one combination whole, as a backtest would.

    Parameters
    ----------
    plan : SweepPlan
        Series, account and space.
    combination : int
        Its number in the space.
    check : bool
        Whether causality and warm-up are proved.
    seed : int
        Of these checks.

    Returns
    -------
    Run
        With the account that the combination gives.

    Raises
    ------
    UsageError
        If the plan refuses the combination.
    """
    slots = variant_slots(plan, combination)
    if slots is None:
        raise UsageError(
            "combination_refused",
            "combination {combination} is refused: {plan}",
            combination=combination,
            plan=refusal_reason(plan, combination),
        )
    return execute(slots, slots[0].account, check=check, seed=seed)


def plateau_around(plan: SweepPlan, table: SweepTable, best: int) -> ScorePlateau:
    """Look at the neighbours of the best.

    Parameters
    ----------
    plan : SweepPlan
        Its space says which combinations are neighbours.
    table : SweepTable
        All rows of the sweep.
    best : int
        Number of the combination.

    Returns
    -------
    ScorePlateau
        Only neighbours that were run count.
    """
    neutral = 1.0 if plan.objective == "profit_factor" else 0.0
    return measure_plateau(plan.space, best, table.known_scores, neutral=neutral)


def find_results(
    plan: SweepPlan,
    search: Search,
    table: SweepTable,
    evaluation: EvaluationSettings,
    executor: Executor,
    *,
    trials: TrialCount,
    progress: ProgressCallback = no_progress,
) -> SweepFindings:
    """Ask a finished search what it found.

    Parameters
    ----------
    trials : TrialCount
        From the registry, this search's own included.

    Returns
    -------
    SweepFindings
        `permutation` is None where none was asked for, `heat` with fewer than two axes.
    """
    top = top_rows(plan, table, min_trades=evaluation.min_trades)
    best = int(top["combination"][0])
    run = run_combination(plan, best, check=evaluation.check, seed=evaluation.seed)
    permutation = None
    if evaluation.permutations:
        permutation = permuted_search(
            plan,
            search,
            executor,
            observed=float(top["score"][0]),
            permutations=evaluation.permutations,
            seed=evaluation.seed,
            min_trades=evaluation.min_trades,
            progress=progress,
        )
    trial_count = trials.at_least(table.counts()[0])
    verdict = judge_sweep(
        plan,
        table.combinations(),
        best,
        trials=trial_count,
        seed=evaluation.seed,
        permutation_p=math.nan if permutation is None else permutation.p_value,
    )
    return SweepFindings(
        top=top,
        best=run,
        verdict=verdict,
        plateau=plateau_around(plan, table, best),
        heat=heat_map(plan.space, best, table.scores),
        permutation=permutation,
        trials=trial_count,
    )


def sweep_record(
    plan: SweepPlan,
    search: Search,
    table: SweepTable,
    sweep_findings: SweepFindings,
    settings: dict[str, Any],
    *,
    version: str,
) -> dict[str, Any]:
    """Return what ``sweep.json`` holds; nothing in it depends on when, where or on how many threads it was made.

    Parameters
    ----------
    plan : SweepPlan
        What was run.
    search : Search
        How combinations were chosen.
    table : SweepTable
        All rows.
    sweep_findings : SweepFindings
        Of the same rows.
    settings : dict
        As `sweep_configuration` gives them.
    version : str
        Of the package.

    Returns
    -------
    dict
        Plain JSON values.
    """
    run, refused = table.counts()
    first = table.frame.filter(pl.col("refused")).select("combination").head(1).collect()
    names = [axis.name for axis in plan.space.axes]
    record = to_json_value(
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
            "refused_because": refusal_reason(plan, int(first["combination"][0])) if refused else "",
            "trials_ever": sweep_findings.trials.trials,
            "checked": sweep_findings.best.checked,
            "best": _best_record(names, sweep_findings),
            "top": sweep_findings.top.select("combination", *names, *SCORES).to_dicts(),
            "plateau": {
                **dataclasses.asdict(sweep_findings.plateau),
                "sentence": sweep_findings.plateau.sentence,
            },
            "permutation": permutation_record(sweep_findings.permutation),
            "verdict": {"about": "the best combination", **dataclasses.asdict(sweep_findings.verdict)},
        }
    )
    return dict(record)


def _best_record(names: list[str], sweep_findings: SweepFindings) -> dict[str, Any]:
    row = sweep_findings.top.row(0, named=True)
    return {
        "params": {name: row[name] for name in names},
        **{name: row[name] for name in ("combination", *SCORES)},
        "decision_hash": decision_hash(sweep_findings.best.log),
        "slots": [
            {"slot": str(slot.plan.slot), **dataclasses.asdict(slot.summary)}
            for slot in sweep_findings.best.slots
        ],
    }


def permutation_record(test: PermutationTest | None) -> dict[str, Any] | None:
    """Return a permutation test as plain values.

    Parameters
    ----------
    test : PermutationTest or None
        None where no test was made.

    Returns
    -------
    dict or None
        Without the single statistics; None for None.
    """
    if test is None:
        return None
    return {"p_value": test.p_value, "samples": test.samples, "observed": test.observed}
