"""The newest that is known of an instrument: price, day's change, what derivatives add, and what is on offer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quote:
    """One reading of a venue's ticker; None where the venue does not say.

    Attributes
    ----------
    venue, instrument : str
        ``bitget-perp``, ``btc-usdt-perp``.
    ts_event, ts_known : int
        When the venue says it was so, and when we read it; epoch milliseconds.
    last, bid, ask, mark, index : float or None
        Quote units.
    change_24h : float or None
        Fraction.
    volume_24h : float or None
        Quote units.
    open_interest : float or None
        Base units.
    funding_rate : float or None
        Fraction for one settlement.
    funding_next_ts, funding_hours : int or None, float or None
        When it is settled next, and how far apart settlements lie.
    """

    venue: str
    instrument: str
    ts_event: int
    ts_known: int
    last: float
    bid: float | None = None
    ask: float | None = None
    mark: float | None = None
    index: float | None = None
    change_24h: float | None = None
    volume_24h: float | None = None
    open_interest: float | None = None
    funding_rate: float | None = None
    funding_next_ts: int | None = None
    funding_hours: float | None = None

    @property
    def id(self) -> str:
        """The instrument in full, ``bitget-perp:btc-usdt-perp``."""
        return f"{self.venue}:{self.instrument}"


@dataclass(frozen=True, slots=True)
class OrderBook:
    """The best levels of a book, price and quantity in base units, the best first.

    Attributes
    ----------
    lag_ms : int
        How old the venue says that it was when it was told; 0 where it does not say.
    """

    bids: tuple[tuple[float, float], ...]
    asks: tuple[tuple[float, float], ...]
    lag_ms: int = 0

    def levels_for(self, side: int) -> tuple[tuple[float, float], ...]:
        """Return the levels that an order of a side takes from.

        Parameters
        ----------
        side : int
            +1 buys, -1 sells.

        Returns
        -------
        tuple of tuple of float, float
            Asks for a buy, bids for a sell, as price and base units, best first.
        """
        return self.asks if side > 0 else self.bids
