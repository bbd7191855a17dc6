"""How much room a home has left on its disk, and what is kept aside for when there is none."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import shake_256
from pathlib import Path
from shutil import disk_usage
from typing import Final, TypeVar

from vigie.domain.errors import DiskFull

Result = TypeVar("Result")

# With less, what can be had again is not kept any more, and the home is not ready.
MIN_FREE_BYTES: Final = 1 << 30
RESERVE: Final = "reserve.bin"
# Closing everything of an account writes some hundred kilobytes.
RESERVE_BYTES: Final = 16 << 20
MIN_RESERVE_BYTES: Final = 2 << 20


# SQLite makes 32 kB of shared memory beside a database that nobody has open; with twice as much to spare.
OPENING_BYTES: Final = 96 << 10
# With less, nothing is set aside for an opening: the disk is as good as full.
_MIN_FREE_FOR_OPENING: Final = 16 << 20


def free_bytes(home: Path) -> int:
    """Return the free bytes of the disk that holds a home, or will."""
    return disk_usage(home if home.exists() else home.anchor).free


def keep_reserve(home: Path) -> int:
    """Keep room aside, so that positions can be closed on a full disk; return how much is kept now.

    On a nearly full disk it is half of what is free; below `MIN_RESERVE_BYTES` nothing is kept.
    """
    path = home / RESERVE
    current = _file_size(path)
    wanted = min(RESERVE_BYTES, (current + free_bytes(home)) // 2)
    if current >= wanted or wanted < MIN_RESERVE_BYTES:
        return current
    new_file = path.with_suffix(".new")
    try:
        # What can be compressed would leave no room when it is removed.
        with new_file.open("wb") as file:
            file.write(shake_256(RESERVE.encode()).digest(wanted))
            file.flush()
            os.fsync(file.fileno())
        new_file.replace(path)
    except OSError:
        # It finds no room after all: what was kept before still is.
        with suppress(OSError):
            new_file.unlink()
    return _file_size(path)


def _file_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def opening_file(database: Path) -> Path:
    """Return the file that keeps room so that a database can be opened on a full disk."""
    return database.with_name(f"{database.name}-spare")


def keep_opening(database: Path) -> None:
    """Keep room to open a database on a full disk; nothing is done where there is little."""
    path = opening_file(database)
    if not path.exists() and free_bytes(database.parent) >= _MIN_FREE_FOR_OPENING:
        with suppress(OSError), open(path, "xb", opener=_open_private) as file:
            file.write(bytes(OPENING_BYTES))


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def run_with_reserve(home: Path, action: Callable[[], Result]) -> Result:
    """Do something, on a full disk a second time with the room that was kept aside.

    Raises
    ------
    DiskFull
        If that is not enough, or was used before.
    """
    try:
        return action()
    except DiskFull:
        path = home / RESERVE
        if not path.exists():
            raise
        path.unlink()
        return action()
