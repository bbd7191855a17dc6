"""The registry of trials: how often a history has been looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from vigie.domain.trials import TradedSeries, TrialCount, TriedVariants


class TrialRegistry(Protocol):
    """Counts every distinct trial ever run on a history; nothing can be taken back."""

    def record(self, trials: Iterable[TriedVariants]) -> None:
        """Add trials; one that is known changes nothing."""
        ...

    def note(self, trials: Iterable[TriedVariants]) -> None:
        """Do as `record` does in some microseconds; what is noted survives the process, not a power cut."""
        ...

    def count(self, series: Sequence[TradedSeries]) -> TrialCount:
        """Return how often the histories of some series were tried, whatever part of them was traded."""
        ...
