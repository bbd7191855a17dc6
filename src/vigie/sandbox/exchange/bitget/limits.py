"""Rate limits: each endpoint counted on its own by the second, and everything of an address by the minute."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Final

TOTAL_A_MINUTE: Final = 6_000
RECOVERY_S: Final = 300.0


class RateLimits:
    """Sliding windows of a second for each endpoint and caller.

    Parameters
    ----------
    scale : float
        Multiplies every limit: a venue whose market runs sixty times as fast is asked as often.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._seen: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._minute: dict[str, deque[float]] = defaultdict(deque)
        self._blocked_until: dict[str, float] = {}

    def left(self, endpoint: str, caller: str, per_second: int, now_s: float) -> int:
        """Count a request and return how many more the endpoint takes in this second; -1 if it is too many."""
        most = max(1, int(per_second * self._scale))
        window = self._seen[endpoint, caller]
        while window and window[0] <= now_s - 1.0:
            window.popleft()
        if len(window) >= most:
            return -1
        window.append(now_s)
        return most - len(window)

    def within_total(self, address: str, now_s: float) -> bool:
        """Count a request of an address; False for five minutes once it made too many in one."""
        if now_s < self._blocked_until.get(address, 0.0):
            return False
        window = self._minute[address]
        while window and window[0] <= now_s - 60.0:
            window.popleft()
        if len(window) >= TOTAL_A_MINUTE * self._scale:
            self._blocked_until[address] = now_s + RECOVERY_S
            return False
        window.append(now_s)
        return True
