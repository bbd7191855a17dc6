"""Strategies of models on bars of another market than they were judged on: an account refuses them, a run tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vigie.engine.run import PlannedSlot

# As the file of a model's strategy says it.
_LEARNED: Final = re.compile(r"learned in this home from \S+ ((?:\S+, )*\S+) (\S+) until ")


@dataclass(frozen=True, slots=True)
class OtherMarket:
    """A strategy of a model, what it was learned from and judged on, and the series that it runs on."""

    strategy: str
    judged: str
    series: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.strategy} was learned from and judged on {self.judged}, not on {self.series}"


def find_other_markets(plans: Iterable[PlannedSlot]) -> tuple[OtherMarket, ...]:
    """Return the models that run on an instrument or timeframe that they were not judged on, each once a series."""
    found = []
    for plan in plans:
        learned = _LEARNED.search(plan.strategy.doc)
        if learned is None:
            continue
        instruments, timeframe = learned.groups()
        slot = plan.slot
        if slot.instrument not in instruments.split(", ") or slot.timeframe != timeframe:
            series = f"{slot.instrument}/{slot.timeframe}"
            found.append(OtherMarket(plan.strategy.name, f"{instruments}/{timeframe}", series))
    return tuple(dict.fromkeys(found))
