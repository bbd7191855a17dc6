"""Random streams, one per seed, owner and purpose.

Only uniforms of PCG64 are drawn: that stream is fixed, while numpy may change how it turns it into other
distributions. One row is drawn per step, so a longer horizon starts with the same rows as a shorter one.
"""

from __future__ import annotations

import hashlib

import numpy as np


def make_stream(seed: int, owner: str, purpose: str) -> np.random.Generator:
    """Return the stream of one owner, the same whoever else lives in the market.

    Parameters
    ----------
    seed : int
        The market's seed, >= 0.
    owner : str
        A ticker, or ``market``.
    purpose : str
        What the numbers are for, such as ``path``.
    """
    digest = hashlib.blake2b(f"{owner}/{purpose}".encode(), digest_size=16).digest()
    key = tuple(int.from_bytes(digest[offset : offset + 4], "little") for offset in range(0, 16, 4))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
