"""Where long work is done: in this thread, in several, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

Task = TypeVar("Task")
Answer = TypeVar("Answer")


@runtime_checkable
class StagedWork(Protocol):
    """Work of two stages: the first needs the interpreter, the second runs without it.

    Calling it does both. An executor may do the first stage itself and let others do the second beside it.
    """

    def __call__(self, task: Any) -> Any:
        """Do a task."""
        ...

    def prepare(self, task: Any) -> Any:
        """Do the first stage.

        Parameters
        ----------
        task : object
            As `Executor.map` drew it.

        Returns
        -------
        object
            Input of `finish`; held in memory until then.
        """
        ...

    def finish(self, prepared: Any) -> Any:
        """Do the second stage.

        Parameters
        ----------
        prepared : object
            Result of `prepare`.

        Returns
        -------
        object
            The same answer as calling the work with the task.
        """
        ...


class Executor(Protocol):
    """Does tasks, several at a time; which one does them never changes an answer."""

    def map(self, work: Callable[[Task], Answer], tasks: Iterable[Task]) -> Iterator[Answer]:
        """Yield the answer to every task in the order of the tasks; tasks are drawn a few ahead.

        Parameters
        ----------
        work : callable
            Sent once to wherever the work is done.
        tasks : iterable
            As many as there may be; never drawn all at once.

        Returns
        -------
        iterator of Answer
            Lazy. A task's exception is raised in its place; tasks that have not begun are then dropped.
        """
        ...

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of threads and connections."""
        ...
