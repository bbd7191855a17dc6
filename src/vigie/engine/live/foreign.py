"""What somebody else does on the account: each fill and each movement of money is an event of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeAlias

from vigie.domain.order import Fill
from vigie.engine.live import steps
from vigie.engine.live.memory import Memory
from vigie.ports.tradebook import Note, TradeBook
from vigie.ports.trading import LedgerEntry

Ledger: TypeAlias = Callable[[int], Awaitable[Sequence[LedgerEntry]]]
# Levels, liquidations and deleveraging are the venue's own acts on what is held here.
_ORDERED: Final = ("order", "other")


def foreign_fills(fills: Iterable[Fill], memory: Memory, book: TradeBook) -> list[Note]:
    """Return a record of each fill that nobody here ordered: no run of this home, and no closing of ours."""
    ours = {one.instrument for one in memory.open.values() if one.leg == "flatten"}
    found = []
    for fill in fills:
        is_closing = fill.instrument in ours or memory.bookings.is_flattened(fill.instrument)
        if fill.cause not in _ORDERED or is_closing or fill.client_id in memory.intents:
            continue
        if fill.client_id and book.intent(fill.client_id) is not None:
            continue
        said = {"side": fill.side, "qty": f"{fill.qty:f}", "price": f"{fill.price:f}", "at": fill.ts}
        found.append(Note("trade.foreign_fill", fill.instrument, {**said, "order": fill.order_id}))
    return found


async def moved_since(ledger: Ledger, ts: int) -> list[LedgerEntry]:
    """Return the transfers of a venue's ledger after a time, oldest first."""
    return [one for one in await ledger(ts + 1) if one.is_transfer and one.ts > ts]


def money_steps(drift: float, moved: Sequence[LedgerEntry], ts: int, least: float) -> list[steps.Adjusted]:
    """Return a drift of money as one step for each movement, and one for what no movement explains.

    Parameters
    ----------
    least : float
        Less is the rounding of a venue.
    """
    found, left = [], drift
    for one in moved:
        amount = float(one.amount)
        left = round(left - amount, 6)
        way = "paid_in" if amount > 0 else "paid_out"
        found.append(steps.Adjusted(ts, amount, way, moved=one.ts))
    if abs(left) >= least:
        way = "came_in" if left > 0 else "went_out"
        found.append(steps.Adjusted(ts, left, way))
    return found
