"""Compiling in portions: who has compiled so much ends, and who comes next finds that kept and goes on.

What the compiler takes it never gives back: the loop of an account alone takes 180 MB of one process.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Final

import psutil
from numba.core import event

from vigie.compiled import cache_folder
from vigie.services.running.compiling import GOES_ON

PORTION: Final = 32 * 1024 * 1024


class _Portion(event.Listener):
    """Ends the process before a function is compiled, once those before it took a portion."""

    def __init__(self) -> None:
        self.bytes: float = PORTION
        self._process = psutil.Process()
        self._bytes_before = 0
        self._kept_before: set[tuple[str, int]] = set()

    def on_start(self, event: event.Event) -> None:
        resident = int(self._process.memory_info().rss)
        if not self._bytes_before:
            self._bytes_before, self._kept_before = resident, _kept()
        elif resident - self._bytes_before > self.bytes:
            self.end_if_kept()

    def on_end(self, event: event.Event) -> None:
        pass  # what was compiled is kept after this

    def end_if_kept(self) -> None:
        # Where nothing was kept, the next process would begin where this one did, for ever.
        if self._bytes_before and _kept() - self._kept_before:
            os._exit(GOES_ON)


def _kept() -> set[tuple[str, int]]:
    """Return the files of compiled functions, each with the time at which it was written."""
    return {(str(path), path.stat().st_mtime_ns) for path in cache_folder().rglob("*.nbc")}


_portion: Final = _Portion()


def compile_in_portions(portion: float = PORTION) -> None:
    """Let this process end with `GOES_ON` once what it compiles has taken so many bytes, a portion by default."""
    _portion.bytes = portion
    # By name: the library says no types.
    import_module("numba.core.event").register("numba:compile", _portion)


def end_if_compiled() -> None:
    """End with `GOES_ON` where this process compiled something: a fresh one has it without the compiler."""
    _portion.end_if_kept()
