"""Rows that were refused, kept for a person to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from vigie.domain.ids import SeriesId

if TYPE_CHECKING:
    from polars import DataFrame


class Quarantine(Protocol):
    """Keeps refused rows with the reason and where they came from."""

    def keep(self, series: SeriesId, rows: DataFrame) -> str:
        """Write the rows to a file of their own and return its path; the same rows give the same file.

        Parameters
        ----------
        series : SeriesId
            Bars that the rows were meant for.
        rows : DataFrame
            Times in UTC, prices in quote, volume in base units; with the reason in a column.

        Returns
        -------
        str
            Absolute or relative as the home folder is; for messages.
        """
        ...
