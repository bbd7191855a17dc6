"""Which parts of a trading plan are others than before, in words."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from vigie.services.trading.plan import PINNED, PlanSlot, TradePlan

# Of a part that differs in many slots so many are named.
_NAMED: Final = 3


def plan_changes(before: TradePlan, now: TradePlan) -> list[str]:
    """Return what a person changed between two plans, each part once; what another moment pins is no change."""
    old, new = ({str(one.slot): one for one in plan.slots} for plan in (before, now))
    told = [f"slot {name} (gone now)" for name in old if name not in new]
    told += [f"slot {name} (new)" for name in new if name not in old]
    if not told and list(old) != list(new):
        told.append("the order of the slots")
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    common = [name for name in old if name in new]
    for name in common:
        for part, what in _parts(old[name], new[name]):
            found[part, what].append(name)
    for (part, what), names in found.items():
        more = f" and {len(names) - _NAMED} others" if len(names) > _NAMED else ""
        of = "" if len(names) == len(common) else f" of {', '.join(names[:_NAMED])}{more}"
        told.append(f"{part}{of}{what}")
    rules = _plain(before.protections), _plain(now.protections)
    return [*told, *(f"{part} of the protections{what}" for part, what in _apart("", *rules))]


def _parts(old: PlanSlot, new: PlanSlot) -> Iterator[tuple[str, str]]:
    for name in (one.name for one in dataclasses.fields(PlanSlot) if one.name not in PINNED):
        if name == "source" and old.source != new.source:
            yield f"the file of strategy {old.slot.strategy}", ""
        elif name != "source":
            yield from _apart(name, _plain(getattr(old, name)), _plain(getattr(new, name)))


def _apart(name: str, old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """Yield the names of what differs, of records and tables their fields, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _apart(key, old.get(key), new.get(key))
    elif old != new:
        yield name or "use", f" ({_shown(old)} before, {_shown(new)} now)"


def _plain(value: Any) -> Any:
    return (
        dataclasses.asdict(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type)
        else value
    )


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    return "set" if isinstance(value, dict) else str(value)
