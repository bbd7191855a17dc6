"""What an account did since 00:00 UTC on the wall, in all of its runs: a new run does not begin the day anew."""

from __future__ import annotations

from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS
from vigie.ports.tradebook import KnownIntent
from vigie.services.house import House


def entered_at(house: House, run: TradeRun) -> list[int]:
    """Return when an account meant to enter today, on the wall; a new run of it does not begin the day anew."""
    today = house.clock.wall_now() // DAY_MS * DAY_MS
    meant = [one.intent for one in _touched(house, run, today)]
    return sorted(one.ts for one in meant if one.leg == "entry" and one.ts >= today)


def cancelled_since(house: House, run: TradeRun, since: int) -> int:
    """Return how many orders of an account were cancelled since a wall time."""
    moves = [one.move for one in _touched(house, run, since)]
    return sum(one.state == "cancelled" and one.ts >= since for one in moves)


def _touched(house: House, run: TradeRun, since: int) -> list[KnownIntent]:
    """Return what was written or moved since a wall time, in all runs of an account."""
    runs = [one.id for one in house.trades.runs_of(run.owner) if one.account == run.account]
    return [one for id_ in runs for one in house.trades.changed_since(id_, since)]
