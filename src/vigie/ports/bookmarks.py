"""How far a fetch has come."""

from __future__ import annotations

from typing import Protocol

from vigie.domain.ids import SeriesId


class Bookmarks(Protocol):
    """Remembers which spans of time a venue has answered for; moved only after the bars are safe."""

    def covered(self, series: SeriesId) -> list[tuple[int, int]]:
        """Return the spans [start_ms, end_ms) already answered, ascending and apart."""
        ...

    def cover(self, series: SeriesId, start_ms: int, end_ms: int) -> None:
        """Add a span, durably."""
        ...
