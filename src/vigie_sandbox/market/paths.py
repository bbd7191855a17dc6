"""The steps of the common path, of an asset's path and of its premium, from rows of uniforms to bars.

They run as they are written; `compiled_paths` compiles them, for many bars at once. Both ways give the same bits: only
functions of `math` and single operations are used, in this order. All numbers come in as a pace.
"""

from __future__ import annotations

import math
from importlib import import_module
from types import ModuleType
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie_sandbox.market.parameters import AssetParameters, MarketParameters

MARKET_COLUMNS: Final = 10
ASSET_COLUMNS: Final = 14
# Rows of the common path for the assets.
FACTOR, SCALE, VOL, WICK_END, WICK_FAR, CRASH, REGIME = range(7)
COMMON_ROWS: Final = 7
# Slots of a state; an asset keeps its volatility and volume parts after these.
REGIME_NOW, CRASH_CLOCK, CRASH_DEPTH, CRASH_RECOVERY, CRASH_FALL = range(5)
LEVEL, FACTOR_BEFORE, CLOSE_TICKS, WICK_BEFORE = 5, 6, 7, 8
PARTS: Final = 9
VOLUME_PARTS: Final = PARTS + 3
STATE_SIZE: Final = VOLUME_PARTS + 3

_TINY: Final = 2.0**-54
_BELOW_ONE: Final = 1.0 - 2.0**-53
_RAREST: Final = 1e-6


# Coefficients of AS 241, highest power first, above and below the line: middle, tail, far tail.
_MIDDLE_TOP: Final = (
    2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
    1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0,
)  # fmt: skip
_MIDDLE_LOW: Final = (
    5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
    5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0,
)  # fmt: skip
_TAIL_TOP: Final = (
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
    3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0,
)  # fmt: skip
_TAIL_LOW: Final = (
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
    1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
    2.05319162663775882187e0, 1.0,
)  # fmt: skip
_FAR_TOP: Final = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
    2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
    5.46378491116411436990e0, 6.65790464350110377720e0,
)  # fmt: skip
_FAR_LOW: Final = (
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
    7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
    5.99832206555887937690e-1, 1.0,
)  # fmt: skip


def _divide_polynomials(r: float, top: tuple[float, ...], low: tuple[float, ...]) -> float:
    """Return the quotient of two polynomials."""
    above = 0.0
    below = 0.0
    for k in range(8):
        above = above * r + top[k]
        below = below * r + low[k]
    return above / below


def normal(u: float) -> float:
    """Return the standard normal quantile of `u` in [0, 1), algorithm AS 241 (Wichura 1988), about 1e-15."""
    q = u - 0.5
    if abs(q) <= 0.425:
        return q * _divide_polynomials(0.180625 - q * q, _MIDDLE_TOP, _MIDDLE_LOW)
    r = math.sqrt(-math.log(max(u, _TINY) if q < 0.0 else 1.0 - min(u, _BELOW_ONE)))
    far = (
        _divide_polynomials(r - 1.6, _TAIL_TOP, _TAIL_LOW)
        if r <= 5.0
        else _divide_polynomials(r - 5.0, _FAR_TOP, _FAR_LOW)
    )
    return -far if q < 0.0 else far


def _draw_power_tail(u: float, power: float) -> float:
    """Return a factor >= 1 with a power tail: a normal times it has exactly the tail index -1 / power."""
    return math.exp(math.log(max(u, _RAREST)) * power)


def _crash_share(minutes: float, fall: float, recovery: float) -> float:
    """Return how much of a flash crash's depth is reached so many minutes after its start."""
    if minutes <= 0.0:
        return 0.0
    if minutes < fall:
        return minutes / fall
    return math.exp((fall - minutes) / recovery)


def _advance_crash(state: FloatArray, depth: float, u: float, span: float) -> tuple[float, float]:
    """Advance a flash crash by one bar; return its log offset at the close and its farthest inside.

    A `depth` other than 0 starts one; it falls for one to three minutes and recovers over the next hour.
    """
    if depth != 0.0:
        state[CRASH_CLOCK] = -u * max(span - 3.0, 0.0)
        state[CRASH_DEPTH] = depth
        state[CRASH_FALL] = 1.0 + 2.0 * ((u * 7.0) % 1.0)
        state[CRASH_RECOVERY] = 6.0 + 18.0 * ((u * 31.0) % 1.0)
    elif state[CRASH_DEPTH] == 0.0:
        return 0.0, 0.0
    before = state[CRASH_CLOCK]
    after = before + span
    state[CRASH_CLOCK] = after
    fall, recovery, deepest = state[CRASH_FALL], state[CRASH_RECOVERY], state[CRASH_DEPTH]
    end = _crash_share(after, fall, recovery)
    far = 1.0 if before < fall <= after else max(_crash_share(before, fall, recovery), end)
    if after > fall + 9.0 * recovery:
        state[CRASH_DEPTH] = 0.0
        end = 0.0
    return deepest * end, deepest * far


