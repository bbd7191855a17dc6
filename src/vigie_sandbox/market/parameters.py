"""The numbers of the model, and what they come to for one bar of a given length.

Every number was set by hand so that the facts in ``docs/simulated-market.md`` lie where real perpetuals lie.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie_sandbox.market.profiles import AssetProfile

# Regimes in the order of records.REGIMES: mean length in days, drift in daily deviations, volatility.
REGIME_DAYS: Final = (22.0, 35.0, 28.0, 3.0)
REGIME_DRIFT: Final = (0.0, 0.13, -0.11, -0.55)
REGIME_VOL: Final = (0.72, 0.95, 1.05, 2.3)
# Where a regime goes when it ends: rows from, columns to.
REGIME_NEXT: Final = (
    (0.00, 0.52, 0.40, 0.08),
    (0.55, 0.00, 0.30, 0.15),
    (0.50, 0.38, 0.00, 0.12),
    (0.40, 0.25, 0.35, 0.00),
)
# Log volatility is a sum of slow and fast parts: time constant in hours, standard deviation.
COMMON_VOL: Final = ((1.5, 0.30), (80.0, 0.46), (800.0, 0.42))
OWN_VOL: Final = ((6.0, 0.30), (220.0, 0.36))
# How much of the common log volatility an asset's own part follows.
SHARED_VOL: Final = 0.8
# Shocks are normal over a power of a uniform: their tail index is exactly this.
TAIL_INDEX: Final = 5.0
# Jumps: a day, and size in daily deviations before the same power tail.
COMMON_JUMPS: Final = (0.06, 0.8)
OWN_JUMPS: Final = (0.10, 0.8)
JUMP_EXCITES: Final = 1.2
# Flash crashes: a year.
COMMON_CRASHES: Final = 2.5
OWN_CRASHES: Final = 3.0
# The part of the fall that stays, in daily deviations for a fall of 100 %.
CRASH_STAYS: Final = 6.0
# The others follow BTC by about this long.
LEAD_MS: Final = 2_000.0
# Days in which half of a price's distance from its level is lost: keeps any horizon plausible.
HALF_LIFE_DAYS: Final = 900.0
STABLE_HALF_LIFE_DAYS: Final = 0.06
# Log volume: how it follows the bar's log range, then parts of its own like those of volatility, then noise.
VOLUME_ON_RANGE: Final = 1.05
OWN_VOLUME: Final = ((300.0, 0.24), (10.0, 0.26), (0.4, 0.50))
VOLUME_NOISE: Final = 0.12
# Share of bars that open one tick above the close before, and as many below.
OPEN_BESIDE: Final = 0.245

# Mean absolute return by UTC hour and by weekday from Monday, over the mean of all (real perpetuals).
HOURS: Final = (
    1.15, 1.06, 0.95, 0.87, 0.80, 0.83, 0.84, 0.88, 0.94, 0.89, 0.87, 0.87,
    1.01, 1.18, 1.34, 1.28, 1.14, 1.10, 1.02, 1.03, 1.03, 1.01, 1.00, 0.93,
)  # fmt: skip
WEEKDAYS: Final = (1.11, 1.08, 1.08, 1.07, 1.06, 0.77, 0.85)
EPOCH_WEEKDAY: Final = 3


class MarketParameters(NamedTuple):
    """What the common path needs to take one step."""

    root_days: float
    tail_power: float
    tail_unit: float
    keep: FloatArray
    push: FloatArray
    vol_shift: float
    switch: FloatArray
    turn: FloatArray
    drift: FloatArray
    vol: FloatArray
    jump_chance: float
    jump_size: float
    jump_excites: float
    crash_chance: float
    crash_stays: float
    shared_vol: float
    span_minutes: float


class AssetParameters(NamedTuple):
    """What the path of one asset needs to take one step."""

    sigma: float
    rho: float
    own: float
    lag: float
    stay: float
    tail_power: float
    tail_unit: float
    root_days: float
    keep: FloatArray
    push: FloatArray
    vol_shift: float
    jump_chance: float
    jump_size: float
    jump_excites: float
    crash_chance: float
    span_minutes: float
    beta: float
    level: float
    tick_multiple: float
    tick_scale: float
    lot_multiple: float
    lot_scale: float
    turnover: float
    usual_range: float
    bridge: float
    open_beside: float
    volume_on_range: float
    volume_noise: float
    volume_keep: FloatArray
    volume_push: FloatArray


def compute_seasonality(span_ms: int) -> FloatArray:
    """Return the volatility of each bar of a week from Thursday (the epoch's weekday), mean square 1."""
    hours = np.array(HOURS)
    hours = hours / math.sqrt(float((hours**2).mean()))
    days = np.array([WEEKDAYS[(EPOCH_WEEKDAY + day) % 7] for day in range(7)])
    days = days / math.sqrt(float((days**2).mean()))
    week = np.outer(days, hours).ravel()
    if span_ms >= HOUR_MS:
        season: FloatArray = np.sqrt((week**2).reshape(-1, span_ms // HOUR_MS).mean(axis=1))
        return season
    return np.repeat(week, HOUR_MS // span_ms)


def make_market_parameters(span_ms: int) -> MarketParameters:
    """Return the common path's numbers for bars of `span_ms`."""
    days = span_ms / DAY_MS
    keep, push, shift = _compute_components(COMMON_VOL, span_ms)
    share = compute_regime_shares()
    vol = np.array(REGIME_VOL)
    vol = vol / math.sqrt(float((share * vol**2).sum()))
    drift = np.array(REGIME_DRIFT)
    rate, size = COMMON_JUMPS
    return MarketParameters(
        root_days=math.sqrt(days),
        tail_power=-1.0 / TAIL_INDEX,
        tail_unit=math.sqrt((TAIL_INDEX - 2.0) / TAIL_INDEX),
        keep=keep,
        push=push,
        vol_shift=shift,
        switch=1.0 - np.exp(-days / np.array(REGIME_DAYS)),
        turn=np.cumsum(np.array(REGIME_NEXT), axis=1),
        drift=(drift - float((share * drift).sum())) * days,
        vol=vol,
        jump_chance=1.0 - math.exp(-rate * days),
        jump_size=size,
        jump_excites=JUMP_EXCITES,
        crash_stays=CRASH_STAYS,
        shared_vol=SHARED_VOL,
        crash_chance=1.0 - math.exp(-COMMON_CRASHES * days / 365.0),
        span_minutes=span_ms / MINUTE_MS,
    )


def make_asset_parameters(profile: AssetProfile, span_ms: int, *, is_leader: bool) -> AssetParameters:
    """Return one asset's numbers for bars of `span_ms`; the leader follows the factor without delay."""
    days = span_ms / DAY_MS
    keep, push, shift = _compute_components(OWN_VOL, span_ms)
    volume_keep, volume_push, _ = _compute_components(OWN_VOLUME, span_ms)
    rate, size = OWN_JUMPS
    half_life = STABLE_HALF_LIFE_DAYS if profile.is_stable else HALF_LIFE_DAYS
    return AssetParameters(
        sigma=profile.sigma_day,
        rho=profile.rho,
        own=math.sqrt(1.0 - profile.rho**2),
        lag=0.0 if is_leader else LEAD_MS / (LEAD_MS + span_ms),
        stay=math.exp(-math.log(2.0) * days / half_life),
        tail_power=-1.0 / TAIL_INDEX,
        tail_unit=math.sqrt((TAIL_INDEX - 2.0) / TAIL_INDEX),
        root_days=math.sqrt(days),
        keep=keep,
        push=push,
        vol_shift=shift,
        jump_chance=1.0 - math.exp(-rate * profile.wildness * days),
        jump_size=size * profile.wildness,
        jump_excites=JUMP_EXCITES,
        crash_chance=1.0 - math.exp(-OWN_CRASHES * profile.wildness * days / 365.0),
        span_minutes=span_ms / MINUTE_MS,
        beta=0.0 if profile.is_stable else math.sqrt(profile.sigma_day / 0.033),
        level=profile.level,
        tick_multiple=float(profile.tick.multiple),
        tick_scale=profile.tick.scale,
        lot_multiple=float(profile.lot.multiple),
        lot_scale=profile.lot.scale,
        turnover=1.45 * profile.turnover * days,
        usual_range=1.6 * profile.sigma_day * math.sqrt(days),
        bridge=_compute_bridge_factor(span_ms),
        open_beside=OPEN_BESIDE,
        volume_on_range=VOLUME_ON_RANGE,
        volume_noise=VOLUME_NOISE,
        volume_keep=volume_keep,
        volume_push=volume_push,
    )


def _compute_bridge_factor(span_ms: int) -> float:
    """Return how far bars reach beyond what their closes tell, as a factor on the variance."""
    return (0.9 + 0.22 * min(math.log(span_ms / MINUTE_MS) / math.log(60.0), 1.0)) ** 2


def _compute_components(
    parts: tuple[tuple[float, float], ...], span_ms: int
) -> tuple[FloatArray, FloatArray, float]:
    """Return, per part, the share kept in a bar and the size of its push, and the log of the mean square."""
    steps = np.array([span_ms / (hours * HOUR_MS) for hours, _ in parts])
    spread = np.array([deviation for _, deviation in parts])
    # What swings within a bar averages out of it: the variance of a mean over one bar.
    spread = spread * np.sqrt(2.0 * (steps + np.expm1(-steps))) / steps
    keep = np.exp(-steps)
    return keep, spread * np.sqrt(1.0 - keep**2), float((spread**2).sum())


def compute_regime_shares() -> FloatArray:
    """Return the share of time that each regime takes in the long run."""
    turn = np.array(REGIME_NEXT)
    entered = np.full(len(turn), 1.0 / len(turn))
    for _ in range(500):
        entered = 0.5 * entered + 0.5 * entered @ turn
    share: FloatArray = entered * np.array(REGIME_DAYS)
    share /= share.sum()
    return share


def draw_settled_parts(keep: FloatArray, push: FloatArray, uniforms: FloatArray) -> FloatArray:
    """Return parts of log volatility or volume drawn from where they are in the long run."""
    # The sum of twelve uniforms is normal enough to begin with, and exact on every machine.
    parts: FloatArray = push / np.sqrt(1.0 - keep**2) * (uniforms.sum(axis=1) - 6.0)
    return parts
