"""Rate limits: each endpoint counted on its own by the second, and everything of an address by the minute."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from vigie_sandbox.exchange.windows import SlidingWindow

MAX_TOTAL_PER_MINUTE: Final = 6_000
BLOCK_S: Final = 300.0


class BitgetRateLimits:
    """Sliding windows of a second for each endpoint and caller.

    Parameters
    ----------
    scale : float
        Multiplies every limit: a venue whose market runs sixty times as fast is asked as often.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._second_windows: dict[tuple[str, str], SlidingWindow] = defaultdict(lambda: SlidingWindow(1.0))
        self._minute_windows: dict[str, SlidingWindow] = defaultdict(lambda: SlidingWindow(60.0))
        self._blocked_until: dict[str, float] = {}

    def count_request(self, endpoint: str, caller: str, per_second: int, now_s: float) -> int:
        """Count a request and return how many more the endpoint takes in this second; -1 if it is too many."""
        max_requests = max(1, int(per_second * self._scale))
        window = self._second_windows[endpoint, caller]
        used = window.used(now_s)
        if used >= max_requests:
            return -1
        window.add(now_s)
        return max_requests - used - 1

    def is_within_total(self, address: str, now_s: float) -> bool:
        """Count a request of an address; False for five minutes once it made too many in one."""
        if now_s < self._blocked_until.get(address, 0.0):
            return False
        window = self._minute_windows[address]
        if window.used(now_s) >= MAX_TOTAL_PER_MINUTE * self._scale:
            self._blocked_until[address] = now_s + BLOCK_S
            return False
        window.add(now_s)
        return True
