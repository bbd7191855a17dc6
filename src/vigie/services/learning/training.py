"""A kind of model becomes a registered one: judged, fitted on all that is open, written, entered; all or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import TypeAdapter

from vigie.data.feature_columns import reads_others
from vigie.data.stores import DataStores
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.learned import LearnedExperiment, LearnedFit, LearnedModel
from vigie.ports.home import HomeFolder, ResultsHome
from vigie.ports.learned_models import LearnedModels
from vigie.ports.programs import Programs
from vigie.quant.features import registry
from vigie.quant.models.model_kind import FittedModel, ModelKind
from vigie.quant.models.storing import is_storable, to_bytes
from vigie.research.learning.folds import LearnFold, newest_fold
from vigie.research.learning.walking import FoldFit, fit_before
from vigie.services.learning.evaluation_record import evaluation_record, fit_figures, plain
from vigie.services.learning.evaluation_request import EvaluationRequest, name_markets, stated_choices
from vigie.services.learning.fit_identity import code_identity, data_identity
from vigie.services.learning.holding_words import say_against_holding
from vigie.services.learning.kept_folds import KeptFolds, fold_folder, remove_folds
from vigie.services.learning.model_card import (
    CardMarket,
    CardPooled,
    CardRows,
    CardScore,
    LearnedCard,
    threshold,
)
from vigie.services.learning.model_evaluation import Evaluation, judge_model
from vigie.services.learning.model_files import CARD, NUMBERS, StoredModel, describe_files, model_folder
from vigie.services.learning.model_strategy import (
    STRATEGY_FILE,
    is_fit_for_accounts,
    render_strategy,
    rule_digest,
)
from vigie.services.learning.pooled_words import chosen_today
from vigie.services.learning.prepared_rows import PreparedRows, prepare_rows, refuse_missing_rows
from vigie.services.learning.row_choices import (
    check_kept_label,
    check_label,
    check_rule,
    kind_of,
    require_fitting,
)

NAME_PATTERN: Final = r"[a-z][a-z0-9_]{1,39}"
# Told the share of the work that is done, in [0, 1], and what is done now.
TrainingListener = Callable[[float, str], None]
_JUDGED: Final = 0.9


@dataclass(frozen=True, slots=True)
class TrainingHome:
    """What a training reads and writes of a home.

    Attributes
    ----------
    data : DataStores
    models : LearnedModels
    results : ResultsHome
    home : HomeFolder
    programs : Programs
        Which may run unattended: the file of a model's strategy is one.
    """

    data: DataStores
    models: LearnedModels
    results: ResultsHome
    home: HomeFolder
    programs: Programs


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """What a training made.

    Attributes
    ----------
    fit : LearnedFit
    model : LearnedModel
    told : Evaluation
    """

    fit: LearnedFit
    model: LearnedModel
    told: Evaluation


def train_model(
    parts: TrainingHome,
    name: str,
    request: EvaluationRequest,
    *,
    owner: str,
    tell: TrainingListener = lambda share, now: None,
) -> TrainedModel:
    """Judge a kind of model, fit it on all that is open, write its files and register it as a candidate.

    Parameters
    ----------
    name : str
        Of the model; the same name again is its next version.
    owner : str
        Who ordered it.
    tell : callable
        Told how far it is.

    Raises
    ------
    UsageError
        If the name or the request is not accepted, or the model is being trained already.
    Conflict
        If the name stands for other parameters.
    """
    check_training(parts.data, parts.models, name, request)
    folder = model_folder(parts.home, name)
    with ExitStack() as stack:
        try:
            stack.enter_context(parts.results.hold(folder))
        except UsageError as error:
            raise UsageError(
                "model_in_training",
                "{name} is being trained by another process: wait until that one ends, or stop it",
                name=name,
            ) from error
        return _train(parts, folder, name, request, owner, tell)


def check_training(data: DataStores, models: LearnedModels, name: str, request: EvaluationRequest) -> None:
    """Refuse a training that could not be registered, before it takes any time.

    Raises
    ------
    UsageError
        If the name is none, the kind, the rule or a column is unknown, a library, a market's bars or its rules are
        missing, or several markets cannot be pooled as they are named.
    Conflict
        If it stands for other parameters.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise UsageError(
            "model_name_not_accepted",
            "a model's name is 2 to 40 lower-case letters, digits and underscores and begins with a letter, "
            "was {name!r}",
            name=name,
        )
    require_fitting(kind_of(request.kind, request.label), request.search)
    check_label(request.label, request.rule)
    check_kept_label(request.label)
    if request.rule:
        check_rule(request.rule)
    refuse_missing_rows(data, request)
    experiment, asked = models.experiment(name), _parameters(request)
    if experiment is not None and experiment.parameters != asked:
        parameters = experiment.parameters
        differing = [key for key in {**parameters, **asked} if asked.get(key) != parameters.get(key)]
        raise Conflict(
            "model_name_stands_for_other",
            "{name} was trained with another {differing}: give this model another name, or ask for the same",
            name=name,
            differing=", ".join(differing),
        )


