"""What a simulated market consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.instrument import Instrument
from vigie.domain.time import timeframe_ms
from vigie_sandbox.market.profiles import AssetProfile, resolve_tickers
from vigie_sandbox.market.resampling import resample

REGIMES: Final = ("range", "bull", "bear", "crisis")


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is missing from the bars; by default nothing.

    Attributes
    ----------
    listing_days : float
        Mean delay, in days after the start, of listings; BTC and ETH are always there from the start.
    outages_per_year : float
        How often the venue stops, for ten minutes to some hours; those bars are missing for every asset.
    """

    listing_days: float = 0.0
    outages_per_year: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name, high in (("listing_days", 3_650.0), ("outages_per_year", 365.0)):
            value = getattr(self, name)
            if not 0 <= value <= high:
                raise UsageError(f"{name} must be 0..{high:g}, was {value}")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values at times: `ts` are epoch milliseconds UTC at which each value was known."""

    ts: IntArray
    value: FloatArray

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self.ts)


@dataclass(frozen=True, slots=True)
class FlashCrash:
    """A fall of minutes that mostly recovers within the hour.

    Attributes
    ----------
    ts : int
        Open time of the bar in which it began.
    depth : float
        Fall from before as a log return, negative; positive for a spike.
    ticker : str
        The asset it struck, empty where it struck the whole market (then the depth is BTC's).
    """

    ts: int
    depth: float
    ticker: str = ""


@dataclass(frozen=True, slots=True)
class RegimeSpan:
    """A stretch of one regime, from the open of its first bar to the close of its last."""

    regime: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedAsset:
    """One asset of a simulated market.

    Attributes
    ----------
    profile : AssetProfile
        What it was made from.
    bars : Bars
        At the market's own timeframe, from its listing on.
    premium : Series
        Hourly: last price over index price, less one, known at the end of each hour.
    funding : Series
        The rate settled every eight hours, as a fraction of notional; longs pay where it is positive.
    """

    profile: AssetProfile
    bars: Bars
    premium: Series
    funding: Series

    @property
    def ticker(self) -> str:
        """``BTC``."""
        return self.profile.ticker

    @property
    def rules(self) -> Instrument:
        """The simulated venue's rules for its perpetual."""
        return self.profile.rules


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedMarket:
    """A market made from a seed; everything in it is simulated.

    Attributes
    ----------
    seed, version : int
        The same pair makes the same market.
    start_ms, span_ms : int
        Open time of the first bar and length of a bar at the timeframe it was made at.
    assets : mapping of ticker to SimulatedAsset
        In the order asked for.
    regimes : int8 array, shape (n_bars,)
        The market's regime in each bar, an index into `REGIMES`.
    crashes : tuple of FlashCrash
        In time order.
    """

    seed: int
    version: int
    start_ms: int
    span_ms: int
    assets: Mapping[str, SimulatedAsset]
    regimes: NDArray[np.int8]
    crashes: tuple[FlashCrash, ...]
    _resampled: dict[tuple[str, int], Bars] = field(default_factory=dict, repr=False)

    def asset(self, name: str) -> SimulatedAsset:
        """Return one asset by ticker, symbol, instrument or catalogue id."""
        (ticker,) = resolve_tickers([name])
        try:
            return self.assets[ticker]
        except KeyError:
            tickers = ", ".join(self.assets)
            raise UsageError(f"asset must be one of {tickers}, was {name!r}") from None

    def bars(self, name: str, timeframe: str | None = None) -> Bars:
        """Return the bars of an asset at the market's timeframe or a coarser one.

        Parameters
        ----------
        name : str
            Ticker, symbol, instrument or catalogue id.
        timeframe : str, optional
            A multiple of the market's own; coarser bars are made from the finer ones, so all agree.
        """
        asset = self.asset(name)
        if timeframe is None or timeframe_ms(timeframe) == self.span_ms:
            return asset.bars
        key = (asset.ticker, timeframe_ms(timeframe))
        if key not in self._resampled:
            self._resampled[key] = resample(asset.bars, timeframe)
        return self._resampled[key]

    def funding(self, name: str) -> Series:
        """Return the eight-hourly funding rates of an asset."""
        return self.asset(name).funding

    def regime_spans(self) -> tuple[RegimeSpan, ...]:
        """Return the stretches of each regime in time order."""
        changes = np.flatnonzero(np.diff(self.regimes)) + 1
        edges = [0, *changes.tolist(), len(self.regimes)]
        return tuple(
            RegimeSpan(
                REGIMES[int(self.regimes[first])],
                self.start_ms + first * self.span_ms,
                self.start_ms + last * self.span_ms,
            )
            for first, last in pairwise(edges)
        )
