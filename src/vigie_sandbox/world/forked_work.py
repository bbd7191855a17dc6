"""Work in a process of its own that ends, so that the memory it took is free again: compiling, writing the past."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from numba.core.registry import cpu_target

from vigie.compiled import cache_folder
from vigie_sandbox.world.world import World

# A file beside the compiled code says that worlds found theirs there. That there is some is not enough: the generator
# of bars takes the same steps with arrays of another kind, for which they are compiled anew.
_COMPILED_MARK: Final = "world.compiled"
# Minutes and hours take the same steps: a day of minutes is enough, and made in no time.
_SMALL_DAYS: Final = 1


def can_fork() -> bool:
    """Tell whether a process can be forked here at no risk."""
    # A fork copies no threads: where Polars has started its own, the copy would wait for them for ever.
    return sys.platform == "linux" and "polars" not in sys.modules


def run_in_fork(work: Callable[..., None], *args: Any) -> int | None:
    """Do something in a forked process and wait for it; return its exit code."""
    process = multiprocessing.get_context("fork").Process(target=work, args=args)
    process.start()
    process.join()
    return process.exitcode


def compile_in_fork(folder: Path | None = None) -> bool:
    """Compile what worlds are made with where that was not done yet; return whether it was done.

    The compiler takes tens of megabytes that it never gives back. Where it cannot be done apart, or fails there, the
    world compiles for itself.

    Parameters
    ----------
    folder : Path, optional
        Where compiled code is kept, by default that of these sources.
    """
    cache = cache_folder() if folder is None else folder
    if not can_fork() or (cache / _COMPILED_MARK).exists():
        return False
    # What the compiler knows of types takes a third of a second to load: once, for both processes.
    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
    if run_in_fork(_compile_steps) != 0:
        return False
    if cache.is_dir() and os.access(cache, os.W_OK):
        (cache / _COMPILED_MARK).touch()
    return True


def _compile_steps() -> None:
    World(lambda: 0.0, 0, history_days=_SMALL_DAYS, flawless=True, quiet=True)
