"""What a form shows of a run file: slots with their parameters, settings, each with usual value and bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from vigie.domain.account import (
    MAX_CAPITAL,
    MAX_LEVERAGE,
    MAX_RISK_FRACTION,
    MIN_CAPITAL,
    Protections,
    protection_bounds,
)
from vigie.domain.errors import VigieError
from vigie.run_file import AccountTable, RunFile, SlotTable
from vigie.services.trading.account_plans.account_plan import AccountPlan
from vigie.services.trading.run_files.editing import ACCOUNT_KEYS
from vigie.trading import catalogue

# Of these, and of the daily loss limit, 0 is refused, as by `Sizing` and `Protections`.
_ABOVE: Final = ("risk_fraction", "leverage", "stop_atr", "target_atr", "daily_loss_fraction")
# Bounds as `Sizing` has them.
_ACCOUNT_BOUNDS: Final = {
    "capital": (MIN_CAPITAL, MAX_CAPITAL), "risk_fraction": (0.0, MAX_RISK_FRACTION), "leverage": (0.0, MAX_LEVERAGE),
    "stop_atr": (0.0, 100.0), "target_atr": (0.0, 1_000.0), "max_bars": (0.0, 1_000_000.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParameterField:
    """A parameter of a strategy: what the slot says of it, and what the strategy declares."""

    name: str
    value: float | None
    usual: float
    low: float
    high: float
    is_whole: bool


@dataclass(frozen=True, slots=True)
class SlotField:
    """A slot of a run file; `problem` says why its strategy cannot be loaded."""

    origin: int | None
    instruments: tuple[str, ...]
    strategy: str
    timeframe: str
    enabled: bool
    parameters: tuple[ParameterField, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SettingField:
    """A number of [account] or [protections]: what the file says, what counts where it says nothing, its bounds.

    `is_above` says that `low` itself is refused.
    """

    table: str
    name: str
    value: float | None
    usual: float
    low: float
    high: float
    is_whole: bool
    is_above: bool


def slot_fields(file: RunFile, own: Path) -> list[SlotField]:
    """Return the slots of a run file in its order, with every parameter of their strategies."""
    return [slot_field(slot, number, own) for number, slot in enumerate(file.slots)]


def slot_field(slot: SlotTable, origin: int | None, own: Path) -> SlotField:
    """Return a slot with every parameter of its strategy."""
    parameters, problem = list[ParameterField](), ""
    try:
        defaults = catalogue.load(slot.strategy, own).defaults()
        parameters = [
            ParameterField(
                spec.name,
                slot.params.get(spec.name),
                usual := getattr(defaults, spec.name),
                spec.metadata["low"],
                spec.metadata["high"],
                isinstance(usual, int),
            )
            for spec in fields(defaults)
        ]
    except VigieError as fault:
        problem = str(fault)
    return SlotField(
        origin,
        tuple(slot.instruments),
        slot.strategy,
        slot.timeframe,
        slot.enabled,
        tuple(parameters),
        problem,
    )


def setting_fields(file: RunFile) -> list[SettingField]:
    """Return the numbers of [account] and [protections] that a form may change."""
    stated = file.protections if isinstance(file.protections, dict) else {}
    return [*_account_fields(file.account), *_protection_fields(stated)]


def fields_of_plan(plan: AccountPlan, own: Path) -> tuple[list[SlotField], list[SettingField]]:
    """Return what a run trades by, for an account whose file is not read here."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    params = {}
    for plan_slot in plan.slots:
        slot = plan_slot.slot
        key = slot.strategy, slot.timeframe, repr(sorted(plan_slot.params.items()))
        groups.setdefault(key, []).append(slot.instrument)
        params[key] = plan_slot.params
    slots = [
        slot_field(SlotTable(instruments, key[0], key[1], True, params[key]), None, own)
        for key, instruments in groups.items()
    ]
    sizing = plan.slots[0].sizing
    account = AccountTable(
        capital=sizing.capital, risk_fraction=sizing.risk_fraction, leverage=sizing.leverage,
        stop_atr=sizing.stop_atr, target_atr=sizing.target_atr, max_bars=sizing.max_bars,
    )  # fmt: skip
    protections = plan.protections or Protections()
    stated = {spec.name: getattr(protections, spec.name) for spec in fields(protections)}
    return slots, [*_account_fields(account), *_protection_fields(stated)]


def _account_fields(table: AccountTable) -> Iterator[SettingField]:
    usual = AccountTable()
    for name in ACCOUNT_KEYS:
        value, default = getattr(table, name), getattr(usual, name)
        low, high = _ACCOUNT_BOUNDS[name]
        stated = None if value == default else value
        yield SettingField(
            "account", name, stated, default, low, high, is_whole=name == "max_bars", is_above=name in _ABOVE
        )


def _protection_fields(stated: dict[str, float]) -> Iterator[SettingField]:
    defaults = Protections()
    for spec in fields(defaults):
        usual: float = getattr(defaults, spec.name)
        low, high = protection_bounds(spec.name)
        is_whole = isinstance(usual, int)
        value, is_above = stated.get(spec.name), spec.name in _ABOVE
        yield SettingField("protections", spec.name, value, usual, low, high, is_whole, is_above)
