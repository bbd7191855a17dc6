"""What a process is called by `ps` and found by with `pkill -f`: its command line, written over.

The kernel shows the bytes where a program's arguments began, and where their last one is written over it reads on into
those of the variables. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_STAT: Final = Path("/proc/self/stat")
# Of `proc_pid_stat(5)`, counted behind the name in brackets, which may hold blanks: arg_start and the three after it.
_PLACE: Final = slice(45, 49)


def may_be_named() -> bool:
    """Tell whether this process, or a copy of it, can be given another command line."""
    return sys.platform == "linux" and _room() is not None


def name_process(program: str, words: Sequence[str]) -> bool:
    """Give this process another command line; return whether it has it now.

    Parameters
    ----------
    program : str
        What is called.
    words : sequence of str
        With what. Blanks before them fill the room that is left, so that the last word stands at the very end.
    """
    room = _room() if sys.platform == "linux" else None
    if room is None:
        return False
    start, arguments, whole = room
    called, said = (os.fsencode(one) for one in (program, " ".join(words)))
    line = called + b" " * max(1, arguments - len(called) - len(said)) + said
    if len(line) >= whole:
        return False
    # What the system's library knows of variables still lies there: written anew they lie elsewhere.
    for key, value in os.environb.items():
        os.putenv(key, value)
    ctypes.memset(start, 0, whole)
    ctypes.memmove(start, line, len(line))
    return True


def _room() -> tuple[int, int, int] | None:
    """Return where the command line begins, how many bytes it has, and how many with those of the variables."""
    try:
        numbers = _STAT.read_text("ascii", "replace").rpartition(")")[2].split()[_PLACE]
        start, end, variables, whole = (int(one) for one in numbers)
    except (OSError, ValueError):
        return None
    # Where something lies between, the kernel does not read on.
    return (start, end - start, whole - start) if 0 < start < end == variables <= whole else None
