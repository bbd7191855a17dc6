"""What makes two runs of the same data, and two trials the same trial."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Final

from vigie.domain.trials import TradedSeries, TriedVariants
from vigie.engine.run import PlannedSlot, Run
from vigie.research.fingerprints import data_fingerprint, hash_of_trial, strategy_source
from vigie.research.series import series_name, traded_part


def fingerprint(run: Run) -> str:
    """Return the SHA-256 of all bars, settlements and marks that a run read."""
    return data_fingerprint([slot.plan for slot in run.slots])


def traded_series(run: Run) -> list[TradedSeries]:
    """Return the distinct series of a run."""
    return list(_series_by_key(run).values())


def run_trials(run: Run) -> list[TriedVariants]:
    """Return what was tried on which series, whatever came of it.

    Isolated, every slot is a trial of its own series; a portfolio is one trial of all series it trades.
    """
    series = _series_by_key(run)
    plans = [slot.plan for slot in run.slots]
    if run.account.mode == "isolated":
        variants: dict[SeriesKey, tuple[list[str], list[str]]] = {key: ([], []) for key in series}
        for plan in plans:
            for names, name in zip(variants[_series_key(plan)], slot_trial_hashes(plan), strict=True):
                names.append(name)
        return [TriedVariants((series[key],), *names) for key, names in variants.items()]
    series_numbers = {key: number for number, key in enumerate(series)}
    account = _to_json(dataclasses.asdict(run.account))
    own_text = ", ".join(
        _trial_text(plan, f"{series_numbers[_series_key(plan)]}/{plan.bars.timeframe}") for plan in plans
    )
    former_text = ", ".join(_trial_text(plan, series_name(plan.bars)) for plan in plans)
    hashes = ([hash_of_trial(f"[[{text}], {account}]")] for text in (own_text, former_text))
    return [TriedVariants(tuple(series.values()), *hashes)]


def slot_trial_hashes(plan: PlannedSlot) -> tuple[str, str]:
    """Return the variant of one slot on its own account, and what earlier versions called it."""
    account = _to_json(dataclasses.asdict(plan.account))
    own_hash, former_hash = (
        hash_of_trial(f"[{_trial_text(plan, name)}, {account}]")
        for name in (plan.bars.timeframe, series_name(plan.bars))
    )
    return own_hash, former_hash


SeriesKey = tuple[int, int]


def _series_key(plan: PlannedSlot) -> SeriesKey:
    return id(plan.bars), plan.first


def _series_by_key(run: Run) -> dict[SeriesKey, TradedSeries]:
    series: dict[SeriesKey, TradedSeries] = {}
    for plan in (slot.plan for slot in run.slots):
        if _series_key(plan) not in series:
            series[_series_key(plan)] = traded_part(plan)
    return series


def _trial_text(plan: PlannedSlot, name: str) -> str:
    # The source is part of it: an edited file is another idea, even under its old name.
    source = strategy_source(plan.strategy)
    parts = [name, plan.strategy.name, source, dataclasses.asdict(plan.params)]
    return _to_json([*parts, plan.own_fees] if plan.own_fees else parts)


# Made once: to make one takes as long as to use it, and every run from Python is a trial.
_ENCODER: Final = json.JSONEncoder(sort_keys=True, default=str)


def _to_json(value: Any) -> str:
    return _ENCODER.encode(value)
