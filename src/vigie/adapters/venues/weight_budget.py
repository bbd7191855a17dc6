"""A venue's weight of a minute, shared so that reading never keeps an order from leaving.

Of the whole, everything else leaves a fortieth to exits and stops, which never wait; looks at positions and fills
leave a twentieth, other reads a sixth.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vigie.adapters.venues.rank_queue import Rank, RankQueue
from vigie.domain.time import MINUTE_MS, Elapsed
from vigie.ports.clock import Clock, PatientClock

# The share of it that each rank leaves to those before it.
_RESERVED_SHARES: Final[Mapping[Rank, int]] = {Rank.READ: 6, Rank.LOOK: 20, Rank.ENTRY: 40}


@dataclass(frozen=True, slots=True)
class WeightLimit:
    """What a venue grants an address, where the library that asks it counts otherwise.

    Attributes
    ----------
    per_minute : int
        Weight of a minute.
    weigh : callable
        Says what a question weighs, by its fields.
    """

    per_minute: int
    weigh: Callable[[Mapping[str, Any]], int]


class WeightWindow:
    """A sliding minute of weight.

    Parameters
    ----------
    clock : Clock
        Tells the time.
    per_minute : int
        Weight of a minute; 0 counts nothing.
    """

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._per_minute = per_minute
        # What was spent just now was not spent in an hour to come, though the clock was set back since.
        self._elapsed = Elapsed(clock.wall_now())
        self._spent: deque[tuple[int, int]] = deque()
        self._sum = 0

    def take(self, weight: int, rank: Rank = Rank.READ) -> float:
        """Count a request where there is room for it and return 0, else the seconds until there may be."""
        if not self._per_minute:
            return 0.0
        now = self._expire()
        wait_s = self._wait_s(now, weight, rank)
        if not wait_s:
            self._count(now, weight)
        return wait_s

    def remaining(self) -> int:
        """Return what is left of this minute."""
        self._expire()
        return max(self._per_minute - self._sum, 0)

    def _wait_s(self, now: int, weight: int, rank: Rank) -> float:
        """Return the seconds until there is room beside the share that is kept for others; 0 where there is."""
        excess = (
            self._sum + weight - (self._per_minute - self._per_minute // _RESERVED_SHARES[rank])
            if rank in _RESERVED_SHARES
            else 0
        )
        if not self._spent or excess <= 0:
            return 0.0
        ends = self._spent[0][0]
        for ts, spent in self._spent:
            ends, excess = ts, excess - spent
            if excess <= 0:
                break
        return max(0.0, (ends + MINUTE_MS - now) / 1_000) + 0.01

    def _count(self, now: int, weight: int) -> None:
        self._spent.append((now, weight))
        self._sum += weight

    def _expire(self) -> int:
        """Return the time, with what is not of its minute forgotten."""
        now = self._elapsed.passed_ms(self._clock.wall_now())
        while self._spent and self._spent[0][0] <= now - MINUTE_MS:
            self._sum -= self._spent.popleft()[1]
        return now


class WeightBudget(WeightWindow):
    """A sliding minute in which requests wait by their rank; what makes a position smaller never does.

    Parameters
    ----------
    clock : PatientClock
        Waits where a rank has used its share up.
    per_minute : int
        Weight of a minute; 0 counts nothing.
    """

    def __init__(self, clock: PatientClock, per_minute: int) -> None:
        super().__init__(clock, per_minute)
        self._queue = RankQueue(clock)

    async def spend(self, weight: int, rank: Rank = Rank.READ) -> None:
        """Count a request, once there is room for it beside what is kept for higher ranks."""
        if self._per_minute:
            await self._queue.acquire(rank, lambda: self.take(weight, rank))


def weigh_requests(base: Any, limit: WeightLimit | None) -> tuple[Callable[..., Any], Callable[[], int]]:
    """Return a ccxt `calculate_rate_limiter_cost` that weighs each question, and what gives the weight of the last.

    It is asked just before each turn, which knows the cost and not the question.
    """
    weight = 0

    def calculate_rate_limiter_cost(
        client: Any, api: Any, method: Any, path: Any, params: Any, *other: Any
    ) -> Any:
        nonlocal weight
        weight = limit.weigh(params) if limit else 0
        return base.calculate_rate_limiter_cost(client, api, method, path, params, *other)

    return calculate_rate_limiter_cost, lambda: weight
