"""Commands of parts that run on their own: `collect` gathers live data until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vigie.domain.errors import StorageError

if TYPE_CHECKING:
    from vigie.data.collection.running import Collector
    from vigie.views.cli.life import Life

# How often it is looked at whether another one has begun.
ALONE_S: Final = 10.0


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(collect)


def collect(
    only: Annotated[
        list[str], typer.Option("--only", help="A source or venue, `coingecko`; repeat for more.")
    ] = [],  # noqa: B006 - Typer reads the empty list and never changes it
) -> None:
    """Gather live data from venues and sources until Ctrl-C; pages show what it finds. One is enough for a home.

    [bold]Example[/bold]: vigie collect --only bitget --only coingecko
    """
    from vigie.bootstrap import open_collector
    from vigie.bootstrap_collector import collecting
    from vigie.domain.errors import UsageError
    from vigie.views.cli.life import living

    with living("collect") as life, collecting() as lost:
        collector = open_collector(say=life.say)
        if only:
            known = {connector.owner for connector in collector.connectors}
            if unknown := set(only) - known:
                raise UsageError(f"--only must be one of {' '.join(sorted(known))}, was {min(unknown)}")
            collector.connectors = [one for one in collector.connectors if one.owner in only]
        _run(collector, life, lost)


def _run(collector: Collector, life: Life, lost: Callable[[], str]) -> None:
    import asyncio

    from vigie.views.cli.life import asked_to_end

    async def until_lost(stop: asyncio.Event) -> str:
        try:
            while True:
                await asyncio.sleep(ALONE_S)
                try:
                    why = await asyncio.to_thread(lost)
                except StorageError:  # the collector itself says that its database is away
                    continue
                if why:
                    return why
        finally:
            # Nobody collects on who cannot see any more whether they are alone.
            stop.set()

    async def run() -> str:
        stop = asked_to_end()
        life.say(f"ready: {len(collector.connectors)} connectors")
        async with life.pulse.beating():
            looking = asyncio.create_task(until_lost(stop))
            await collector.run(stop)
        life.say("stopped")
        return looking.result() if looking.done() else ""

    if why := asyncio.run(run()):
        raise StorageError(why)
