"""Locks of open files: one ends with the process that holds it, however it ends.

A file system without locks goes without them. On Windows a lock is of one holder alone: what several may hold is
always taken there.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import IO, Any, Final

_LOCKED_ERRORS: Final = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)

if sys.platform == "win32":
    import msvcrt

    # What is locked cannot be read: a byte behind everything that is ever written.
    _LOCK_OFFSET: Final = 1 << 30

    def acquire(file: IO[Any]) -> None:
        """Wait for the lock of a file; closing it lets the lock go."""
        while True:
            try:
                _lock(file, msvcrt.LK_LOCK)
            except OSError as fault:
                if fault.errno not in _LOCKED_ERRORS:
                    raise
                continue  # ten seconds are over; somebody still has it
            return

    def _try(file: IO[Any], is_shared: bool) -> None:
        if not is_shared:
            _lock(file, msvcrt.LK_NBLCK)

    def release(file: IO[Any]) -> None:
        """Let go of the lock of a file that stays open."""
        _lock(file, msvcrt.LK_UNLCK)

    def _lock(file: IO[Any], how: int) -> None:
        before = os.lseek(file.fileno(), 0, os.SEEK_CUR)
        os.lseek(file.fileno(), _LOCK_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(file.fileno(), how, 1)
        finally:
            os.lseek(file.fileno(), before, os.SEEK_SET)

else:
    import fcntl

    _UNSUPPORTED_ERRORS: Final = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)

    def acquire(file: IO[Any]) -> None:
        """Wait for the lock of a file; closing it lets the lock go."""
        _lock(file, fcntl.LOCK_EX)

    def _try(file: IO[Any], is_shared: bool) -> None:
        _lock(file, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)

    def release(file: IO[Any]) -> None:
        """Let go of the lock of a file that stays open, also where processes that were forked hold the file."""
        _lock(file, fcntl.LOCK_UN)

    def _lock(file: IO[Any], how: int) -> None:
        try:
            fcntl.flock(file.fileno(), how)
        except OSError as fault:
            if fault.errno not in _UNSUPPORTED_ERRORS:
                raise


def try_acquire(file: IO[Any], *, is_shared: bool = False) -> bool:
    """Take the lock of a file unless somebody has it, and tell whether it was taken; several may share one."""
    try:
        _try(file, is_shared)
    except OSError as fault:
        if fault.errno not in _LOCKED_ERRORS:
            raise
        return False
    return True


def is_locked(path: Path) -> bool:
    """Tell whether a process has the lock of a file now; False where the file is not there or cannot be opened."""
    try:
        with path.open("r+b") as file:
            return not try_acquire(file)
    except OSError:
        return False
