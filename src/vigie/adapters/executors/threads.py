"""Work in the threads of this process; one thread means the calling one."""

from __future__ import annotations

import threading
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
_AHEAD: Final = 3
_NO_MORE: Final = object()


class ThreadExecutor:
    """Keeps the contract of `vigie.ports.executor.Executor`."""

    def __init__(self, threads: int = 1) -> None:
        if not 1 <= threads <= MAX_THREADS:
            raise UsageError(f"threads must be 1..{MAX_THREADS}, was {threads}")
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="vigie") if threads > 1 else None
        # Beside the calling thread, which does its share of staged work.
        self._helpers = ThreadPoolExecutor(threads - 1, thread_name_prefix="vigie") if threads > 1 else None

    def map(self, work: Callable[[Task], Answer], tasks: Iterable[Task]) -> Iterator[Answer]:
        """Yield the answers in the order of the tasks."""
        if self._pool is None:
            yield from map(work, tasks)
            return
        if self._helpers is not None and isinstance(work, StagedWork):
            yield from self._staged(self._helpers, work, tasks)
            return
        waiting: deque[Future[Any]] = deque()
        try:
            for task in tasks:
                waiting.append(self._pool.submit(work, task))
                if len(waiting) >= _AHEAD * self._threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def _staged(self, helpers: ThreadPoolExecutor, work: StagedWork, tasks: Iterable[Any]) -> Iterator[Any]:
        line = _Line(work, tasks, room=4 * _AHEAD * self._threads)
        helping: list[Future[None]] = []
        try:
            while line.is_open:
                # Helpers leave when too many answers wait to be taken, and are called back here.
                helping = [one for one in helping if not one.done()]
                helping += [helpers.submit(line.help) for _ in range(self._threads - 1 - len(helping))]
                line.step()
                yield from line.ready()
            while line.waiting:
                yield line.waiting.popleft().result()
        finally:
            line.is_open = False

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


class _Line:
    """Tasks that several threads do, each both stages of its own.

    They take turns at the first stage, which needs the interpreter: while one prepares, the others finish. A thread
    that comes back from compiled code then finds the interpreter free, where it would otherwise have to wrest it from
    one that is busy, which takes a good part of a millisecond each time.

    Attributes
    ----------
    waiting : deque of Future
        Answers in the order of the tasks, done or being done; the caller takes them.
    is_open : bool
        Whether tasks are still drawn.
    """

    def __init__(self, work: StagedWork, tasks: Iterable[Any], *, room: int) -> None:
        self.waiting: deque[Future[Any]] = deque()
        self.is_open = True
        self._work = work
        self._tasks = iter(tasks)
        self._room = room
        self._turn = threading.Lock()

    def help(self) -> None:
        """Do tasks until none is left, or too many answers wait."""
        while self.is_open and len(self.waiting) < self._room:
            self.step()

    def ready(self) -> Iterator[Any]:
        """Yield the answers that are there, in order."""
        while self.waiting and self.waiting[0].done():
            yield self.waiting.popleft().result()

    def step(self) -> None:
        """Do one task, if there is one."""
        answer: Future[Any] = Future()
        try:
            with self._turn:
                if not self.is_open:
                    return
                self.waiting.append(answer)
                task = next(self._tasks, _NO_MORE)
                if task is _NO_MORE:
                    self.waiting.pop()
                    self.is_open = False
                    return
                prepared = self._work.prepare(task)
            answer.set_result(self._work.finish(prepared))
        except (Exception, SystemExit) as fault:  # noqa: BLE001 - the edge of a task: who takes the answer gets it
            self.is_open = False
            answer.set_exception(fault)
