"""Versions of the venues' rules, as they were learnt from the venues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.instrument import Instrument


class InstrumentVersions(Protocol):
    """Keeps each version of an instrument's rules; old ones stay."""

    def versions(self, venue: str) -> list[Instrument]:
        """Return every kept version of every instrument of the venue, ascending in `valid_from`.

        Parameters
        ----------
        venue : str
            ``binance-perp``.

        Returns
        -------
        list of Instrument
            Empty where the venue's rules were never learnt.
        """
        ...

    def add(self, venue: str, instruments: Sequence[Instrument]) -> None:
        """Keep new versions, durably and all at once.

        Parameters
        ----------
        venue : str
            ``binance-perp``.
        instruments : sequence of Instrument
            Versions of one refresh; none is a no-op.
        """
        ...
