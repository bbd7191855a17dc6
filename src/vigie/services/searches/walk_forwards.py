"""What a person or agent may ask of walk-forward and cross-validation: run them, keep their files."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.trials import TrialCount
from vigie.engine.run import ProgressCallback
from vigie.ports.executor import Executor
from vigie.ports.trials import TrialRegistry
from vigie.quant.stats.permutation import PermutationTest
from vigie.quant.stats.verdict import Verdict, verdict
from vigie.research import walk_tables
from vigie.research.files import to_json_value
from vigie.research.sweep.findings import permutation_record
from vigie.research.sweep.loop import check_plan
from vigie.research.sweep.plan import SweepPlan, configuration_hash, count_plan_trials, sweep_configuration
from vigie.research.sweep.trial_names import TrialNames
from vigie.research.validation import FoldSettings, Validation, cross_validate
from vigie.research.walk_forward import WalkForward, permuted_walk, walk_forward
from vigie.research.walk_windows import WalkSettings
from vigie.services.runs import backtest
from vigie.services.runs.features import FeatureWithoutValues, find_empty_features
from vigie.services.searches.sweeps import SweepRequest, WriteFiles, plan_sweep

MAX_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class WalkRequest:
    """A sweep's request and how history is divided."""

    sweep: SweepRequest
    division: WalkSettings | FoldSettings


@dataclass(frozen=True, slots=True, eq=False)
class SavedWalk:
    """A finished walk or cross-validation whose files are written.

    Attributes
    ----------
    folder : Path
        Where they are.
    record : dict
        What ``walk_forward.json`` or ``validation.json`` holds.
    empty_features : tuple of FeatureWithoutValues
        Features that the strategy reads and that have no value on the bars that were traded.
    """

    folder: Path
    record: dict[str, Any]
    plan: SweepPlan
    result: WalkForward | Validation
    verdict: Verdict
    permutation: PermutationTest | None
    empty_features: tuple[FeatureWithoutValues, ...] = ()


def make_division(
    scheme: str,
    *,
    train: int | None,
    test: int | None,
    folds: int | None,
    test_groups: int | None,
    purge: int,
    embargo: int,
    min_trades: int,
) -> WalkSettings | FoldSettings:
    """Read how history is divided; options of the other kind are refused.

    Raises
    ------
    UsageError
        With the option that is missing or does not belong.
    """
    if scheme in ("anchored", "rolling"):
        if train is None or test is None:
            raise UsageError(
                "scheme_needs_train_test",
                "--scheme {scheme} needs --train and --test, in bars",
                scheme=scheme,
            )
        if folds is not None or test_groups is not None or embargo:
            raise UsageError(
                "folds_test_groups_embargo_go",
                "--folds, --test-groups and --embargo go with kfold and cpcv, was --scheme {scheme}",
                scheme=scheme,
            )
        return WalkSettings(train, test, scheme, gap=purge, min_trades=min_trades)  # type: ignore[arg-type]  # one of two words, looked at above
    if scheme in ("kfold", "cpcv"):
        if train is not None or test is not None:
            raise UsageError(
                "train_test_go_anchored_rolling",
                "--train and --test go with anchored and rolling, was --scheme {scheme}",
                scheme=scheme,
            )
        if test_groups is not None and scheme == "kfold":
            raise UsageError(
                "test_groups_goes_cpcv", "--test-groups goes with cpcv; kfold tests one fold at a time"
            )
        default = 5 if scheme == "kfold" else 8
        return FoldSettings(scheme, folds or default, test_groups or 2, purge, embargo, min_trades)  # type: ignore[arg-type]  # one of two words, looked at above
    raise UsageError(
        "scheme_must_anchored",
        "scheme must be anchored, rolling, kfold or cpcv, was {scheme!r}",
        scheme=scheme,
    )


