"""How prices move on: the market generator's compiled steps, first by the hour, then by the minute.

Streams are drawn one row a step, so the pieces in which a path is made do not change it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie.sandbox.market.parameters import (
    AssetParameters,
    compute_regime_shares,
    compute_seasonality,
    draw_settled_parts,
    make_asset_parameters,
    make_market_parameters,
)
from vigie.sandbox.market.paths import (
    ASSET_COLUMNS,
    COMMON_ROWS,
    FACTOR_BEFORE,
    LEVEL,
    MARKET_COLUMNS,
    PARTS,
    REGIME_NOW,
    STATE_SIZE,
    VOLUME_PARTS,
    walk_asset,
    walk_market,
)
from vigie.sandbox.market.streams import make_stream
from vigie.sandbox.world.catalogue import Coin
from vigie.sandbox.world.scenes import Scene, pushes

COLUMNS: Final = 5
# Where a bar's values lie in a tape.
OPEN, HIGH, LOW, CLOSE, VOLUME = range(COLUMNS)


class Walk:
    """The whole market on its way: one common state and one state a coin.

    Parameters
    ----------
    seed : int
        The world's.
    coins : sequence of Coin
        Who moves.
    """

    def __init__(self, seed: int, coins: Sequence[Coin]) -> None:
        self._coins = coins
        self._states = [np.zeros(STATE_SIZE) for _ in coins]
        self._gaits = {span: _Gait(seed, coins, span) for span in (HOUR_MS, MINUTE_MS)}
        self._common = _settled_market(seed)
        for coin, state in zip(coins, self._states, strict=True):
            _settle(seed, coin, self._gaits[HOUR_MS].paces[coin.number], state)

    def steps(self, span_ms: int, ts: int, out: FloatArray, scenes: Sequence[Scene] = ()) -> None:
        """Make the bars from `ts` on.

        Parameters
        ----------
        span_ms : int
            An hour, later a minute.
        ts : int
            Open time of the first.
        out : float64 array, shape (n_coins, 5, n_bars)
            Filled with open, high, low, close and volume.
        scenes : sequence of Scene
            Those that touch these bars; only minutes know scenes.
        """
        gait = self._gaits[span_ms]
        count = out.shape[2]
        common = np.empty((COMMON_ROWS, count))
        at = ts // span_ms % len(gait.season)
        rows = gait.market_rows.random((count, MARKET_COLUMNS))
        walk_market(rows, gait.season, at, gait.market, self._common, common)
        for coin, state in zip(self._coins, self._states, strict=True):
            own = gait.rows[coin.number].random((count, ASSET_COLUMNS))
            pace = gait.paces[coin.number]
            played = [
                pushes(scenes, coin.symbol, pace.beta, ts + i * span_ms)
                for i in range(count if scenes else 0)
            ]
            if all(push == (0.0, 1.0) for push in played):
                walk_asset(own, common, gait.season, at, pace, state, out[coin.number], np.empty(count))
                continue
            for i, (drift, vol) in enumerate(played):
                state[LEVEL] += drift
                pushed = pace._replace(sigma=pace.sigma * vol)
                one = slice(i, i + 1)
                part = np.ascontiguousarray(common[:, one])
                place = (at + i) % len(gait.season)
                walk_asset(
                    own[one], part, gait.season, place, pushed, state, out[coin.number][:, one], np.empty(1)
                )

    def turn_to_minutes(self) -> None:
        """Leave what belongs to hours only behind; prices, regimes and volatility go on."""
        for state in self._states:
            state[FACTOR_BEFORE] = 0.0


class _Gait:
    """What one length of bar needs: paces, the season of a week, and random streams."""

    def __init__(self, seed: int, coins: Sequence[Coin], span_ms: int) -> None:
        self.market = make_market_parameters(span_ms)
        self.season = compute_seasonality(span_ms)
        self.paces: list[AssetParameters] = [
            make_asset_parameters(coin.profile, span_ms, is_leader=coin.symbol == "BTC") for coin in coins
        ]
        purpose = f"world-{span_ms}"
        self.market_rows = make_stream(seed, "market", purpose)
        self.rows = [make_stream(seed, coin.symbol, purpose) for coin in coins]


def _settled_market(seed: int) -> FloatArray:
    """Return the common state before the first bar: some regime and volatility of the long run."""
    pace = make_market_parameters(HOUR_MS)
    source = make_stream(seed, "market", "world-start")
    state = np.zeros(STATE_SIZE)
    state[REGIME_NOW] = np.searchsorted(
        np.cumsum(compute_regime_shares())[:-1], source.random(), side="right"
    )
    drawn = source.random((len(pace.keep), 12))
    state[PARTS : PARTS + len(pace.keep)] = draw_settled_parts(pace.keep, pace.push, drawn)
    return state


def _settle(seed: int, coin: Coin, pace: AssetParameters, state: FloatArray) -> None:
    """Start a coin's volatility and volume where they are in the long run."""
    source = make_stream(seed, coin.symbol, "world-start")
    for at, keep, push in (
        (PARTS, pace.keep, pace.push),
        (VOLUME_PARTS, pace.volume_keep, pace.volume_push),
    ):
        state[at : at + len(keep)] = draw_settled_parts(keep, push, source.random((len(keep), 12)))
