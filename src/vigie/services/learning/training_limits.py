"""What a training may take of a machine: two threads and a bounded memory, so that pages go on answering."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from importlib.util import find_spec
from typing import Final

from vigie.domain.errors import UsageError
from vigie.quant.models.model_kind import library

THREADS: Final = 2
MOST_BYTES: Final = 1_500_000_000
_GIGABYTE: Final = 1e9


@contextmanager
def training_limits(*, has_library: bool = True) -> Iterator[None]:
    """Hold a training to `THREADS` threads and `MOST_BYTES` beyond what its process has already; then as before.

    Parameters
    ----------
    has_library : bool
        Whether scikit-learn may train, which is loaded then to hold its threads: 80 MB.

    Raises
    ------
    UsageError
        If it asks for more memory, where the system counts it.
    """
    threads = nullcontext()
    if has_library and find_spec("threadpoolctl") is not None and find_spec("sklearn") is not None:
        library("sklearn")  # what is loaded later would not be held
        threads = library("threadpoolctl").threadpool_limits(THREADS)
    try:
        with threads, _memory_limit():
            yield
    except MemoryError as fault:
        raise UsageError(
            "training_asks_more_memory",
            "a training may take {most:g} GB of memory and asked for more; name fewer columns or markets, or choose a "
            "longer timeframe or another kind of model",
            most=MOST_BYTES / _GIGABYTE,
        ) from fault


@contextmanager
def _memory_limit() -> Iterator[None]:
    try:
        import resource
    except ImportError:  # not a POSIX system
        yield
        return
    import psutil

    before = resource.getrlimit(resource.RLIMIT_DATA)
    held = getattr(psutil.Process().memory_info(), "data", 0)
    most = held + MOST_BYTES
    hard = before[1]
    resource.setrlimit(
        resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
    )
    try:
        yield
    finally:
        with suppress(ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, before)
