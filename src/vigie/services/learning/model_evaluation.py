"""One kind of model on stored bars: walked forward, traded with costs, counted as a trial, judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.data.stores import DataStores
from vigie.domain.trials import TrialCount, TriedVariants
from vigie.ports.trials import TrialRegistry
from vigie.research.learning.against_holding import AgainstHolding, compare_with_holding
from vigie.research.learning.combinations import walk_paths
from vigie.research.learning.coverage import Coverage, measure_coverage
from vigie.research.learning.importance import ColumnImportance, permutation_importance
from vigie.research.learning.odds_trading import TradedOdds, YearResult, results_by_year, trade_odds
from vigie.research.learning.pooled_assets import PooledAssetResult, results_by_asset
from vigie.research.learning.skill import Skill, measure
from vigie.research.learning.value_skill import ValueSkill, measure_values
from vigie.research.learning.walking import FoldKeeper, Walked, walk
from vigie.services.learning.evaluation_request import EvaluationRequest, stated_choices
from vigie.services.learning.fold_results import FoldChoice, PathResult, choices_of, path_result
from vigie.services.learning.missing_bars import MarketGaps, find_missing
from vigie.services.learning.prepared_rows import PreparedRows, judged_series, prepare_rows
from vigie.services.learning.row_choices import kind_of, require_fitting

# Of trials of models, so that none is taken for a strategy's.
_FAMILY: Final = "model"


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """How a model did on rows that it was not fitted on.

    Attributes
    ----------
    request : EvaluationRequest
        With the markets' own names.
    rows : int
        Complete rows, the newest fifth of time included.
    columns : tuple of str
        What the model read.
    left_out : tuple of str
        Columns that say nothing here, or are known for too short a time.
    skill : Skill
    traded : TradedOdds
    years : tuple of YearResult
    importance : tuple of ColumnImportance
        Empty where it was not asked for.
    from_ms, until_ms : int
        What was judged.
    trials_added : int
        Fits whose result was computed.
    settlements : int
        How many of the stored ones lie in the time of the bars: their funding is charged.
    coverage : Coverage
        How often what came lay inside conformal intervals.
    chosen : tuple of FoldChoice
        One a fold; empty where nothing was to be chosen.
    paths : tuple of PathResult
        Of combinatorial folds, from the least log loss gained to the most; all else is of the middle one.
    values : ValueSkill, optional
        How close it came to amounts; None where it learns directions.
    markets : tuple of PooledAssetResult
        How it did on each market; empty where there is one.
    against_holding : AgainstHolding
        The account beside buy-and-hold of the same days.
    missing_bars : tuple of MarketGaps
        Of markets between whose bars some are missing.
    """

    request: EvaluationRequest
    rows: int
    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    skill: Skill
    traded: TradedOdds
    years: tuple[YearResult, ...]
    importance: tuple[ColumnImportance, ...]
    from_ms: int
    until_ms: int
    coverage: Coverage
    against_holding: AgainstHolding
    settlements: int
    trials_added: int = 1
    chosen: tuple[FoldChoice, ...] = ()
    paths: tuple[PathResult, ...] = ()
    values: ValueSkill | None = None
    markets: tuple[PooledAssetResult, ...] = ()
    missing_bars: tuple[MarketGaps, ...] = ()


def evaluate_model(
    data: DataStores, trials: TrialRegistry, request: EvaluationRequest, *, with_importance: bool = False
) -> Evaluation:
    """Judge a kind of model; its out-of-sample result is one more trial of the history, whatever it says.

    Parameters
    ----------
    with_importance : bool
        Whether each column is shuffled, too: it takes as many scorings as there are columns, three times.

    Raises
    ------
    UsageError
        If the kind or a column is unknown, a library or rules of the instrument are missing, or nothing
        honest can come of the rows.
    """
    require_fitting(kind_of(request.kind, request.label), request.search)
    return judge_model(trials, prepare_rows(data, request), with_importance=with_importance)


def judge_model(
    trials: TrialRegistry,
    prepared: PreparedRows,
    *,
    with_importance: bool = False,
    keeper: FoldKeeper | None = None,
) -> Evaluation:
    """Walk a kind of model through its folds and judge what it said of rows that it was not fitted on.

    Parameters
    ----------
    with_importance : bool
        As in `evaluate_model`.
    keeper : FoldKeeper, optional
        Keeps what was learned before each fold.
    """
    request, rows, folds = prepared.request, prepared.rows, prepared.folds
    paths = (
        walk_paths(
            rows, prepared.kind, prepared.pairs, seed=request.seed, choices=request.choices, keeper=keeper
        )
        if prepared.pairs
        else (walk(rows, prepared.kind, folds, seed=request.seed, choices=request.choices, keeper=keeper),)
    )
    series = judged_series(prepared, np.unique(np.concatenate([fold.judged for fold in folds])))
    variants = _variants(request, rows.columns, len(folds))
    trials.record([TriedVariants(series, variants, [])])
    count = trials.count(series)
    judged = sorted(
        ((_judge_path(prepared, walked, count), walked) for walked in paths),
        key=lambda pair: pair[0][0].log_loss_gain,
    )
    (skill, traded), walked = judged[(len(judged) - 1) // 2]
    return Evaluation(
        request=request,
        rows=len(rows),
        columns=rows.columns,
        left_out=prepared.left_out,
        skill=skill,
        traded=traded,
        years=results_by_year(traded),
        importance=(
            permutation_importance(rows, walked, prepared.kind, seed=request.seed) if with_importance else ()
        ),
        from_ms=min(fold.from_ms for fold in folds),
        until_ms=max(fold.until_ms for fold in folds),
        coverage=measure_coverage(rows, walked),
        against_holding=compare_with_holding(traded.returns, traded.held, seed=request.seed),
        settlements=sum(len(slot.funding.ts) for slot in prepared.slots),
        trials_added=len(variants),
        chosen=choices_of(rows, walked),
        paths=tuple(path_result(*result) for result, _ in judged) if prepared.pairs else (),
        values=measure_values(rows, walked, prepared.kind, seed=request.seed) if rows.is_value else None,
        markets=results_by_asset(rows, walked, traded, prepared.slots) if request.pooled_with else (),
        missing_bars=find_missing(market.bars for market in prepared.markets),
    )


def _judge_path(prepared: PreparedRows, walked: Walked, count: TrialCount) -> tuple[Skill, TradedOdds]:
    request = prepared.request
    traded = trade_odds(
        prepared.rows, walked, prepared.slots, trials=count, seed=request.seed, is_filter=bool(request.rule)
    )
    return measure(prepared.rows, walked, seed=request.seed), traded


def _variants(request: EvaluationRequest, columns: tuple[str, ...], fits: int) -> list[str]:
    """Return a short hash a trial: of all that makes it differ from another but its history.

    The fits of a walk are one trial together, as each judges what no other one does.
    """
    told = {**stated_choices(request), "columns": columns, "family": _FAMILY}
    for name in ("instrument", "venue"):
        del told[name]
    if request.pooled_with:
        # Which markets it learned from makes it another trial of the history of each.
        told["pooled_with"] = request.instruments
    # As trials were known by before there was a choice.
    for name in ("rule", "is_for_accounts"):
        if not told[name]:
            del told[name]
    if request.folding == "walk_forward":
        return [_hash(told)]
    return [_hash({**told, "fit": number}) for number in range(fits)]


def _hash(told: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
