"""What the venue has to tell: asked for until it answers, taken once, kept until it is written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.domain.errors import InvariantBroken
from vigie.domain.order import Fill, FundingPayment
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.memory import Memory
from vigie.engine.live.orders import Patience
from vigie.engine.live.reconcile import Difference, differences
from vigie.engine.live.waiting import Asker, Deadline, together
from vigie.ports.trading import TradingVenue

# Fills that were heard so lately, with nothing sent since, need not be asked for before positions are compared.
FRESH_S: Final = 1.0


@dataclass(slots=True)
class Lookout:
    """Looks at the venue for one account.

    Attributes
    ----------
    fills, fundings : tuples
        Seen and not yet written down.
    named : set of str
        Ids of the orders of new fills, until somebody looks whose they are.
    """

    venue: TradingVenue
    asker: Asker
    patience: Patience
    memory: Memory
    fills: tuple[Fill, ...] = ()
    fundings: tuple[FundingPayment, ...] = ()
    named: set[str] = field(default_factory=set)
    _fresh: Deadline | None = None
    _sent_since: bool = True
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _begun: int = 0
    _ended: int = 0

    async def look(self, *, with_fundings: bool = False) -> None:
        """Ask for what the venue did, and sort what is new.

        Parameters
        ----------
        with_fundings : bool
            Funding is asked for only where a step can book it.
        """
        memory = self.memory
        since, paid_since = memory.fills.since, memory.fundings.since
        self._sent_since, began = False, Deadline(self.asker.clock, FRESH_S)
        asked: Coroutine[Any, Any, Any] = self.asker.until_answered(lambda: self.venue.fills(since))
        paid: Sequence[FundingPayment] = ()
        if with_fundings:
            # At once: the entries of an instant wait for both.
            settled = self.asker.until_answered(lambda: self.venue.fundings(paid_since))
            told, paid = await together(asked, settled)
        else:
            told = await asked
        new = memory.fills.new(told)
        memory.bookings.take(new, memory.intents)
        self.fills += new
        self.named.update(one.client_id for one in new)
        self.fundings += memory.fundings.new(paid)
        self._fresh = began

    def sends(self) -> None:
        """Hear that something is sent: what was looked at before says nothing of it."""
        self._sent_since = True

    async def until(self, is_true: Callable[[], bool]) -> None:
        """Look until fills have come that must come.

        Raises
        ------
        InvariantBroken
            If they do not: the venue says that an order was filled and does not show it.
        """
        clock = self.asker.clock
        deadline = Deadline(clock, self.patience.fills_s)
        await self._look_together()
        while not is_true():
            if deadline.is_over():
                raise InvariantBroken("the venue does not show the fills of an order that it calls ended")
            await clock.pause(self.patience.look_s)
            await self._look_together()

    async def _look_together(self) -> None:
        """Look, or share the next look of others: all orders of an instant end at about the same time."""
        begun = self._begun
        async with self._turn:
            if self._ended > begun:
                # It began after this was asked for.
                return
            self._begun = number = self._begun + 1
            await self.look()
            self._ended = number

    async def differences(self, account: LiveAccount) -> list[Difference]:
        """Compare the venue's positions with ours, after everything it has to tell was heard."""
        if self._is_fresh():
            positions = await self.asker.until_answered(self.venue.positions)
            if not differences(account, self.memory.bookings, positions):
                return []
        await self.look()
        positions = await self.asker.until_answered(self.venue.positions)
        return differences(account, self.memory.bookings, positions)

    def _is_fresh(self) -> bool:
        return not self._sent_since and self._fresh is not None and not self._fresh.is_over()
