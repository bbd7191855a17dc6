"""A venue's weight of a minute: one for an address within a process, shared so that reading keeps no order waiting.

Each rank may fill a part of the minute together with all ranks below it; what is above that is kept for those before
it. So a look at positions finds room whatever fills, prices and history are asked for meanwhile, and an exit finds
some that nothing else may use. Exits and stops never wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from vigie.adapters.venues.turns import Rank, Turns
from vigie.domain.time import MINUTE_MS, Elapsed
from vigie.ports.clock import Clock, PatientClock

# Hundredths of the minute that a rank and those below it may fill together; of all there is, exits only.
_UPTO: Final[Mapping[Rank, int]] = {
    Rank.EXIT: 100, Rank.ENTRY: 92, Rank.LOOK: 90, Rank.FOLLOW: 55, Rank.READ: 47, Rank.PRICES: 40, Rank.HISTORY: 34,
}  # fmt: skip
# The same where no account is traded over this address in this process.
_UPTO_UNTRADED: Final[Mapping[Rank, int]] = {
    **_UPTO, **dict.fromkeys(list(Rank)[1:-1], 92), Rank.HISTORY: 83
}  # fmt: skip
# Looks come as fast as they are wanted in a sixth of what they may use; then they are spread over the minute.
_AT_ONCE: Final = 6


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
    """A sliding minute of weight; threads may share one.

    Parameters
    ----------
    clock : Clock
        Tells the time.
    most : int
        Weight of a minute; 0 counts nothing.
    trades : bool
        Whether an account is traded over this address: then orders, looks and fills are left their parts.
    """

    def __init__(self, clock: Clock, most: int, *, trades: bool = True) -> None:
        self._clock = clock
        self._most = most
        self._upto = _UPTO if trades else _UPTO_UNTRADED
        self._turn = Lock()
        # What was spent just now was not spent in an hour to come, though the clock was set back since.
        self._since = Elapsed(clock.wall_now())
        self._spent: deque[tuple[int, int, Rank]] = deque()
        self._sums = dict.fromkeys(Rank, 0)

    def take(self, weight: int, rank: Rank = Rank.READ) -> float:
        """Count a request where there is room for it and return 0, else the seconds until there may be."""
        if not self._most:
            return 0.0
        with self._turn:
            now = self._heard()
            wait_s = self._wait_s(now, weight, rank)
            if not wait_s:
                self._spent.append((now, weight, rank))
                self._sums[rank] += weight
            return wait_s

    def left(self) -> int:
        """Return what is left of this minute."""
        with self._turn:
            self._heard()
            return max(self._most - self._used(Rank.EXIT), 0)

    def look_in_s(self, weight: int) -> float:
        """Return the seconds until the next look of such a weight, so that looks never use up what they may.

        The first ones go as they are wanted; the more of it they have used, the farther apart they are.
        """
        if not self._most:
            return 0.0
        with self._turn:
            now = self._heard()
            looked, rooms = self._sums[Rank.LOOK], (Rank.EXIT, Rank.ENTRY, Rank.LOOK)
            room = min(self._room(one) - self._used(one) for one in rooms)
            if _AT_ONCE * (looked + weight) <= looked + room:
                return 0.0
            # What is left lasts until the first look is forgotten; one is kept for whoever looks without asking.
            looks = [ts for ts, _, rank in self._spent if rank is Rank.LOOK] or [now]
            apart_ms = (looks[0] + MINUTE_MS - now) / max(room // weight - 1, 1)
            return max(self._wait_s(now, weight, Rank.LOOK), (looks[-1] + apart_ms - now) / 1_000, 0.0)

    def trade(self) -> None:
        """Leave orders, looks and fills their parts from now on: an account is traded here."""
        self._upto = _UPTO

    def _wait_s(self, now: int, weight: int, rank: Rank) -> float:
        """Return the seconds until there is room beside what is kept for others; 0 where there is."""
        if rank is Rank.EXIT:
            return 0.0
        return max(self._free_s(now, weight, one) for one in Rank if one <= rank)

    def _free_s(self, now: int, weight: int, first: Rank) -> float:
        """Return the seconds until there is room in what a rank and those below it may use; 0 where there is."""
        too_much = self._used(first) + weight - self._room(first)
        if not self._used(first) or too_much <= 0:
            return 0.0
        ends = now
        for ts, spent, rank in self._spent:
            if rank >= first:
                ends, too_much = ts, too_much - spent
                if too_much <= 0:
                    break
        return max(0.0, (ends + MINUTE_MS - now) / 1_000) + 0.01

    def _used(self, first: Rank) -> int:
        return sum(spent for rank, spent in self._sums.items() if rank >= first)

    def _room(self, first: Rank) -> int:
        return self._most * self._upto[first] // 100

    def _heard(self) -> int:
        """Return the time, with what is not of its minute forgotten."""
        now = self._since.passed_ms(self._clock.wall_now())
        while self._spent and self._spent[0][0] <= now - MINUTE_MS:
            _, weight, rank = self._spent.popleft()
            self._sums[rank] -= weight
        return now


class Budget:
    """A minute before which requests wait by their rank; what makes a position smaller never does.

    Parameters
    ----------
    clock : PatientClock
        Waits where a rank has used its share up.
    most : int or Minute
        Weight of a minute, 0 counts nothing; or a minute that others of the same address share.
    """

    def __init__(self, clock: PatientClock, most: int | Minute) -> None:
        self._minute = most if isinstance(most, Minute) else Minute(clock, most)
        self._turns = Turns(clock)
        self.take, self.left, self.look_in_s = self._minute.take, self._minute.left, self._minute.look_in_s

    async def spend(self, weight: int, rank: Rank = Rank.READ) -> None:
        """Count a request, once there is room for it beside what is kept for higher ranks."""
        await self._turns.take(rank, lambda: self.take(weight, rank))


# By clock and address. All who read the hands of this machine share one.
_MINUTES: Final[dict[tuple[Clock, str], Minute]] = {}


def minute_of(clock: Clock, url: str, most: int, *, trades: bool = False) -> Minute:
    """Return the minute that everything in this process shares which asks an address.

    Parameters
    ----------
    url : str
        Any address of the venue's machine.
    most : int
        Weight that it grants in a minute; 0 counts nothing.
    trades : bool
        Whether an account is traded over it.
    """
    if not most:
        return Minute(clock, 0)
    minute = _MINUTES.setdefault((clock, urlsplit(url).netloc), Minute(clock, most, trades=False))
    if trades:
        minute.trade()
    return minute


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
