"""Memory that a process has freed, given back to the machine: the system's allocator keeps it otherwise."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

EVERY_S: Final = 60.0
# What the allocator reads when a process begins, and its number in `mallopt(3)` for one that has begun.
_OPTIONS: Final = {"MALLOC_ARENA_MAX": -8, "MALLOC_TRIM_THRESHOLD_": -1}


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
    return None if trim is None else lambda: trim(0)


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
