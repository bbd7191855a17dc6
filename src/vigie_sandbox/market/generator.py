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
from vigie_sandbox.market.derivatives import compute_settled_funding, make_hourly_premium
from vigie_sandbox.market.parameters import (
    AssetParameters,
    MarketParameters,
    compute_regime_shares,
    compute_seasonality,
    draw_settled_parts,
    make_asset_parameters,
    make_market_parameters,
)
from vigie_sandbox.market.paths import (
    ASSET_COLUMNS,
    COMMON_ROWS,
    CRASH,
    MARKET_COLUMNS,
    PARTS,
    REGIME,
    REGIME_NOW,
    STATE_SIZE,
    VOLUME_PARTS,
    load_compiled,
)
from vigie_sandbox.market.profiles import VENUE, AssetProfile, get_profile, resolve_tickers
from vigie_sandbox.market.records import FlashCrash, Gaps, Series, SimulatedAsset, SimulatedMarket
from vigie_sandbox.market.streams import make_stream

# Part of every market's identity: raised whenever the same seed would make other bars.
VERSION: Final = 1
MAX_BARS: Final = 100_000_000
_CHUNK_BARS: Final = 16_384
_ALWAYS_LISTED: Final = ("BTC", "ETH")
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
    _check_arguments(seed, start_ms, bars, span_ms, timeframe)
    profiles = [get_profile(ticker, seed) for ticker in resolve_tickers(assets)]
    paths = [_AssetPath(seed, profile, span_ms, bars) for profile in profiles]
    regimes, crashes = _walk_paths(seed, start_ms, span_ms, bars, paths)
    ts: IntArray = start_ms + np.arange(bars, dtype=np.int64) * span_ms
    is_open = _draw_present(seed, ts, gaps.outages_per_year)
    simulated_assets = {
        path.profile.ticker: _make_asset(
            seed, path, ts, is_open, regimes, _draw_listing_ms(seed, path.profile, start_ms, gaps)
        )
        for path in paths
    }
    crashes += [crash for path in paths for crash in path.crashes]
    crashes.sort(key=lambda crash: (crash.ts, crash.ticker))
    return SimulatedMarket(seed, VERSION, start_ms, span_ms, simulated_assets, regimes, tuple(crashes))


class _AssetPath:
    """One asset on its way: its stream, its state, and the bars made so far."""

    def __init__(self, seed: int, profile: AssetProfile, span_ms: int, bars: int) -> None:
        self.profile = profile
        self.params: AssetParameters = make_asset_parameters(
            profile, span_ms, is_leader=profile.ticker == "BTC"
        )
        self.uniforms = make_stream(seed, profile.ticker, "path")
        self.state = np.zeros(STATE_SIZE)
        start = make_stream(seed, profile.ticker, "start")
        for offset, keep, push in (
            (PARTS, self.params.keep, self.params.push),
            (VOLUME_PARTS, self.params.volume_keep, self.params.volume_push),
        ):
            self.state[offset : offset + len(keep)] = draw_settled_parts(
                keep, push, start.random((len(keep), 12))
            )
        self.bars = np.empty((5, bars))
        self.crashes: list[FlashCrash] = []

    def walk(
        self, first: int, stop: int, common: FloatArray, season: FloatArray, ts: int, span_ms: int
    ) -> None:
        """Make bars `first` to `stop`, the first of which opens at `ts`."""
        uniforms = self.uniforms.random((stop - first, ASSET_COLUMNS))
        depths = np.empty(stop - first)
        season_offset = ts // span_ms % len(season)
        load_compiled().walk_asset(
            uniforms, common, season, season_offset, self.params, self.state, self.bars[:, first:stop], depths
        )
        ticker = self.profile.ticker
        self.crashes += [
            FlashCrash(ts + int(i) * span_ms, float(depths[i]), ticker) for i in np.flatnonzero(depths)
        ]