def find_fit(models: LearnedModels, name: str, version: int | None = None) -> LearnedFit:
    """Return a fit, the newest of its name where no version is given.

    Raises
    ------
    NotFound
        If there is none.
    """
    versions = [model.version for model in models.models(name)] if name else []
    fit = models.fit(name, version or versions[-1]) if versions else None
    if fit is not None:
        return fit
    if versions:
        raise NotFound(
            "model_version_unknown",
            "{name} has versions 1 to {newest}, not {version}",
            name=name,
            newest=versions[-1],
            version=version,
        )
    names = [experiment.name for experiment in models.experiments()]
    nearest = get_close_matches(name, names, n=1, cutoff=0.0)
    if not nearest:
        raise NotFound("no_model_yet", "no model is trained here yet; `vigie model train` makes one")
    raise NotFound(
        "model_unknown", "there is no model {name!r}; the nearest is {nearest}", name=name, nearest=nearest[0]
    )


def find_model(models: LearnedModels, name: str, version: int | None = None) -> LearnedModel:
    """Return a model with its stage, the newest version where none is given.

    Raises
    ------
    NotFound
        If there is none.
    """
    fit = find_fit(models, name, version)
    return next(model for model in models.models(name) if model.version == fit.version)


def find_experiment(models: LearnedModels, name: str) -> LearnedExperiment:
    """Return what a model that was found was asked."""
    experiment = models.experiment(name)
    assert experiment is not None  # entered with its first fit
    return experiment


def request_of(experiment: LearnedExperiment) -> EvaluationRequest:
    """Return what an experiment asks."""
    return TypeAdapter(EvaluationRequest).validate_python(experiment.parameters)


def _parameters(request: EvaluationRequest) -> dict[str, object]:
    # However it was spelled, one instrument has one name.
    return {name: plain(value) for name, value in stated_choices(name_markets(request)).items()}


def _train(
    parts: TrainingHome,
    folder: Path,
    name: str,
    request: EvaluationRequest,
    owner: str,
    tell: TrainingListener,
) -> TrainedModel:
    tell(0.0, "computing columns")
    prepared = prepare_rows(parts.data, request)
    parameters, data, code = _parameters(request), data_identity(prepared), dict(code_identity())
    count = len(prepared.folds)
    keeper = KeptFolds(
        fold_folder(folder, {"parameters": parameters, "data": data, "code": code}),
        len(prepared.rows.columns),
        parts.results.write,
        lambda number: tell(_JUDGED * number / (count + 1), f"fold {number} of {count}"),
    )
    told = judge_model(parts.results.trials, prepared, with_importance=True, keeper=keeper)
    tell(_JUDGED, "fitting on all that is open")
    final = fit_open(prepared)
    fits = parts.models.fits(name)
    version = fits[-1].version + 1 if fits else 1
    card = _card(name, version, prepared, final, told)
    contents = {
        **model_contents(prepared.kind, final.model, card),
        CARD: card.model_dump_json(indent=1).encode(),
    }
    fit = LearnedFit(
        experiment=name, version=version, ts_created=0, owner=owner, data=data, code=code,
        until_ms=max(_ends(prepared)), figures=fit_figures(told), evaluation=evaluation_record(told),
        card=card.model_dump(mode="json"), files=describe_files(contents),
    )  # fmt: skip
    tell(0.95, "writing")
    parts.results.write(model_folder(parts.home, name, version), contents)
    model = parts.models.add(LearnedExperiment(name, owner, 0, parameters), fit)
    remove_folds(folder)
    tell(1.0, "done")
    return TrainedModel(find_fit(parts.models, name, version), model, told)


