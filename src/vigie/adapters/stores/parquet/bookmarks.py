"""Spans in which a venue has no bars, as JSON: ``<root>/<venue>/<instrument>/<timeframe>.json``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from vigie.adapters.stores.files import lock_folder, write_atomically
from vigie.domain.errors import StorageError
from vigie.domain.ids import SeriesId


class JsonBookmarks:
    """Keeps the spans a venue has answered for without bars, merged where they touch."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def empty(self, series: SeriesId) -> list[tuple[int, int]]:
        """Return the spans known to be empty, ascending and apart."""
        path = self._path(series)
        try:
            spans = json.loads(path.read_text("utf-8"))["empty"]
            return [(int(start), int(end)) for start, end in spans]
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(
                "cannot_read_delete_fetch",
                "{path} cannot be read ({error}); delete it and fetch again",
                path=path,
                error=error,
            ) from error

    def mark_empty(self, series: SeriesId, spans: Sequence[tuple[int, int]]) -> None:
        """Add spans, durably."""
        path = self._path(series)
        with lock_folder(path.parent):
            stored = self.empty(series)
            merged = merge_spans([*stored, *spans])
            if merged != stored:
                write_atomically(path, json.dumps({"empty": merged}).encode())

    def _path(self, series: SeriesId) -> Path:
        return self.root / series.venue / series.instrument / f"{series.timeframe}.json"


def merge_spans(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the union of spans, ascending and apart."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
