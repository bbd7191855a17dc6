"""The files of one result, written together: all new or all old, as far as a file system can promise."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from vigie.domain.errors import StorageError
from vigie.domain.refusal import Refusal

_DISK_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN: Final = (errno.EACCES, errno.EPERM, errno.EROFS)


def write_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a set of files into a folder.

    Everything is first written and synced into a hidden folder inside it, which is on the same file system even
    where the folder is a link or a mount point; only when all of it is safe are the files moved in, and moved back
    where one of them cannot be. A full disk therefore leaves the old result whole. Hidden folders that killed
    writers left are removed first, and what was killed between two moves is taken back.

    Raises
    ------
    StorageError
        If something cannot be written; what was there before is untouched.
    """
    target = Path(os.path.realpath(folder))
    new_folders = [path for path in (target, *target.parents) if not path.exists()]
    temporary = target / f".{os.getpid()}.part"
    is_written = False
    remove_leftovers(target)
    try:
        (temporary / "old").mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            with open(temporary / name, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        _move_files(temporary, target, list(files))
        is_written = True
    except OSError as fault:
        raise StorageError(
            "could_not_written_old",
            "{folder} could not be written: {strerror}; the old result is intact. {errno}",
            folder=folder,
            strerror=fault.strerror or fault,
            errno=_advice(fault.errno),
        ) from fault
    finally:
        with suppress(OSError):
            shutil.rmtree(temporary)
        for path in [] if is_written else new_folders:
            with suppress(OSError):
                path.rmdir()


def remove_leftovers(folder: Path) -> None:
    """Remove the hidden folders of writers that are no more; a writer at work keeps its own."""
    for leftover in folder.glob(".*.part"):
        pid = leftover.name.removeprefix(".").removesuffix(".part")
        # Our own number on it is that of an earlier process: we have not begun to write.
        if pid.isdecimal() and (int(pid) == os.getpid() or not _is_running(int(pid))):
            with suppress(OSError):
                _undo_moves(leftover, folder)
                shutil.rmtree(leftover)


def _undo_moves(leftover: Path, folder: Path) -> None:
    unmoved = {path.name for path in leftover.iterdir()} - {"old"}
    last_move = leftover.stat().st_mtime_ns
    for copy in (leftover / "old").glob("*") if unmoved else ():
        moved = folder / copy.name
        # What somebody wrote since then stays.
        if copy.name not in unmoved and moved.exists() and moved.stat().st_mtime_ns <= last_move:
            os.replace(copy, moved)


def _is_running(pid: int) -> bool:
    # Loaded here: few writers leave anything behind, and it takes a fortieth of a second.
    import psutil

    return bool(psutil.pid_exists(pid))


def _advice(number: int | None) -> str:
    if number in _DISK_FULL:
        return Refusal("free_some_space_give_another", "Free some space or give another --out")
    if number in _FORBIDDEN:
        return Refusal("cannot_write", "You cannot write there: give another --out")
    return Refusal("check_folder_give_another_out", "Check that folder or give another --out")


def _move_files(temporary: Path, folder: Path, names: list[str]) -> None:
    for name in names:
        if (folder / name).exists():
            _copy_former(folder / name, temporary / "old" / name)
    moved: list[str] = []
    try:
        for name in names:
            os.replace(temporary / name, folder / name)
            moved.append(name)
    except (OSError, KeyboardInterrupt):
        for name in moved:
            _restore_file(temporary / "old" / name, folder / name)
        raise


def _copy_former(path: Path, copy: Path) -> None:
    try:
        os.link(path, copy)
    except OSError:  # no links on this file system
        shutil.copy2(path, copy)


def _restore_file(copy: Path, path: Path) -> None:
    if copy.exists():
        os.replace(copy, path)
    else:
        path.unlink()
