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
State = tuple[int, int, int]


def state_of(path: Path) -> State | None:
    """Return what differs as soon as a file does, None where there is none."""
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


class Kept(Generic[T]):
    """Readings of files; those asked for longest ago are let go.

    Parameters
    ----------
    room : int
        What all readings may weigh together.
    weigh : callable
        Gives what one weighs.
    """

    def __init__(self, room: int, weigh: Callable[[T], int]) -> None:
        self._room = room
        self._weigh = weigh
        self._held: OrderedDict[Hashable, tuple[State, T, int]] = OrderedDict()
        self._weight = 0
        self._turn = threading.Lock()

    def get(self, path: Path, read: Callable[[Path], T], key: Hashable = ()) -> T | None:
        """Return what `read` makes of a file, as it is now; None where there is no file.

        Parameters
        ----------
        key : hashable
            What of the file is read. What is returned is shared: it must not be changed.
        """
        # Before it is read: what is put in its place meanwhile is read at the next asking.
        state = state_of(path)
        if state is None:
            return None
        name = (path, key)
        with self._turn:
            held = self._held.get(name)
            if held is not None and held[0] == state:
                self._held.move_to_end(name)
                return held[1]
        try:
            found = read(path)
        except FileNotFoundError:  # removed since its state was read
            return None
        with self._turn:
            self._let_go(name)
            weight = self._weigh(found)
            self._held[name] = (state, found, weight)
            self._weight += weight
            while self._weight > self._room and len(self._held) > 1:
                self._let_go(next(iter(self._held)))
        return found

    def _let_go(self, name: Hashable) -> None:
        held = self._held.pop(name, None)
        if held is not None:
            self._weight -= held[2]
