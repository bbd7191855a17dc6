"""What time it is: two hands, and a way to wait."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Tells the time; the only way to learn it or to let it pass."""

    def market_now(self) -> int:
        """Return the market's time in epoch milliseconds; it follows a simulated world.

        Returns
        -------
        int
            Equals the wall without a simulated world.
        """
        ...

    def wall_now(self) -> int:
        """Return real time in epoch milliseconds, for retries, sessions and service levels.

        Returns
        -------
        int
            UTC; follows the machine's clock, also backwards.
        """
        ...

    def market_speed(self) -> float:
        """Return how many seconds of the market pass in one on the wall, as far as is known.

        Returns
        -------
        float
            1 without a simulated world.
        """
        ...

    def sleep(self, seconds: float) -> None:
        """Wait that long on the wall.

        Parameters
        ----------
        seconds : float
            Real seconds, whatever the market's speed; blocks the thread.
        """
        ...


class PatientClock(Clock, Protocol):
    """A clock for what runs beside other things: waiting lets them go on."""

    async def pause(self, seconds: float) -> None:
        """Wait that long on the wall, without holding up anything else.

        Parameters
        ----------
        seconds : float
            Real seconds, whatever the market's speed.
        """
        ...
