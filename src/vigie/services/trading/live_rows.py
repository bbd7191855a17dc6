"""What the stream tells of somebody's trading accounts: money, strategies and positions, all of one moment."""

from __future__ import annotations

from typing import Any, Final

from vigie.services.house import House
from vigie.services.trading import figures
from vigie.services.trading.alive import is_traded
from vigie.services.trading.story import story_of

_POSITION: Final = (
    "mark", "notional", "pnl", "pnl_fraction", "stop_distance", "liquidation_distance",
    "is_stop_passed", "settles_ts",
)  # fmt: skip


def live_rows(house: House, owner: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (kind, values) of every account, position and strategy; values have an id, and none that is not known."""
    found: list[tuple[str, dict[str, Any]]] = []
    now = house.clock.market_now()
    for run in house.trades.accounts(owner):
        with story_of(house, run) as story:
            marks = figures.marks_of(house, run)
            held = figures.standing_rows(house, run, story, figures.open_rows(story, marks))
            told, ts = figures.money(story, held, now), figures.told_ts(story, held, marks)
        money = {
            "is_traded": is_traded(house, run.account),
            "ts_event": ts,
            "equity": told.equity,
            "result_fraction": told.result_fraction,
            "open_pnl": told.open_pnl,
            "day_pnl": told.day_pnl,
            "day_fraction": told.day_fraction,
        }
        found.append(("account", {"id": run.account, **_known(money)}))
        for row in held:
            values = {name: row[name] for name in _POSITION}
            found.append(("position", {"id": f"{run.account}/{row['slot']}", **_known(values)}))
        for row in figures.strategy_rows((), held):
            found.append(
                ("strategy", {"id": f"{run.account}/{row['strategy']}", "open_pnl": row["open_pnl"]})
            )
    return found


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
