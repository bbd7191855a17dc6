"""What a home lets its accounts order: an allow-list, and a maximum of orders per run; and orders of the day.

The day begins at 00:00 UTC on the wall and counts all runs of an account: a new run does not begin it anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vigie.domain.errors import UsageError
from vigie.domain.ids import SlotId
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS
from vigie.ports.clock import Clock
from vigie.ports.trade_log import KnownIntent
from vigie.ports.tradebook import TradeBook


@dataclass(frozen=True, slots=True)
class OrderCaps:
    """Asked before an entry is meant, and of the allow-list once more before it is sent; exits are always let through.

    Attributes
    ----------
    allowed : tuple of str
        Instruments, or an instrument and a timeframe as ``btc-usdt-perp/1h``; none: what run files name.
    max_run_orders : int or None
        Maximum orders per run, the setting `most_orders`: at that count a run enters nothing more, today or later.
        The limits of orders a day and of orders under way have no setting, see `entry_rules`. None means unlimited.
    """

    allowed: tuple[str, ...] = ()
    max_run_orders: int | None = None

    def allows(self, slot: SlotId) -> bool:
        """Tell whether a slot is on the allow-list."""
        return not self.allowed or any(
            name in (slot.instrument, f"{slot.instrument}/{slot.timeframe}") for name in self.allowed
        )

    def check(self, slots: Iterable[SlotId]) -> None:
        """Refuse to begin with slots that are not on the allow-list.

        Raises
        ------
        UsageError
            With the slots.
        """
        disallowed = [str(slot) for slot in slots if not self.allows(slot)]
        if disallowed:
            raise UsageError(
                "orders_not_allowed",
                "orders in {disallowed} are not allowed: order_only in the settings allows "
                "{allowed}; add them there, or remove them from the run file",
                disallowed=", ".join(disallowed),
                allowed=", ".join(self.allowed),
            )


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
