"""What a sweep runs: slots, account and space; what makes two sweeps the same."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vigie.compiled import source_hash
from vigie.domain.account import AccountSettings
from vigie.domain.errors import UsageError, VigieError
from vigie.domain.trials import TrialCount
from vigie.engine.run import PlannedSlot
from vigie.ports.trials import TrialRegistry
from vigie.research.fingerprints import data_fingerprint, strategy_source
from vigie.research.series import series_name as name_of
from vigie.research.series import traded_part
from vigie.research.sweep.objective import Objective
from vigie.research.sweep.space import Number, Space
from vigie.trading.loaded_strategy import Strategy


@dataclass(frozen=True, slots=True, eq=False)
class SweepPlan:
    """A sweep before anything is computed.

    Attributes
    ----------
    slots : tuple of PlannedSlot
        The series that every combination is run on, with the parameters that are not varied; one strategy.
    account : AccountSettings
        Mode and what is not varied.
    space : Space
        What is varied.
    objective : str
        What ranks.
    """

    slots: tuple[PlannedSlot, ...]
    account: AccountSettings
    space: Space
    objective: Objective = "sharpe"

    def __post_init__(self) -> None:
        """Refuse what is not one strategy over some series."""
        if not self.slots:
            raise UsageError("sweep_needs_least_one_series", "a sweep needs at least one series of bars")
        names = list(dict.fromkeys(slot.strategy.name for slot in self.slots))
        if len(names) > 1:
            raise UsageError(
                "sweep_varies_one_strategy", "a sweep varies one strategy, had {names}", names=" ".join(names)
            )
        series = [series_name(slot) for slot in self.slots]
        if len(set(series)) < len(series):
            raise UsageError(
                "sweep_reads_each_series_once",
                "a sweep reads each series once; a run file with two slots on one series cannot be swept",
            )

    @property
    def strategy(self) -> Strategy:
        """The strategy whose parameters are varied."""
        return self.slots[0].strategy

    @property
    def is_shared(self) -> bool:
        """Whether all slots trade on one account."""
        return self.account.mode == "portfolio"

    @property
    def accounts(self) -> int:
        """How many accounts a combination has."""
        return 1 if self.is_shared else len(self.slots)

    @property
    def elapsed_ms(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Span of each account, from the open of its first bar to the close of its last."""
        ends = [
            (int(slot.bars.ts[slot.first]), int(slot.bars.ts[-1]) + slot.bars.span_ms) for slot in self.slots
        ]
        if self.is_shared:
            # The account is looked at when the finest bars close.
            base = min(slot.bars.span_ms for slot in self.slots)
            ends = [
                (int(slot.bars.ts[slot.first]), int(slot.bars.ts[-1]) + slot.bars.span_ms)
                for slot in self.slots
                if slot.bars.span_ms == base
            ]
            ends = [(min(start for start, _ in ends), max(end for _, end in ends))]
        return np.array([end - start for start, end in ends], np.float64)


def series_name(slot: PlannedSlot) -> str:
    """Return the series of a slot as the trial registry knows it; unnamed bars are known by their content.

    Parameters
    ----------
    slot : PlannedSlot
        Only its bars are read.

    Returns
    -------
    str
        As `vigie.research.series.series_name` gives it.
    """
    return name_of(slot.bars)


def varied_account(plan: SweepPlan, values: dict[str, Number]) -> AccountSettings:
    """Return the account of a combination.

    Parameters
    ----------
    plan : SweepPlan
        Its account has what is not varied.
    values : dict of str to Number
        Of axes, by name; those of parameters are ignored.

    Returns
    -------
    AccountSettings
        The plan's own object where no setting is varied.

    Raises
    ------
    UsageError
        If a value is beyond its bounds.
    """
    kinds = {axis.name: axis.kind for axis in plan.space.axes}
    sizing = {name: value for name, value in values.items() if kinds[name] == "sizing"}
    costs = {name: value for name, value in values.items() if kinds[name] == "costs"}
    account = plan.account
    if sizing:
        account = replace(account, sizing=replace(account.sizing, **sizing))  # type: ignore[arg-type]  # each axis was read for the kind of its setting
    if costs:
        account = replace(account, costs=replace(account.costs, **costs))  # type: ignore[arg-type]  # each axis was read for the kind of its setting
    return account


