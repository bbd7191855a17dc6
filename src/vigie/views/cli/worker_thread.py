"""A worker in a thread of another part's process: when one of the two ends, both do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from vigie.services.running.beside import END_S

if TYPE_CHECKING:
    from vigie.adapters.heartbeat import ProcessHeartbeat
    from vigie.services.running.worker import Worker


class WorkerThread:
    """Runs a worker beside what its process does otherwise.

    Parameters
    ----------
    worker : Worker
        Works until it is told to stop.
    heartbeat : ProcessHeartbeat
        Of the worker.
    has_first_rested : callable
        Tells whether the first jobs of a new demonstration are done in this process.
    """

    def __init__(
        self,
        worker: Worker,
        heartbeat: ProcessHeartbeat,
        has_first_rested: Callable[[], bool] = lambda: False,
    ) -> None:
        self.has_first_rested = has_first_rested
        self._worker = worker
        self._heartbeat = heartbeat
        self._thread: threading.Thread | None = None
        self._fault: BaseException | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no job is in hand."""
        return self._worker.is_idle

    def start(self, on_end: Callable[[], object]) -> None:
        """Begin to work.

        Parameters
        ----------
        on_end : callable
            Called in the thread when it ends, whatever the reason.
        """

        def run() -> None:
            try:
                self._worker.run()
            except BaseException as fault:  # noqa: BLE001 - raised again by `finish`, where the process can end by it
                self._fault = fault
            finally:
                on_end()

        self._heartbeat.report_ready()
        self._thread = threading.Thread(target=run, name="vigie-worker", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Have it end, and raise what ended it before its time."""
        self._worker.stop()
        if self._thread is not None:
            self._thread.join(END_S)
        if self._fault is not None:
            raise self._fault
        self._heartbeat.report_stopping()
