"""The only file that knows which adapter is real."""

from __future__ import annotations

from pathlib import Path

from vigie.adapters.clock import SystemClock
from vigie.adapters.stores.instruments import JsonInstruments
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.adapters.stores.parquet.bookmarks import JsonBookmarks
from vigie.adapters.stores.parquet.quarantine import CsvQuarantine
from vigie.config import resolve_paths
from vigie.data.desk import DataDesk
from vigie.domain.errors import UsageError
from vigie.ports.venue import HistoryFeed


def open_data(home: str | Path | None = None) -> DataDesk:
    """Build the stores below the home folder, the clock and the venues.

    Parameters
    ----------
    home : str or Path, optional
        Else ``VIGIE_HOME``, else the platform's user data folder.

    Returns
    -------
    DataDesk
        Nothing is created on disk until something is stored.
    """
    paths = resolve_paths(home)

    def feed(venue: str) -> HistoryFeed:
        raise UsageError(f"venue must be one with a public history, was {venue!r}")

    return DataDesk(
        bars=ParquetBars(paths.bars),
        quarantine=CsvQuarantine(paths.quarantine),
        bookmarks=JsonBookmarks(paths.bookmarks),
        instruments=JsonInstruments(paths.instruments),
        clock=SystemClock(),
        feed=feed,
    )
