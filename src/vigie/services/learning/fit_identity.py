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
    from vigie.services.learning.model_evaluation import PreparedRows

# What figures of a fit may depend on beside Vigie itself.
_LIBRARIES: Final = ("numpy", "numba", "scikit-learn", "lightgbm")
# Source files below these compute columns, signals, labels, models and trades.
_WINGS: Final = ("domain", "quant", "trading", "engine", "research/learning", "services/learning")


def data_identity(prepared: PreparedRows) -> dict[str, str]:
    """Return SHA-256 of the bars, of each column, of the outcomes and of the instrument's rules."""
    rows, funding = prepared.rows, prepared.slot.funding
    columns = {name: _digest(rows.values[:, number]) for number, name in enumerate(rows.columns)}
    return {
        "bars": bars_fingerprint(prepared.bars),
        "rules": hashlib.sha256(repr(prepared.slot.versions).encode()).hexdigest(),
        "outcomes": _digest(rows.ts, rows.target, rows.ends, rows.weights, rows.gains),
        **({"funding": _digest(funding.ts, funding.rate)} if len(funding.ts) else {}),
        **columns,
    }


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
