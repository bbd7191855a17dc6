"""The machine's clock: both hands show real time."""

from __future__ import annotations

import time


class SystemClock:
    """Real time on the market and on the wall."""

    def market_now(self) -> int:
        """Return epoch milliseconds."""
        return time.time_ns() // 1_000_000

    def wall_now(self) -> int:
        """Return epoch milliseconds."""
        return time.time_ns() // 1_000_000

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
