"""The newest part of time, which taught nothing: opened once for a registered model; each look of a family counts."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np

from vigie.domain.errors import UsageError
from vigie.domain.learned import LearnedFit, LearnedModel, ModelOpening
from vigie.domain.time import iso
from vigie.domain.trials import TriedVariants
from vigie.research.fingerprints import hash_of_trial
from vigie.research.learning.folds import LearnFold, newest_fold
from vigie.research.learning.odds_trading import trade_odds
from vigie.research.learning.skill import measure
from vigie.research.learning.walking import FoldFit, walk
from vigie.services.learning.evaluation_record import skill_figures
from vigie.services.learning.evaluation_request import EvaluationRequest
from vigie.services.learning.model_files import StoredModel, model_folder, read_stored_model
from vigie.services.learning.prepared_rows import judged_series, prepare_rows
from vigie.services.learning.training import TrainingHome, find_experiment, find_fit, find_model, request_of


@dataclass(frozen=True, slots=True)
class _Registered:
    """The registered model in place of one that is fitted anew: what is opened is what will trade."""

    stored: StoredModel

    def find(self, fold: LearnFold) -> FoldFit:
        """Return the model with what its card says of it."""
        score = self.stored.card.score
        return FoldFit(
            fold, self.stored.scorer, score.line, score.usual,
            np.inf if score.long_from is None else score.long_from,
            -np.inf if score.short_from is None else score.short_from,
        )  # fmt: skip

    def keep(self, fit: FoldFit) -> None:
        """It is kept already."""


def open_newest(parts: TrainingHome, fit: LearnedFit) -> ModelOpening:
    """Judge a registered model on the newest part of time; the look is a trial of the history, too.

    Raises
    ------
    UsageError
        If nothing of that part is stored any more.
    """
    experiment = find_experiment(parts.models, fit.experiment)
    stored = read_stored_model(parts.home, fit)
    # The columns that it reads, even where others are known long enough by now.
    request = replace(request_of(experiment), columns=stored.card.columns)
    prepared = prepare_rows(parts.data, request, ends=stored.card.ends(fit.until_ms), peers=stored.card.peers)
    rows = prepared.rows
    newest = newest_fold(
        rows,
        len(prepared.folds),
        embargo_ms=prepared.embargo_ms,
        from_ms=stored.card.learned_from.until_ms,
    )
    if not len(newest.judged):
        raise UsageError(
            "newest_part_missing",
            "no row after {until}, where {name} {version} stopped learning, can be read: fetch the bars and what its "
            "columns read, or train it anew",
            until=iso(stored.card.learned_from.until_ms),
            name=fit.experiment,
            version=fit.version,
        )
    walked = walk(rows, prepared.kind, (newest,), seed=request.seed, keeper=_Registered(stored))
    series = judged_series(prepared, newest.judged)
    variant = hash_of_trial(
        f"opened {fit.experiment} {fit.data['outcomes']} {sorted(experiment.parameters.items())}"
    )
    parts.results.trials.record([TriedVariants(series, [variant], [])])
    traded = trade_odds(
        rows, walked, prepared.slots, trials=parts.results.trials.count(series), seed=request.seed,
        is_filter=bool(request.rule),
    )  # fmt: skip
    figures = skill_figures(measure(rows, walked, seed=request.seed), traded)
    return ModelOpening(family_of(request), 1, figures)


def open_shadowed(parts: TrainingHome, model: LearnedModel) -> None:
    """Open the newest part of time for a model that rose without: one that only a library scores.

    Raises
    ------
    Conflict
        If it moved since it was read.
    """
    with ExitStack() as stack:
        try:
            folder = model_folder(parts.home, model.name, model.version)
            stack.enter_context(parts.results.hold(folder))
        except UsageError:
            return  # the job of another of its markets opens it now
        # As it is now: the job of another market may have opened it.
        model = find_model(parts.models, model.name, model.version)
        if model.opening is None:
            fit = find_fit(parts.models, model.name, model.version)
            parts.models.move(model, model.stage, open_newest(parts, fit))


def family_of(request: EvaluationRequest) -> str:
    """Return the family of a request: markets, timeframe and label."""
    label, markets = request.rule or "direction", "+".join(request.instruments)
    return f"{request.venue} {markets} {request.timeframe} {label} {request.horizon}"
