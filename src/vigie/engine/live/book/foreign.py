"""What somebody else does on the account: each fill and each movement of money is an event of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeAlias

from vigie.domain.order import Fill
from vigie.engine.live.book.account_memory import AccountMemory
from vigie.engine.live.fold import steps
from vigie.ports.listed_venue import LedgerEntry
from vigie.ports.tradebook import AuditNote, TradeBook

Ledger: TypeAlias = Callable[[int], Awaitable[Sequence[LedgerEntry]]]
# Levels, liquidations and deleveraging are the venue's own acts on what is held here.
_ORDERED: Final = ("order", "other")


def foreign_fills(fills: Iterable[Fill], memory: AccountMemory, book: TradeBook) -> list[AuditNote]:
    """Return a record of each fill that nobody here ordered: no run of this home, and no closing of ours."""
    flattening = {intent.instrument for intent in memory.open.values() if intent.leg == "flatten"}
    notes = []
    for fill in fills:
        is_closing = fill.instrument in flattening or memory.bookings.is_flattening(fill.instrument)
        if fill.cause not in _ORDERED or is_closing or fill.client_id in memory.intents:
            continue
        if fill.client_id and book.intent(fill.client_id) is not None:
            continue
        details = {"side": fill.side, "qty": f"{fill.qty:f}", "price": f"{fill.price:f}", "at": fill.ts}
        notes.append(AuditNote("trade.foreign_fill", fill.instrument, {**details, "order": fill.order_id}))
    return notes


async def transfers_since(ledger: Ledger, ts: int) -> list[LedgerEntry]:
    """Return the transfers of a venue's ledger after a time, oldest first."""
    return [entry for entry in await ledger(ts + 1) if entry.is_transfer and entry.ts > ts]


def money_steps(
    drift: float, transfers: Sequence[LedgerEntry], ts: int, least: float
) -> list[steps.CashAdjusted]:
    """Return a drift of money as one step for each movement, and one for what no movement explains.

    Parameters
    ----------
    least : float
        Less is the rounding of a venue.
    """
    adjustments, unexplained = [], drift
    for entry in transfers:
        amount = float(entry.amount)
        unexplained = round(unexplained - amount, 6)
        reason = "paid_in" if amount > 0 else "paid_out"
        adjustments.append(steps.CashAdjusted(ts, amount, reason, moved=entry.ts))
    if abs(unexplained) >= least:
        reason = "came_in" if unexplained > 0 else "went_out"
        adjustments.append(steps.CashAdjusted(ts, unexplained, reason))
    return adjustments
