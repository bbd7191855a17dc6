"""What paper trading's venue holds of one instrument, and the orders it finds in the book when it begins."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np

from vigie.domain import state
from vigie.domain.order import Intent, VenueOrder

NEVER: Final = math.inf


@dataclass(slots=True)
class PaperPosition:
    """A position and the slot whose bars it lives on."""

    slot: int
    side: int
    qty: Decimal
    entry: Decimal
    stop: Decimal | None
    target: Decimal | None
    record: Any
    target_id: str = ""

    def set_levels(self, stop: Decimal | None, target: Decimal | None) -> None:
        """Put levels on it; one that is not there is never touched."""
        never = (-NEVER, NEVER) if self.side > 0 else (NEVER, -NEVER)
        self.stop, self.target = stop, target
        self.record["stop"] = never[0] if stop is None else float(stop)
        self.record["target"] = never[1] if target is None else float(target)


def intent_order(intent: Intent) -> VenueOrder:
    """Return the order that an intent became."""
    return VenueOrder(
        intent.instrument, intent.id, intent.id, intent.side, "limit" if intent.leg == "target" else "market",
        intent.qty, Decimal(0), "live", intent.is_reduce_only, intent.ts, intent.ts,
    )  # fmt: skip


def empty_record() -> Any:
    """Return a slot's record before anything is held."""
    return np.zeros(1, state.SLOT)[0]