def _draw_common_depth(u: FloatArray, params: MarketParameters, state: FloatArray) -> float:
    """Return the depth of a flash crash of the whole market that starts in this bar, else 0."""
    if u[8] >= params.crash_chance or state[CRASH_DEPTH] != 0.0:
        return 0.0
    return -min(0.05 - 0.035 * math.log(max(u[9], _RAREST)), 0.30)


def _draw_own_depth(u: FloatArray, params: AssetParameters, state: FloatArray) -> float:
    """Return the depth of an asset's own flash crash or, one time in five, spike; else 0."""
    if u[10] >= params.crash_chance or state[CRASH_DEPTH] != 0.0:
        return 0.0
    pick = u[10] / params.crash_chance
    depth = -min(0.04 - 0.03 * math.log(max(pick, _RAREST)), 0.35) * params.beta
    return -0.5 * depth if u[5] > 0.8 else depth


def _next_regime(regime: int, u: float, params: MarketParameters) -> int:
    """Return the regime of the next bar."""
    if u >= params.switch[regime]:
        return regime
    pick = u / params.switch[regime]
    next_regime = 0
    while next_regime < 3 and pick >= params.turn[regime, next_regime]:
        next_regime += 1
    return next_regime


def walk_market(
    uniforms: FloatArray,
    season: FloatArray,
    season_offset: int,
    params: MarketParameters,
    state: FloatArray,
    out: FloatArray,
) -> None:
    """Walk the common path over `uniforms` of uniforms into `out`, in daily deviations; `state` is carried on."""
    for i in range(len(uniforms)):
        u = uniforms[i]
        regime = _next_regime(int(state[REGIME_NOW]), u[5], params)
        state[REGIME_NOW] = regime
        depth = _draw_common_depth(u, params, state)
        end, far = _advance_crash(state, depth, u[7], params.span_minutes)
        jump = params.crash_stays * depth
        log_vol = -params.vol_shift
        for k in range(3):
            state[PARTS + k] = state[PARTS + k] * params.keep[k] + params.push[k] * normal(u[2 + k])
            log_vol += state[PARTS + k]
        if u[6] < params.jump_chance:
            size = params.jump_size * _draw_power_tail(u[7], params.tail_power)
            jump += size * normal(u[6] / params.jump_chance)
        if jump != 0.0:
            state[PARTS] += params.jump_excites * params.keep[0]
        vol = math.exp(log_vol) * params.vol[regime]
        tail = _draw_power_tail(u[1], params.tail_power) * params.tail_unit
        scale = vol * tail * season[(season_offset + i) % len(season)] * params.root_days
        out[FACTOR, i] = params.drift[regime] + scale * normal(u[0]) + jump
        out[SCALE, i] = scale
        out[VOL, i] = math.exp(params.shared_vol * math.log(vol))
        out[WICK_END, i] = end
        out[WICK_FAR, i] = far
        out[CRASH, i] = depth
        out[REGIME, i] = regime


def _advance_own_scale(u: FloatArray, params: AssetParameters, state: FloatArray) -> float:
    """Advance an asset's own volatility; return this bar's size of its own shock before the season."""
    log_vol = -params.vol_shift
    for k in range(2):
        state[PARTS + k] = state[PARTS + k] * params.keep[k] + params.push[k] * normal(u[2 + k])
        log_vol += state[PARTS + k]
    return math.exp(log_vol) * _draw_power_tail(u[1], params.tail_power) * params.tail_unit * params.root_days


def _draw_bridge(
    first: float, last: float, variance: float, u_high: float, u_low: float
) -> tuple[float, float]:
    """Return the highest and lowest point of a Brownian bridge, each drawn from its exact law."""
    gap = (last - first) * (last - first)
    up = math.sqrt(gap - 2.0 * variance * math.log(max(u_high, _TINY)))
    down = math.sqrt(gap - 2.0 * variance * math.log(max(u_low, _TINY)))
    return 0.5 * (first + last + up), 0.5 * (first + last - down)