def _walk_paths(
    seed: int, start_ms: int, span_ms: int, bars: int, paths: Sequence[_AssetPath]
) -> tuple[NDArray[np.int8], list[FlashCrash]]:
    """Walk the common path and every asset's along it."""
    params = make_market_parameters(span_ms)
    season = compute_seasonality(span_ms)
    generator = make_stream(seed, "market", "path")
    state = _draw_common_start(seed, params)
    regimes = np.empty(bars, np.int8)
    crashes: list[FlashCrash] = []
    for first in range(0, bars, _CHUNK_BARS):
        stop = min(first + _CHUNK_BARS, bars)
        ts = start_ms + first * span_ms
        common = np.empty((COMMON_ROWS, stop - first))
        uniforms = generator.random((stop - first, MARKET_COLUMNS))
        load_compiled().walk_market(uniforms, season, ts // span_ms % len(season), params, state, common)
        regimes[first:stop] = common[REGIME]
        crashes += [
            FlashCrash(ts + int(i) * span_ms, float(common[CRASH, i])) for i in np.flatnonzero(common[CRASH])
        ]
        for path in paths:
            path.walk(first, stop, common, season, ts, span_ms)
    return regimes, crashes


def _draw_common_start(seed: int, params: MarketParameters) -> FloatArray:
    """Return the state before the first bar: some regime and volatility of the long run."""
    generator = make_stream(seed, "market", "start")
    state = np.zeros(STATE_SIZE)
    state[REGIME_NOW] = np.searchsorted(
        np.cumsum(compute_regime_shares())[:-1], generator.random(), side="right"
    )
    state[PARTS : PARTS + len(params.keep)] = draw_settled_parts(
        params.keep, params.push, generator.random((len(params.keep), 12))
    )
    return state


def _make_asset(
    seed: int,
    path: _AssetPath,
    ts: IntArray,
    is_open: BoolArray | None,
    regimes: NDArray[np.int8],
    listed_ms: int,
) -> SimulatedAsset:
    """Cut what was not listed or not open, and add premium and funding."""
    span_ms = int(path.params.span_minutes) * MINUTE_MS
    premium = make_hourly_premium(seed, path.profile, int(ts[0]), span_ms, path.bars[3], regimes)
    funding = compute_settled_funding(premium)
    is_kept = is_open
    if listed_ms > ts[0]:
        is_kept = (ts >= listed_ms) if is_open is None else is_open & (ts >= listed_ms)
    columns = path.bars if is_kept is None else path.bars[:, is_kept]
    ts = ts if is_kept is None else ts[is_kept]
    first, high, low, close, volume = columns
    bars = Bars(path.profile.instrument, span_ms, ts, first, high, low, close, volume, VENUE)
    return SimulatedAsset(
        path.profile, bars, _cut_before(premium, listed_ms), _cut_before(funding, listed_ms)
    )


def _cut_before(series: Series, ts: int) -> Series:
    first = int(np.searchsorted(series.ts, ts, side="right"))
    return Series(series.ts[first:], series.value[first:])


def _draw_listing_ms(seed: int, profile: AssetProfile, start_ms: int, gaps: Gaps) -> int:
    """Return when an asset was listed: on a whole hour."""
    if gaps.listing_days == 0 or profile.ticker in _ALWAYS_LISTED:
        return start_ms
    u = float(make_stream(seed, profile.ticker, "listing").random())
    delay = int(-math.log1p(-u) * gaps.listing_days * DAY_MS)
    return -(-(start_ms + delay) // HOUR_MS) * HOUR_MS


def _draw_present(seed: int, ts: IntArray, outages_per_year: float) -> BoolArray | None:
    """Return which bars the venue was open for at least in part, or None where it always was."""
    if outages_per_year == 0:
        return None
    generator = make_stream(seed, "market", "outages")
    is_open = np.ones(len(ts), np.bool_)
    clock_ms = float(ts[0])
    while True:
        wait_uniform, length_uniform = generator.random(2).tolist()
        clock_ms += -math.log1p(-wait_uniform) * 365.0 * DAY_MS / outages_per_year
        if clock_ms > ts[-1]:
            return is_open
        outage_start = clock_ms
        clock_ms += 10 * MINUTE_MS * math.exp(3.2 * length_uniform)
        span_ms = int(ts[1] - ts[0]) if len(ts) > 1 else MINUTE_MS
        is_open[(ts >= outage_start) & (ts + span_ms <= clock_ms)] = False


def _check_arguments(seed: int, start_ms: int, bars: int, span_ms: int, timeframe: str) -> None:
    if seed < 0:
        raise UsageError(f"seed must be >= 0, was {seed}")
    if not 1 <= bars <= MAX_BARS:
        raise UsageError(f"bars must be 1..{MAX_BARS}, was {bars}")
    if start_ms < 0 or start_ms % span_ms:
        raise UsageError(f"start must be a multiple of {timeframe}, was {iso(start_ms)}")
