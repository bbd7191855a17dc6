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

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
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
    made = [path for path in (target, *target.parents) if not path.exists()]
    aside = target / f".{os.getpid()}.part"
    is_written = False
    clear_left_behind(target)
    try:
        (aside / "old").mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            with open(aside / name, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        _move_in(aside, target, list(files))
        is_written = True
    except OSError as fault:
        raise StorageError(
            f"{folder} could not be written: {fault.strerror or fault}; the old result is untouched. "
            f"{_advice(fault.errno)}"
        ) from fault
    finally:
        with suppress(OSError):
            shutil.rmtree(aside)
        for path in [] if is_written else made:
            with suppress(OSError):
                path.rmdir()


def clear_left_behind(folder: Path) -> None:
    """Remove the hidden folders of writers that are no more; a writer at work keeps its own."""
    for left in folder.glob(".*.part"):
        pid = left.name.removeprefix(".").removesuffix(".part")
        # Our own number on it is that of an earlier process: we have not begun to write.
        if pid.isdecimal() and (int(pid) == os.getpid() or not _runs(int(pid))):
            with suppress(OSError):
                _take_back(left, folder)
                shutil.rmtree(left)


def _take_back(left: Path, folder: Path) -> None:
    waiting = {path.name for path in left.iterdir()} - {"old"}
    last_move = left.stat().st_mtime_ns
    for copy in (left / "old").glob("*") if waiting else ():
        moved = folder / copy.name
        # What somebody wrote since then stays.
        if copy.name not in waiting and moved.exists() and moved.stat().st_mtime_ns <= last_move:
            os.replace(copy, moved)


def _runs(pid: int) -> bool:
    # Loaded here: few writers leave anything behind, and it takes a fortieth of a second.
    import psutil

    return bool(psutil.pid_exists(pid))


def _advice(number: int | None) -> str:
    if number in _FULL:
        return "Free some space or give another --out"
    if number in _FORBIDDEN:
        return "You may not write there: give another --out"
    return "Look at that folder or give another --out"


def _move_in(aside: Path, folder: Path, names: list[str]) -> None:
    for name in names:
        if (folder / name).exists():
            _keep(folder / name, aside / "old" / name)
    done: list[str] = []
    try:
        for name in names:
            os.replace(aside / name, folder / name)
            done.append(name)
    except (OSError, KeyboardInterrupt):
        for name in done:
            _restore(aside / "old" / name, folder / name)
        raise


def _keep(path: Path, copy: Path) -> None:
    try:
        os.link(path, copy)
    except OSError:  # no links on this file system
        shutil.copy2(path, copy)


def _restore(copy: Path, path: Path) -> None:
    if copy.exists():
        os.replace(copy, path)
    else:
        path.unlink()
