"""Commands of parts that run on their own: `collect` gathers live data until it is told to stop."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(collect)


def collect(
    only: Annotated[
        list[str], typer.Option("--only", help="A source or venue, `coingecko`; repeat for more.")
    ] = [],  # noqa: B006 - Typer reads the empty list and never changes it
) -> None:
    """Gather live data from venues and sources until Ctrl-C; pages show what it finds.

    [bold]Example[/bold]: vigie collect --only bitget --only coingecko
    """
    import asyncio

    from vigie.bootstrap import open_collector
    from vigie.domain.errors import UsageError
    from vigie.views.cli.life import asked_to_end, living

    with living("collect") as life:
        collector = open_collector(say=life.say)
        if only:
            known = {connector.owner for connector in collector.connectors}
            if unknown := set(only) - known:
                raise UsageError(f"--only must be one of {' '.join(sorted(known))}, was {min(unknown)}")
            collector.connectors = [one for one in collector.connectors if one.owner in only]

        async def run() -> None:
            stop = asked_to_end()
            life.say(f"ready: {len(collector.connectors)} connectors")
            async with life.pulse.beating():
                await collector.run(stop)
            life.say("stopped")

        asyncio.run(run())
