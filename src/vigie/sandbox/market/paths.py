"""The compiled steps of the common path and of an asset's path, from rows of uniforms to bars.

All compiled code of the generator is in this file, because numba's disk cache misses a changed callee in another.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit

from vigie.domain.bar import FloatArray
from vigie.sandbox.market.climate import (
    JUMP_EXCITES,
    SHARED_VOL,
    VOLUME_NOISE,
    VOLUME_ON_RANGE,
    AssetPace,
    MarketPace,
)

MARKET_COLUMNS: Final = 10
ASSET_COLUMNS: Final = 13
# Rows of the common path for the assets.
FACTOR, SCALE, VOL, WICK_END, WICK_FAR, CRASH, REGIME = range(7)
COMMON_ROWS: Final = 7
# Slots of a state; an asset keeps its volatility and volume parts after these.
REGIME_NOW, CRASH_CLOCK, CRASH_DEPTH, CRASH_RECOVERY, FALL_MINUTES = range(5)
LEVEL, FACTOR_BEFORE, CLOSE_TICKS, WICK_BEFORE = 5, 6, 7, 8
PARTS: Final = 9
STATE_SIZE: Final = PARTS + 5

_TINY: Final = 2.0**-54
_BELOW_ONE: Final = 1.0 - 2.0**-53
_RAREST: Final = 1e-6
_IDLE: Final = -1.0


@njit(cache=True, nogil=True)
def normal(u: float) -> float:
    """Return the standard normal quantile of `u` in [0, 1), algorithm AS 241 (Wichura 1988), about 1e-16."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = ((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
                  + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
               + 1.3314166789178437745e2) * r + 3.3871328727963666080e0  # fmt: skip
        low = ((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
                  + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
               + 4.2313330701600911252e1) * r + 1.0  # fmt: skip
        return q * top / low
    r = math.sqrt(-math.log(max(u, _TINY) if q < 0.0 else 1.0 - min(u, _BELOW_ONE)))
    if r <= 5.0:
        r -= 1.6
        top = ((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r
                  + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0) * r
               + 4.63033784615654529590e0) * r + 1.42343711074968357734e0  # fmt: skip
        low = ((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r
                  + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0) * r
               + 2.05319162663775882187e0) * r + 1.0  # fmt: skip
    else:
        r -= 5.0
        top = ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r
                  + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0) * r
               + 5.46378491116411436990e0) * r + 6.65790464350110377720e0  # fmt: skip
        low = ((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r
                  + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
               + 5.99832206555887937690e-1) * r + 1.0  # fmt: skip
    return -top / low if q < 0.0 else top / low


@njit(cache=True, nogil=True)
def _shape(minutes: float, fall: float, recovery: float) -> float:
    """Return how much of a flash crash's depth is reached so many minutes after its start."""
    if minutes <= 0.0:
        return 0.0
    if minutes < fall:
        return minutes / fall
    return math.exp((fall - minutes) / recovery)


@njit(cache=True, nogil=True)
def _crash(state: FloatArray, starts: bool, depth: float, u: float, span: float) -> tuple[float, float]:
    """Advance a flash crash by one bar; return its log offset at the close and its farthest inside."""
    if starts:
        state[CRASH_CLOCK] = -u * max(span - 3.0, 0.0)
        state[CRASH_DEPTH] = depth
        state[FALL_MINUTES] = 1.0 + 2.0 * (u * 7.0 % 1.0)
        state[CRASH_RECOVERY] = 6.0 + 18.0 * (u * 31.0 % 1.0)
    elif state[CRASH_DEPTH] == 0.0:
        return 0.0, 0.0
    before = state[CRASH_CLOCK]
    after = before + span
    state[CRASH_CLOCK] = after
    fall, recovery, deep = state[FALL_MINUTES], state[CRASH_RECOVERY], state[CRASH_DEPTH]
    end = _shape(after, fall, recovery)
    far = 1.0 if before < fall <= after else max(_shape(before, fall, recovery), end)
    if after > fall + 9.0 * recovery:
        state[CRASH_DEPTH] = 0.0
        end = 0.0
    return deep * end, deep * far


@njit(cache=True, nogil=True)
def market_steps(
    rows: FloatArray, season: FloatArray, at: int, pace: MarketPace, state: FloatArray, out: FloatArray
) -> None:
    """Walk the common path over `rows` of uniforms into `out`, in daily deviations; `state` is carried on."""
    for i in range(len(rows)):
        u = rows[i]
        regime = int(state[REGIME_NOW])
        if u[5] < pace.switch[regime]:
            pick = u[5] / pace.switch[regime]
            regime_next = 0
            while regime_next < 3 and pick >= pace.turn[regime, regime_next]:
                regime_next += 1
            regime = regime_next
            state[REGIME_NOW] = regime
        jump = 0.0
        excited = 0.0
        if u[6] < pace.jump_chance:
            rare = math.exp(math.log(max(u[7], _RAREST)) * pace.tail_power)
            jump = pace.jump_size * rare * normal(u[6] / pace.jump_chance)
            excited = JUMP_EXCITES
        calm = state[CRASH_DEPTH] == 0.0
        starts = u[8] < pace.crash_chance and calm
        depth = 0.0
        if starts:
            depth = -min(0.05 - 0.035 * math.log(max(u[9], _RAREST)), 0.30)
            excited = JUMP_EXCITES
            jump += 6.0 * depth
        end, far = _crash(state, starts, depth, u[7], pace.span_minutes)
        log_vol = -pace.vol_shift
        for k in range(3):
            state[PARTS + k] = state[PARTS + k] * pace.keep[k] + pace.push[k] * normal(u[2 + k])
            log_vol += state[PARTS + k]
        state[PARTS] += excited * pace.keep[0]
        vol = math.exp(log_vol) * pace.vol[regime]
        tail = math.exp(math.log(max(u[1], _RAREST)) * pace.tail_power) * pace.tail_unit
        scale = vol * tail * season[(at + i) % len(season)] * pace.root_days
        out[FACTOR, i] = pace.drift[regime] + scale * normal(u[0]) + jump
        out[SCALE, i] = scale
        out[VOL, i] = math.exp(SHARED_VOL * math.log(vol))
        out[WICK_END, i] = end
        out[WICK_FAR, i] = far
        out[CRASH, i] = depth
        out[REGIME, i] = regime


@njit(cache=True, nogil=True)
def asset_steps(
    rows: FloatArray,
    common: FloatArray,
    season: FloatArray,
    at: int,
    pace: AssetPace,
    state: FloatArray,
    bars: FloatArray,
    crashes: FloatArray,
) -> None:
    """Walk one asset's path over `rows` of uniforms into `bars` (open, high, low, close, volume)."""
    for i in range(len(rows)):
        u = rows[i]
        jump = 0.0
        excited = 0.0
        if u[4] < pace.jump_chance:
            rare = math.exp(math.log(max(u[5], _RAREST)) * pace.tail_power)
            jump = pace.jump_size * rare * normal(u[4] / pace.jump_chance)
            excited = JUMP_EXCITES
        starts = u[10] < pace.crash_chance and state[CRASH_DEPTH] == 0.0
        depth = 0.0
        if starts:
            pick = u[10] / pace.crash_chance
            depth = -min(0.04 - 0.03 * math.log(max(pick, _RAREST)), 0.35) * pace.beta
            if u[5] > 0.8:
                depth = -0.5 * depth
            excited = JUMP_EXCITES
        crashes[i] = depth
        end, far = _crash(state, starts, depth, u[5], pace.span_minutes)
        end += pace.beta * common[WICK_END, i]
        far += pace.beta * common[WICK_FAR, i]

        log_vol = -pace.vol_shift
        for k in range(2):
            state[PARTS + k] = state[PARTS + k] * pace.keep[k] + pace.push[k] * normal(u[2 + k])
            log_vol += state[PARTS + k]
        state[PARTS] += excited * pace.keep[0]
        tail = math.exp(math.log(max(u[1], _RAREST)) * pace.tail_power) * pace.tail_unit
        own = (
            pace.own
            * common[VOL, i]
            * math.exp(log_vol)
            * tail
            * season[(at + i) % len(season)]
            * pace.root_days
        )
        factor = (1.0 - pace.lag) * common[FACTOR, i] + pace.lag * state[FACTOR_BEFORE]
        state[FACTOR_BEFORE] = common[FACTOR, i]
        level = state[LEVEL]
        moved = pace.stay * level + pace.sigma * (pace.rho * factor + own * normal(u[0]) + pace.own * jump)
        state[LEVEL] = moved

        first = level + state[WICK_BEFORE]
        last = moved + end
        state[WICK_BEFORE] = end
        shared = pace.rho * common[SCALE, i]
        spread = pace.sigma * pace.sigma * (shared * shared + own * own)
        gap = (last - first) * (last - first)
        # The extremes of a Brownian bridge between the two prices, each drawn from its exact law.
        high = 0.5 * (first + last + math.sqrt(gap - 2.0 * spread * math.log(max(u[6], _TINY))))
        low = 0.5 * (first + last - math.sqrt(gap - 2.0 * spread * math.log(max(u[7], _TINY))))
        low = min(low, min(level, moved) + min(far, 0.0))
        high = max(high, max(level, moved) + max(far, 0.0))

        ticks = pace.level * pace.tick_scale / pace.tick_multiple
        close_ticks = max(np.rint(ticks * math.exp(last)), 1.0)
        open_ticks = state[CLOSE_TICKS]
        if open_ticks == 0.0:
            open_ticks = max(np.rint(ticks * math.exp(first)), 1.0)
        elif u[11] < 0.225:
            open_ticks = max(open_ticks - 1.0, 1.0)
        elif u[11] > 0.775:
            open_ticks += 1.0
        state[CLOSE_TICKS] = close_ticks
        high_ticks = max(np.rint(ticks * math.exp(high)), open_ticks, close_ticks)
        low_ticks = max(min(np.rint(ticks * math.exp(low)), open_ticks, close_ticks), 1.0)
        bars[0, i] = open_ticks * pace.tick_multiple / pace.tick_scale
        bars[1, i] = high_ticks * pace.tick_multiple / pace.tick_scale
        bars[2, i] = low_ticks * pace.tick_multiple / pace.tick_scale
        bars[3, i] = close_ticks * pace.tick_multiple / pace.tick_scale

        log_volume = VOLUME_NOISE * normal(u[8])
        for k in range(2):
            part = PARTS + 2 + k
            state[part] = state[part] * pace.volume_keep[k] + pace.volume_push[k] * normal(u[9 + 3 * k])
            log_volume += state[part]
        usual = 1.6 * pace.sigma * pace.root_days
        log_volume += VOLUME_ON_RANGE * math.log(max((high - low) / usual, 0.02))
        lots = pace.turnover * math.exp(log_volume) / (close_ticks * pace.tick_multiple / pace.tick_scale)
        lots = max(np.rint(lots * pace.lot_scale / pace.lot_multiple), 1.0)
        bars[4, i] = lots * pace.lot_multiple / pace.lot_scale
