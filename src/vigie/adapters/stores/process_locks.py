"""What one process has for long, a folder or a file: a second one is told who holds it, instead of waiting."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from vigie.adapters.stores.files import make_private_folder
from vigie.domain.errors import StorageError, UsageError, VigieError
from vigie.locks import try_acquire

LOCK_FILE: Final = ".sweep.lock"


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
            "folder_in_use_by_sweep",
            "{folder} is in use by another sweep ({holder}); wait until that one ends, stop it, "
            "or give another --out",
            folder=folder,
            holder=holder,
        )

    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _open_locked(folder / LOCK_FILE, busy)
    except OSError as fault:
        raise StorageError(
            "cannot_written_give",
            "{folder} cannot be written: {strerror}; give another --out",
            folder=folder,
            strerror=fault.strerror or fault,
        ) from fault
    try:
        yield
    finally:
        _release(file, folder / LOCK_FILE)
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
        make_private_folder(path.parent)
        file = _open_locked(path, busy)
    except OSError as fault:
        raise StorageError(
            "cannot_written",
            "{folder} cannot be written: {strerror}; set VIGIE_HOME to a folder you can write to",
            folder=path,
            strerror=fault.strerror or fault,
        ) from fault
    try:
        yield
    finally:
        _release(file, path)


def _open_locked(path: Path, busy: Callable[[str], VigieError]) -> IO[bytes]:
    while True:
        file = open(path, "a+b")  # noqa: SIM115 - it is closed when the hold ends
        try:
            is_taken = try_acquire(file)
        except OSError:
            file.close()
            raise
        if not is_taken:
            holder = _read_holder(file)
            file.close()
            raise busy(holder)
        if _is_same_file(file, path):
            file.truncate(0)
            file.write(f"{os.getpid()}\n".encode())
            file.flush()
            return file
        file.close()  # its holder has just ended and taken the file away


def _read_holder(file: IO[bytes]) -> str:
    file.seek(0)
    pid = file.read(32).decode(errors="replace").strip()
    return f"process {pid}" if pid else "it has just begun"


def _is_same_file(file: IO[bytes], path: Path) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False


def _release(file: IO[bytes], path: Path) -> None:
    # Windows removes no open file; elsewhere another one would take a file that is about to go.
    if sys.platform == "win32":
        file.close()
    with suppress(OSError):  # another one may hold it by now
        path.unlink()
    file.close()
