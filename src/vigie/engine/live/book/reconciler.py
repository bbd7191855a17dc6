"""What the venue has to tell: asked for until it answers, taken once, kept until it is written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.domain.errors import InvariantBroken
from vigie.domain.order import Fill, FundingPayment
from vigie.engine.live.book.account_memory import AccountMemory
from vigie.engine.live.book.orders import OrderTimeouts
from vigie.engine.live.book.position_differences import PositionDifference, find_differences
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.waiting import Deadline, RetryingCaller, gather_all
from vigie.ports.trading import TradingVenue

# Fills that were heard so lately, with nothing sent since, need not be asked for before positions are compared.
FRESH_S: Final = 1.0


@dataclass(slots=True)
class Reconciler:
    """Looks at the venue for one account.

    Attributes
    ----------
    fills, fundings : tuples
        Seen and not yet written down.
    order_ids : set of str
        Ids of the orders of new fills, until somebody looks whose they are.
    """

    venue: TradingVenue
    caller: RetryingCaller
    timeouts: OrderTimeouts
    memory: AccountMemory
    fills: tuple[Fill, ...] = ()
    fundings: tuple[FundingPayment, ...] = ()
    order_ids: set[str] = field(default_factory=set)
    _fresh: Deadline | None = None
    _sent_since: bool = True
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _n_started: int = 0
    _n_ended: int = 0

    async def fetch(self, *, with_fundings: bool = False) -> None:
        """Ask for what the venue did, and sort what is new.

        Parameters
        ----------
        with_fundings : bool
            Funding is asked for only where a step can book it.
        """
        memory = self.memory
        since, paid_since = memory.fills.since, memory.fundings.since
        self._sent_since, since_start = False, Deadline(self.caller.clock, FRESH_S)
        asking: Coroutine[Any, Any, Any] = self.caller.until_answered(lambda: self.venue.fills(since))
        fundings: Sequence[FundingPayment] = ()
        if with_fundings:
            # At once: the entries of an instant wait for both.
            asking_fundings = self.caller.until_answered(lambda: self.venue.fundings(paid_since))
            fills, fundings = await gather_all(asking, asking_fundings)
        else:
            fills = await asking
        new_fills = memory.fills.new(fills)
        memory.bookings.take(new_fills, memory.intents)
        self.fills += new_fills
        self.order_ids.update(fill.client_id for fill in new_fills)
        self.fundings += memory.fundings.new(fundings)
        self._fresh = since_start

    def note_sending(self) -> None:
        """Hear that something is sent: what was looked at before says nothing of it."""
        self._sent_since = True

    async def wait_for_fills(self, is_true: Callable[[], bool]) -> None:
        """Look until fills have come that must come.

        Raises
        ------
        InvariantBroken
            If they do not: the venue says that an order was filled and does not show it.
        """
        clock = self.caller.clock
        deadline = Deadline(clock, self.timeouts.fills_s)
        await self._fetch_shared()
        while not is_true():
            if deadline.is_over():
                raise InvariantBroken(
                    "venue_does_not_show_fills",
                    "the venue does not show the fills of an order it reports as finished",
                )
            await clock.pause(self.timeouts.look_s)
            await self._fetch_shared()

    async def _fetch_shared(self) -> None:
        """Look, or share the next look of others: all orders of an instant end at about the same time."""
        n_started = self._n_started
        async with self._lock:
            if self._n_ended > n_started:
                # It began after this was asked for.
                return
            self._n_started = number = self._n_started + 1
            await self.fetch()
            self._n_ended = number

    async def find_differences(self, account: LiveAccount) -> list[PositionDifference]:
        """Compare the venue's positions with ours, after everything it has to tell was heard."""
        if self._is_fresh():
            positions = await self.caller.until_answered(self.venue.positions)
            if not find_differences(account, self.memory.bookings, positions):
                return []
        await self.fetch()
        positions = await self.caller.until_answered(self.venue.positions)
        return find_differences(account, self.memory.bookings, positions)

    def _is_fresh(self) -> bool:
        return not self._sent_since and self._fresh is not None and not self._fresh.is_over()
