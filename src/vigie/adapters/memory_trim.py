"""Memory that a process has freed, given back to the machine: the system's allocator keeps it otherwise."""

from __future__ import annotations

import ctypes
import gc
import mmap
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

TRIM_EVERY_S: Final = 20.0
# Between two times only pages of libraries are dropped.
_DROPS: Final = 20
# What the allocator reads when a process begins, and its number in `mallopt(3)` for one that has begun.
_MALLOPT_NUMBERS: Final = {"MALLOC_ARENA_MAX": -8, "MALLOC_TRIM_THRESHOLD_": -1}
# Read from end to end where something is compiled, or loaded that was; what is loaded runs without it.
COMPILER_LIBRARY: Final = "libllvmlite"
# Read in bursts: up to 65 MB of the compiler by who loads kept code, up to 50 MB of the other by who reads a table.
DROPPED_LIBRARIES: Final = (COMPILER_LIBRARY, "_polars_runtime")
_SMAPS: Final = Path("/proc/self/smaps")
_ADDRESS_RANGE: Final = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) ")


def apply_memory_environ(variables: Mapping[str, str], platform: str = sys.platform) -> None:
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
        for name, number in _MALLOPT_NUMBERS.items():
            if name in variables:
                option(number, int(os.environ[name]))


def make_trim(platform: str = sys.platform) -> Callable[[], None] | None:
    """Return what gives spare memory back, None where the allocator has nothing of the kind (only glibc has).

    Parameters
    ----------
    platform : str
        As `sys.platform` says.
    """
    if platform != "linux":
        return None
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return None if trim is None else lambda: trim(0)


def drop_library_pages(libraries: Sequence[str] = DROPPED_LIBRARIES) -> int:
    """Take pages of libraries out of this process; the machine reads them from their files when they are needed again.

    Parts that were written to since they were loaded are left as they are.

    Parameters
    ----------
    libraries : sequence of str
        Parts of the names of their files.

    Returns
    -------
    int
        How many bytes may be read anew.
    """
    return _drop_ranges(_read_clean_ranges(libraries))


def _read_clean_ranges(libraries: Sequence[str]) -> list[tuple[int, int]]:
    """Return where pages of libraries lie that may be dropped, as long as these are loaded: start and length."""
    return list(_clean_ranges(libraries, _SMAPS.read_text("utf-8", "replace"))) if _SMAPS.exists() else []


def _drop_ranges(ranges: Sequence[tuple[int, int]]) -> int:
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return sum(length for start, length in ranges if advise(start, length, mmap.MADV_DONTNEED) == 0)


def _clean_ranges(libraries: Sequence[str], maps: str) -> Iterator[tuple[int, int]]:
    """Yield where pages of files lie that were only read and cannot be written to: start and length.

    What was written to once is in memory or swapped out; dropped, it would come back as the file has it.
    """
    address_range: tuple[int, int] | None = None
    for line in maps.splitlines():
        if match := _ADDRESS_RANGE.match(line):
            start, end = int(match[1], 16), int(match[2], 16)
            file = line.rpartition("/")[2]
            is_ours = any(library in file for library in libraries) and "w" not in match[3]
            address_range = (start, end - start) if is_ours else None
        elif line.startswith("Anonymous:") and line.split()[1] != "0":
            address_range = None
        elif address_range is not None and line.split() == ["Swap:", "0", "kB"]:
            yield address_range


@contextmanager
def trim_periodically(trim: Callable[[], None] | None, every_s: float = TRIM_EVERY_S) -> Iterator[None]:
    """Look for garbage and give spare memory back every now and then until the block ends.

    Parameters
    ----------
    trim : callable or None
        See `make_trim`; None does nothing.
    every_s : float
        How long between two times; one takes some tens of milliseconds.
    """
    if trim is None:
        yield
        return
    ended = threading.Event()

    def run() -> None:
        rounds, ranges, known = 0, [], _read_clean_ranges(DROPPED_LIBRARIES)
        while not ended.wait(every_s / _DROPS):
            rounds += 1
            if rounds % _DROPS == 0:
                # Every page leaves reference cycles behind, which hold all that it showed. Python looks for old ones
                # once they are a quarter as many as what stays: tens of megabytes, of which no page is free again.
                gc.collect()
                trim()
            if rounds == 1 or rounds % _DROPS == 0:
                # Now and then only, as a look at all pages takes 10 ms; twice, as a library that is just being loaded
                # has places that are written to a moment later.
                found = _read_clean_ranges(DROPPED_LIBRARIES)
                ranges, known = [place for place in found if place in known], found
            _drop_ranges(ranges)

    thread = threading.Thread(target=run, name="vigie-spare", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
