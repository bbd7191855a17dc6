"""Commands of parts that run on their own: `collect` gathers live data until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vigie.domain.errors import StorageError

if TYPE_CHECKING:
    from vigie.data.collection.running import Collector
    from vigie.views.cli.part_runtime import PartRuntime

# How often it is looked at whether another one has begun.
ALONE_S: Final = 10.0


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
) -> None:
    """Collect live data from venues and sources until Ctrl-C. Run only one per home folder.

    [bold]Example[/bold]: vigie collect --only bitget --only coingecko
    """
    from vigie.domain.errors import UsageError
    from vigie.views.cli.part_runtime import run_part
    from vigie.wiring.collector import open_collector
    from vigie.wiring.collector_lock import hold_collector_lock

    with run_part("collect") as runtime, hold_collector_lock() as find_loss:
        collector = open_collector(report=runtime.say)
        if only:
            owners = {connector.owner for connector in collector.connectors}
            if unknown := set(only) - owners:
                raise UsageError(f"--only must be one of {' '.join(sorted(owners))}, was {min(unknown)}")
            collector.connectors = [item for item in collector.connectors if item.owner in only]
        _run_collector(collector, runtime, find_loss)


def _run_collector(collector: Collector, runtime: PartRuntime, find_loss: Callable[[], str]) -> None:
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

    async def run() -> str:
        stop = end_event()
        runtime.say(f"ready: {len(collector.connectors)} connectors")
        async with runtime.heartbeat.keep_beating():
            watch = asyncio.create_task(watch_for_loss(stop))
            await collector.run(stop)
        runtime.say("stopped")
        return watch.result() if watch.done() else ""

    if why := asyncio.run(run()):
        raise StorageError(why)
