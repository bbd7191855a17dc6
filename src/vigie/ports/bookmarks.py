"""Where a venue has no bars, so that a fetch need not ask again; and where connectors go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.ids import SeriesId


class Bookmarks(Protocol):
    """Remembers the spans a venue has answered for without bars; written only after the bars beside are safe.

    The stored bars themselves say how far a fetch has come, so bars that are lost are fetched again.
    """

    def empty(self, series: SeriesId) -> list[tuple[int, int]]:
        """Return the spans [start_ms, end_ms) known to be empty, ascending and apart.

        Parameters
        ----------
        series : SeriesId
            Venue, instrument and timeframe.

        Returns
        -------
        list of (int, int)
            Epoch milliseconds; empty before the first.
        """
        ...

    def mark_empty(self, series: SeriesId, spans: Sequence[tuple[int, int]]) -> None:
        """Add spans, durably.

        Parameters
        ----------
        series : SeriesId
            Venue, instrument and timeframe.
        spans : sequence of (int, int)
            [start_ms, end_ms) in any order; merged with known ones where they touch.
        """
        ...


class SourceBookmarks(Protocol):
    """Where each connector goes on after a restart."""

    def get(self, source: str) -> str:
        """Return a connector's bookmark, empty before the first.

        Parameters
        ----------
        source : str
            Connector id, ``coingecko/markets``.

        Returns
        -------
        str
            In the connector's own form; no other part reads it.
        """
        ...

    def put(self, source: str, bookmark: str) -> None:
        """Keep a connector's bookmark; call it once what came before is safe.

        Parameters
        ----------
        source : str
            Connector id, ``coingecko/markets``.
        bookmark : str
            Replaces the former one.
        """
        ...