def varied_params(plan: SweepPlan, values: dict[str, Number], base: Any) -> Any:
    """Return the parameters of a combination.

    Parameters
    ----------
    plan : SweepPlan
        Its axes say which values are parameters.
    values : dict of str to Number
        Of every axis of a parameter, by name.
    base : any
        Parameters of the slot; what is not varied stays.

    Returns
    -------
    any
        Of the type of `base`.

    Raises
    ------
    UsageError
        If the strategy refuses them.
    """
    names = [axis.name for axis in plan.space.axes if axis.kind == "param"]
    try:
        return replace(base, **{name: values[name] for name in names})
    except (VigieError, ValueError) as fault:
        raise UsageError(str(fault)) from fault


def variant_slots(plan: SweepPlan, combination: int) -> tuple[PlannedSlot, ...] | None:
    """Return the slots of one combination as a backtest would run them; None where it is refused.

    Parameters
    ----------
    plan : SweepPlan
        Series, account and space.
    combination : int
        Its number in the space.

    Returns
    -------
    tuple of PlannedSlot or None
        In the order of the plan's slots.
    """
    values = plan.space.values(combination)
    try:
        account = varied_account(plan, values)
        return tuple(
            replace(slot, params=varied_params(plan, values, slot.params), account=account)
            for slot in plan.slots
        )
    except UsageError:
        return None


def refusal_reason(plan: SweepPlan, combination: int) -> str:
    """Return why a combination is refused, empty where it is not.

    Parameters
    ----------
    plan : SweepPlan
        Series, account and space.
    combination : int
        Its number in the space.

    Returns
    -------
    str
        A sentence in English, a `Refusal` where it has a code.
    """
    values = plan.space.values(combination)
    try:
        varied_account(plan, values)
        for slot in plan.slots:
            varied_params(plan, values, slot.params)
    except UsageError as fault:
        return str(fault)
    return ""


def sweep_configuration(plan: SweepPlan, search: dict[str, Any]) -> dict[str, Any]:
    """Return everything the rows of a sweep depend on, as plain values; equal ones give equal rows.

    Parameters
    ----------
    search : dict
        How combinations are chosen: method, number, seed.

    Returns
    -------
    dict
        By name; hashed by `configuration_hash`.
    """
    return {
        "strategy": plan.strategy.name,
        "strategy_source": strategy_source(plan.strategy),
        **({"require": plan.strategy.require} if plan.strategy.require else {}),
        "engine_source": source_hash(),
        "slots": [
            {
                "slot": str(slot.slot),
                "series": series_name(slot),
                "params": dataclasses.asdict(slot.params),
                "first": slot.first,
                "rules": [dataclasses.asdict(version) for version in slot.versions],
                "detail": slot.detail.timeframe if slot.detail is not None else None,
                **({"own_fees": slot.own_fees} if slot.own_fees else {}),
            }
            for slot in plan.slots
        ],
        "account": dataclasses.asdict(plan.account),
        "space": [dataclasses.asdict(axis) for axis in plan.space.axes],
        "objective": plan.objective,
        "search": search,
        "data_fingerprint": data_fingerprint(plan.slots),
    }


def configuration_hash(plain: dict[str, Any]) -> str:
    """Return a short hash of a configuration.

    Parameters
    ----------
    plain : dict
        JSON values; others enter as text.

    Returns
    -------
    str
        12 hex digits; the order of keys does not count.
    """
    text = json.dumps(plain, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def count_plan_trials(plan: SweepPlan, registry: TrialRegistry) -> TrialCount:
    """Return how often the histories of a plan were tried: of several, the one that was tried most.

    A sweep picks the best combination on all of its series together, never the best series.

    Parameters
    ----------
    plan : SweepPlan
        Its series and traded spans.
    registry : TrialRegistry
        Counts of the trials recorded so far.

    Returns
    -------
    TrialCount
        Of that series; `other_markets` are those beside all series of the plan.
    """
    series = [traded_part(slot) for slot in plan.slots]
    most_tried = max((registry.count([traded]) for traded in series), key=lambda count: count.trials)
    return replace(most_tried, other_markets=registry.count(series).other_markets)
