"""The parts of one closed trade: what was planned, what came of it, its criteria, and what other conduct would do."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class JournalPlan(BaseModel):
    """What was decided, before the market was met."""

    decided_ts: int
    price: float | None = Field(description="Close of the deciding bar; null where it is not stored.")
    stop: float
    target: float
    risk: float = Field(description="Loss at the stop that was planned, in the quote currency.")
    reward_to_risk: float | None


class JournalOutcome(BaseModel):
    """What came of it."""

    entry_ts: int
    entry: float
    exit_ts: int
    exit: float
    reason: str
    gross: float
    fees: float
    slippage: float
    funding: float
    pnl: float
    r: float | None
    mae_pct: float
    mfe_pct: float
    bars_held: int


class CriterionRow(BaseModel):
    """A criterion at the close of the deciding bar."""

    name: str
    value: float | None
    threshold: float | None
    holds: bool
    required: bool


class CounterfactualRow(BaseModel):
    """What other conduct would have made of it."""

    kind: Literal["levels", "waited"]
    end: Literal["stop", "target", "liquidation", "trade", "open", "not_entered"]
    pnl: float
    gap: float = Field(description="That result less the trade's own.")
    exit_ts: int | None
