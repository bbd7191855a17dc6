"""What the stream tells of somebody's trading accounts: their money and their positions at present prices."""

from __future__ import annotations

from typing import Any, Final

from vigie.services.house import House
from vigie.services.trading import figures
from vigie.services.trading.story import story_of

_POSITION: Final = ("mark", "notional", "pnl", "pnl_fraction", "stop_distance", "liquidation_distance")


def live_rows(house: House, owner: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (kind, values) of every account and position; values have an id, and none that is not known."""
    found: list[tuple[str, dict[str, Any]]] = []
    now = house.clock.market_now()
    for run in house.trades.accounts(owner):
        with story_of(house, run) as story:
            held = figures.open_rows(story, figures.marks_of(house, run))
            told, ts = figures.money(story, held, now), story.ts
        money = {
            "ts_event": now if held else ts,
            "equity": told.equity,
            "open_pnl": told.open_pnl,
            "day_pnl": told.day_pnl,
            "day_fraction": told.day_fraction,
        }
        found.append(("account", {"id": run.account, **money}))
        for row in held:
            known = {name: row[name] for name in _POSITION if row[name] is not None}
            found.append(("position", {"id": f"{run.account}/{row['slot']}", **known}))
    return found
