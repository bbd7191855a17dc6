"""The registry of trials: how often a history has been looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from vigie.domain.trials import TradedSeries, TrialCount, TriedVariants


class TrialRegistry(Protocol):
    """Counts every distinct trial ever run on a history; nothing can be taken back."""

    def record(self, trials: Iterable[TriedVariants]) -> None:
        """Add trials; one that is known changes nothing.

        Parameters
        ----------
        trials : iterable of TriedVariants
            Durable when this returns.
        """
        ...

    def note(self, trials: Iterable[TriedVariants]) -> None:
        """Do as `record` does in some microseconds; what is noted survives the process, not a power cut.

        Parameters
        ----------
        trials : iterable of TriedVariants
            Counted by the next `count`, in any process.
        """
        ...

    def count(self, series: Sequence[TradedSeries]) -> TrialCount:
        """Return how often the histories of some series were tried, whatever part of them was traded.

        Parameters
        ----------
        series : sequence of TradedSeries
            Matched by the daily closes of their bars, and by name where they share no day.

        Returns
        -------
        TrialCount
            All zero for a history never tried.
        """
        ...
