"""What says that two runs are of the same data, strategies of the same file, and trials the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from vigie.engine.run import PlannedSlot
from vigie.trading.loaded_strategy import Strategy

# What is read of these is in the digest as settlements.
_OF_SETTLEMENTS: Final = frozenset({"funding_rate"})


def data_fingerprint(slots: Sequence[PlannedSlot]) -> str:
    """Return the SHA-256 of all bars, features, settlements and marks that will be read; equal to a backtest's.

    Parameters
    ----------
    slots : sequence of PlannedSlot
        Their order counts; what several share is read once.

    Returns
    -------
    str
        64 hex digits.
    """
    digest = hashlib.sha256()
    hashed: set[int] = set()
    for slot in slots:
        for part in (slot.bars, slot.detail):
            if part is None or id(part) in hashed:
                continue
            hashed.add(id(part))
            digest.update(f"{part.venue}:{part.instrument}/{part.timeframe}\0".encode())
            for array in (part.ts, part.open, part.high, part.low, part.close, part.volume):
                digest.update(np.ascontiguousarray(array).tobytes())
            for name in sorted(set(part.features) - _OF_SETTLEMENTS):
                digest.update(f"{name}\0".encode() + np.ascontiguousarray(part.features[name]).tobytes())
        if len(slot.funding.ts) and id(slot.funding) not in hashed:
            hashed.add(id(slot.funding))
            for array in (slot.funding.ts, slot.funding.rate, slot.funding.mark):
                digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def strategy_source(strategy: Strategy) -> str:
    """Return the SHA-256 of the strategy's file, and of what a setting requires besides.

    Parameters
    ----------
    strategy : Strategy
        Loaded, or made in memory.

    Returns
    -------
    str
        64 hex digits; empty for a strategy without a file and without `require`.
    """
    # Of a person's own file, what was loaded: it may be another one by now.
    source = strategy.digest or _file_digest(strategy.path)
    return (
        hashlib.sha256(repr((source, strategy.require)).encode()).hexdigest() if strategy.require else source
    )


def _file_digest(path: str) -> str:
    # Empty where there is no file, such as for a strategy made in memory.
    try:
        with open(path, "rb", buffering=0) as file:
            return hashlib.sha256(file.read()).hexdigest()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""


def hash_of_trial(text: str | bytes) -> str:
    """Return the short hash of a trial written as JSON.

    Parameters
    ----------
    text : str or bytes
        JSON of timeframe, strategy, its file, parameters, fees and account.

    Returns
    -------
    str
        16 hex digits.
    """
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:16]
