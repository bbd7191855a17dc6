"""When a licence ended: on the day that its register states, whenever a look understood that."""

from __future__ import annotations

from typing import Literal

from vigie.domain.register import ChangeKind, RegisterChange


def licence_end(change: RegisterChange) -> int | None:
    """Return the day that a licence ended on, or ends on; None of changes that are none of it."""
    return change.entry.ts_until if change.kind == "ended" else None


def change_word(change: RegisterChange) -> ChangeKind | Literal["ends"]:
    """Return in which word a change is told: an end that lay ahead at the look that showed it is still to come."""
    until = licence_end(change)
    return change.kind if until is None or until <= change.ts_seen else "ends"
