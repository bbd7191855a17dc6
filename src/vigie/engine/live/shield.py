"""No position without a stop: confirmed in time, else placed, else the position is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from vigie.domain.errors import OrderRejected, OutcomeUnknown, TransientError
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
        self, account: LiveAccount, slots: Sequence[int], venue: TradingVenue, clock: PatientClock
    ) -> None:
        """See that the position of each of these slots has its stop."""
        await asyncio.gather(*(self._over(account, number, venue, clock) for number in slots))

    async def _over(
        self, account: LiveAccount, number: int, venue: TradingVenue, clock: PatientClock
    ) -> None:
        slot = account.slot(number)
        ts = int(slot["entry_ts"])
        levels = Levels(
            account.slots[number].id.instrument,
            int(slot["side"]),
            account.price(number, ts, int(slot["stop_ticks"])),
            account.price(number, ts, int(slot["target_ticks"])),
        )
        begun = clock.wall_now()
        while not await _is_safe(venue, levels):
            waited_s = (clock.wall_now() - begun) / 1_000
            try:
                if waited_s >= self.flatten_s:
                    await venue.flash_close(levels.instrument)
                elif waited_s >= self.protect_s:
                    await venue.protect(levels)
            except (OrderRejected, OutcomeUnknown, TransientError):
                # Whether it worked is seen at the next look; the deadline goes on.
                pass
            await clock.pause(self.look_s)


async def _is_safe(venue: TradingVenue, levels: Levels) -> bool:
    """Whether the position is gone or has its stop."""
    try:
        positions = await venue.positions()
    except TransientError:
        return False
    held = [one for one in positions if one.instrument == levels.instrument and one.qty > 0]
    return all(one.stop is not None for one in held)
