"""What makes two runs of the same data, and two trials the same trial."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Final

from vigie.domain.trials import TradedSeries, TriedVariants
from vigie.engine.run import PlannedSlot, Run
from vigie.research.series import series_name, traded_part
from vigie.research.sweep.plan import data_fingerprint, strategy_source
from vigie.research.sweep.trial_names import hash_of_trial


def fingerprint(run: Run) -> str:
    """Return the SHA-256 of all bars, settlements and marks that a run read."""
    return data_fingerprint([slot.plan for slot in run.slots])


def traded_of(run: Run) -> list[TradedSeries]:
    """Return the distinct series of a run."""
    return list(_traded(run).values())


def trials_of(run: Run) -> list[TriedVariants]:
    """Return what was tried on which series, whatever came of it.

    Isolated, every slot is a trial of its own series; a portfolio is one trial of all series it trades.
    """
    traded = _traded(run)
    plans = [slot.plan for slot in run.slots]
    if run.account.mode == "isolated":
        variants: dict[Key, tuple[list[str], list[str]]] = {key: ([], []) for key in traded}
        for plan in plans:
            for names, name in zip(variants[_key(plan)], slot_trial(plan), strict=True):
                names.append(name)
        return [TriedVariants((traded[key],), *names) for key, names in variants.items()]
    places = {key: number for number, key in enumerate(traded)}
    account = _json(dataclasses.asdict(run.account))
    own = ", ".join(_tried(plan, f"{places[_key(plan)]}/{plan.bars.timeframe}") for plan in plans)
    former = ", ".join(_tried(plan, series_name(plan.bars)) for plan in plans)
    both = ([hash_of_trial(f"[[{text}], {account}]")] for text in (own, former))
    return [TriedVariants(tuple(traded.values()), *both)]


def slot_trial(plan: PlannedSlot) -> tuple[str, str]:
    """Return the variant of one slot on its own account, and what earlier versions called it."""
    account = _json(dataclasses.asdict(plan.account))
    own, former = (
        hash_of_trial(f"[{_tried(plan, name)}, {account}]")
        for name in (plan.bars.timeframe, series_name(plan.bars))
    )
    return own, former


Key = tuple[int, int]


def _key(plan: PlannedSlot) -> Key:
    return id(plan.bars), plan.first


def _traded(run: Run) -> dict[Key, TradedSeries]:
    found: dict[Key, TradedSeries] = {}
    for plan in (slot.plan for slot in run.slots):
        if _key(plan) not in found:
            found[_key(plan)] = traded_part(plan)
    return found


def _tried(plan: PlannedSlot, name: str) -> str:
    # The source is part of it: an edited file is another idea, even under its old name.
    source = strategy_source(plan.strategy)
    tried = [name, plan.strategy.name, source, dataclasses.asdict(plan.params)]
    return _json([*tried, plan.own_fees] if plan.own_fees else tried)


# Made once: to make one takes as long as to use it, and every run from Python is a trial.
_ENCODER: Final = json.JSONEncoder(sort_keys=True, default=str)


def _json(value: Any) -> str:
    return _ENCODER.encode(value)
