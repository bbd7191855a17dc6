"""What one process has for long, a folder or a file: a second one is told who holds it, instead of waiting."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from vigie.adapters.stores.files import own_folder
from vigie.domain.errors import StorageError, UsageError, VigieError

LOCK: Final = ".sweep.lock"
_HELD: Final = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold a folder; the hold ends with the process, however it ends, so that a dead holder's is taken over.

    Raises
    ------
    UsageError
        If another process holds it.
    StorageError
        If the folder cannot be written.
    """

    def busy(holder: str) -> UsageError:
        return UsageError(
            f"{folder} is in use by another sweep ({holder}); wait until that one ends, stop it, "
            "or give another --out"
        )

    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _take(folder / LOCK, busy)
    except OSError as fault:
        raise StorageError(
            f"{folder} cannot be written: {fault.strerror or fault}; give another --out"
        ) from fault
    try:
        yield
    finally:
        _let_go(file, folder / LOCK)
        if is_new:
            with suppress(OSError):  # something was written into it, as it should be
                folder.rmdir()


@contextmanager
def hold_file(path: Path, busy: Callable[[str], VigieError]) -> Iterator[None]:
    """Hold a file that is there for this alone; the hold ends with the process, however it ends.

    Parameters
    ----------
    busy : callable
        Makes the error that is raised if another process holds it, of words that tell who.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    try:
        own_folder(path.parent)
        file = _take(path, busy)
    except OSError as fault:
        raise StorageError(
            f"{path} cannot be written: {fault.strerror or fault}; set VIGIE_HOME to a folder of yours"
        ) from fault
    try:
        yield
    finally:
        _let_go(file, path)


def _take(path: Path, busy: Callable[[str], VigieError]) -> IO[bytes]:
    while True:
        file = open(path, "a+b")  # noqa: SIM115 - it is closed when the hold ends
        try:
            _lock_now(file.fileno())
        except OSError as fault:
            holder = _holder(file)
            file.close()
            if fault.errno not in _HELD:
                raise
            raise busy(holder) from fault
        if _is_still(file, path):
            file.truncate(0)
            file.write(f"{os.getpid()}\n".encode())
            file.flush()
            return file
        file.close()  # its holder has just ended and taken the file away


def _holder(file: IO[bytes]) -> str:
    file.seek(0)
    pid = file.read(32).decode(errors="replace").strip()
    return f"process {pid}" if pid else "it has just begun"


def _is_still(file: IO[bytes], path: Path) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False


if sys.platform == "win32":
    import msvcrt

    # What is locked cannot be read: a byte behind everything that is ever written.
    BEHIND: Final = 1 << 30

    def _lock_now(handle: int) -> None:
        os.lseek(handle, BEHIND, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _let_go(file: IO[bytes], path: Path) -> None:
        file.close()
        with suppress(OSError):  # another one may hold it by now
            path.unlink()

else:
    import fcntl

    def _lock_now(handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            if fault.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
                raise  # a file system without locks is used without one

    def _let_go(file: IO[bytes], path: Path) -> None:
        with suppress(OSError):
            path.unlink()
        file.close()
