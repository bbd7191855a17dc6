"""What an account decided at one step of its log."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One row of the decision log, with the limit and value of a refusal."""

    ts: int
    slot: int
    side: int
    lots: int
    stop_ticks: int
    target_ticks: int
    code: int
    limit: float
    value: float
