"""The registry of trials: how often a data set has been looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol


class TrialRegistry(Protocol):
    """Counts every distinct trial ever run on a series; nothing can be taken back."""

    def record(self, trials: Iterable[tuple[str, str]]) -> None:
        """Add pairs of (series, trial); one that is known changes nothing."""
        ...

    def note(self, trials: Iterable[tuple[str, str]]) -> None:
        """Do as `record` does in some microseconds; what is noted survives the process, not a power cut."""
        ...

    def count(self, series: Sequence[str]) -> int:
        """Return how many distinct trials were ever run on any of the series."""
        ...
