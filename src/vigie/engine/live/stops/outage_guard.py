"""While the book cannot be written: positions keep their stops by the right that was confirmed last, nothing enters.

What the account knows may be ahead of its log by then: nothing else goes on from it, it is taken up from the log anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from vigie.domain.errors import StorageError
from vigie.engine.live.book.logbook import Logbook
from vigie.engine.live.stops.stop_guard import GuardedPosition, StopGuard
from vigie.engine.live.waiting import Answer, Deadline, run_with_background
from vigie.ports.clock import PatientClock

# Between two tries to write.
AGAIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class OutageGuard:
    """Guards positions until the book can be written again.

    Attributes
    ----------
    report : callable
        Told what is done, as nothing can be written down.
    close : callable, optional
        Closes a position under an id that can be derived again; else the venue closes it without one.
    """

    log: Logbook
    stop_guard: StopGuard
    clock: PatientClock
    report: Callable[[str], None]
    close: Callable[[str, int], Awaitable[None]] | None = None

    async def guard_until_writable(self, guarded: Sequence[GuardedPosition], least_s: float = 0.0) -> None:
        """Guard until the right to trade was kept again; `Conflict` where somebody took it meanwhile.

        Parameters
        ----------
        least_s : float
            So long in any case: what failed just before is not tried at once.
        """
        await self._guard_until(guarded, Deadline(self.clock, least_s).is_over)

    async def guard_during(
        self, guarded: Sequence[GuardedPosition], work: Coroutine[Any, Any, Answer]
    ) -> Answer:
        """Guard and keep the right to trade for as long as something is done; that ends where somebody took it."""
        return await run_with_background(work, self._guard_until(guarded, lambda: False))

    async def _guard_until(self, guarded: Sequence[GuardedPosition], may_end: Callable[[], bool]) -> None:
        guarding = asyncio.ensure_future(self._guard(guarded))
        try:
            while True:
                await self.clock.pause(AGAIN_S)
                if guarding.done():
                    guarding.result()
                try:
                    # A book that is out of reach may be silent for long: no stop waits for it.
                    await asyncio.to_thread(self.log.renew_lease)
                except StorageError:
                    continue
                if may_end():
                    return
                if guarding.done():
                    # The right had ended, and is ours again.
                    guarding = asyncio.ensure_future(self._guard(guarded))
        finally:
            guarding.cancel()
            await asyncio.gather(guarding, return_exceptions=True)

    async def _guard(self, guarded: Sequence[GuardedPosition]) -> None:
        if not guarded:
            return
        stop_guard = replace(
            self.stop_guard, confirm_lease=self.log.last_lease_time, report=self._report, close=self.close
        )
        try:
            await stop_guard.guard_until(guarded, asyncio.Event())
        except StorageError as fault:
            self.report(str(fault))

    def _report(self, kind: str, instrument: str) -> None:
        action = "is closed" if kind == "flatten" else "is given one"
        self.report(f"the position in {instrument} has no stop and {action}; that cannot be written down")
