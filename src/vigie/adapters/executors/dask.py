"""Work on a Dask cluster: the same chunks, the same answers, other machines.

The work is sent once to every worker. The workers need this version of Vigie; a person's own strategies travel
with the work.
"""

from __future__ import annotations

import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from vigie.domain.errors import ConnectorError, UsageError

Task = TypeVar("Task")
Answer = TypeVar("Answer")

OWN_MODULES: Final = "vigie_own_"
TIMEOUT_S: Final = 30
# Tasks in one message, and messages in hand for each thread.
GROUP_SIZE: Final = 8
_MESSAGES_AHEAD: Final = 3


class DaskExecutor:
    """Keeps the contract of `vigie.ports.executor.Executor`.

    Parameters
    ----------
    address : str
        Of the scheduler, ``tcp://127.0.0.1:8786``.
    """

    def __init__(self, address: str) -> None:
        try:
            import cloudpickle
            from distributed import Client
        except ImportError as fault:
            raise UsageError(
                "--dask needs the extra dask: run `make install` in the checkout, or `pip install 'vigie[dask]'`"
            ) from fault
        self._pickle = cloudpickle
        try:
            open_client: Any = Client
            self._client: Any = open_client(address, timeout=TIMEOUT_S, set_as_default=False)
        except (OSError, ValueError) as fault:
            raise ConnectorError(f"no Dask scheduler answers at {address}: {fault}") from fault

    def map(self, work: Callable[[Task], Answer], tasks: Iterable[Task]) -> Iterator[Answer]:
        """Yield the answers in the order of the tasks."""
        for name, module in list(sys.modules.items()):
            if name.startswith(OWN_MODULES):
                self._pickle.register_pickle_by_value(module)
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise ConnectorError("the Dask cluster has no workers; start one with `dask worker ADDRESS`")
        threads = sum(worker["nthreads"] for worker in workers.values())
        # Pickled here, so that by-value modules are honoured whatever the cluster's own serialisation does.
        pickled_work = self._client.scatter(self._pickle.dumps(work), broadcast=True, hash=False)
        pending: deque[Any] = deque()
        try:
            for group in group_tasks(tasks, threads):
                pending.append(self._client.submit(run_tasks, pickled_work, group, pure=False))
                if len(pending) >= _MESSAGES_AHEAD * threads:
                    yield from pending.popleft().result()
            while pending:
                yield from pending.popleft().result()
        finally:
            self._client.cancel(list(pending))

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the cluster as it was."""
        self._client.close()


@lru_cache(maxsize=1)
def unpickle_work(pickled_work: bytes) -> Callable[[Any], Any]:
    """Return the work that was sent, unpacked once a process."""
    work: Callable[[Any], Any] = pickle.loads(pickled_work)  # noqa: S301 - sent by the client that started this work
    return work


def run_tasks(pickled_work: bytes, tasks: list[Any]) -> list[Any]:
    """Do some tasks on a worker."""
    work = unpickle_work(pickled_work)
    return [work(task) for task in tasks]


def group_tasks(tasks: Iterable[Task], threads: int) -> Iterator[list[Task]]:
    """Yield tasks in groups: a few at a time where there are many, so that messages do not cost more than work."""
    source = iter(tasks)
    first = list(islice(source, GROUP_SIZE * threads))
    size = max(1, min(GROUP_SIZE, len(first) // threads))
    for index in range(0, len(first), size):
        yield first[index : index + size]
    while group := list(islice(source, GROUP_SIZE)):
        yield group
