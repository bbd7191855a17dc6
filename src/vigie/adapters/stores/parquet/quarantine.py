"""Refused rows as CSV: ``<root>/<venue>/<instrument>/<timeframe>-<fingerprint>.csv``."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.adapters.stores.files import write_atomically
from vigie.domain.ids import SeriesId

if TYPE_CHECKING:
    from polars import DataFrame


class CsvQuarantine:
    """Keeps refused rows; named by what they hold, so importing twice writes one file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, series: SeriesId, rows: DataFrame) -> str:
        """Write the rows unless a file holds exactly them, and return its path."""
        content = rows.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.3fZ").encode()
        fingerprint = hashlib.sha256(content).hexdigest()[:12]
        path = self.root / series.venue / series.instrument / f"{series.timeframe}-{fingerprint}.csv"
        if not path.exists():
            write_atomically(path, content)
        return str(path)
