"""Keep a process's memory and variables from other processes of the same user.

Parts of Vigie run as one user, and Linux lets processes of one user read each other through `/proc`. A process that
holds the keys of a venue closes that way: only the administrator then reads its memory, variables and mounted files.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

# Of `prctl(2)`.
_PR_GET_DUMPABLE: Final = 3
_PR_SET_DUMPABLE: Final = 4


def make_private() -> bool:
    """Close this process to others of its user, until it ends; return whether it is closed. Linux only."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return bool(libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
