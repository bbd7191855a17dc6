"""What a fit was made of, as fingerprints: a second one that differs can name in what."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from vigie.data.decided_bars import bars_fingerprint
from vigie.version import __version__

if TYPE_CHECKING:
    from vigie.domain.bar import FloatArray, IntArray
    from vigie.services.learning.prepared_rows import PreparedRows

# What figures of a fit may depend on beside Vigie itself.
_LIBRARIES: Final = ("numpy", "numba", "scikit-learn", "lightgbm", "optuna")
# Source files below these read bars and compute columns, signals, labels, models and trades.
_WINGS: Final = ("domain", "data", "quant", "trading", "engine", "research/learning", "services/learning")


def data_identity(prepared: PreparedRows) -> dict[str, str]:
    """Return SHA-256 of each market's bars and rules, of each column and of the outcomes."""
    rows = prepared.rows
    columns = {name: _digest(rows.values[:, number]) for number, name in enumerate(rows.columns)}
    read: dict[str, str] = {}
    for market in prepared.markets:
        # Of one market they are known without its name.
        of = f" {market.bars.instrument}" if len(prepared.markets) > 1 else ""
        funding = market.slot.funding
        read[f"bars{of}"] = bars_fingerprint(market.bars)
        read[f"rules{of}"] = hashlib.sha256(repr(market.slot.versions).encode()).hexdigest()
        if len(funding.ts):
            read[f"funding{of}"] = _digest(funding.ts, funding.rate)
    of_which = (rows.assets,) if len(prepared.markets) > 1 else ()
    outcomes = _digest(rows.ts, rows.target, rows.ends, rows.weights, rows.gains, *of_which)
    return {**read, "outcomes": outcomes, **columns}


@cache
def code_identity() -> Mapping[str, str]:
    """Return versions of Vigie, of what it learns with and of the machine, and the SHA-256 of the sources."""
    sources = hashlib.sha256()
    root = Path(__file__).parents[2]
    for wing in _WINGS:
        for path in sorted((root / wing).rglob("*.py")):
            sources.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return {
        "vigie": __version__,
        "sources": sources.hexdigest(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        **{name: _version(name) for name in _LIBRARIES},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _digest(*arrays: FloatArray | IntArray) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
