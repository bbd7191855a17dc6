"""Turns at compiling: of the processes that do it for the first time after an installation, one does it at a time.

The compiler takes some hundred megabytes of whoever uses it, and what one process compiled the next one only loads.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from vigie.compiled import cache_folder
from vigie.locks import acquire, is_locked, release

# How a process ends that has compiled as much as one may: another is started in its place, finds that kept and goes on.
GOES_ON: Final = 78
_PAGES: Final = "pages"
_REST: Final = "rest"


@contextmanager
def compile_turn(name: str) -> Iterator[bool]:
    """Wait while another process compiles, do the body, and let nobody wait for the same again.

    The body is told whether this is the first time, so that it compiles.

    Parameters
    ----------
    name : str
        What is compiled by the body, such as ``loops``; a file beside the compiled code says that it was done.
    """
    folder = cache_folder()
    done = folder / f"{name}.compiled"
    if done.exists():
        yield False
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "turn").open("a")
    except OSError:
        # Nothing can be kept here: every process compiles for itself.
        yield True
        return
    with file:
        acquire(file)
        try:
            # Who held the turn before may have done it.
            yield not done.exists()
        finally:
            release(file)
    # Nobody waits longer for it than they have to: all that is lost is the turns.
    with suppress(OSError):
        done.touch()


def compile_pages_apart() -> None:
    """Compile what pages compute in a process that ends, where that was not done yet.

    A process that serves pages and compiles small functions of them itself has some 100 MB more until it ends.
    """
    with compile_turn(_PAGES) as is_first:
        if is_first:
            run_compiler("vigie.services.running.page_compiling")


def compile_rest_apart() -> None:
    """Compile whatever else a page may compute, in processes that end, where that was not done yet.

    Takes no turn, so that no backtest waits for it.
    """
    done = cache_folder() / f"{_REST}.compiled"
    if done.exists():
        return
    run_compiler("vigie.services.rest_compiling")
    with suppress(OSError):
        done.touch()


def run_compiler(module: str) -> None:
    """Run a module that compiles in processes that end: the compiler takes memory that it never gives back.

    Should it fail, whoever needs that code compiles it.
    """
    code = GOES_ON
    while code == GOES_ON:
        code = subprocess.run(
            [sys.executable, "-m", module],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode


def is_compiling() -> bool:
    """Tell whether a process has a turn now; there is little room beside it."""
    return is_locked(cache_folder() / "turn")
