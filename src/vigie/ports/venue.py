"""The public history of a venue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.instrument import Instrument

BarRow = tuple[int, float, float, float, float, float]


class HistoryFeed(Protocol):
    """Serves past bars of one venue, page by page, within the venue's rate limits.

    Failures are `TransientError` (worth trying again later), `ConnectorError` (not worth it) or
    `UsageError` (no such instrument or timeframe). An empty page means the venue has no bars there; an
    answer that cannot be understood is never an empty page.
    """

    venue: str
    page_bars: int
    depth_bars: int | None

    def page(self, instrument: str, timeframe: str, start_ms: int, end_ms: int) -> Sequence[BarRow]:
        """Return bars (open time, open, high, low, close, base volume) that open in [start_ms, end_ms).

        The span holds at most `page_bars` bars; the bar in progress may be among them.
        """
        ...

    def listed_ms(self, instrument: str) -> int | None:
        """Return when trading began, where the venue says so."""
        ...

    def instruments(self, names: Sequence[str]) -> list[Instrument]:
        """Return today's rules of those of `names` that the venue lists, with `valid_from` now."""
        ...
