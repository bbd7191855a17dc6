"""A folder in memory for what tests write: each commit of thousands of databases waits for the disk elsewhere."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")
PREFIX: Final = "vt-"
# Databases of both kinds, homes and browsers of a whole run are some 4.5 GB at its end, beside 6 GB of processes.
LEAST_FREE: Final = 7 * 1024**3
LEAST_MEMORY: Final = 12 * 1024**3
_AVAILABLE: Final = Path("/proc/meminfo")


@contextmanager
def temporary_files_in_memory(memory: Path = MEMORY, available: Path = _AVAILABLE) -> Iterator[Path | None]:
    """Have temporary files of this process and of those it starts lie in memory, where there is enough of it.

    Parameters
    ----------
    memory : Path
        Where a file system in memory is mounted.
    available : Path
        Where Linux says how much memory is available.

    Yields
    ------
    Path or None
        The folder, which is gone afterwards; None where the system's own stays in use.
    """
    if "TMPDIR" in os.environ or not has_room(memory, available):
        yield None
        return
    remove_left(memory)
    folder = memory / f"{PREFIX}{os.getpid()}"
    # A server of PostgreSQL that another user runs passes through, and lists nothing.
    folder.mkdir(mode=0o711)
    before, tempfile.tempdir = tempfile.tempdir, None
    os.environ["TMPDIR"] = str(folder)
    try:
        yield folder
    finally:
        del os.environ["TMPDIR"]
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)


def has_room(memory: Path, available: Path) -> bool:
    """Tell whether a folder is a file system in memory that may take what tests write."""
    if not (
        memory.is_dir() and os.access(memory, os.W_OK) and os.path.ismount(memory) and available.is_file()
    ):
        return False
    # Tests write programs and start them; some containers allow that nowhere in memory.
    if os.statvfs(memory).f_flag & os.ST_NOEXEC:
        return False
    lines = dict(line.split(":", 1) for line in available.read_text("ascii").splitlines())
    kilobytes = int(lines.get("MemAvailable", "0").split()[0])
    return shutil.disk_usage(memory).free >= LEAST_FREE and kilobytes * 1024 >= LEAST_MEMORY


def remove_left(memory: Path) -> None:
    """Remove what runs left that were killed: it holds memory until then."""
    for folder in memory.glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX)
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)
