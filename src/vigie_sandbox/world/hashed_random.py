"""Numbers that look random and can be read in any order: a hash of a key and a place.

Streams of a generator have to be drawn in order; what services show about any moment cannot be.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vigie.domain.bar import FloatArray

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_TO_UNIT: Final = 2.0**-53


def derive_key(seed: int, *words: str) -> int:
    """Return the key of a purpose in the world of a seed."""
    digest = hashlib.blake2b("/".join((str(seed), *words)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def uniforms(key: int | NDArray[np.uint64], indices: ArrayLike) -> FloatArray:
    """Return a number in [0, 1) for each place: SplitMix64 (Steele, Lea, Flood 2014) of key and place."""
    # Arrays wrap around in silence, as they should here; only bare scalars would warn.
    z = np.asarray(key, np.uint64) + (np.atleast_1d(indices).astype(np.uint64) + np.uint64(1)) * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    z ^= z >> np.uint64(31)
    unit: FloatArray = (z >> np.uint64(11)).astype(np.float64) * _TO_UNIT
    return unit


def uniform(key: int, index: int) -> float:
    """Return one such number."""
    return float(uniforms(key, [index])[0])


def normals(key: int, indices: ArrayLike) -> FloatArray:
    """Return a number for each place that is near enough to normal: four uniforms, mean 0, deviation 1."""
    counters = np.asarray(indices).astype(np.uint64)[..., None] * np.uint64(4) + np.arange(4, dtype=np.uint64)
    values: FloatArray = (uniforms(key, counters).sum(axis=-1) - 2.0) * np.sqrt(3.0)
    return values
