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
    in. A full disk therefore leaves the old result whole.

    Raises
    ------
    StorageError
        If something cannot be written; what was there before is untouched.
    """
    aside = folder.parent / f".{folder.name}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            with open(aside / name, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for name in files:
            os.replace(aside / name, folder / name)
    except OSError as fault:
        raise StorageError(
            f"{folder} could not be written: {fault.strerror or fault}; the old result is untouched. "
            "Free some space or give another --out"
        ) from fault
    finally:
        with suppress(OSError):
            shutil.rmtree(aside)
