"""The files of one result, written together: all new or all old, as far as a file system can promise."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from vigie.domain.errors import StorageError


def write_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a set of files into a folder.

    Everything is first written and synced into a folder beside; only when all of it is safe are the files moved
    in, and moved back where one of them cannot be. A full disk therefore leaves the old result whole.

    Raises
    ------
    StorageError
        If something cannot be written; what was there before is untouched.
    """
    aside = folder.parent / f".{folder.name}.{os.getpid()}.part"
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (aside / "old").mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            with open(aside / name, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        _move_in(aside, folder, list(files))
    except OSError as fault:
        if made:
            with suppress(OSError):
                folder.rmdir()
        raise StorageError(
            f"{folder} could not be written: {fault.strerror or fault}; the old result is untouched. "
            "Free some space or give another --out"
        ) from fault
    finally:
        with suppress(OSError):
            shutil.rmtree(aside)


def _move_in(aside: Path, folder: Path, names: list[str]) -> None:
    for name in names:
        if (folder / name).exists():
            _keep(folder / name, aside / "old" / name)
    done: list[str] = []
    try:
        for name in names:
            os.replace(aside / name, folder / name)
            done.append(name)
    except OSError:
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
