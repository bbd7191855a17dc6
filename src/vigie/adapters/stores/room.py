"""How much room a home has left on its disk, and what is kept aside for when there is none."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage
from typing import Final, TypeVar

from vigie.domain.errors import DiskFull

Found = TypeVar("Found")

# With less, what can be had again is not kept any more, and the home is not ready.
LEAST_FREE_BYTES: Final = 1 << 30
RESERVE: Final = "reserve.bin"
# Closing everything of an account writes some hundred kilobytes.
RESERVE_BYTES: Final = 16 << 20


# SQLite makes 32 kB of shared memory beside a database that nobody has open; with twice as much to spare.
OPENING_BYTES: Final = 96 << 10
# With less, nothing is set aside for an opening: the disk is as good as full.
_OPENING_LEAST: Final = 16 << 20


def free_bytes(home: Path) -> int:
    """Return the free bytes of the disk that holds a home, or will."""
    return disk_usage(home if home.exists() else home.anchor).free


def keep_reserve(home: Path) -> None:
    """Keep some room aside, so that positions can be closed on a full disk; nothing is done where there is little."""
    path = home / RESERVE
    if not path.exists() and free_bytes(home) >= LEAST_FREE_BYTES:
        # A file that others may have begun as well, or that finds no room after all, is no reason to stop.
        with suppress(OSError):
            path.write_bytes(bytes(RESERVE_BYTES))


def opening_file(database: Path) -> Path:
    """Return the file that keeps room so that a database can be opened on a full disk."""
    return database.with_name(f"{database.name}-spare")


def keep_opening(database: Path) -> None:
    """Keep room to open a database on a full disk; nothing is done where there is little."""
    path = opening_file(database)
    if not path.exists() and free_bytes(database.parent) >= _OPENING_LEAST:
        with suppress(OSError), open(path, "xb", opener=_private) as file:
            file.write(bytes(OPENING_BYTES))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def with_reserve(home: Path, act: Callable[[], Found]) -> Found:
    """Do something, on a full disk a second time with the room that was kept aside.

    Raises
    ------
    DiskFull
        If that is not enough, or was used before.
    """
    try:
        return act()
    except DiskFull:
        path = home / RESERVE
        if not path.exists():
            raise
        path.unlink()
        return act()
