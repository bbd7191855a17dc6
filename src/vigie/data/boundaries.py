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

    start: int
    period_ms: int
    offsets: tuple[int, ...]

    @classmethod
    def from_spans(cls, spans: Iterable[int], start: int) -> Boundaries:
        """Return the boundaries of some spans."""
        lengths = set(spans)
        period = lcm(*lengths)
        return cls(
            start, period, tuple(sorted({offset for span in lengths for offset in range(0, period, span)}))
        )

    def number(self, ts: int) -> int:
        """Return the number of the boundary at a time after the start."""
        return self._count(ts) - self._count(self.start) + 1

    def _count(self, ts: int) -> int:
        periods, rest = divmod(ts, self.period_ms)
        return periods * len(self.offsets) + bisect_right(self.offsets, rest)

    def ts(self, number: int) -> int:
        """Return the time of an instant."""
        if number == 1:
            return self.start
        periods, index = divmod(self._count(self.start) + number - 2, len(self.offsets))
        return periods * self.period_ms + self.offsets[index]
