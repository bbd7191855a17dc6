"""How often each endpoint may be asked: the venue counts every one on its own, by the second."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Final

from vigie.domain.time import SECOND_MS, Elapsed
from vigie.ports.clock import PatientClock

# Requests that were sent evenly may arrive closer together.
_WINDOW_MS: Final = 1_200


class EndpointPace:
    """Sliding windows of a second, one for each endpoint: reading one never keeps an order at another waiting.

    Parameters
    ----------
    interval_ms : float
        Of a request of weight one an endpoint takes so many in a second as this goes into it; 0 counts nothing.
    """

    def __init__(self, clock: PatientClock, interval_ms: float) -> None:
        self._clock = clock
        self._interval_ms = interval_ms
        self._since = Elapsed(clock.wall_now())
        self._sent: dict[str, deque[int]] = defaultdict(deque)

    async def turn(self, path: str, weight: int) -> None:
        """Wait until an endpoint takes another request, and count it."""
        if not self._interval_ms:
            return
        most, sent = max(1, int(SECOND_MS / (weight * self._interval_ms))), self._sent[path]
        while True:
            now = self._since.passed_ms(self._clock.wall_now())
            while sent and sent[0] <= now - _WINDOW_MS:
                sent.popleft()
            if len(sent) < most:
                sent.append(now)
                return
            await self._clock.pause(max(sent[0] + _WINDOW_MS - now, 1) / SECOND_MS)
