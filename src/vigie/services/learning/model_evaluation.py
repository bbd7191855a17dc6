"""One kind of model on one instrument's stored bars: walked forward, traded with costs, counted as a trial, judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from typing import Final

import numpy as np

from vigie.data.feature_columns import is_in_accounts
from vigie.data.stores import DataStores
from vigie.domain.account import AccountSettings, Costs, Sizing
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.trials import TriedVariants
from vigie.engine.inputs import SlotInput
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.ports.trials import TrialRegistry
from vigie.quant.feature_causality import refuse_look_ahead
from vigie.quant.feature_table import compute_features
from vigie.quant.features import registry as registry_of_columns
from vigie.quant.models import registry
from vigie.quant.models.model_kind import ModelKind
from vigie.research.learning.asset_rows import learning_rows, rising, signal_outcomes
from vigie.research.learning.feature_inputs import join_inputs
from vigie.research.learning.folds import FOLDS, LearnFold, walk_folds
from vigie.research.learning.importance import ColumnImportance, permutation_importance
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.odds_trading import (
    TradedOdds,
    YearResult,
    odds_slot,
    results_by_year,
    trade_odds,
)
from vigie.research.learning.skill import Skill, measure
from vigie.research.learning.walking import FoldKeeper, walk
from vigie.research.series import traded_series
from vigie.services.bar_reading import find_instrument, load_bars
from vigie.services.learning.column_bars import read_peers
from vigie.trading import catalogue

# Of trials of models, so that none is taken for a strategy's.
_FAMILY: Final = "model"
# A column that is known for a smaller share of the longest one's time would cost the others their rows.
LEAST_KNOWN: Final = 0.8


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
        Without named columns, only those that an account that trades has.
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
    slot : SlotInput
        What trades of it are made on.
    """

    request: EvaluationRequest
    kind: ModelKind
    bars: Bars
    rows: LearningRows
    left_out: tuple[str, ...]
    folds: tuple[LearnFold, ...]
    slot: SlotInput

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
    data: DataStores, request: EvaluationRequest, *, until_ms: int | None = None
) -> PreparedRows:
    """Read the rows of a request and cut them into folds.

    Parameters
    ----------
    until_ms : int, optional
        Bars that open from here on are not read.

    Raises
    ------
    UsageError
        As in `evaluate_model`.
    """
    kind = check_request(request)
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
    inputs = join_inputs(bars, read_peers(data, bars), data.facts)
    table = compute_features(inputs, request.columns)
    refuse_look_ahead(inputs, table)
    costs = Costs()
    values, columns = table.values, registry_of_columns()
    if request.is_for_accounts and not request.columns:
        values = {name: column for name, column in values.items() if is_in_accounts(columns[name])}
    known, short = _known_enough(values, request.columns)
    if request.rule:
        slot = _rule_slot(bars, tuple(versions), request, costs)
        rows = learning_rows([signal_outcomes(slot, known, request.horizon)])
    else:
        slot = odds_slot(bars, versions, request.horizon, costs)
        rows = learning_rows([rising(bars, known, request.horizon, costs)])
    return PreparedRows(
        request=replace(request, instrument=bars.instrument),
        kind=kind,
        bars=bars,
        rows=rows,
        left_out=(*(column.name for column in table.left_out), *short),
        folds=walk_folds(rows, embargo_ms=request.horizon * bars.span_ms, folds=request.folds),
        slot=slot,
    )


def check_request(request: EvaluationRequest) -> ModelKind:
    """Return the kind of model that is asked for.

    Raises
    ------
    UsageError
        If it is unknown, or the rule is.
    """
    if request.rule and request.rule not in catalogue.available():
        nearest = get_close_matches(request.rule, catalogue.available(), n=1, cutoff=0.0)
        raise UsageError(
            "meta_rule_unknown",
            "there is no shipped strategy {rule!r}; the nearest is {nearest}",
            rule=request.rule,
            nearest=nearest[0],
        )
    return _kind_of(request.kind)


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
    walked = walk(rows, prepared.kind, folds, seed=request.seed, keeper=keeper)
    series = traded_series(prepared.bars, int(rows.bars[folds[0].judged[0]]))
    trials.record([TriedVariants((series,), [_variant(request, rows.columns)], [])])
    traded = trade_odds(
        rows, walked, [prepared.slot], trials=trials.count([series]), seed=request.seed,
        is_filter=bool(request.rule),
    )  # fmt: skip
    return Evaluation(
        request=request,
        rows=len(rows),
        columns=rows.columns,
        left_out=prepared.left_out,
        skill=measure(rows, walked, seed=request.seed),
        traded=traded,
        years=results_by_year(traded),
        importance=(
            permutation_importance(rows, walked, prepared.kind, seed=request.seed) if with_importance else ()
        ),
        from_ms=folds[0].from_ms,
        until_ms=folds[-1].until_ms,
    )


def _rule_slot(
    bars: Bars, versions: tuple[Instrument, ...], request: EvaluationRequest, costs: Costs
) -> SlotInput:
    """Return what the kernel reads of a rule with its defaults, on an account of its own."""
    strategy = catalogue.load(request.rule)
    account = AccountSettings("isolated", costs, Sizing(max_bars=request.horizon))
    planned = PlannedSlot(
        SlotId(bars.instrument, bars.timeframe, request.rule), bars, strategy, strategy.defaults(), versions,
        account,
    )  # fmt: skip
    return prepare_slot(planned)[1]


def _known_enough(
    values: Mapping[str, FloatArray], names: tuple[str, ...]
) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    """Return columns that are known long enough, and the names of the others: a row needs all of them.

    Those that were asked for by name stay, however short.
    """
    known = {name: int(np.isfinite(column).sum()) for name, column in values.items()}
    least = 0 if names else LEAST_KNOWN * max(known.values(), default=0)
    kept = {name: column for name, column in values.items() if known[name] >= least}
    return kept, tuple(name for name in values if name not in kept)


def _kind_of(name: str) -> ModelKind:
    kinds = registry()
    if name not in kinds or kinds[name].target == "value":
        classes = [each for each, kind in kinds.items() if kind.target != "value"]
        nearest = get_close_matches(name, classes, n=1, cutoff=0.0)
        raise UsageError(
            "model_kind_unknown",
            "there is no kind of model {name!r} for a direction; the nearest is {nearest}, there are {kinds}",
            name=name,
            nearest=nearest[0],
            kinds=", ".join(classes),
        )
    return kinds[name]


def _variant(request: EvaluationRequest, columns: tuple[str, ...]) -> str:
    """Return a short hash of all that makes one trial differ from another but its history."""
    told = {**asdict(request), "columns": columns, "family": _FAMILY}
    for name in ("instrument", "venue"):
        del told[name]
    # As trials were known by before there was a choice.
    for name in ("rule", "is_for_accounts"):
        if not told[name]:
            del told[name]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
