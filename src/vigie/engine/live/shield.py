"""No position without a stop: confirmed in time, else placed, else the position is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from vigie.domain.errors import AuthError, ConnectorError, OrderRejected, OutcomeUnknown, TransientError
from vigie.engine.live.account import LiveAccount
from vigie.ports.clock import PatientClock
from vigie.ports.trading import Levels, TradingVenue


@dataclass(frozen=True, slots=True)
class Shield:
    """Deadlines on the wall.

    Attributes
    ----------
    protect_s : float
        Without a confirmed stop after so long, a stop is put on the whole position.
    flatten_s : float
        Without one after so long, the position is closed.
    """

    look_s: float = 0.5
    protect_s: float = 3.0
    flatten_s: float = 10.0

    async def over(
        self,
        account: LiveAccount,
        slots: Sequence[int],
        venue: TradingVenue,
        clock: PatientClock,
        guard: Callable[[], Awaitable[None]],
    ) -> None:
        """See that the position of each of these slots has its stop.

        Parameters
        ----------
        guard : callable
            Called before anything is sent; raises where this process may not trade any more.
        """
        levels = [_levels(account, number) for number in slots]
        await asyncio.gather(*(self._over(one, venue, clock, guard) for one in levels))

    async def _over(
        self, levels: Levels, venue: TradingVenue, clock: PatientClock, guard: Callable[[], Awaitable[None]]
    ) -> None:
        begun = clock.wall_now()
        is_tried = False
        while not await _is_safe(venue, levels):
            waited_s = (clock.wall_now() - begun) / 1_000
            if waited_s >= self.protect_s:
                await guard()
            try:
                # A process that was asleep has not tried yet.
                if waited_s >= self.flatten_s and is_tried:
                    await venue.flash_close(levels.instrument)
                elif waited_s >= self.protect_s:
                    is_tried = True
                    await venue.protect(levels)
            except AuthError:
                raise
            except (OrderRejected, OutcomeUnknown, TransientError, ConnectorError):
                # Whether it worked is seen at the next look; the deadline goes on.
                pass
            await clock.pause(self.look_s)


def _levels(account: LiveAccount, number: int) -> Levels:
    slot = account.slot(number)
    ts = int(slot["entry_ts"])
    return Levels(
        account.slots[number].id.instrument,
        int(slot["side"]),
        account.price(number, ts, int(slot["stop_ticks"])),
        account.price(number, ts, int(slot["target_ticks"])),
    )


async def _is_safe(venue: TradingVenue, levels: Levels) -> bool:
    """Whether the position is gone or has its stop."""
    try:
        positions = await venue.positions()
    except TransientError:
        return False
    held = [one for one in positions if one.instrument == levels.instrument and one.qty > 0]
    return all(one.stop is not None for one in held)
