"""Commands of parts that run on their own: `collect` gathers live data until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vigie.domain.errors import StorageError

if TYPE_CHECKING:
    from vigie.data.collection.running import Collector
    from vigie.services.running.job_process import StartJobProcess
    from vigie.views.cli.part_runtime import PartRuntime
    from vigie.views.cli.worker_thread import WorkerThread

# How often it is looked at whether another one has begun.
ALONE_S: Final = 10.0
# Histories are stored and nothing is in hand at so many looks in a row, so far apart, before the process is renewed.
QUIET_LOOKS: Final = 3
QUIET_S: Final = 5.0
# After the first jobs a fresh process is asked for no sooner: the tree takes an earlier end for a crash.
OLD_ENOUGH_LOOKS: Final = 3
# What jobs' processes are copied from ends after so long without one: by then nobody else uses most of its memory.
JOBS_IDLE_S: Final = 60.0


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(collect)


def collect(
    only: Annotated[
        list[str],
        typer.Option(
            "--only", help="Collect only this source or venue, such as `coingecko`; repeat for more."
        ),
    ] = [],  # noqa: B006 - Typer reads the empty list and never changes it
    works: Annotated[
        bool,
        typer.Option(
            "--work", hidden=True, help="Be the worker, too: one process takes less memory than two."
        ),
    ] = False,
    renews: Annotated[
        bool,
        typer.Option(
            "--renew",
            hidden=True,
            help="After the first jobs, and once long histories are stored, end for a fresh process: it takes less "
            "memory.",
        ),
    ] = False,
) -> None:
    """Collect live data from venues and sources until Ctrl-C. Run only one per home folder.

    [bold]Example[/bold]: vigie collect --only bitget --only coingecko
    """
    from vigie.config import resolve_paths
    from vigie.domain.errors import UsageError
    from vigie.services.demo_world import has_done_first_jobs
    from vigie.services.running.process_tree import RENEWED
    from vigie.views.cli.part_runtime import run_part
    from vigie.views.cli.preloading import forking
    from vigie.wiring.collector import open_collector
    from vigie.wiring.collector_lock import hold_collector_lock

    is_first = renews and not has_done_first_jobs(resolve_paths().home)
    with (
        forking(JOBS_IDLE_S) if works else nullcontext() as begin,
        run_part("collect") as runtime,
        hold_collector_lock() as find_loss,
        _open_worker_thread(begin, runtime, is_first=is_first) if works else nullcontext() as worker,
    ):
        collector = open_collector(report=runtime.say)
        if only:
            owners = {connector.owner for connector in collector.connectors}
            if unknown := set(only) - owners:
                raise UsageError(f"--only must be one of {' '.join(sorted(owners))}, was {min(unknown)}")
            collector.connectors = [item for item in collector.connectors if item.owner in only]
        is_renewed = _run_collector(collector, runtime, find_loss, worker, renews=renews)
    if is_renewed:
        raise typer.Exit(RENEWED)


@contextmanager
def _open_worker_thread(
    begin: StartJobProcess | None, runtime: PartRuntime, *, is_first: bool
) -> Iterator[WorkerThread]:
    from vigie.adapters.clock import SystemClock
    from vigie.adapters.heartbeat import ProcessHeartbeat
    from vigie.config import resolve_paths
    from vigie.services.demo_world import has_done_first_jobs, note_first_jobs
    from vigie.views.cli.work import open_worker
    from vigie.views.cli.worker_thread import WorkerThread

    home = resolve_paths().home
    heartbeat = ProcessHeartbeat(home, "work", SystemClock())
    with open_worker(
        begin, runtime, heartbeat, (lambda: note_first_jobs(home)) if is_first else None
    ) as worker:
        yield WorkerThread(worker, heartbeat, lambda: is_first and has_done_first_jobs(home))


def _run_collector(
    collector: Collector,
    runtime: PartRuntime,
    find_loss: Callable[[], str],
    worker: WorkerThread | None,
    *,
    renews: bool,
) -> bool:
    """Collect until told to stop; return whether a fresh process is to go on."""
    import asyncio

    from vigie.views.cli.part_runtime import end_event

    async def watch_for_loss(stop: asyncio.Event) -> str:
        try:
            while True:
                await asyncio.sleep(ALONE_S)
                try:
                    why = await asyncio.to_thread(find_loss)
                except StorageError:  # the collector itself says that its database is away
                    continue
                if why:
                    return why
        finally:
            # Nobody collects on who cannot see any more whether they are alone.
            stop.set()

    async def wait_for_renewal(stop: asyncio.Event) -> None:
        await _wait_until_renewed(collector, worker)
        runtime.say("a fresh process goes on, which takes less memory")
        stop.set()

    async def run() -> tuple[str, bool]:
        stop = end_event()
        runtime.say(f"ready: {len(collector.connectors)} connectors")
        async with runtime.heartbeat.keep_beating():
            watch = asyncio.create_task(watch_for_loss(stop))
            renewal = asyncio.create_task(wait_for_renewal(stop)) if renews else None
            loop = asyncio.get_running_loop()
            if worker is not None:
                worker.start(lambda: loop.call_soon_threadsafe(stop.set))
            await collector.run(stop)
            if worker is not None:
                await asyncio.to_thread(worker.finish)
        runtime.say("stopped")
        is_renewed = False
        if renewal is not None and renewal.done():
            # What went wrong while it waited is raised, and is no reason for a fresh process.
            renewal.result()
            is_renewed = True
        return watch.result() if watch.done() else "", is_renewed

    why, is_renewed = asyncio.run(run())
    if why:
        raise StorageError(why)
    return is_renewed


async def _wait_until_renewed(collector: Collector, worker: WorkerThread | None) -> None:
    """Return when a fresh process would take less memory: after the first jobs, or once histories are stored."""
    import asyncio

    looks = rounds = 0
    while looks < QUIET_LOOKS:
        await asyncio.sleep(QUIET_S)
        rounds += 1
        is_idle = worker is None or worker.is_idle
        if worker is not None and worker.has_first_rested() and rounds >= OLD_ENOUGH_LOOKS and is_idle:
            return
        is_quiet = collector.has_stored_histories and is_idle
        looks = looks + 1 if is_quiet else 0
