"""What was read from files, kept in memory until they change: pages ask for the same few again and again."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")
# A file is put in place whole, under another node each time: node, size and time tell one from the next.
FileState = tuple[int, int, int]


def read_file_state(path: Path) -> FileState | None:
    """Return what differs as soon as a file does, None where there is none."""
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


class FileCache(Generic[T]):
    """Readings of files; those asked for longest ago are let go.

    Parameters
    ----------
    max_weight : int
        What all readings may weigh together.
    weigh : callable
        Gives what one weighs.
    """

    def __init__(self, max_weight: int, weigh: Callable[[T], int]) -> None:
        self._max_weight = max_weight
        self._weigh = weigh
        self._entries: OrderedDict[Hashable, tuple[FileState, T, int]] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def get(self, path: Path, read: Callable[[Path], T], key: Hashable = ()) -> T | None:
        """Return what `read` makes of a file, as it is now; None where there is no file.

        Parameters
        ----------
        key : hashable
            What of the file is read. What is returned is shared: it must not be changed.
        """
        # Before it is read: what is put in its place meanwhile is read at the next asking.
        state = read_file_state(path)
        if state is None:
            return None
        entry_key = (path, key)
        with self._lock:
            entry = self._entries.get(entry_key)
            if entry is not None and entry[0] == state:
                self._entries.move_to_end(entry_key)
                return entry[1]
        try:
            value = read(path)
        except FileNotFoundError:  # removed since its state was read
            return None
        with self._lock:
            self._evict(entry_key)
            weight = self._weigh(value)
            self._entries[entry_key] = (state, value, weight)
            self._weight += weight
            while self._weight > self._max_weight and len(self._entries) > 1:
                self._evict(next(iter(self._entries)))
        return value

    def _evict(self, entry_key: Hashable) -> None:
        entry = self._entries.pop(entry_key, None)
        if entry is not None:
            self._weight -= entry[2]
