"""What a trading account lives on: instants at which bars end and begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FeedBar:
    """A finished bar of a series, ``btc-usdt-perp/1h``.

    Attributes
    ----------
    is_pushed : bool
        It is what the venue's stream said; the venue's history has not confirmed it yet.
    """

    series: str
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    is_pushed: bool = False


@dataclass(frozen=True, slots=True)
class MarketInstant:
    """Bars that ended, and the first prices of bars that began.

    Attributes
    ----------
    number : int
        Rises; the same number is the same instant, also after a restart.
    opened : tuple of (str, float)
        Series and first price.
    rates : tuple of (str, int, float)
        Funding rates settled since the last instant: instrument, time, fraction.
    is_missed : bool
        It is over: what it decides is not traded any more.
    is_last : bool
        No series goes on after it.
    is_inside : bool
        The bars of slots go on: only finer bars ended, on which paper meets its levels.
    """

    number: int
    ts: int
    closed: tuple[FeedBar, ...]
    opened: tuple[tuple[str, float], ...]
    rates: tuple[tuple[str, int, float], ...] = ()
    is_missed: bool = False
    is_last: bool = False
    is_inside: bool = False


class LiveFeed(Protocol):
    """Gives instants in order, and is told when an account has answered one."""

    async def after(self, number: int) -> MarketInstant | None:
        """Return the instant after a number, waiting for it; the same again when asked again; None at the end.

        Where that one was answered as a whole and is over for good, the present one.

        Parameters
        ----------
        number : int
            `MarketInstant.number` of the last answered instant; 0 for the first.

        Returns
        -------
        MarketInstant or None
            Skips ahead where instants were missed, see `MarketInstant.is_missed`; None where no series goes
            on.
        """
        ...

    async def exits_placed(self, instant: MarketInstant) -> None:
        """Hear that every exit of this instant was sent; only a market in lock-step minds.

        Parameters
        ----------
        instant : MarketInstant
            As `after` returned it.
        """
        ...

    async def entries_placed(self, instant: MarketInstant, series: Mapping[str, str]) -> None:
        """Hear that every entry was sent, and for which series each client id trades.

        Parameters
        ----------
        instant : MarketInstant
            As `after` returned it.
        series : mapping of str to str
            Client order id to series, ``btc-usdt-perp/1h``; empty where no entry was sent.
        """
        ...
