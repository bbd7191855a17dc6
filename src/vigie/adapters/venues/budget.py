"""A venue's weight of a minute, shared so that reading never keeps an order from leaving."""

from __future__ import annotations

from collections import deque

from vigie.domain.time import MINUTE_MS, Elapsed
from vigie.ports.clock import PatientClock

# The share of it that reads leave to looks at positions and to orders, and that such looks leave to orders.
_KEPT, _KEPT_BY_LOOKS = 6, 20


class Budget:
    """A sliding minute of weight.

    Parameters
    ----------
    clock : PatientClock
        Waits where reads have used theirs up.
    most : int
        Weight of a minute; 0 counts nothing.
    """

    def __init__(self, clock: PatientClock, most: int) -> None:
        self._clock = clock
        self._most = most
        # What was spent just now was not spent in an hour to come, though the clock was set back since.
        self._since = Elapsed(clock.wall_now())
        self._spent: deque[tuple[int, int]] = deque()
        self._sum = 0

    async def spend(self, weight: int, *, is_order: bool, is_look: bool = False) -> None:
        """Count a request; one that only reads waits until there is room for it.

        Parameters
        ----------
        is_order : bool
            An order, or a read that belongs to one: never waits.
        is_look : bool
            A look at positions, on which their protection hangs: other reads leave it room.
        """
        if not self._most:
            return
        room = self._most - self._most // (_KEPT_BY_LOOKS if is_look else _KEPT)
        now = self._heard()
        while not is_order and self._spent and self._sum + weight > room:
            await self._clock.pause(max(0.0, (self._spent[0][0] + MINUTE_MS - now) / 1_000) + 0.01)
            now = self._heard()
        self._spent.append((now, weight))
        self._sum += weight

    def left(self) -> int:
        """Return what is left of this minute."""
        self._heard()
        return max(self._most - self._sum, 0)

    def _heard(self) -> int:
        """Return the time, with what is not of its minute forgotten."""
        now = self._since.passed_ms(self._clock.wall_now())
        while self._spent and self._spent[0][0] <= now - MINUTE_MS:
            self._sum -= self._spent.popleft()[1]
        return now
