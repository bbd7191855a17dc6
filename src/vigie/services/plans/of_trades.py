"""What a trade came of: the plan that was armed when it was decided, or the setup that was confirmed then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vigie.domain.order import TradeRun
from vigie.domain.setup import SetupScope
from vigie.domain.time import timeframe_ms
from vigie.ports.plans import MarkedPlan, PlanStore
from vigie.ports.setups import SetupStore
from vigie.services.setups.of_trades import setups_of_trades
from vigie.trading import catalogue


@dataclass(frozen=True, slots=True)
class TradeOrigin:
    """Ids of the setup and of the plan that a trade came of; empty where there is none."""

    setup: str
    plan: str = ""


RowData = Mapping[str, Any]
FindOrigin = Callable[[RowData], TradeOrigin]
"""Takes the row of a closed trade."""


def origins_of_trades(setups: SetupStore, plans: PlanStore, run: TradeRun) -> FindOrigin:
    """Return what finds the origin of a run's trades; both stores are read once."""
    find_setup = setups_of_trades(setups, SetupScope(run.account, run.is_replayed))
    by_instrument: dict[str, list[MarkedPlan]] = {}
    for marked in () if run.is_replayed else plans.armed(run.account):
        if marked.plan.owner == run.owner:
            by_instrument.setdefault(marked.plan.instrument, []).append(marked)

    def find(row: RowData) -> TradeOrigin:
        closed = row["decision_ts"] + timeframe_ms(row["timeframe"])
        armed = by_instrument.get(row["instrument"], []) if row["strategy"] == catalogue.PLAN else []
        # The one that was armed last then; plans are armed one after the other.
        for marked in reversed(armed):
            if _is_armed_at(marked, closed):
                return TradeOrigin(marked.plan.setup, marked.plan.id)
        return TradeOrigin(find_setup(row["slot"], row["side"], row["decision_ts"]))

    return find


def _is_armed_at(marked: MarkedPlan, ts: int) -> bool:
    end = marked.plan.until if marked.ts_cancelled is None else min(marked.plan.until, marked.ts_cancelled)
    return marked.ts_armed is not None and marked.ts_armed <= ts <= end
