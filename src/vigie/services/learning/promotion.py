"""How far a model may rise: candidate, shadow, paper, demo; each step has gates that nobody skips.

The newest part of time, which taught nothing, is opened at the first promotion; every look of a family is counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from vigie.domain.errors import Conflict, UsageError
from vigie.domain.learned import LAST_STAGE, STAGES, LearnedFit, LearnedModel, ModelOpening, Stage
from vigie.domain.person import Scope
from vigie.domain.trials import TriedVariants
from vigie.ports.audit import AuditLog
from vigie.research.fingerprints import hash_of_trial
from vigie.research.learning.folds import LearnFold, newest_fold
from vigie.research.learning.odds_trading import trade_odds
from vigie.research.learning.skill import measure
from vigie.research.learning.walking import FoldFit, walk
from vigie.services.learning.evaluation_record import skill_figures
from vigie.services.learning.evaluation_request import EvaluationRequest
from vigie.services.learning.gates import Gates, check_gates
from vigie.services.learning.model_files import StoredModel, model_folder, read_stored_model
from vigie.services.learning.model_strategy import (
    STRATEGY_FILE,
    load_model_strategy,
    refuse_other_file,
    refuse_unfit_for_accounts,
    render_strategy,
    strategy_digest,
    strategy_of,
    strategy_path,
)
from vigie.services.learning.prepared_rows import judged_series, prepare_rows
from vigie.services.learning.stage_words import STAGE_WORDS
from vigie.services.learning.training import TrainingHome, find_experiment, find_fit, request_of

# The accounts that hold something and trade a strategy, by its name.
Holders: TypeAlias = Callable[[str], Sequence[str]]
_SCOPE_OF: Final[dict[Stage, Scope]] = {"candidate": "write", "shadow": "write"}


def nobody(_strategy: str) -> Sequence[str]:
    """Return that no account holds anything, for homes in which none trades."""
    return ()


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
    holders: Holders = nobody,
) -> LearnedModel:
    """Bring a model, as it was read, to its next stage, where it passes the gates before it.

    Parameters
    ----------
    holders : callable
        Gives the accounts that hold something and trade a strategy, by its name.

    Raises
    ------
    UsageError
        With every gate that it does not pass, or if no stage follows.
    Conflict
        If it moved since it was read, another version of the name stands above candidate, or an account holds what
        another version was entered by.
    """
    fit = find_fit(parts.models, model.name, model.version)
    stage = _next_stage(model)
    opening = model.opening
    if model.stage == "candidate":
        stored = read_stored_model(parts.home, fit)
        refuse_unfit_for_accounts(stored, fit)
        _refuse_what_stands(parts, fit, holders)
        opening = opening or open_newest(parts, fit)
        # Opening takes long: another version may have come meanwhile, and its file is not to be replaced.
        _refuse_what_stands(parts, fit, holders)
        _write_strategy(parts, fit, stored)
    else:
        check_gates(parts, model, fit, gates or Gates())
    moved = parts.models.move(model, stage, opening)
    _record(audit, actor, model, moved)
    return moved


def demote_model(
    parts: TrainingHome,
    audit: AuditLog,
    actor: str,
    model: LearnedModel,
    stage: Stage,
    *,
    holders: Holders = nobody,
) -> LearnedModel:
    """Bring a model back to an earlier stage: no account enters anything by it any more where that is too early.

    As a candidate its strategy file goes, unless somebody changed it, or an account holds what it decides the exit of.

    Parameters
    ----------
    holders : callable
        Gives the accounts that hold something and trade a strategy, by its name.

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
    _record(audit, actor, model, moved)
    fit = find_fit(parts.models, model.name, model.version)
    # Asked once nothing more is entered by it.
    if stage == "candidate" and not holders(strategy_of(fit)):
        path = strategy_path(parts.results, fit)
        if _standing_digest(path) == strategy_digest(fit):
            path.unlink()
        # What somebody wrote in its place and allowed stays allowed; what Vigie allowed does not.
        allowed = {program.name for program in parts.programs.list_programs() if program.is_allowed}
        parts.programs.forbid({_program(path)} - allowed)
    return moved


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
    """Judge a registered model on the newest part of time; the look is a trial of the history, too."""
    experiment = find_experiment(parts.models, fit.experiment)
    stored = read_stored_model(parts.home, fit)
    # The columns that it reads, even where others are known long enough by now.
    request = replace(request_of(experiment), columns=stored.card.columns)
    prepared = prepare_rows(parts.data, request, ends=stored.card.ends(fit.until_ms), peers=stored.card.peers)
    rows = prepared.rows
    newest = newest_fold(rows, len(prepared.folds), embargo_ms=prepared.embargo_ms)
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


def family_of(request: EvaluationRequest) -> str:
    """Return the family of a request: markets, timeframe and label."""
    label, markets = request.rule or "direction", "+".join(request.instruments)
    return f"{request.venue} {markets} {request.timeframe} {label} {request.horizon}"


def _next_stage(model: LearnedModel) -> Stage:
    number = STAGES.index(model.stage) + 1
    if number > STAGES.index(LAST_STAGE):
        raise UsageError(
            "model_stage_is_last",
            "{name} {version} is at {stage}; real money has switches of its own",
            name=model.name,
            version=model.version,
            stage=STAGE_WORDS[model.stage],
        )
    return STAGES[number]


def _standing_digest(path: Path) -> str:
    """Return the SHA-256 of what stands where the strategy of a model belongs; empty where nothing does."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _refuse_what_stands(parts: TrainingHome, fit: LearnedFit, holders: Holders) -> None:
    for model in parts.models.models(fit.experiment):
        if model.version != fit.version and model.stage != "candidate":
            raise Conflict(
                "another_version_stands",
                "{name} {version} stands above candidate: take it back first",
                name=model.name,
                version=model.version,
            )
    path = strategy_path(parts.results, fit)
    standing = _standing_digest(path)
    if standing in ("", strategy_digest(fit)):
        return
    # What another version left because an account held something by it.
    if standing in {strategy_digest(other) for other in parts.models.fits(fit.experiment)}:
        holding = holders(strategy_of(fit))
        if holding:
            raise Conflict(
                "model_file_held",
                "account {accounts} holds a position whose exit another version of {name} decides: wait until it is "
                "flat, or close it with `vigie trade flatten --account {account}`",
                accounts=", ".join(holding),
                name=fit.experiment,
                account=holding[0],
            )
    else:
        raise Conflict(
            "strategy_file_stands",
            "{file} stands among the strategies already and is not the file of {name} {version}: rename it, "
            "or take it away",
            file=path.name,
            name=fit.experiment,
            version=fit.version,
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
