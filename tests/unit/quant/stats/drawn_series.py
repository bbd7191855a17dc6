"""Series of known kinds, made of sines and of whole numbers alone: equal on every machine and for every version."""

from __future__ import annotations

import numpy as np


def noise(count: int, seed: int) -> np.ndarray:
    """Return numbers that look random, in [-1, 1), from a linear congruence."""
    state, out = seed, np.empty(count)
    for k in range(count):
        state = (1_103_515_245 * state + 12_345) % 2**31
        out[k] = state / 2**30 - 1.0
    return out


def filtered(shocks: np.ndarray, weight: float) -> np.ndarray:
    """Return an autoregression of the first order."""
    out, last = np.empty(len(shocks)), 0.0
    for k, shock in enumerate(shocks):
        last = weight * last + shock
        out[k] = last
    return out


def make(kind: str, count: int, seed: int) -> np.ndarray:
    """Return a series by its kind."""
    shocks = noise(count, seed)
    places = np.arange(count, dtype=np.float64)
    match kind:
        case "noise":
            return shocks
        case "walk":
            return np.cumsum(shocks)
        case "level":
            return 100.0 + filtered(shocks, 0.8)
        case "near_walk":
            return filtered(shocks, 0.99)
        case "trend":
            return 0.01 * places + shocks
        case "wave":
            return np.sin(places / 9.0) + 0.3 * shocks
        case "price":
            return 60_000.0 * np.exp(np.cumsum(0.005 * shocks))
        case "turning":
            return filtered(shocks, -0.6)
    raise ValueError(kind)


KINDS = ("noise", "walk", "level", "near_walk", "trend", "wave", "price", "turning")
LENGTHS = (40, 250, 2_000)
