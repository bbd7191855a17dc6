"""How much was counted of late: the sliding windows of every limit."""

from __future__ import annotations

from collections import deque


class SlidingWindow:
    """What was counted within the last so many seconds.

    Parameters
    ----------
    span_s : float
        How long it counts.
    """

    def __init__(self, span_s: float) -> None:
        self._span_s = span_s
        self._entries: deque[tuple[float, int]] = deque()
        self._sum = 0

    def used(self, now_s: float) -> int:
        """Return what counts now, and forget what no longer does."""
        while self._entries and self._entries[0][0] <= now_s - self._span_s:
            self._sum -= self._entries.popleft()[1]
        return self._sum

    def add(self, now_s: float, weight: int = 1) -> None:
        """Count something."""
        self._entries.append((now_s, weight))
        self._sum += weight

    def since(self, start_s: float) -> int:
        """Return what was counted after a moment within the span."""
        return sum(weight for at_s, weight in self._entries if at_s > start_s)

    def seconds_to_next(self, now_s: float) -> float:
        """Return the seconds until the oldest no longer counts; 0 where nothing does."""
        return self._entries[0][0] + self._span_s - now_s if self._entries else 0.0
