"""How often the venue may be asked: every endpoint on its own by the second, and an address by the minute.

https://www.bitget.com/api-doc/common/quick-start, read in a copy of late 2025: each endpoint is counted on its own, and
all of them come to 6,000 in a minute for an address; who makes more is refused for five minutes.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Final

from vigie.adapters.venues.rank_queue import Rank, RankQueue
from vigie.adapters.venues.weight_budget import WeightBudget
from vigie.domain.time import SECOND_MS, Elapsed
from vigie.ports.clock import PatientClock

# Requests that were sent evenly may arrive closer together.
_WINDOW_MS: Final = 1_200
# Of the 6,000: what asks for prices and for history, as often as its own pace lets it, takes up to 2,200.
_REQUESTS_PER_MINUTE: Final = 3_600


class EndpointPace:
    """Sliding windows of a second, one for each endpoint: reading one never keeps an order at another waiting.

    At one endpoint orders go before questions, and who came first before who came later.

    Parameters
    ----------
    interval_ms : float
        Of a request of weight one an endpoint takes so many in a second as this goes into it; 0 counts nothing.
    """

    def __init__(self, clock: PatientClock, interval_ms: float) -> None:
        self._clock = clock
        self._interval_ms = interval_ms
        self._elapsed = Elapsed(clock.wall_now())
        self._sent: dict[str, deque[int]] = defaultdict(deque)
        self._queues: dict[str, RankQueue] = defaultdict(lambda: RankQueue(clock))
        self._address_budget = WeightBudget(clock, _REQUESTS_PER_MINUTE if interval_ms else 0)

    async def wait_turn(self, path: str, weight: int, rank: Rank = Rank.READ) -> None:
        """Wait until an endpoint, and the venue for this address, take another request, and count it."""
        if not self._interval_ms:
            return
        await self._address_budget.spend(1, rank)
        await self._queues[path].acquire(rank, lambda: self._wait_s(path, weight))

    def _wait_s(self, path: str, weight: int) -> float:
        """Count a request where the endpoint takes it and return 0, else the seconds until it may."""
        max_requests, sent = max(1, int(SECOND_MS / (weight * self._interval_ms))), self._sent[path]
        now = self._elapsed.passed_ms(self._clock.wall_now())
        while sent and sent[0] <= now - _WINDOW_MS:
            sent.popleft()
        if len(sent) < max_requests:
            sent.append(now)
            return 0.0
        return max(sent[0] + _WINDOW_MS - now, 1) / SECOND_MS
