"""How far a model may rise: candidate, shadow, paper, demo; each step has gates that nobody skips."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from vigie.domain.errors import Conflict, UsageError
from vigie.domain.learned import STAGES, LearnedFit, LearnedModel, Stage
from vigie.domain.person import Scope
from vigie.ports.audit import AuditLog
from vigie.ports.learned_models import LearnedModels
from vigie.quant.models.model_kind import require_library
from vigie.services.learning.gates import Gates, check_gates
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_files import StoredModel, model_folder, read_stored_model
from vigie.services.learning.model_strategy import (
    STRATEGY_FILE,
    load_model_strategy,
    needs_library,
    refuse_other_file,
    refuse_unfit_for_accounts,
    render_strategy,
    strategy_digest,
    strategy_name,
    strategy_path,
)
from vigie.services.learning.newest_part import open_newest
from vigie.services.learning.stage_words import STAGE_WORDS
from vigie.services.learning.training import TrainingHome, find_fit, request_of
from vigie.trading.loaded_strategy import Strategy

_LAST_STAGE: Final = STAGES.index("demo")
_SCOPE_OF: Final[dict[Stage, Scope]] = {"candidate": "write", "shadow": "write"}


def scope_of(stage: Stage) -> Scope:
    """Return what a person must be allowed who brings a model to a stage."""
    return _SCOPE_OF.get(stage, "trade")


def promote_model(
    parts: TrainingHome,
    audit: AuditLog,
    actor: str,
    model: LearnedModel,
    *,
    gates: Gates | None = None,
) -> LearnedModel:
    """Bring a model, as it was read, to its next stage, where it passes the gates before it.

    Raises
    ------
    UsageError
        With every gate that it does not pass, or if no stage follows.
    Conflict
        If it moved since it was read, or another version of the name stands above candidate.
    """
    fit = find_fit(parts.models, model.name, model.version)
    stage = _next_stage(model)
    opening = model.opening
    if model.stage == "candidate":
        stored = read_stored_model(parts.home, fit)
        refuse_unfit_for_accounts(stored, fit)
        _refuse_what_stands(parts, fit)
        if library := needs_library(stored.card):
            # Its first job in the shadow opens the newest part: who promotes loads no library that learns.
            require_library(library)
        else:
            opening = opening or open_newest(parts, fit)
            # Opening takes long: another version may have come meanwhile, and its file is not to be replaced.
            _refuse_what_stands(parts, fit)
            _write_strategy(parts, fit, stored)
    else:
        _refuse_library_beyond_shadow(fit)
        check_gates(parts, model, fit, gates or Gates())
    moved = parts.models.move(model, stage, opening)
    _record(audit, actor, model, moved)
    return moved


def demote_model(
    parts: TrainingHome, audit: AuditLog, actor: str, model: LearnedModel, stage: Stage
) -> LearnedModel:
    """Bring a model back to an earlier stage; as a candidate its strategy file goes, unless somebody changed it.

    Raises
    ------
    UsageError
        If the stage is not an earlier one.
    """
    if STAGES.index(stage) >= STAGES.index(model.stage):
        raise UsageError(
            "model_stage_not_earlier",
            "{name} {version} is at {now}: it can be taken back to an earlier stage only, was {stage}",
            name=model.name,
            version=model.version,
            now=STAGE_WORDS[model.stage],
            stage=STAGE_WORDS[stage],
        )
    moved = parts.models.move(model, stage)
    fit = find_fit(parts.models, model.name, model.version)
    if stage == "candidate":
        path = strategy_path(parts.results, fit)
        if not _is_own_file(parts, fit):
            path.unlink(missing_ok=True)
        # What somebody wrote in its place and allowed stays allowed; what Vigie allowed does not.
        allowed = {program.name for program in parts.programs.list_programs() if program.is_allowed}
        parts.programs.forbid({_program(path)} - allowed)
    _record(audit, actor, model, moved)
    return moved


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
        # Nothing rises to live: real money takes the last stage before it, and its own three switches.
        if STAGES.index(stage) < min(STAGES.index(mode), _LAST_STAGE):
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
    written = {strategy_digest(fit): fit.experiment for fit in models.fits()}
    written.pop("", None)  # what only its library scores left none
    named = {
        strategy_name(experiment.name, request_of(experiment).rule): experiment.name
        for experiment in models.experiments()
    }
    return lambda strategy: written.get(strategy.digest) or named.get(strategy.name, "")


def _next_stage(model: LearnedModel) -> Stage:
    number = STAGES.index(model.stage) + 1
    if number > _LAST_STAGE:
        raise UsageError(
            "model_stage_is_last",
            "{name} {version} is at {stage}; real money has switches of its own",
            name=model.name,
            version=model.version,
            stage=STAGE_WORDS[model.stage],
        )
    return STAGES[number]


def _is_own_file(parts: TrainingHome, fit: LearnedFit) -> bool:
    """Return whether somebody's own file stands where the strategy of a model belongs."""
    path = strategy_path(parts.results, fit)
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != strategy_digest(fit)


def _refuse_what_stands(parts: TrainingHome, fit: LearnedFit) -> None:
    for model in parts.models.models(fit.experiment):
        if model.version != fit.version and model.stage != "candidate":
            raise Conflict(
                "another_version_stands",
                "{name} {version} stands above candidate: take it back first",
                name=model.name,
                version=model.version,
            )
    if _is_own_file(parts, fit):
        raise Conflict(
            "strategy_file_stands",
            "{file} stands among the strategies already and is not the file of {name} {version}: rename it, "
            "or take it away",
            file=strategy_path(parts.results, fit).name,
            name=fit.experiment,
            version=fit.version,
        )


def _refuse_library_beyond_shadow(fit: LearnedFit) -> None:
    card = LearnedCard.model_validate(fit.card)
    if needs_library(card):
        raise UsageError(
            "model_only_library_scores",
            "{name} {version} goes no further than the shadow: only its library scores a {kind}, and nothing that "
            "trades loads it; train another kind, such as lightgbm",
            name=fit.experiment,
            version=fit.version,
            kind=card.kind,
        )


def _write_strategy(parts: TrainingHome, fit: LearnedFit, stored: StoredModel) -> None:
    path = strategy_path(parts.results, fit)
    content = (model_folder(parts.home, fit.experiment, fit.version) / STRATEGY_FILE).read_bytes()
    # Refused before anything is written: a candidate has no file that may run.
    refuse_other_file(path.name, hashlib.sha256(content).hexdigest(), fit)
    parts.results.write(path.parent, {path.name: content})
    # Nobody needs to read first what Vigie writes of numbers; a restored home may have anything there.
    if content == render_strategy(stored).encode():
        parts.programs.allow_digests({_program(path): strategy_digest(fit)})
    load_model_strategy(parts.results, fit)


def _program(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _record(audit: AuditLog, actor: str, before: LearnedModel, after: LearnedModel) -> None:
    audit.append(
        "model.moved",
        actor=actor,
        subject=f"{after.name}/{after.version}",
        text={"from": before.stage, "to": after.stage},
    )
