"""Work in the threads of this process; one thread means the calling one."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from vigie.domain.errors import UsageError
from vigie.ports.executor import StagedWork

Task = TypeVar("Task")
Answer = TypeVar("Answer")

MAX_THREADS: Final = 256
# Tasks in hand for each thread: enough that none waits for the one that hands them out.
_TASKS_AHEAD: Final = 3


def usable_cores() -> int:
    """Return how many cores this process may use."""
    total = os.cpu_count() or 1
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else total, MAX_THREADS)


class ThreadExecutor:
    """Keeps the contract of `vigie.ports.executor.Executor`."""

    def __init__(self, threads: int = 1) -> None:
        if not 1 <= threads <= MAX_THREADS:
            raise UsageError(
                "bad_threads",
                "threads must be 1..{max_threads}, was {threads}",
                max_threads=MAX_THREADS,
                threads=threads,
            )
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="vigie") if threads > 1 else None
        # Beside the calling thread, which prepares staged work and helps to finish it.
        self._helpers = ThreadPoolExecutor(threads - 1, thread_name_prefix="vigie") if threads > 1 else None

    def map(self, work: Callable[[Task], Answer], tasks: Iterable[Task]) -> Iterator[Answer]:
        """Yield the answers in the order of the tasks."""
        if self._pool is None:
            yield from map(work, tasks)
            return
        if self._helpers is not None and isinstance(work, StagedWork):
            yield from self._map_staged(self._helpers, work, tasks)
            return
        pending: deque[Future[Any]] = deque()
        try:
            for task in tasks:
                pending.append(self._pool.submit(work, task))
                if len(pending) >= _TASKS_AHEAD * self._threads:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()

    def _map_staged(
        self, helpers: ThreadPoolExecutor, work: StagedWork, tasks: Iterable[Any]
    ) -> Iterator[Any]:
        # Beside each answer what it is made of, until somebody takes it.
        pending: deque[tuple[Future[Any], list[Any]]] = deque()
        try:
            for task in tasks:
                prepared = [work.prepare(task)]
                if sum(not future.done() for future, _ in pending) >= _TASKS_AHEAD * (self._threads - 1):
                    pending.append((_finish_now(work, prepared), prepared))
                else:
                    pending.append((helpers.submit(_finish_task, work, prepared), prepared))
                while pending and (pending[0][0].done() or len(pending) >= 4 * _TASKS_AHEAD * self._threads):
                    yield pending.popleft()[0].result()
            # Nothing is left to prepare: what no helper has begun is taken back, the last first.
            for index in reversed(range(len(pending))):
                future, prepared = pending[index]
                if future.cancel():
                    pending[index] = (_finish_now(work, prepared), prepared)
            while pending:
                yield pending.popleft()[0].result()
        finally:
            for future, _ in pending:
                future.cancel()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is being done and end the threads."""
        for pool in (self._pool, self._helpers):
            if pool is not None:
                pool.shutdown(wait=True, cancel_futures=True)


def _finish_task(work: StagedWork, prepared: list[Any]) -> Any:
    return work.finish(prepared.pop())


def _finish_now(work: StagedWork, prepared: list[Any]) -> Future[Any]:
    """Finish in the calling thread."""
    future: Future[Any] = Future()
    future.set_result(_finish_task(work, prepared))
    return future
