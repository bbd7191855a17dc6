"""Where a venue has no bars: the holes a fetch need not ask for again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.ids import SeriesId


class Bookmarks(Protocol):
    """Remembers the spans a venue has answered for without bars; written only after the bars beside are safe.

    The stored bars themselves say how far a fetch has come, so bars that are lost are fetched again.
    """

    def empty(self, series: SeriesId) -> list[tuple[int, int]]:
        """Return the spans [start_ms, end_ms) known to be empty, ascending and apart."""
        ...

    def mark_empty(self, series: SeriesId, spans: Sequence[tuple[int, int]]) -> None:
        """Add spans, durably."""
        ...
