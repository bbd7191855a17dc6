"""Kept results as rows of a list, each with what tells it from others of its strategy and market."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.ports.runs import RunRecord
from vigie.services.runs.run_orders import RunOrder
from vigie.services.runs.run_tables import RunListRow, finite_number, whole_number

# What the title of a result says, and what changes nothing in it.
_NAMED: Final = frozenset({"strategies", "assets", "slots", "title", "language"})


def run_row(run: RunRecord, *, is_simulated: bool) -> RunListRow:
    """Return a result as a row."""
    summary = run.summary
    is_luck = summary.get("is_luck")
    return RunListRow(
        id=run.id,
        title=run.title,
        kind=run.kind,
        ts_created=run.ts_created,
        total_return=finite_number(summary.get("total_return")),
        buy_hold_return=finite_number(summary.get("buy_hold_return")),
        max_drawdown=finite_number(summary.get("max_drawdown")),
        sharpe=finite_number(summary.get("sharpe")),
        trades=whole_number(summary.get("trades")),
        verdict="none" if is_luck is None else "luck" if is_luck else "skill",
        slots=whole_number(summary.get("slots")),
        combinations=whole_number(summary.get("combinations")),
        first_ts=whole_number(summary.get("first_ts")),
        last_ts=whole_number(summary.get("last_ts")),
        simulated=is_simulated or bool(summary.get("simulated")),
        settings=_chosen_settings(run.ask),
        spark=summary.get("spark") or [],
    )


def _chosen_settings(ask: Mapping[str, object]) -> dict[str, object]:
    """Return what an order says of its own: what tells results of one strategy and one market apart."""
    usual = RunOrder().model_dump(mode="json")
    return {
        name: ask[name] for name in usual if name not in _NAMED and ask.get(name, usual[name]) != usual[name]
    }
