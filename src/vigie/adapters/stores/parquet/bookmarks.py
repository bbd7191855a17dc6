"""Spans that were fetched, as JSON: ``<root>/<venue>/<instrument>/<timeframe>.json``."""

from __future__ import annotations

import json
from pathlib import Path

from vigie.adapters.stores.files import exclusive, write_whole
from vigie.domain.errors import StorageError
from vigie.domain.ids import SeriesId


class JsonBookmarks:
    """Keeps the spans a venue has answered for, merged where they touch."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def covered(self, series: SeriesId) -> list[tuple[int, int]]:
        """Return the spans already answered, ascending and apart."""
        path = self._path(series)
        try:
            spans = json.loads(path.read_text("utf-8"))["covered"]
            return [(int(start), int(end)) for start, end in spans]
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(f"{path} cannot be read ({error}); delete it and fetch again") from error

    def cover(self, series: SeriesId, start_ms: int, end_ms: int) -> None:
        """Add a span, durably."""
        path = self._path(series)
        with exclusive(path.parent):
            spans = merge([*self.covered(series), (start_ms, end_ms)])
            write_whole(path, json.dumps({"covered": spans}).encode())

    def _path(self, series: SeriesId) -> Path:
        return self.root / series.venue / series.instrument / f"{series.timeframe}.json"


def merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the union of spans, ascending and apart."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
