"""What does not help is done again, ever later: nobody who is asked for it is pressed, and nothing is given up."""

from __future__ import annotations

from typing import Final

from vigie.engine.live.waiting import Deadline
from vigie.ports.clock import PatientClock

# What helped for so long is done at once when it has to be done again.
LONGEST_S: Final = 300.0
# Whoever looks regularly comes in time for a try that is due.
_EARLY: Final = 0.5


class Backoff:
    """When a thing may be done again: at once at first, then after twice as long each time.

    Parameters
    ----------
    every_s : float
        Between the first try and the second; also how often is looked whether it is due.
    longest_s : float
        Between two tries at most.

    Attributes
    ----------
    count : int
        How often it was done.
    """

    def __init__(self, clock: PatientClock, every_s: float, longest_s: float = LONGEST_S) -> None:
        self.count = 0
        self._clock, self._every_s, self._longest_s = clock, every_s, longest_s
        self._due = self._settled = Deadline(clock, 0.0)

    def is_due(self) -> bool:
        """Tell whether it may be done now."""
        return self._due.is_over()

    def record_try(self) -> None:
        """Take down that it was done."""
        wait_s = min(self._every_s * 2.0 ** min(self.count, 32), self._longest_s)
        self.count += 1
        self._due = Deadline(self._clock, wait_s - _EARLY * self._every_s)
        self._settled = Deadline(self._clock, LONGEST_S)

    def has_settled(self) -> bool:
        """Tell whether it was done so long ago that what is as it must be is so because of it."""
        return self._settled.is_over()
