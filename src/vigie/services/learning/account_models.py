"""Which models an account may trade: by their stage, their file, and the market they were judged on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from vigie.domain.errors import UsageError
from vigie.domain.learned import LAST_STAGE, STAGES, Stage
from vigie.ports.learned_models import LearnedModels
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_strategy import (
    has_changed_rule,
    refuse_other_file,
    strategy_digest,
    strategy_name,
)
from vigie.services.learning.stage_words import STAGE_WORDS
from vigie.services.learning.training import find_fit, request_of
from vigie.trading.loaded_strategy import Strategy


def refuse_early_models(models: LearnedModels, strategies: Iterable[Strategy], mode: Stage) -> None:
    """Refuse strategies that are models which may not trade in a mode yet, or whose file is another one.

    A file that a training wrote is that model under whatever name it was loaded.

    Raises
    ------
    UsageError
        With the stage that it has and the one that it needs.
    """
    model_of = _models_by_strategy(models)
    for strategy in strategies:
        name = model_of(strategy)
        risen = [model for model in models.models(name) if model.stage != "candidate"] if name else []
        if not name or (not risen and not models.fits(name)):
            continue  # a file of a person's own that only sounds like one
        stage: Stage = risen[0].stage if risen else "candidate"
        if not _reaches(stage, mode):
            raise UsageError(
                "model_stage_too_early",
                "{strategy} is at the stage {stage} and may not trade at {mode} yet; `vigie model promote {name}`",
                strategy=strategy.name,
                stage=STAGE_WORDS[stage],
                mode=STAGE_WORDS[mode],
                name=name,
            )
        refuse_other_file(f"{strategy.name}.py", strategy.digest, find_fit(models, name, risen[0].version))


def refuse_other_markets(models: LearnedModels, slots: Iterable[tuple[Strategy, str, str]]) -> None:
    """Refuse models on bars of another instrument or length than they were learned from and judged on.

    Parameters
    ----------
    slots : iterable of (Strategy, str, str)
        Each with its instrument and timeframe.

    Raises
    ------
    UsageError
        With those that it was judged on.
    """
    model_of = _models_by_strategy(models)
    for strategy, instrument, timeframe in slots:
        name = model_of(strategy)
        experiment = models.experiment(name) if name else None
        if experiment is None:
            continue
        request = request_of(experiment)
        if instrument not in request.instruments or request.timeframe != timeframe:
            raise UsageError(
                "model_of_other_market",
                "{strategy} was learned from and judged on {instrument} {timeframe}, not on {given} "
                "{given_timeframe}: an account trades it there only",
                strategy=strategy.name,
                instrument=", ".join(request.instruments),
                timeframe=request.timeframe,
                given=instrument,
                given_timeframe=timeframe,
            )


def _models_by_strategy(models: LearnedModels) -> Callable[[Strategy], str]:
    """Return what names the model that a strategy is: by its file, or by its name; empty where it is none."""
    written = {digest: name for digest, (name, _) in _written_by(models).items()}
    named = {
        strategy_name(experiment.name, request_of(experiment).rule): experiment.name
        for experiment in models.experiments()
    }
    return lambda strategy: written.get(strategy.digest) or named.get(strategy.name, "")


def find_written(models: LearnedModels, digest: str) -> tuple[str, int] | None:
    """Return name and version of the model whose training wrote a strategy file of this SHA-256; None for others."""
    return _written_by(models).get(digest)


def find_demoted(models: LearnedModels, strategies: Iterable[Strategy], mode: Stage) -> Callable[[str], bool]:
    """Return what tells by its name whether a strategy is a model whose stage does not reach a mode any more.

    One whose rule changed since its signals were judged reaches none.

    Parameters
    ----------
    strategies : iterable of Strategy
        As an account trades them; stages are read anew each time it is asked.
    """
    written = _written_by(models)
    pinned = {one.name: written[one.digest] for one in strategies if one.digest in written}
    changed = {
        strategy
        for strategy, fit in pinned.items()
        if has_changed_rule(LearnedCard.model_validate(find_fit(models, *fit).card))
    }

    def is_demoted(strategy: str) -> bool:
        if strategy not in pinned:
            return False
        if strategy in changed:
            return True
        name, version = pinned[strategy]
        return not any(
            model.version == version and _reaches(model.stage, mode) for model in models.models(name)
        )

    return is_demoted


def _reaches(stage: Stage, mode: Stage) -> bool:
    # Nothing rises to live: real money takes the last stage before it, and its own three switches.
    return STAGES.index(stage) >= min(STAGES.index(mode), STAGES.index(LAST_STAGE))


def _written_by(models: LearnedModels) -> dict[str, tuple[str, int]]:
    """Return by the SHA-256 of each strategy file that a training wrote the name and version of its model."""
    written = {strategy_digest(fit): (fit.experiment, fit.version) for fit in models.fits()}
    written.pop("", None)  # what only its library scores left none
    return written
