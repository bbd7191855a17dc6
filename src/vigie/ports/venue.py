"""The public history of a venue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.money import GridStep

BarRow = tuple[int, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a venue says today about one of its instruments; None where it does not say.

    Attributes
    ----------
    name : str
        ``btc-usdt-perp``.
    tick, lot : GridStep
        Grid of prices and of quantities (base units).
    min_qty, max_qty, min_notional : float or None
        Base units, base units, quote units.
    max_leverage : float or None
        As a multiple.
    maintenance_rate, taker, maker : float or None
        Fractions of notional.
    significant_figures : int
        Prices keep at most so many; 0 means no such rule.
    """

    name: str
    tick: GridStep
    lot: GridStep
    min_qty: float | None = None
    max_qty: float | None = None
    min_notional: float | None = None
    max_leverage: float | None = None
    maintenance_rate: float | None = None
    taker: float | None = None
    maker: float | None = None
    significant_figures: int = 0


class HistoryFeed(Protocol):
    """Serves past bars of one venue, page by page, within the venue's rate limits.

    Failures are `TransientError` (worth trying again later), `ConnectorError` (not worth it) or
    `UsageError` (no such instrument or timeframe). An empty page means the venue has no bars there; an
    answer that cannot be understood is never an empty page.
    """

    @property
    def venue(self) -> str:
        """The venue's id, ``bitget-perp``."""
        ...

    @property
    def depth_bars(self) -> int | None:
        """How many of the newest bars the venue serves; None means all."""
        ...

    def page_bars(self, timeframe: str) -> int:
        """Return how many bars a page may span.

        Parameters
        ----------
        timeframe : str
            ``1h``; one that the venue serves.

        Returns
        -------
        int
            Bars; longer spans are split into pages.
        """
        ...

    def page(self, instrument: str, timeframe: str, start_ms: int, end_ms: int) -> Sequence[BarRow]:
        """Return bars (open time, open, high, low, close, base volume) that open in [start_ms, end_ms).

        The span holds at most `page_bars` bars; the bar in progress may be among them.

        Parameters
        ----------
        instrument : str
            ``btc-usdt-perp``.
        timeframe : str
            ``1h``.
        start_ms, end_ms : int
            Open times in epoch milliseconds, `end_ms` exclusive.

        Returns
        -------
        sequence of BarRow
            Ascending; prices in quote, volume in base units.
        """
        ...

    def listed_ms(self, instrument: str) -> int | None:
        """Return when trading began, where the venue says so.

        Parameters
        ----------
        instrument : str
            ``btc-usdt-perp``.

        Returns
        -------
        int or None
            Epoch milliseconds; None where the venue does not say.
        """
        ...

    def terms(self, instruments: Sequence[str]) -> list[Terms]:
        """Return today's rules of those instruments that the venue lists.

        Parameters
        ----------
        instruments : sequence of str
            Instruments that the venue does not list are left out of the answer.

        Returns
        -------
        list of Terms
            In no promised order; look them up by `Terms.name`.
        """
        ...

    def maintenance_rate(self, instrument: str) -> float | None:
        """Return the maintenance margin of the smallest positions, a fraction, where the venue says it.

        Parameters
        ----------
        instrument : str
            ``btc-usdt-perp``.

        Returns
        -------
        float or None
            Fraction of notional; None where the venue does not say.
        """
        ...
