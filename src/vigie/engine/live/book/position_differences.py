"""Whether the venue holds what the account holds: every difference by instrument, in words a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from vigie.domain.order import VenuePosition
from vigie.engine.live.book.booking import Bookings
from vigie.engine.live.fold.account import LiveAccount


@dataclass(frozen=True, slots=True)
class PositionDifference:
    """One instrument that the venue and the account see differently.

    Attributes
    ----------
    ours, theirs : Decimal
        Signed quantity, base units: positive is long.
    """

    instrument: str
    ours: Decimal
    theirs: Decimal

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.instrument}: the venue holds {self.theirs:f}, the account {self.ours:f}"


def find_differences(
    account: LiveAccount, bookings: Bookings, positions: Sequence[VenuePosition]
) -> list[PositionDifference]:
    """Compare every instrument of the account's slots; fills that wait to be booked count as booked.

    Positions in other instruments are nobody's of ours: they are no difference, and nothing touches them.
    """
    names = list(dict.fromkeys(slot.id.instrument for slot in account.slots))
    ours = dict.fromkeys(names, Decimal(0))
    for number, slot in enumerate(account.slots):
        record = account.slot(number)
        if record["side"] != 0:
            qty = account.qty(number, int(record["entry_ts"]), int(record["lots"]))
            ours[slot.id.instrument] += int(record["side"]) * qty
    for fill in bookings.pending_fills():
        if fill.instrument in ours:
            ours[fill.instrument] += fill.side * fill.qty
    theirs = dict.fromkeys(names, Decimal(0))
    for position in positions:
        if position.instrument in theirs:
            theirs[position.instrument] += position.side * position.qty
    return [
        PositionDifference(name, ours[name], theirs[name]) for name in names if ours[name] != theirs[name]
    ]
