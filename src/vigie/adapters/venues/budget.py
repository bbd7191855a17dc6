"""A venue's weight of a minute, shared so that reading never keeps an order from leaving."""

from __future__ import annotations

from collections import deque
from typing import Final

from vigie.ports.clock import PatientClock

# The share of it that reads leave to looks at positions and to orders, and that such looks leave to orders.
_KEPT, _KEPT_BY_LOOKS = 6, 20
_MINUTE_MS: Final = 60_000


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
            await self._clock.pause(max(0.0, (self._spent[0][0] + _MINUTE_MS - now) / 1_000) + 0.01)
            now = self._heard()
        self._spent.append((now, weight))
        self._sum += weight

    def _heard(self) -> int:
        """Return the time, with what is not of its minute forgotten."""
        now = self._clock.wall_now()
        ahead = self._spent[-1][0] - now if self._spent else 0
        if ahead > 0:
            # The clock was set back: what was spent just now was not spent in an hour to come.
            self._spent = deque((ts - ahead, weight) for ts, weight in self._spent)
        while self._spent and self._spent[0][0] <= now - _MINUTE_MS:
            self._sum -= self._spent.popleft()[1]
        return now
