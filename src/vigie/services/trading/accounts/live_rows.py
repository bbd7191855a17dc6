"""What the stream tells of somebody's trading accounts: money, strategies and positions, all of one moment."""

from __future__ import annotations

from typing import Any, Final

from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.health import HomeHealth
from vigie.ports.quotes import QuoteStore
from vigie.services.trading.accounts import figures
from vigie.services.trading.accounts.account_status import is_traded
from vigie.services.trading.log.account_view import AccountLogs, open_account_view

_POSITION: Final = (
    "mark", "notional", "pnl", "pnl_fraction", "stop_distance", "liquidation_distance",
    "stop_move", "target_move", "liquidation_move", "decides_ts",
    "is_stop_passed", "settles_ts",
)  # fmt: skip


def live_rows(
    logs: AccountLogs, quotes: QuoteStore, audit: AuditLog, clock: Clock, home_health: HomeHealth, owner: str
) -> list[tuple[str, dict[str, Any]]]:
    """Return (kind, values) of every account, position and strategy; values have an id, and none that is not known."""
    updates: list[tuple[str, dict[str, Any]]] = []
    now = clock.market_now()
    for run in logs.trades.accounts(owner):
        with open_account_view(logs, run) as view:
            marks = figures.marks_of(quotes, run)
            positions = figures.rows_with_venue_stops(audit, run, view, figures.open_rows(view, marks))
            totals, ts = (
                figures.compute_totals(view, positions, now),
                figures.find_figures_ts(view, positions, marks),
            )
        money = {
            "is_traded": is_traded(logs.trades, home_health, run.account),
            "ts_event": ts,
            "equity": totals.equity,
            "result_fraction": totals.result_fraction,
            "open_pnl": totals.open_pnl,
            "day_pnl": totals.day_pnl,
            "day_fraction": totals.day_fraction,
        }
        updates.append(("account", {"id": run.account, **_drop_none(money)}))
        for row in positions:
            values = {name: row[name] for name in _POSITION}
            updates.append(("position", {"id": f"{run.account}/{row['slot']}", **_drop_none(values)}))
        for row in figures.strategy_rows((), positions):
            updates.append(
                ("strategy", {"id": f"{run.account}/{row['strategy']}", "open_pnl": row["open_pnl"]})
            )
    return updates


def _drop_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
