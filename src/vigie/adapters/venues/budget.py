"""A venue's weight of a minute, shared so that reading never keeps an order from leaving."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vigie.domain.time import MINUTE_MS, Elapsed
from vigie.ports.clock import Clock, PatientClock

# The share of it that reads leave to looks at positions and to orders, and that such looks leave to orders.
_KEPT, _KEPT_BY_LOOKS = 6, 20


@dataclass(frozen=True, slots=True)
class Limit:
    """What a venue grants an address, where the library that asks it counts otherwise.

    Attributes
    ----------
    a_minute : int
        Weight of a minute.
    weigh : callable
        Says what a question weighs, by its fields.
    """

    a_minute: int
    weigh: Callable[[Mapping[str, Any]], int]


class Minute:
    """A sliding minute of weight.

    Parameters
    ----------
    clock : Clock
        Tells the time.
    most : int
        Weight of a minute; 0 counts nothing.
    """

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        # What was spent just now was not spent in an hour to come, though the clock was set back since.
        self._since = Elapsed(clock.wall_now())
        self._spent: deque[tuple[int, int]] = deque()
        self._sum = 0

    def take(self, weight: int) -> float:
        """Count a read where there is room for it and return 0, else the seconds until there may be."""
        if not self._most:
            return 0.0
        now = self._heard()
        wait_s = self._wait_s(now, weight, _KEPT)
        if not wait_s:
            self._count(now, weight)
        return wait_s

    def left(self) -> int:
        """Return what is left of this minute."""
        self._heard()
        return max(self._most - self._sum, 0)

    def _wait_s(self, now: int, weight: int, kept: int) -> float:
        """Return the seconds until there may be room beside the share that is kept for others; 0 where there is."""
        if not self._spent or self._sum + weight <= self._most - self._most // kept:
            return 0.0
        return max(0.0, (self._spent[0][0] + MINUTE_MS - now) / 1_000) + 0.01

    def _count(self, now: int, weight: int) -> None:
        self._spent.append((now, weight))
        self._sum += weight

    def _heard(self) -> int:
        """Return the time, with what is not of its minute forgotten."""
        now = self._since.passed_ms(self._clock.wall_now())
        while self._spent and self._spent[0][0] <= now - MINUTE_MS:
            self._sum -= self._spent.popleft()[1]
        return now


class Budget(Minute):
    """A sliding minute in which reads wait, and orders do not.

    Parameters
    ----------
    clock : PatientClock
        Waits where reads have used theirs up.
    most : int
        Weight of a minute; 0 counts nothing.
    """

    def __init__(self, clock: PatientClock, most: int) -> None:
        super().__init__(clock, most)
        self._patient = clock

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
        kept = _KEPT_BY_LOOKS if is_look else _KEPT
        now = self._heard()
        while not is_order and (wait_s := self._wait_s(now, weight, kept)):
            await self._patient.pause(wait_s)
            now = self._heard()
        self._count(now, weight)


def weighing(base: Any, limit: Limit | None) -> tuple[Callable[..., Any], Callable[[], int]]:
    """Return a ccxt `calculate_rate_limiter_cost` that weighs each question, and what gives the weight of the last.

    It is asked just before each turn, which knows the cost and not the question.
    """
    weight = 0

    def calculate_rate_limiter_cost(
        client: Any, api: Any, method: Any, path: Any, params: Any, *more: Any
    ) -> Any:
        nonlocal weight
        weight = limit.weigh(params) if limit else 0
        return base.calculate_rate_limiter_cost(client, api, method, path, params, *more)

    return calculate_rate_limiter_cost, lambda: weight
