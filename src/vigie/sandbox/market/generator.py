"""The market made from a seed, in pieces of some thousand bars so that memory holds little but the result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import Bars, BoolArray, FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, iso, timeframe_ms
from vigie.sandbox.market.climate import (
    AssetPace,
    MarketPace,
    asset_pace,
    market_pace,
    regime_shares,
    seasons,
    settled_parts,
)
from vigie.sandbox.market.derivatives import hourly_premium, settled_funding
from vigie.sandbox.market.paths import (
    ASSET_COLUMNS,
    COMMON_ROWS,
    CRASH,
    MARKET_COLUMNS,
    PARTS,
    REGIME,
    REGIME_NOW,
    STATE_SIZE,
    VOLUME_PARTS,
    asset_steps,
    market_steps,
)
from vigie.sandbox.market.profiles import VENUE, AssetProfile, profile_of, tickers_of
from vigie.sandbox.market.records import FlashCrash, Gaps, Series, SimulatedAsset, SimulatedMarket
from vigie.sandbox.market.streams import stream

# Part of every market's identity: raised whenever the same seed would make other bars.
VERSION: Final = 1
MAX_BARS: Final = 100_000_000
_PIECE: Final = 16_384
_FROM_THE_START: Final = ("BTC", "ETH")
_NO_GAPS: Final = Gaps()


def simulate_market(
    seed: int,
    assets: Sequence[str] | int,
    start_ms: int,
    bars: int,
    timeframe: str,
    *,
    gaps: Gaps = _NO_GAPS,
) -> SimulatedMarket:
    """Make a market from a seed.

    The same arguments make the same market. An asset's bars do not depend on which other
    assets are asked for, and a longer history begins with the shorter one.

    Parameters
    ----------
    seed : int
        >= 0.
    assets : sequence of str, or int
        Names as people spell them, or how many.
    start_ms : int
        Open time of the first bar, a multiple of the timeframe.
    bars : int
        How many bars from the start, before gaps.
    timeframe : str
        What the paths are made at; coarser timeframes are read with ``market.bars(name, "4h")``.
    gaps : Gaps
        Late listings and outages; none by default.

    Returns
    -------
    SimulatedMarket
        Bars, premium and funding of each asset, regimes and flash crashes.

    Raises
    ------
    UsageError
        If an argument cannot be used.
    """
    span_ms = timeframe_ms(timeframe)
    _check(seed, start_ms, bars, span_ms, timeframe)
    profiles = [profile_of(ticker, seed) for ticker in tickers_of(assets)]
    paths = [_AssetPath(seed, profile, span_ms, bars) for profile in profiles]
    regimes, crashes = _walk(seed, start_ms, span_ms, bars, paths)
    ts: IntArray = start_ms + np.arange(bars, dtype=np.int64) * span_ms
    present = _present(seed, ts, gaps.outages_per_year)
    made = {
        path.profile.ticker: _dress(
            seed, path, ts, present, regimes, _listed(seed, path.profile, start_ms, gaps)
        )
        for path in paths
    }
    crashes += [crash for path in paths for crash in path.crashes]
    crashes.sort(key=lambda crash: (crash.ts, crash.ticker))
    return SimulatedMarket(seed, VERSION, start_ms, span_ms, made, regimes, tuple(crashes))


class _AssetPath:
    """One asset on its way: its stream, its state, and the bars made so far."""

    def __init__(self, seed: int, profile: AssetProfile, span_ms: int, bars: int) -> None:
        self.profile = profile
        self.pace: AssetPace = asset_pace(profile, span_ms, leads=profile.ticker == "BTC")
        self.rows = stream(seed, profile.ticker, "path")
        self.state = np.zeros(STATE_SIZE)
        start = stream(seed, profile.ticker, "start")
        for at, keep, push in (
            (PARTS, self.pace.keep, self.pace.push),
            (VOLUME_PARTS, self.pace.volume_keep, self.pace.volume_push),
        ):
            self.state[at : at + len(keep)] = settled_parts(keep, push, start.random((len(keep), 12)))
        self.bars = np.empty((5, bars))
        self.crashes: list[FlashCrash] = []

    def walk(
        self, first: int, stop: int, common: FloatArray, season: FloatArray, ts: int, span_ms: int
    ) -> None:
        """Make bars `first` to `stop`, the first of which opens at `ts`."""
        rows = self.rows.random((stop - first, ASSET_COLUMNS))
        struck = np.empty(stop - first)
        at = ts // span_ms % len(season)
        asset_steps(rows, common, season, at, self.pace, self.state, self.bars[:, first:stop], struck)
        ticker = self.profile.ticker
        self.crashes += [
            FlashCrash(ts + int(i) * span_ms, float(struck[i]), ticker) for i in np.flatnonzero(struck)
        ]


def _walk(
    seed: int, start_ms: int, span_ms: int, bars: int, paths: Sequence[_AssetPath]
) -> tuple[NDArray[np.int8], list[FlashCrash]]:
    """Walk the common path and every asset's along it."""
    pace = market_pace(span_ms)
    season = seasons(span_ms)
    source = stream(seed, "market", "path")
    state = _common_start(seed, pace)
    regimes = np.empty(bars, np.int8)
    crashes: list[FlashCrash] = []
    for first in range(0, bars, _PIECE):
        stop = min(first + _PIECE, bars)
        ts = start_ms + first * span_ms
        common = np.empty((COMMON_ROWS, stop - first))
        rows = source.random((stop - first, MARKET_COLUMNS))
        market_steps(rows, season, ts // span_ms % len(season), pace, state, common)
        regimes[first:stop] = common[REGIME]
        crashes += [
            FlashCrash(ts + int(i) * span_ms, float(common[CRASH, i])) for i in np.flatnonzero(common[CRASH])
        ]
        for path in paths:
            path.walk(first, stop, common, season, ts, span_ms)
    return regimes, crashes


def _common_start(seed: int, pace: MarketPace) -> FloatArray:
    """Return the state before the first bar: some regime and volatility of the long run."""
    source = stream(seed, "market", "start")
    state = np.zeros(STATE_SIZE)
    state[REGIME_NOW] = np.searchsorted(np.cumsum(regime_shares())[:-1], source.random(), side="right")
    state[PARTS : PARTS + len(pace.keep)] = settled_parts(
        pace.keep, pace.push, source.random((len(pace.keep), 12))
    )
    return state


def _dress(
    seed: int,
    path: _AssetPath,
    ts: IntArray,
    present: BoolArray | None,
    regimes: NDArray[np.int8],
    listed: int,
) -> SimulatedAsset:
    """Cut what was not listed or not open, and add premium and funding."""
    span_ms = int(path.pace.span_minutes) * MINUTE_MS
    premium = hourly_premium(seed, path.profile, int(ts[0]), span_ms, path.bars[3], regimes)
    funding = settled_funding(premium)
    keep = present
    if listed > ts[0]:
        keep = (ts >= listed) if present is None else present & (ts >= listed)
    columns = path.bars if keep is None else path.bars[:, keep]
    ts = ts if keep is None else ts[keep]
    first, high, low, close, volume = columns
    bars = Bars(path.profile.instrument, span_ms, ts, first, high, low, close, volume, VENUE)
    return SimulatedAsset(path.profile, bars, _since(premium, listed), _since(funding, listed))


def _since(series: Series, ts: int) -> Series:
    first = int(np.searchsorted(series.ts, ts, side="right"))
    return Series(series.ts[first:], series.value[first:])


def _listed(seed: int, profile: AssetProfile, start_ms: int, gaps: Gaps) -> int:
    """Return when an asset was listed: on a whole hour."""
    if gaps.listing_days == 0 or profile.ticker in _FROM_THE_START:
        return start_ms
    u = float(stream(seed, profile.ticker, "listing").random())
    delay = int(-math.log1p(-u) * gaps.listing_days * DAY_MS)
    return -(-(start_ms + delay) // HOUR_MS) * HOUR_MS


def _present(seed: int, ts: IntArray, outages_per_year: float) -> BoolArray | None:
    """Return which bars the venue was open for at least in part, or None where it always was."""
    if outages_per_year == 0:
        return None
    source = stream(seed, "market", "outages")
    present = np.ones(len(ts), np.bool_)
    clock = float(ts[0])
    while True:
        wait, length = source.random(2).tolist()
        clock += -math.log1p(-wait) * 365.0 * DAY_MS / outages_per_year
        if clock > ts[-1]:
            return present
        begin = clock
        clock += 10 * MINUTE_MS * math.exp(3.2 * length)
        span_ms = int(ts[1] - ts[0]) if len(ts) > 1 else MINUTE_MS
        present[(ts >= begin) & (ts + span_ms <= clock)] = False


def _check(seed: int, start_ms: int, bars: int, span_ms: int, timeframe: str) -> None:
    if seed < 0:
        raise UsageError(f"seed must be >= 0, was {seed}")
    if not 1 <= bars <= MAX_BARS:
        raise UsageError(f"bars must be 1..{MAX_BARS}, was {bars}")
    if start_ms < 0 or start_ms % span_ms:
        raise UsageError(f"start must be a multiple of {timeframe}, was {iso(start_ms)}")
