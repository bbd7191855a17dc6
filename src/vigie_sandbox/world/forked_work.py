"""Work in a process of its own that ends, so that the memory it took is free again: making the past, writing it."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

_Result = TypeVar("_Result")


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


def compute_in_fork(work: Callable[[], _Result]) -> _Result | None:
    """Compute something in a forked process and return it, None where that process failed.

    What it needs for that, such as the compiler's library, is loaded there alone.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_send_result, args=(sender, receiver, work))
    process.start()
    sender.close()
    with receiver:
        try:
            result: _Result | None = receiver.recv()
        except (EOFError, OSError):  # it ended before its result was whole
            result = None
    process.join()
    return result


def _send_result(sender: Connection, receiver: Connection, work: Callable[[], object]) -> None:
    # Else it would wait for ever for itself to read the result, where the process that wants it was killed.
    receiver.close()
    sender.send(work())
