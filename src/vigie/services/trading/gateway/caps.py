"""Orders of the day of an account, for its caps.

The day begins at 00:00 UTC on the wall and counts all runs of an account: a new run does not begin it anew.
"""

from __future__ import annotations

from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS
from vigie.ports.clock import Clock
from vigie.ports.trade_log import KnownIntent
from vigie.ports.tradebook import TradeBook


def list_entry_times(trades: TradeBook, clock: Clock, run: TradeRun) -> list[int]:
    """Return when an account meant to enter today, on the wall; a new run of it does not begin the day anew."""
    today = clock.wall_now() // DAY_MS * DAY_MS
    intents = [item.intent for item in _list_changed_intents(trades, run, today)]
    return sorted(item.ts for item in intents if item.leg == "entry" and item.ts >= today)


def count_cancelled(trades: TradeBook, run: TradeRun, since: int) -> int:
    """Return how many orders of an account were cancelled since a wall time."""
    moves = [item.move for item in _list_changed_intents(trades, run, since)]
    return sum(item.state == "cancelled" and item.ts >= since for item in moves)


def _list_changed_intents(trades: TradeBook, run: TradeRun, since: int) -> list[KnownIntent]:
    """Return what was written or moved since a wall time, in all runs of an account but replays."""
    runs = [
        item.id for item in trades.runs_of(run.owner) if item.account == run.account and not item.is_replayed
    ]
    return [item for id_ in runs for item in trades.changed_since(id_, since)]