def run_walk(
    data_stores: DataStores,
    request: WalkRequest,
    folder: Path | None,
    *,
    registry: TrialRegistry,
    write: WriteFiles,
    executor: Executor,
    progress: ProgressCallback,
) -> SavedWalk:
    """Walk forward or cross-validate, judge the result and keep its files.

    Raises
    ------
    UsageError
        With cause and cure, for everything that cannot be run.
    """
    sweep, division = request.sweep, request.division
    evaluation = sweep.evaluation_settings
    if isinstance(division, FoldSettings) and evaluation.permutations:
        raise UsageError(
            "permutations_goes_anchored_rolling",
            "--permutations goes with anchored and rolling, was --scheme {scheme}",
            scheme=division.scheme,
        )
    plan = plan_sweep(data_stores, sweep)
    search_settings = {**dataclasses.asdict(sweep.search), **dataclasses.asdict(division)}
    settings = sweep_configuration(plan, search_settings)
    key = configuration_hash(settings)
    empty = find_empty_features(plan.slots)
    check_plan(plan, check=evaluation.check, seed=evaluation.seed)
    permutation = None
    result: WalkForward | Validation
    if isinstance(division, WalkSettings):
        result = walk_forward(plan, sweep.search, division, executor, progress=progress)
        if evaluation.permutations:
            permutation = permuted_walk(
                plan, sweep.search, division, executor, observed=result.score(plan.objective),
                permutations=evaluation.permutations, seed=evaluation.seed, progress=progress,
            )  # fmt: skip
    else:
        result = _cross_validate(plan, sweep, division, executor, empty, progress)
    registry.record(TrialNames(plan).tried_variants(result.tried.tolist()))
    walk_verdict = _judge_walk(result, count_plan_trials(plan, registry), evaluation.seed, permutation)
    record = _walk_record(plan, result, walk_verdict, settings, permutation, evaluation.check)
    record["empty_features"] = [dataclasses.asdict(feature) for feature in empty]
    folder = folder or Path("runs") / f"walk-forward-{key}"
    write(folder, _walk_files(plan, result, record))
    return SavedWalk(folder, record, plan, result, walk_verdict, permutation, empty)


def _cross_validate(
    plan: SweepPlan,
    sweep: SweepRequest,
    division: FoldSettings,
    executor: Executor,
    empty: Sequence[FeatureWithoutValues],
    progress: ProgressCallback,
) -> Validation:
    try:
        return cross_validate(plan, sweep.search, division, executor, progress=progress)
    except UsageError as fault:
        if not empty:
            raise
        # What reads nothing but NaN never trades: the refusal names the cause.
        some = ", ".join(map(str, empty[:MAX_NAMED]))
        raise UsageError(
            "features_without_any_value",
            "{fault}; features without any value: {some}",
            fault=fault,
            some=some,
        ) from fault


def _judge_walk(
    result: WalkForward | Validation, trials: TrialCount, seed: int, permutation: PermutationTest | None
) -> Verdict:
    returns = (
        result.daily_returns() if isinstance(result, WalkForward) else result.path_returns[result.typical]
    )
    return verdict(
        np.ascontiguousarray(returns).reshape(-1, 1),
        0,
        trials=trials.at_least(1),
        seed=seed,
        periods_per_year=result.periods_per_year,
        permutation_p=math.nan if permutation is None else permutation.p_value,
    )


def _walk_record(
    plan: SweepPlan,
    result: WalkForward | Validation,
    walk_verdict: Verdict,
    settings: dict[str, Any],
    permutation: PermutationTest | None,
    checked: bool,
) -> dict[str, Any]:
    figures = (
        walk_tables.walk_record(plan, result, walk_verdict)
        if isinstance(result, WalkForward)
        else walk_tables.validation_record(result, walk_verdict)
    )
    return {
        "version": backtest.package_version(),
        "configuration": to_json_value(json.loads(json.dumps(settings, default=str))),
        "configuration_hash": configuration_hash(settings),
        "data_fingerprint": settings["data_fingerprint"],
        "mode": plan.account.mode,
        "objective": plan.objective,
        "combinations": plan.space.size,
        "checked": checked,
        **figures,
        "permutation": to_json_value(permutation_record(permutation)),
    }


def _walk_files(
    plan: SweepPlan, result: WalkForward | Validation, record: dict[str, Any]
) -> dict[str, bytes]:
    if isinstance(result, WalkForward):
        return walk_tables.walk_files(plan, result, record)
    return walk_tables.validation_files(result, record)
