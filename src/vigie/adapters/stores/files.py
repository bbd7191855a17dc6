"""Files that are whole or not there: written aside, fsynced, renamed; and a lock for two writers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from vigie.domain.errors import StorageError
from vigie.locks import acquire

TEMPORARY_SUFFIX = ".tmp"
_LOCK = ".lock"
# A folder goes at most when its last bar does; who finds it gone so often in a row has another trouble.
_MAX_TRIES = 100


def make_private_folder(folder: Path) -> None:
    """Make a folder, and what is missing above it, for its owner alone; what is there stays as it is."""
    if not folder.exists():
        make_private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def write_atomically(
    path: Path,
    content: bytes,
    *,
    durable_name: bool = True,
    durable: bool = True,
    is_private: bool = False,
) -> None:
    """Write a file so that a crash or a full disk leaves the old one or the new one, never a part.

    With `durable_name` false the caller makes the new name durable with `sync_folder`, once for many files. With
    `durable` false a power cut soon after may leave an empty file. What `is_private` is its owner's alone, from its
    first byte on.

    Raises
    ------
    StorageError
        If it cannot be written; the old file is untouched.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}{TEMPORARY_SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb", opener=_open_private if is_private else None) as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, path)
        if durable_name and durable:
            sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StorageError(
            "could_not_written_previous",
            "{path} could not be written: {strerror}; the previous data is intact. Free "
            "some space or set VIGIE_HOME to a folder with space, then try again",
            path=path,
            strerror=error.strerror or error,
        ) from error


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def sync_folder(folder: Path) -> None:
    """Make the names of a folder's files durable."""
    if sys.platform == "win32":  # folders cannot be opened there; the rename is journalled
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_temporary_files(folder: Path) -> None:
    """Remove what a killed writer left behind; call it only under the folder's lock."""
    for leftover in folder.glob(f"*{TEMPORARY_SUFFIX}"):
        with suppress(OSError):
            leftover.unlink()


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; a second writer waits. The lock dies with the process that holds it."""
    with _open_lock(folder):
        yield  # closing the file lets the lock go


def remove_folder(folder: Path, *, above: int) -> None:
    """Remove a folder that holds its lock alone, and so many above it that are empty; call it under the lock."""
    with suppress(OSError):
        (folder / _LOCK).unlink()
        for emptied in (folder, *folder.parents[:above]):
            emptied.rmdir()


def _open_lock(folder: Path) -> FileIO:
    lock = os.path.join(folder, _LOCK)
    for _try in range(_MAX_TRIES):
        try:
            make_private_folder(folder)
            file = open(lock, "a+b", buffering=0)  # noqa: SIM115 - its holder closes it
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StorageError(
                "cannot_written",
                "{folder} cannot be written: {strerror}; set VIGIE_HOME to a folder you can write to",
                folder=folder,
                strerror=error.strerror or error,
            ) from error
        acquire(file)
        # Who held it may have removed the folder: the lock of a file that has no name keeps nobody out.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), os.stat(lock)):
                return file
        file.close()
    raise StorageError(
        "cannot_written_keeps",
        "{folder} cannot be written: it keeps disappearing; find out what removes it",
        folder=folder,
    )
