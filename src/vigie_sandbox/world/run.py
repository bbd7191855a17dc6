"""The world as a process of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from vigie.domain.time import iso
from vigie_sandbox.asgi import listen_on, make_server
from vigie_sandbox.world.clock import MonotonicClock
from vigie_sandbox.world.home import save_world
from vigie_sandbox.world.imap.server import serve_imap
from vigie_sandbox.world.server import WorldApp
from vigie_sandbox.world.smtp_server import serve_smtp
from vigie_sandbox.world.world import World

_SAVE_SECONDS: Final = 2.0


def run_world(
    make_world: Callable[[MonotonicClock], World],
    port: int,
    home: Path | None,
    write_line: Callable[[str], None],
    *,
    mail_port: int = 0,
    letters_port: int = 0,
) -> None:
    """Serve a world on loopback until it is told to stop.

    Parameters
    ----------
    make_world : callable
        Makes the world; takes the event loop's clock, which neither jumps nor runs while the machine sleeps.
    port : int
        0 takes a free one.
    home : Path, optional
        Where the world remembers itself.
    write_line : callable
        Takes the line that tells the address, once requests are taken.
    mail_port, letters_port : int
        Where mail is taken, and where newsletters are read; 0 takes a free one.

    Raises
    ------
    UsageError
        If a port is taken.
    """
    with listen_on(port) as listener:
        asyncio.run(_serve(make_world, listener, home, write_line, mail_port, letters_port))


async def _serve(
    make_world: Callable[[MonotonicClock], World],
    listener: socket.socket,
    home: Path | None,
    write_line: Callable[[str], None],
    mail_port: int,
    letters_port: int,
) -> None:
    world = make_world(asyncio.get_running_loop().time)
    if home is not None:
        save_world(world, home)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    now = iso(world.now_ms() // 1_000 * 1_000)
    write_line(f"world ready at {address} (market time {now}, {world.clock.speed:g}x, simulated)")
    saver = asyncio.create_task(_save_regularly(world, home)) if home is not None else None
    try:
        app = WorldApp(world)
        async with serve_smtp(world, mail_port), serve_imap(app.archive, letters_port):
            await make_server(app).serve(sockets=[listener])
    finally:
        if saver is not None:
            saver.cancel()
            with suppress(asyncio.CancelledError):
                await saver
        if home is not None:
            save_world(world, home)


async def _save_regularly(world: World, home: Path) -> None:
    while True:
        await asyncio.sleep(_SAVE_SECONDS)
        save_world(world, home)
        if world.arrays is not None:
            world.arrays.release()