def _draw_volume(
    u: FloatArray, log_range: float, price: float, params: AssetParameters, state: FloatArray
) -> float:
    """Return the volume of a bar in base units, on the lot grid, from the log range of the bar."""
    log_volume = params.volume_noise * normal(u[8]) + params.volume_on_range * math.log(
        max(log_range / params.usual_range, 0.02)
    )
    for k in range(3):
        slot = VOLUME_PARTS + k
        state[slot] = state[slot] * params.volume_keep[k] + params.volume_push[k] * normal(u[11 + k])
        log_volume += state[slot]
    lots = params.turnover * math.exp(log_volume) / price
    lots = max(np.rint(lots * params.lot_scale / params.lot_multiple), 1.0)
    return float(lots * params.lot_multiple / params.lot_scale)


def _open_ticks(u: float, before: float, fallback: float, params: AssetParameters) -> float:
    """Return the open: the close before, and in some bars one tick beside it."""
    if before == 0.0:
        return fallback
    if u < params.open_beside:
        return max(before - 1.0, 1.0)
    return before + 1.0 if u > 1.0 - params.open_beside else before


def walk_asset(
    uniforms: FloatArray,
    common: FloatArray,
    season: FloatArray,
    season_offset: int,
    params: AssetParameters,
    state: FloatArray,
    bars: FloatArray,
    crashes: FloatArray,
) -> None:
    """Walk one asset's path over `uniforms` of uniforms into `bars` (open, high, low, close, volume)."""
    to_ticks = params.level * params.tick_scale / params.tick_multiple
    for i in range(len(uniforms)):
        u = uniforms[i]
        depth = _draw_own_depth(u, params, state)
        crashes[i] = depth
        end, far = _advance_crash(state, depth, u[5], params.span_minutes)
        end += params.beta * common[WICK_END, i]
        far += params.beta * common[WICK_FAR, i]
        own = (
            params.own
            * common[VOL, i]
            * _advance_own_scale(u, params, state)
            * season[(season_offset + i) % len(season)]
        )
        jump = 0.0
        if u[4] < params.jump_chance:
            jump = (
                params.jump_size
                * _draw_power_tail(u[5], params.tail_power)
                * normal(u[4] / params.jump_chance)
            )
        if jump != 0.0 or depth != 0.0:
            state[PARTS] += params.jump_excites * params.keep[0]
        factor = (1.0 - params.lag) * common[FACTOR, i] + params.lag * state[FACTOR_BEFORE]
        state[FACTOR_BEFORE] = common[FACTOR, i]
        level = state[LEVEL]
        moved = params.stay * level + params.sigma * (
            params.rho * factor + own * normal(u[0]) + params.own * jump
        )
        state[LEVEL] = moved

        first, last = level + state[WICK_BEFORE], moved + end
        state[WICK_BEFORE] = end
        shared = params.rho * common[SCALE, i]
        variance = params.bridge * params.sigma * params.sigma * (shared * shared + own * own)
        high, low = _draw_bridge(first, last, variance, u[6], u[7])
        if far < 0.0:
            low = min(low, min(level, moved) + far)
        elif far > 0.0:
            high = max(high, max(level, moved) + far)

        close_ticks = max(np.rint(to_ticks * math.exp(last)), 1.0)
        start = max(np.rint(to_ticks * math.exp(first)), 1.0)
        open_ticks = _open_ticks(u[9], state[CLOSE_TICKS], start, params)
        state[CLOSE_TICKS] = close_ticks
        high_ticks = max(np.rint(to_ticks * math.exp(high)), open_ticks, close_ticks)
        low_ticks = max(min(np.rint(to_ticks * math.exp(low)), open_ticks, close_ticks), 1.0)
        bars[0, i] = open_ticks * params.tick_multiple / params.tick_scale
        bars[1, i] = high_ticks * params.tick_multiple / params.tick_scale
        bars[2, i] = low_ticks * params.tick_multiple / params.tick_scale
        bars[3, i] = close_ticks * params.tick_multiple / params.tick_scale
        bars[4, i] = _draw_volume(u, high - low, bars[3, i], params, state)


def follow_target(
    target: FloatArray, rows: FloatArray, keep: float, push: float, quick: float, value: FloatArray
) -> None:
    """Walk the premium towards its target hour by hour into `value`, with noise from `rows` of uniforms."""
    level = 0.0
    for i in range(len(target)):
        level = keep * level + (1.0 - keep) * target[i] + push * normal(rows[i, 0])
        value[i] = level + quick * normal(rows[i, 1])


def load_compiled() -> ModuleType:
    """Return `compiled_paths`; who makes few bars goes on without the compiler's library."""
    return import_module("vigie_sandbox.market.compiled_paths")
