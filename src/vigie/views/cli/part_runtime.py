"""What every part that runs for weeks has: a place in the home, a log of its own, and signs of life."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import asyncio

    from vigie.adapters.heartbeat import ProcessHeartbeat


@dataclass(frozen=True, slots=True)
class PartRuntime:
    """One part, while it runs.

    Attributes
    ----------
    say : callable
        Tells the screen and the log.
    write : callable
        Tells the log alone.
    """

    say: Callable[[str], None]
    write: Callable[[str], None]
    heartbeat: ProcessHeartbeat


@contextmanager
def run_part(part: str) -> Iterator[PartRuntime]:
    """Be a part of the home until the block ends.

    Parameters
    ----------
    part : str
        ``serve``, ``collect``, ``work``; see `vigie.ports.health.part_name` for accounts.
    """
    from vigie.adapters.clock import SystemClock
    from vigie.adapters.heartbeat import ProcessHeartbeat
    from vigie.adapters.logs import open_log, tolerate_full_disk
    from vigie.adapters.memory_trim import make_trim, trim_periodically
    from vigie.adapters.stores.presence import use_home
    from vigie.config import hidden_values, resolve_paths

    home, clock = resolve_paths().home, SystemClock()
    log = open_log(home / "logs", part, clock, hidden_values(home))
    with use_home(home, part), trim_periodically(make_trim()), tolerate_full_disk(), log as write:

        def say(text: str) -> None:
            typer.echo(text)
            write(text)

        yield PartRuntime(say, write, ProcessHeartbeat(home, part, clock))


def end_event() -> asyncio.Event:
    """Return what is set when this process is to end: by a signal, or because the one that started it is gone."""
    import asyncio
    import signal

    from vigie.services.running.process_tree import end_with_parent

    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def set_stop() -> None:
        loop.call_soon_threadsafe(stop.set)

    for signal_ in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(signal_, stop.set)
        except NotImplementedError:  # Windows: its loop has no signal handlers
            signal.signal(signal_, lambda *_: set_stop())
    end_with_parent(set_stop)
    return stop
