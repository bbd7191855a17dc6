"""What an account trades: slots, rules and the beginning of their histories, pinned when a run begins."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from vigie.domain.account import Costs, Protections, Sizing
from vigie.domain.errors import DataError
from vigie.domain.ids import SeriesId, SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.order import TradeMode
from vigie.domain.time import timeframe_ms
from vigie.engine.live.fold.empty_account import LiveSlot
from vigie.ports.home import ResultsHome

FOLDER: Final = "trading"
FILE: Final = "plan.json"
# What a history begins with; it grows to twice as many, then it is pinned anew.
KEPT_BARS: Final = 10_000
# What another moment or other stored bars change; the same file must give the same fingerprint.
PINNED: Final = ("history_start", "first_bar", "versions", "charged")


@dataclass(frozen=True, slots=True)
class PlanSlot:
    """One slot.

    Attributes
    ----------
    params : dict
        Parameters that differ from the strategy's defaults.
    source : str
        SHA-256 of the strategy's file: an edited one is another strategy.
    history_start : int
        First bar of the history that the strategy is judged on, for as long as the run lasts.
    first_bar : int
        Number, in that history, of the bar in progress when the run began.
    charged : dict
        Fees of the account's level when the run began, ``taker`` and ``maker``, where the run states none.
    """

    slot: SlotId
    params: dict[str, Any]
    require: tuple[str, ...]
    source: str
    versions: tuple[Instrument, ...]
    sizing: Sizing
    costs: Costs
    history_start: int
    first_bar: int
    charged: dict[str, float] = field(default_factory=dict)

    @property
    def effective_costs(self) -> Costs:
        """Return the costs that sizes and comparisons count with."""
        return dataclasses.replace(self.costs, **self.charged)


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """Everything that a run of an account is made of.

    Attributes
    ----------
    venue : str
        Where prices come from, and where orders go in demo and live.
    begun : int
        The market's time at which the run began.
    detail : str
        Timeframe of the finer bars on which paper meets stops and targets, pinned when the run began; empty where it
        meets them on the bars of its slots, as every run did before there were finer ones.
    until : int
        The market's time at which a replay ends; 0 for a run that goes on.
    plan_key : str
        Names the account's plans among the facts; empty where it has no slot that trades plans. Runs hand it on.
    """

    account: str
    venue: str
    mode: TradeMode
    begun: int
    slots: tuple[PlanSlot, ...]
    protections: Protections | None
    detail: str = ""
    until: int = 0
    plan_key: str = ""

    @property
    def capital(self) -> float:
        """Capital of the account."""
        return self.slots[0].sizing.capital

    @property
    def series(self) -> list[SeriesId]:
        """Return what is traded on, each series once."""
        names = [(plan_slot.slot.instrument, plan_slot.slot.timeframe) for plan_slot in self.slots]
        return [SeriesId(self.venue, *name) for name in dict.fromkeys(names)]

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of what was asked for: mode, moment, stored and finer bars do not matter."""
        slots = [
            {key: value for key, value in dataclasses.asdict(plan_slot).items() if key not in PINNED}
            for plan_slot in self.slots
        ]
        protections = dataclasses.asdict(self.protections) if self.protections else None
        text = json.dumps([self.venue, slots, protections], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def live_slots(self) -> tuple[LiveSlot, ...]:
        """Return the slots as the engine knows them."""
        return tuple(
            LiveSlot(
                plan_slot.slot,
                SeriesId(self.venue, plan_slot.slot.instrument, plan_slot.slot.timeframe).span_ms,
                plan_slot.versions,
                plan_slot.sizing,
                plan_slot.effective_costs,
                plan_slot.first_bar,
                self.detail_of(plan_slot),
            )
            for plan_slot in self.slots
        )

    def detail_of(self, plan_slot: PlanSlot) -> str:
        """Return the timeframe of the finer bars that a slot's positions meet; empty where its own are as fine."""
        if not self.detail or timeframe_ms(self.detail) >= timeframe_ms(plan_slot.slot.timeframe):
            return ""
        return self.detail


def save_plan(results: ResultsHome, run: str, plan: AccountPlan) -> None:
    """Write the plan of a run into the home, whole or not at all."""
    text = json.dumps(dataclasses.asdict(plan), indent=1)
    results.write(folder_of(results, run), {FILE: text.encode()})


@cache
def _plan_reader() -> TypeAdapter[AccountPlan]:
    """Return what reads a plan; to make it takes longer than to read one."""
    return TypeAdapter(AccountPlan)


def load_plan(results: ResultsHome, run: str) -> AccountPlan:
    """Return the plan of a run.

    Raises
    ------
    DataError
        If it is gone or cannot be read.
    """
    path = folder_of(results, run) / FILE
    try:
        data = json.loads(path.read_bytes())
        plan = _plan_reader().validate_python(data)
    except (OSError, ValueError) as fault:
        raise DataError(
            "plan_trading_run",
            "{path}, the plan of a trading run, cannot be read; restore it from a backup: {fault}",
            path=path,
            fault=fault,
        ) from fault
    return plan


def folder_of(results: ResultsHome, run: str) -> Path:
    """Return where the files of a run are."""
    return results.runs.parent / FOLDER / run
