"""Memory that a process has freed, given back to the machine: the system's allocator keeps it otherwise."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

EVERY_S: Final = 60.0


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
    """Give spare memory back every now and then until the block ends.

    Parameters
    ----------
    trim : callable or None
        See `trim_of`; None does nothing.
    every_s : float
        How long between two times; one takes milliseconds and holds nobody up who allocates nothing.
    """
    if trim is None:
        yield
        return
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(every_s):
            trim()

    thread = threading.Thread(target=work, name="vigie-spare", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
