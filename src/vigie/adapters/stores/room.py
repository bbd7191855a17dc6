"""How much room a home has left on its disk."""

from __future__ import annotations

from pathlib import Path
from shutil import disk_usage
from typing import Final

# With less, what can be had again is not kept any more, and the home is not ready.
LEAST_FREE_BYTES: Final = 1 << 30


def free_bytes(home: Path) -> int:
    """Return the free bytes of the disk that holds a home, or will."""
    return disk_usage(home if home.exists() else home.anchor).free
