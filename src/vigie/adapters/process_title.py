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
_ARGUMENT_FIELDS: Final = slice(45, 49)


def may_set_process_title() -> bool:
    """Tell whether this process, or a copy of it, can be given another command line."""
    return sys.platform == "linux" and _command_line_room() is not None


def set_process_title(program: str, args: Sequence[str]) -> bool:
    """Give this process another command line; return whether it has it now.

    Parameters
    ----------
    program : str
        What is called.
    args : sequence of str
        With what. Blanks before them fill the room that is left, so that the last word stands at the very end.
    """
    room = _command_line_room() if sys.platform == "linux" else None
    if room is None:
        return False
    start, arguments, total = room
    program_bytes, args_bytes = (os.fsencode(text) for text in (program, " ".join(args)))
    line = program_bytes + b" " * max(1, arguments - len(program_bytes) - len(args_bytes)) + args_bytes
    if len(line) >= total:
        return False
    # What the system's library knows of variables still lies there: written anew they lie elsewhere.
    for key, value in os.environb.items():
        os.putenv(key, value)
    ctypes.memset(start, 0, total)
    ctypes.memmove(start, line, len(line))
    return True


def _command_line_room() -> tuple[int, int, int] | None:
    """Return where the command line begins, how many bytes it has, and how many with those of the variables."""
    try:
        numbers = _STAT.read_text("ascii", "replace").rpartition(")")[2].split()[_ARGUMENT_FIELDS]
        start, end, variables, total_end = (int(number) for number in numbers)
    except (OSError, ValueError):
        return None
    # Where something lies between, the kernel does not read on.
    return (start, end - start, total_end - start) if 0 < start < end == variables <= total_end else None
