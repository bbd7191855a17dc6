"""One kind of model on one instrument's stored bars: walked forward, traded with costs, counted as a trial, judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from vigie.data.feature_columns import reads_others
from vigie.data.stores import DataStores
from vigie.domain.account import Costs
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.trials import TrialCount, TriedVariants
from vigie.engine.inputs import SlotInput
from vigie.ports.trials import TrialRegistry
from vigie.quant.feature_causality import refuse_look_ahead
from vigie.quant.feature_table import compute_features
from vigie.quant.features import registry as registry_of_columns
from vigie.quant.models.model_kind import ModelKind
from vigie.research.learning.asset_rows import learning_rows, rising, signal_outcomes
from vigie.research.learning.combinations import JudgedPair, combinatorial_folds, walk_paths
from vigie.research.learning.coverage import Coverage, measure_coverage
from vigie.research.learning.feature_inputs import join_inputs
from vigie.research.learning.fold_choices import FoldChoices
from vigie.research.learning.folds import FOLDS, LearnFold, walk_folds
from vigie.research.learning.importance import ColumnImportance, permutation_importance
from vigie.research.learning.leaks import refuse_leaking_rows
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.odds_trading import (
    TradedOdds,
    YearResult,
    odds_slot,
    results_by_year,
    trade_odds,
)
from vigie.research.learning.skill import Skill, measure
from vigie.research.learning.walking import FoldKeeper, Walked, walk
from vigie.research.series import traded_series
from vigie.services.bar_reading import find_instrument, load_bars
from vigie.services.learning.charged_funding import stored_settlements
from vigie.services.learning.column_bars import read_peers
from vigie.services.learning.fold_results import (
    FoldChoice,
    Folding,
    PathResult,
    choices_of,
    path_result,
)
from vigie.services.learning.row_choices import kind_of, known_enough, rule_slot

# Of trials of models, so that none is taken for a strategy's.
_FAMILY: Final = "model"
_LATER_CHOICES: Final = {"folding": "walk_forward", "select": 0, "search": 0}


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """What is to be judged.

    Attributes
    ----------
    instrument, venue, timeframe : str
        Whose bars.
    kind : str
        A name of `vigie.quant.models.registry`.
    horizon : int
        Bars ahead whose direction is learned, >= 1.
    columns : tuple of str
        Full names; empty for all that are known here.
    folds : int
        How many parts of time are judged.
    seed : int
        Of fits and draws.
    rule : str
        A shipped strategy whose signals are judged: whether each reaches its target within the horizon. Empty: the
        direction of every bar.
    is_for_accounts : bool
        Without named columns, only those that read no other instrument: an account waits for bars of all it reads.
    folding : str
        ``walk_forward``: each part by what came before it; ``combinatorial``: every two parts by all others, each fit
        one trial.
    select : int
        How many columns each fold keeps, those that say most in what it learns from; 0 for all.
    search : int
        How many sets of options each fold tries on what it learns from; 0 for the kind's own.
    """

    instrument: str
    venue: str = "binance-perp"
    timeframe: str = "1h"
    kind: str = "logistic"
    horizon: int = 24
    columns: tuple[str, ...] = ()
    folds: int = FOLDS
    seed: int = 0
    rule: str = ""
    is_for_accounts: bool = False
    folding: Folding = "walk_forward"
    select: int = 0
    search: int = 0

    @property
    def choices(self) -> FoldChoices:
        """What each fold chooses for itself."""
        return FoldChoices(self.select, self.search)


def stated_choices(request: EvaluationRequest) -> dict[str, object]:
    """Return a request by name; a choice that came later is left out where it is the usual one.

    What was asked before there was the choice is known by the same values.
    """
    return {
        name: value
        for name, value in asdict(request).items()
        if name not in _LATER_CHOICES or value != _LATER_CHOICES[name]
    }


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """How a model did on rows that it was not fitted on.

    Attributes
    ----------
    request : EvaluationRequest
        With the instrument's own name.
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
    settlements: int
    trials_added: int = 1
    chosen: tuple[FoldChoice, ...] = ()
    paths: tuple[PathResult, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PreparedRows:
    """What a kind of model learns from and is judged on.

    Attributes
    ----------
    request : EvaluationRequest
        With the instrument's own name.
    kind : ModelKind
    bars : Bars
        Whose rows they are.
    rows : LearningRows
    left_out : tuple of str
        Columns that say nothing here, or are known for too short a time.
    folds : tuple of LearnFold
        One a fit.
    slot : SlotInput
        What trades of it are made on.
    pairs : tuple of JudgedPair
        Of combinatorial folds; else empty.
    peers : tuple of str
        Instruments that stand for the market of columns that compare with others.
    """

    request: EvaluationRequest
    kind: ModelKind
    bars: Bars
    rows: LearningRows
    left_out: tuple[str, ...]
    folds: tuple[LearnFold, ...]
    slot: SlotInput
    pairs: tuple[JudgedPair, ...] = ()
    peers: tuple[str, ...] = ()

    @property
    def embargo_ms(self) -> int:
        """Time between what is learned from and what is judged."""
        return self.request.horizon * self.bars.span_ms


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
        If the kind or a column is unknown, rules of the instrument are missing, or nothing honest can come of the
        rows.
    """
    return judge_model(trials, prepare_rows(data, request), with_importance=with_importance)


def prepare_rows(
    data: DataStores, request: EvaluationRequest, *, until_ms: int | None = None, peers: Sequence[str] = ()
) -> PreparedRows:
    """Read the rows of a request and cut them into folds.

    Parameters
    ----------
    until_ms : int, optional
        Bars that open from here on are not read.
    peers : sequence of str, optional
        Instruments that stand for the market; else those that are stored here.

    Raises
    ------
    UsageError
        As in `evaluate_model`.
    """
    kind = kind_of(request.kind)
    bars = load_bars(data.bars, request.venue, request.instrument, request.timeframe, end_ms=until_ms)
    versions = find_instrument(data, request.venue, bars.instrument)
    if not versions:
        raise UsageError(
            "model_needs_rules",
            "no rules of {instrument} at {venue} are known, so its trades cannot be judged; `vigie data instruments` "
            "fetches them",
            instrument=bars.instrument,
            venue=request.venue,
        )
    others = read_peers(data, bars, peers, columns=request.columns)
    inputs = join_inputs(bars, others, data.facts)
    table = compute_features(inputs, request.columns)
    refuse_look_ahead(inputs, table)
    costs = Costs()
    values, columns = table.values, registry_of_columns()
    if request.is_for_accounts and not request.columns:
        values = {name: column for name, column in values.items() if not reads_others(columns[name])}
    known, short = known_enough(values, request.columns)
    if request.rule:
        slot = rule_slot(bars, tuple(versions), request.rule, request.horizon, costs)
        rows = learning_rows([signal_outcomes(slot, known, request.horizon)])
    else:
        slot = odds_slot(bars, versions, request.horizon, costs)
        rows = learning_rows([rising(bars, known, request.horizon, costs)])
    slot = replace(slot, funding=stored_settlements(data, request.venue, bars))
    embargo_ms = request.horizon * bars.span_ms
    pairs: tuple[JudgedPair, ...] = ()
    if request.folding == "combinatorial":
        pairs = combinatorial_folds(rows, embargo_ms=embargo_ms, folds=request.folds)
        folds = tuple(pair.fold for pair in pairs)
    else:
        folds = walk_folds(rows, embargo_ms=embargo_ms, folds=request.folds)
    # Parts that are judged together lie apart: what lies between them is learned from, purged on both sides.
    refuse_leaking_rows(rows, () if pairs else folds)
    return PreparedRows(
        request=replace(request, instrument=bars.instrument),
        kind=kind,
        bars=bars,
        rows=rows,
        left_out=(*(column.name for column in table.left_out), *short),
        folds=folds,
        slot=slot,
        pairs=pairs,
        peers=tuple(other.instrument for other in others),
    )


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
    first_row = min(int(fold.judged[0]) for fold in folds)
    series = traded_series(prepared.bars, int(rows.bars[first_row]))
    variants = _variants(request, rows.columns, len(folds))
    trials.record([TriedVariants((series,), variants, [])])
    count = trials.count([series])
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
        settlements=len(prepared.slot.funding.ts),
        trials_added=len(variants),
        chosen=choices_of(rows, walked),
        paths=tuple(path_result(*result) for result, _ in judged) if prepared.pairs else (),
    )


def _judge_path(prepared: PreparedRows, walked: Walked, count: TrialCount) -> tuple[Skill, TradedOdds]:
    request = prepared.request
    traded = trade_odds(
        prepared.rows, walked, [prepared.slot], trials=count, seed=request.seed, is_filter=bool(request.rule)
    )
    return measure(prepared.rows, walked, seed=request.seed), traded


def _variants(request: EvaluationRequest, columns: tuple[str, ...], fits: int) -> list[str]:
    """Return a short hash a trial: of all that makes it differ from another but its history.

    The fits of a walk are one trial together, as each judges what no other one does.
    """
    told = {**stated_choices(request), "columns": columns, "family": _FAMILY}
    for name in ("instrument", "venue"):
        del told[name]
    # As trials were known by before there was a choice.
    for name in ("rule", "is_for_accounts"):
        if not told[name]:
            del told[name]
    if request.folding == "walk_forward":
        return [_hash(told)]
    return [_hash({**told, "fit": number}) for number in range(fits)]


def _hash(told: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
