"""The world as a process of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from vigie.domain.time import iso
from vigie.sandbox.asgi import listen_on, make_server
from vigie.sandbox.world.clock import Hand
from vigie.sandbox.world.home import remember
from vigie.sandbox.world.letters.porter import giving_letters
from vigie.sandbox.world.postman import taking_mail
from vigie.sandbox.world.server import WorldApp
from vigie.sandbox.world.world import World

_REMEMBER_SECONDS: Final = 2.0


def run_world(
    opened: Callable[[Hand], World],
    port: int,
    home: Path | None,
    say: Callable[[str], None],
    *,
    mail_port: int = 0,
    letters_port: int = 0,
) -> None:
    """Serve a world on loopback until it is told to stop.

    Parameters
    ----------
    opened : callable
        Makes the world; takes the event loop's clock, which neither jumps nor runs while the machine sleeps.
    port : int
        0 takes a free one.
    home : Path, optional
        Where the world remembers itself.
    say : callable
        Takes the line that tells the address, once requests are taken.
    mail_port, letters_port : int
        Where mail is taken, and where newsletters are read; 0 takes a free one.

    Raises
    ------
    UsageError
        If a port is taken.
    """
    with listen_on(port) as listening:
        asyncio.run(_serve(opened, listening, home, say, mail_port, letters_port))


async def _serve(
    opened: Callable[[Hand], World],
    listening: socket.socket,
    home: Path | None,
    say: Callable[[str], None],
    mail_port: int,
    letters_port: int,
) -> None:
    world = opened(asyncio.get_running_loop().time)
    if home is not None:
        remember(world, home)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    now = iso(world.now_ms() // 1_000 * 1_000)
    say(f"world ready at {address} (market time {now}, {world.clock.speed:g}x, simulated)")
    keeping = asyncio.create_task(_keep(world, home)) if home is not None else None
    try:
        app = WorldApp(world)
        async with taking_mail(world, mail_port), giving_letters(app.archive, letters_port):
            await make_server(app).serve(sockets=[listening])
    finally:
        if keeping is not None:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
        if home is not None:
            remember(world, home)


async def _keep(world: World, home: Path) -> None:
    while True:
        await asyncio.sleep(_REMEMBER_SECONDS)
        remember(world, home)
