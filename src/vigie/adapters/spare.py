"""Memory that a process has freed, given back to the machine: the system's allocator keeps it otherwise."""

from __future__ import annotations

import ctypes
import gc
import mmap
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

EVERY_S: Final = 60.0
# What the allocator reads when a process begins, and its number in `mallopt(3)` for one that has begun.
_OPTIONS: Final = {"MALLOC_ARENA_MAX": -8, "MALLOC_TRIM_THRESHOLD_": -1}
# Read from end to end where something is compiled, or loaded that was; what is loaded runs without it.
LOADER: Final = "libllvmlite"
_MAPS: Final = Path("/proc/self/smaps")
_PLACE: Final = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) ")


def be_thrifty(variables: Mapping[str, str], platform: str = sys.platform) -> None:
    """Let variables that save memory count for this process, which has begun without them.

    Parameters
    ----------
    variables : mapping
        By name; libraries that are not loaded yet read theirs themselves. What is set already stays.
    platform : str
        As `sys.platform` says.
    """
    for name, value in variables.items():
        os.environ.setdefault(name, value)
    option = getattr(ctypes.CDLL(None), "mallopt", None) if platform == "linux" else None
    if option is not None:
        for name, number in _OPTIONS.items():
            if name in variables:
                option(number, int(os.environ[name]))


def trim_of(platform: str = sys.platform) -> Callable[[], None] | None:
    """Return what gives spare memory back, None where the allocator has nothing of the kind (only glibc has).

    Parameters
    ----------
    platform : str
        As `sys.platform` says.
    """
    if platform != "linux":
        return None
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return None

    def give_back() -> None:
        trim(0)
        let_go_of(LOADER)

    return give_back


def let_go_of(library: str) -> int:
    """Take a library's pages out of this process; the machine reads them from their file when they are needed again.

    Parts that were written to since they were loaded are left as they are.

    Parameters
    ----------
    library : str
        Part of its file's name.

    Returns
    -------
    int
        How many bytes of the library may be read anew.
    """
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    done = 0
    for start, length in _unwritten(library, _MAPS.read_text("utf-8", "replace")):
        if advise(start, length, mmap.MADV_DONTNEED) == 0:
            done += length
    return done


def _unwritten(library: str, maps: str) -> Iterator[tuple[int, int]]:
    """Yield where a file's pages lie that nobody can write to and nobody has: start and length."""
    place: tuple[int, int] | None = None
    for line in maps.splitlines():
        if found := _PLACE.match(line):
            start, end = int(found[1], 16), int(found[2], 16)
            is_ours = library in line.rpartition("/")[2] and "w" not in found[3]
            place = (start, end - start) if is_ours else None
        elif place is not None and line.split() == ["Anonymous:", "0", "kB"]:
            yield place


@contextmanager
def given_back(trim: Callable[[], None] | None, every_s: float = EVERY_S) -> Iterator[None]:
    """Look for garbage and give spare memory back every now and then until the block ends.

    Parameters
    ----------
    trim : callable or None
        See `trim_of`; None does nothing.
    every_s : float
        How long between two times; one takes some tens of milliseconds.
    """
    if trim is None:
        yield
        return
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(every_s):
            # Every page leaves rings behind, with all it showed hanging on them. Python looks for those that have lived
            # a while once they are a quarter as many as what stays: tens of megabytes, of which no page is free again.
            gc.collect()
            trim()

    thread = threading.Thread(target=work, name="vigie-spare", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
