"""While the book cannot be written: positions keep their stops by the right that was confirmed last, nothing enters.

What the account knows may be ahead of its log by then: nothing else goes on from it, it is taken up from the log anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from vigie.domain.errors import StorageError
from vigie.engine.live.logbook import Logbook
from vigie.engine.live.shield import Guarded, Guardian
from vigie.engine.live.waiting import Answer, Deadline, beside
from vigie.ports.clock import PatientClock

# Between two tries to write.
AGAIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class HoldingOut:
    """Guards positions until the book can be written again.

    Attributes
    ----------
    tell : callable
        Told what is done, as nothing can be written down.
    close : callable, optional
        Closes a position under an id that can be derived again; else the venue closes it without one.
    """

    log: Logbook
    guardian: Guardian
    clock: PatientClock
    tell: Callable[[str], None]
    close: Callable[[str, int], Awaitable[None]] | None = None

    async def until_kept(self, guarded: Sequence[Guarded], least_s: float = 0.0) -> None:
        """Guard until the right to trade was kept again; `Conflict` where somebody took it meanwhile.

        Parameters
        ----------
        least_s : float
            So long in any case: what failed just before is not tried at once.
        """
        await self._hold(guarded, Deadline(self.clock, least_s).is_over)

    async def beside(self, guarded: Sequence[Guarded], work: Coroutine[Any, Any, Answer]) -> Answer:
        """Guard and keep the right to trade for as long as something is done; that ends where somebody took it."""
        return await beside(work, self._hold(guarded, lambda: False))

    async def _hold(self, guarded: Sequence[Guarded], is_enough: Callable[[], bool]) -> None:
        guarding = asyncio.ensure_future(self._guard(guarded))
        try:
            while True:
                await self.clock.pause(AGAIN_S)
                if guarding.done():
                    guarding.result()
                try:
                    # A book that is out of reach may be silent for long: no stop waits for it.
                    await asyncio.to_thread(self.log.keep)
                except StorageError:
                    continue
                if is_enough():
                    return
                if guarding.done():
                    # The right had ended, and is ours again.
                    guarding = asyncio.ensure_future(self._guard(guarded))
        finally:
            guarding.cancel()
            await asyncio.gather(guarding, return_exceptions=True)

    async def _guard(self, guarded: Sequence[Guarded]) -> None:
        if not guarded:
            return
        guardian = replace(self.guardian, guard=self.log.last_right, tell=self._say, close=self.close)
        try:
            await guardian.over(guarded, asyncio.Event())
        except StorageError as fault:
            self.tell(str(fault))

    def _say(self, what: str, instrument: str) -> None:
        done = "is closed" if what == "flatten" else "is given one"
        self.tell(f"the position in {instrument} has no stop and {done}; that cannot be written down")
