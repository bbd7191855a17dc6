"""What time it is: two hands, and a way to wait."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Tells the time; the only way to learn it or to let it pass."""

    def market_now(self) -> int:
        """Return the market's time in epoch milliseconds; it follows a simulated world."""
        ...

    def wall_now(self) -> int:
        """Return real time in epoch milliseconds, for retries, sessions and service levels."""
        ...

    def market_speed(self) -> float:
        """Return how many seconds of the market pass in one on the wall, as far as is known."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait that long on the wall."""
        ...


class PatientClock(Clock, Protocol):
    """A clock for what runs beside other things: waiting lets them go on."""

    async def pause(self, seconds: float) -> None:
        """Wait that long on the wall, without holding up anything else."""
        ...
