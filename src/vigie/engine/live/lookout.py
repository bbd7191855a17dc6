"""What the venue has to tell: asked for until it answers, taken once, kept until it is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vigie.domain.errors import InvariantBroken
from vigie.domain.order import Fill, FundingPayment
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.memory import Memory
from vigie.engine.live.orders import Patience
from vigie.engine.live.reconcile import Difference, differences
from vigie.engine.live.waiting import Asker, Deadline
from vigie.ports.trading import TradingVenue


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

    async def look(self, *, with_fundings: bool = False) -> None:
        """Ask for what the venue did, and sort what is new.

        Parameters
        ----------
        with_fundings : bool
            Funding is asked for only where a step can book it.
        """
        memory = self.memory
        told = await self.asker.until_answered(lambda: self.venue.fills(memory.fills.since))
        new = memory.fills.new(told)
        memory.bookings.take(new, memory.intents)
        self.fills += new
        self.named.update(one.client_id for one in new)
        if with_fundings:
            since = memory.fundings.since
            paid = await self.asker.until_answered(lambda: self.venue.fundings(since))
            self.fundings += memory.fundings.new(paid)

    async def until(self, is_true: Callable[[], bool]) -> None:
        """Look until fills have come that must come.

        Raises
        ------
        InvariantBroken
            If they do not: the venue says that an order was filled and does not show it.
        """
        clock = self.asker.clock
        deadline = Deadline(clock, self.patience.fills_s)
        await self.look()
        while not is_true():
            if deadline.is_over():
                raise InvariantBroken("the venue does not show the fills of an order that it calls ended")
            await clock.pause(self.patience.look_s)
            await self.look()

    async def differences(self, account: LiveAccount) -> list[Difference]:
        """Compare the venue's positions with ours, after everything it has to tell was heard."""
        await self.look()
        positions = await self.asker.until_answered(self.venue.positions)
        return differences(account, self.memory.bookings, positions)
