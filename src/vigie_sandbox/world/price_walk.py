"""How prices move on: the market generator's steps, first by the hour, then by the minute.

Streams are drawn one row a step, so the pieces in which a path is made do not change it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie_sandbox.market import paths
from vigie_sandbox.market.parameters import (
    AssetParameters,
    compute_regime_shares,
    compute_seasonality,
    draw_settled_parts,
    make_asset_parameters,
    make_market_parameters,
)
from vigie_sandbox.market.paths import (
    ASSET_COLUMNS,
    COMMON_ROWS,
    FACTOR_BEFORE,
    LEVEL,
    MARKET_COLUMNS,
    PARTS,
    REGIME_NOW,
    STATE_SIZE,
    VOLUME_PARTS,
)
from vigie_sandbox.market.streams import make_stream
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.scenes.schedule import Scene, combine_effects

COLUMNS: Final = 5
# Where a bar's values lie in a tape.
OPEN, HIGH, LOW, CLOSE, VOLUME = range(COLUMNS)
# So many bars are made sooner as the steps are written than the compiler's library is loaded.
_FEW: Final = 240
_COMPILED: Final = "vigie_sandbox.market.compiled_paths"


class PriceWalk:
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
        self._inputs_by_span = {span: _StepInputs(seed, coins, span) for span in (HOUR_MS, MINUTE_MS)}
        self._common = _initial_market_state(seed)
        for coin, state in zip(coins, self._states, strict=True):
            _initialize_coin_state(seed, coin, self._inputs_by_span[HOUR_MS].asset_params[coin.number], state)

    def fill_bars(self, span_ms: int, ts: int, out: FloatArray, scenes: Sequence[Scene] = ()) -> None:
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
        inputs = self._inputs_by_span[span_ms]
        count = out.shape[2]
        walk_market, walk_asset = _choose_steps(count)
        common = np.empty((COMMON_ROWS, count))
        season_start = ts // span_ms % len(inputs.seasonality)
        market_uniforms = inputs.market_rng.random((count, MARKET_COLUMNS))
        walk_market(
            market_uniforms, inputs.seasonality, season_start, inputs.market_params, self._common, common
        )
        for coin, state in zip(self._coins, self._states, strict=True):
            own_uniforms = inputs.asset_rngs[coin.number].random((count, ASSET_COLUMNS))
            params = inputs.asset_params[coin.number]
            effects = [
                combine_effects(scenes, coin.symbol, params.beta, ts + i * span_ms)
                for i in range(count if scenes else 0)
            ]
            if all(effect == (0.0, effects[0][1]) for effect in effects):
                vol = effects[0][1] if effects else 1.0
                walk_asset(
                    own_uniforms,
                    common,
                    inputs.seasonality,
                    season_start,
                    params if vol == 1.0 else params._replace(sigma=params.sigma * vol),
                    state,
                    out[coin.number],
                    np.empty(count),
                )
                continue
            for i, (drift, vol) in enumerate(effects):
                state[LEVEL] += drift
                scene_params = params._replace(sigma=params.sigma * vol)
                bar_slice = slice(i, i + 1)
                bar_common = np.ascontiguousarray(common[:, bar_slice])
                season_index = (season_start + i) % len(inputs.seasonality)
                walk_asset(
                    own_uniforms[bar_slice],
                    bar_common,
                    inputs.seasonality,
                    season_index,
                    scene_params,
                    state,
                    out[coin.number][:, bar_slice],
                    np.empty(1),
                )

    def switch_to_minutes(self) -> None:
        """Leave what belongs to hours only behind; prices, regimes and volatility go on."""
        for state in self._states:
            state[FACTOR_BEFORE] = 0.0


def _choose_steps(count: int) -> tuple[Callable[..., None], Callable[..., None]]:
    """Return the steps of the market and of an asset, compiled where there are many or they are loaded already.

    Both give the same bits.
    """
    if count <= _FEW and _COMPILED not in sys.modules:
        return paths.walk_market, paths.walk_asset
    compiled = paths.load_compiled()
    return compiled.walk_market, compiled.walk_asset


class _StepInputs:
    """What one length of bar needs: paces, the season of a week, and random streams."""

    def __init__(self, seed: int, coins: Sequence[Coin], span_ms: int) -> None:
        self.market_params = make_market_parameters(span_ms)
        self.seasonality = compute_seasonality(span_ms)
        self.asset_params: list[AssetParameters] = [
            make_asset_parameters(coin.profile, span_ms, is_leader=coin.symbol == "BTC") for coin in coins
        ]
        purpose = f"world-{span_ms}"
        self.market_rng = make_stream(seed, "market", purpose)
        self.asset_rngs = [make_stream(seed, coin.symbol, purpose) for coin in coins]


def _initial_market_state(seed: int) -> FloatArray:
    """Return the common state before the first bar: some regime and volatility of the long run."""
    params = make_market_parameters(HOUR_MS)
    rng = make_stream(seed, "market", "world-start")
    state = np.zeros(STATE_SIZE)
    state[REGIME_NOW] = np.searchsorted(np.cumsum(compute_regime_shares())[:-1], rng.random(), side="right")
    draws = rng.random((len(params.keep), 12))
    state[PARTS : PARTS + len(params.keep)] = draw_settled_parts(params.keep, params.push, draws)
    return state


def _initialize_coin_state(seed: int, coin: Coin, params: AssetParameters, state: FloatArray) -> None:
    """Start a coin's volatility and volume where they are in the long run."""
    rng = make_stream(seed, coin.symbol, "world-start")
    for start, keep, push in (
        (PARTS, params.keep, params.push),
        (VOLUME_PARTS, params.volume_keep, params.volume_push),
    ):
        state[start : start + len(keep)] = draw_settled_parts(keep, push, rng.random((len(keep), 12)))
