"""Where bars of some timeframes begin, numbered from the start of a run: the same numbers for ever."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from math import lcm


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Instants of a run: number 1 is its start, the others are the boundaries after it.

    Attributes
    ----------
    period_ms : int
        After so long the pattern of boundaries repeats.
    offsets : tuple of int
        Boundaries within a period.
    """

    begun: int
    period_ms: int
    offsets: tuple[int, ...]

    @classmethod
    def of(cls, spans: Iterable[int], begun: int) -> Boundaries:
        """Return the boundaries of some spans."""
        kinds = set(spans)
        period = lcm(*kinds)
        return cls(begun, period, tuple(sorted({at for span in kinds for at in range(0, period, span)})))

    def number(self, ts: int) -> int:
        """Return the number of the boundary at a time after the start."""
        return self._count(ts) - self._count(self.begun) + 1

    def _count(self, ts: int) -> int:
        periods, rest = divmod(ts, self.period_ms)
        return periods * len(self.offsets) + bisect_right(self.offsets, rest)

    def ts(self, number: int) -> int:
        """Return the time of an instant."""
        if number == 1:
            return self.begun
        periods, place = divmod(self._count(self.begun) + number - 2, len(self.offsets))
        return periods * self.period_ms + self.offsets[place]
