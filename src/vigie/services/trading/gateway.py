"""The gateway: what is refused before the kernel is asked, because it needs a book, a feed or a person's word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vigie.domain import codes
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.steps import Veto
from vigie.ports.feed import Instant
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Gateway:
    """Judges the entries of one account.

    Attributes
    ----------
    stale : callable
        Gives the series whose first price is not known.
    wishes : callable
        Gives what the owner asks of the account now.
    """

    book: TradeBook
    account: str
    stale: Callable[[], frozenset[str]]
    wishes: Callable[[], Wishes] = Wishes

    def vetoes(self, account: LiveAccount, entering: Sequence[int], instant: Instant) -> list[Veto]:
        """Return which of the entering slots are refused, each with the first reason."""
        state = self.book.state(self.account)
        stale = self.stale()
        found = []
        for number in entering:
            if state != "active":
                found.append(Veto(number, codes.TRADING_STATE, 0.0, 1.0))
            elif instant.is_missed:
                found.append(Veto(number, codes.MISSED_BAR, 0.0, 1.0))
            elif account.slots[number].series in stale:
                found.append(Veto(number, codes.STALE_DATA, 0.0, 1.0))
        refused = {veto.slot for veto in found}
        left = [number for number in entering if number not in refused]
        return found + self.wishes().vetoes(account, left, instant.ts)
