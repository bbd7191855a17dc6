"""Clocks: the machine's own, and one whose market hand follows a simulated world."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import TransientError

_POLL_EVERY_MS: Final = 1_000
_TIMEOUT_S: Final = 2.0
# Nothing can be told before the first reading: a world that is busy while others begin is waited for.
_FIRST_TIMEOUT_S: Final = 15.0
_MAX_RESPONSE_BYTES: Final = 4_096


class SystemClock:
    """Real time on the market and on the wall."""

    def market_now(self) -> int:
        """Return epoch milliseconds."""
        return time.time_ns() // 1_000_000

    def wall_now(self) -> int:
        """Return epoch milliseconds."""
        return time.time_ns() // 1_000_000

    def market_speed(self) -> float:
        """Return how many seconds of the market pass in one on the wall."""
        return 1.0

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    async def pause(self, seconds: float) -> None:
        """Wait, and let others go on meanwhile."""
        import asyncio  # with urllib a fiftieth of the time of a command that needs neither

        await asyncio.sleep(seconds)


class HastyClock(SystemClock):
    """The machine's time, but waiting only moves the hands: for what is tried out and must not take long."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    def market_now(self) -> int:
        """Return epoch milliseconds, with all waits passed."""
        return super().market_now() + self._ahead_ms

    def wall_now(self) -> int:
        """Return epoch milliseconds, with all waits passed."""
        return super().wall_now() + self._ahead_ms

    def sleep(self, seconds: float) -> None:
        """Move the hands."""
        self._ahead_ms += round(seconds * 1_000)

    async def pause(self, seconds: float) -> None:
        """Move the hands."""
        self.sleep(seconds)


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the simulated world said, and when on the wall."""

    wall_ms: int
    market_ms: int
    speed: float
    is_paused: bool

    def at(self, wall_ms: int) -> int:
        """Return the market's time at a moment on the wall, as far as this reading tells."""
        if self.is_paused:
            return self.market_ms
        return self.market_ms + round(max(wall_ms - self.wall_ms, 0) * self.speed)


class SandboxClock(SystemClock):
    """The wall is real; the market's time is the simulated world's, asked once a second and carried on by its speed.

    Parameters
    ----------
    url : str
        Address of the simulated world; it tells its time at ``/clock``.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/clock"
        self._reading: ClockReading | None = None
        self._lock = threading.Lock()
        self._poller: threading.Thread | None = None

    def market_now(self) -> int:
        """Return the world's time; while it does not answer, it goes on at the last known speed.

        Raises
        ------
        TransientError
            If the world has never answered.
        """
        now = self.wall_now()
        if self._reading is None:
            self._poll()
        elif not 0 <= now - self._reading.wall_ms < _POLL_EVERY_MS:
            self._poll_in_background()
        if self._reading is None:
            raise TransientError(
                "does_not_answer",
                "{url} does not answer; start it with `vigie demo`, an exchange with `vigie sandbox exchange`",
                url=self._url,
            )
        return self._reading.at(now)

    def market_speed(self) -> float:
        """Return the world's speed, as it told it last."""
        return 1.0 if self._reading is None else self._reading.speed

    # Asking takes a moment: an event loop that wants to know the time must not wait for it.
    def _poll_in_background(self) -> None:
        with self._lock:
            if self._poller is None or not self._poller.is_alive():
                self._poller = threading.Thread(target=self._poll, name="world-clock", daemon=True)
                self._poller.start()

    def _poll(self) -> None:
        import urllib.request  # see `pause`

        timeout = _FIRST_TIMEOUT_S if self._reading is None else _TIMEOUT_S
        try:
            with urllib.request.urlopen(self._url, timeout=timeout) as response:  # noqa: S310 - our own address
                values = json.loads(response.read(_MAX_RESPONSE_BYTES))
            self._reading = ClockReading(
                self.wall_now(), int(values["market_ms"]), float(values["speed"]), bool(values["paused"])
            )
        except (OSError, ValueError, KeyError, TypeError):
            last_reading = self._reading
            if last_reading is not None:  # asked again in a second, not at every look
                now = self.wall_now()
                self._reading = ClockReading(
                    now, last_reading.at(now), last_reading.speed, last_reading.is_paused
                )


def elapsed_us() -> int:
    """Return microseconds of a stopwatch: what something took, never what time it is."""
    return time.perf_counter_ns() // 1_000
