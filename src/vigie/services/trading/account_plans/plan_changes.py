"""Which parts of a trading plan are others than before, in words."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from vigie.services.trading.account_plans.account_plan import PINNED, AccountPlan, PlanSlot

# Of a part that differs in many slots so many are named.
_NAMED: Final = 3


def plan_changes(before: AccountPlan, now: AccountPlan) -> list[str]:
    """Return what a person changed between two plans, each part once; what another moment pins is no change."""
    old, new = ({str(plan_slot.slot): plan_slot for plan_slot in plan.slots} for plan in (before, now))
    changes = [f"slot {name} (gone now)" for name in old if name not in new]
    changes += [f"slot {name} (new)" for name in new if name not in old]
    if not changes and list(old) != list(new):
        changes.append("the order of the slots")
    slots_by_change: dict[tuple[str, str], list[str]] = defaultdict(list)
    common = [name for name in old if name in new]
    for name in common:
        for part, values in _changed_parts(old[name], new[name]):
            slots_by_change[part, values].append(name)
    for (part, values), names in slots_by_change.items():
        more = f" and {len(names) - _NAMED} others" if len(names) > _NAMED else ""
        of = "" if len(names) == len(common) else f" of {', '.join(names[:_NAMED])}{more}"
        changes.append(f"{part}{of}{values}")
    rules = _as_dict(before.protections), _as_dict(now.protections)
    return [
        *changes,
        *(f"{part} of the protections{values}" for part, values in _differing_parts("", *rules)),
    ]


def _changed_parts(old: PlanSlot, new: PlanSlot) -> Iterator[tuple[str, str]]:
    for name in (field.name for field in dataclasses.fields(PlanSlot) if field.name not in PINNED):
        if name == "source" and old.source != new.source:
            yield f"the file of strategy {old.slot.strategy}", ""
        elif name != "source":
            yield from _differing_parts(name, _as_dict(getattr(old, name)), _as_dict(getattr(new, name)))


def _differing_parts(name: str, old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """Yield the names of what differs, of records and tables their fields, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _differing_parts(key, old.get(key), new.get(key))
    elif old != new:
        yield name or "use", f" ({_format_value(old)} before, {_format_value(new)} now)"


def _as_dict(value: Any) -> Any:
    return (
        dataclasses.asdict(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type)
        else value
    )


def _format_value(value: Any) -> str:
    if value is None:
        return "not set"
    return "set" if isinstance(value, dict) else str(value)
