"""What makes two runs of the same data, and two trials the same trial."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any, Final

from vigie.engine.run import PlannedSlot, Run
from vigie.research.series import series_name
from vigie.research.sweep.plan import data_fingerprint, strategy_source


def fingerprint(run: Run) -> str:
    """Return the SHA-256 of all bars, settlements and marks that a run read."""
    return data_fingerprint([slot.plan for slot in run.slots])


def series_names(run: Run) -> list[str]:
    """Return the distinct series of a run."""
    return list(dict.fromkeys(series_name(slot.plan.bars) for slot in run.slots))


def trials_of(run: Run) -> list[tuple[str, str]]:
    """Return what was tried as (series, trial), whatever came of it.

    Isolated, every slot is a trial of its own series; a portfolio is one trial of all series it trades.
    """
    plans = [slot.plan for slot in run.slots]
    if run.account.mode == "isolated":
        return [slot_trial(plan) for plan in plans]
    trial = _digest([[_tried(plan) for plan in plans], dataclasses.asdict(run.account)])
    return [(name, trial) for name in series_names(run)]


def slot_trial(plan: PlannedSlot) -> tuple[str, str]:
    """Return the (series, trial) of one slot on its own account."""
    tried = _tried(plan)
    return tried[0], _digest([tried, dataclasses.asdict(plan.account)])


def _tried(plan: PlannedSlot) -> list[Any]:
    # The source is part of it: an edited file is another idea, even under its old name.
    source = strategy_source(plan.strategy)
    tried = [series_name(plan.bars), plan.strategy.name, source, dataclasses.asdict(plan.params)]
    return [*tried, plan.own_fees] if plan.own_fees else tried


# Made once: to make one takes as long as to use it, and every run from Python is a trial.
_ENCODER: Final = json.JSONEncoder(sort_keys=True, default=str)


def _digest(value: Any) -> str:
    return hashlib.sha256(_ENCODER.encode(value).encode()).hexdigest()[:16]
