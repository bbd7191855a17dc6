"""How far a model may rise: candidate, shadow, paper, demo; each step has gates that nobody skips."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from vigie.domain.errors import Conflict, UsageError
from vigie.domain.learned import LAST_STAGE, STAGES, LearnedFit, LearnedModel, Stage
from vigie.domain.person import Scope
from vigie.ports.audit import AuditLog
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
    strategy_of,
    strategy_path,
)
from vigie.services.learning.newest_part import open_newest
from vigie.services.learning.stage_words import STAGE_WORDS
from vigie.services.learning.training import TrainingHome, find_fit

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
        if library := needs_library(stored.card):
            # Its first job in the shadow opens the newest part: who promotes loads no library that learns.
            require_library(library)
        else:
            opening = opening or open_newest(parts, fit)
            # Opening takes long: another version may have come meanwhile, and its file is not to be replaced.
            _refuse_what_stands(parts, fit, holders)
            _write_strategy(parts, fit, stored)
    else:
        _refuse_library_beyond_shadow(fit)
        check_gates(parts, model, fit, gates or Gates())
    try:
        moved = parts.models.move(model, stage, opening)
    except Conflict:
        if model.stage == "candidate":  # a later stage has written no file
            _put_back(parts, fit)
        raise
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
        # One that only its library scores has left none.
        if (digest := strategy_digest(fit)) and _standing_digest(path) == digest:
            path.unlink()
        # What somebody wrote in its place and allowed stays allowed; what Vigie allowed does not.
        allowed = {program.name for program in parts.programs.list_programs() if program.is_allowed}
        parts.programs.forbid({_program(path)} - allowed)
    return moved


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


def _put_back(parts: TrainingHome, fit: LearnedFit) -> None:
    """Write the file of the version that rose meanwhile again, in place of the one of a fit that did not."""
    for model in parts.models.models(fit.experiment):
        risen = find_fit(parts.models, model.name, model.version)
        if model.stage != "candidate" and model.version != fit.version and strategy_digest(risen):
            _write_strategy(parts, risen, read_stored_model(parts.home, risen))


def _program(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _record(audit: AuditLog, actor: str, before: LearnedModel, after: LearnedModel) -> None:
    audit.append(
        "model.moved",
        actor=actor,
        subject=f"{after.name}/{after.version}",
        text={"from": before.stage, "to": after.stage},
    )