def fit_open(prepared: PreparedRows) -> FoldFit:
    """Fit a kind of model on all rows that are open, as what is registered."""
    request, count = prepared.request, len(prepared.folds)
    newest = newest_fold(prepared.rows, count, embargo_ms=prepared.embargo_ms)
    return fit_before(
        prepared.rows, prepared.kind, newest, seed=request.seed + count, choices=request.choices
    )


def score_of(final: FoldFit) -> CardScore:
    """Return how the scores of a model become log-odds, and from which on it trades."""
    return CardScore(
        slope=final.calibration.slope,
        intercept=final.calibration.intercept,
        usual=final.usual,
        long_from=threshold(final.long_from),
        short_from=threshold(final.short_from),
    )


def model_contents(kind: ModelKind, model: FittedModel, card: LearnedCard) -> dict[str, bytes]:
    """Return the files that a model is used by: none where it is no numbers, or reads no columns."""
    if not is_storable(model) or kind.reads != "columns":
        return {}
    contents, stored = {NUMBERS: to_bytes(model)}, StoredModel(model, card)
    if is_fit_for_accounts(stored):
        contents[STRATEGY_FILE] = render_strategy(stored).encode()
    return contents


def _card(name: str, version: int, prepared: PreparedRows, final: FoldFit, told: Evaluation) -> LearnedCard:
    request, rows, fold = prepared.request, prepared.rows, final.fold
    return LearnedCard(
        name=name,
        version=version,
        kind=request.kind,
        market=CardMarket(venue=request.venue, instrument=request.instrument, timeframe=request.timeframe),
        horizon=request.horizon,
        columns=rows.columns,
        left_out=prepared.left_out,
        score=score_of(final),
        learned_from=CardRows(
            fitted=len(fold.fitted),
            calibrated=len(fold.calibrated),
            from_ms=int(rows.ts[0]),
            until_ms=fold.from_ms,
        ),
        seed=request.seed,
        is_luck=told.traded.verdict.is_luck,
        verdict=told.traded.verdict.sentence,
        beats_holding=told.against_holding.answer == "beats",
        holding=say_against_holding(told.against_holding, "en"),
        label=request.label,
        rule=request.rule,
        rule_digest=rule_digest(request.rule),
        peers=prepared.peers if any(reads_others(registry()[name]) for name in rows.columns) else (),
        pooled=_pooled(prepared, fold) if request.pooled_with else (),
        remark=chosen_today("en") if request.pooled_with else "",
    )


def _pooled(prepared: PreparedRows, newest: LearnFold) -> tuple[CardPooled, ...]:
    learned = prepared.rows.assets[np.concatenate([newest.fitted, newest.calibrated])]
    counts = np.bincount(learned, minlength=len(prepared.markets)).tolist()
    return tuple(
        CardPooled(instrument=name, rows=count, until_ms=end)
        for name, count, end in zip(prepared.request.instruments, counts, _ends(prepared), strict=True)
    )


def _ends(prepared: PreparedRows) -> list[int]:
    """Return from when on no bar of each market was read."""
    return [int(market.bars.ts[-1]) + 1 for market in prepared.markets]
