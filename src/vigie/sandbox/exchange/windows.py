"""How much was counted of late: the sliding windows of every limit."""

from __future__ import annotations

from collections import deque


class Window:
    """What was counted within the last so many seconds.

    Parameters
    ----------
    span_s : float
        How long it counts.
    """

    def __init__(self, span_s: float) -> None:
        self._span_s = span_s
        self._counted: deque[tuple[float, int]] = deque()
        self._sum = 0

    def used(self, now_s: float) -> int:
        """Return what counts now, and forget what no longer does."""
        while self._counted and self._counted[0][0] <= now_s - self._span_s:
            self._sum -= self._counted.popleft()[1]
        return self._sum

    def add(self, now_s: float, weight: int = 1) -> None:
        """Count something."""
        self._counted.append((now_s, weight))
        self._sum += weight

    def since(self, then_s: float) -> int:
        """Return what was counted after a moment within the span."""
        return sum(weight for at_s, weight in self._counted if at_s > then_s)

    def rest_s(self, now_s: float) -> float:
        """Return the seconds until the oldest no longer counts; 0 where nothing does."""
        return self._counted[0][0] + self._span_s - now_s if self._counted else 0.0
