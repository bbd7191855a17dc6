"""What comes before the demonstration's paper account trades: each step in a process that ends with all that it took.

The trader's process copies itself for each step and waits: nothing else runs in it by then.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer

# How the first step ends where the account's past is not replayed to its end yet, and where it trades already.
REPLAYING, TRADING = 3, 4
# Below the home: all steps are done, and the process that is to trade begins afresh.
PREPARED: Final = "prepared"
# How often a replay that ends before its time is taken up, and the code of one that is refused.
TRIES: Final = 3
REFUSED: Final = 2
_LOOK_S: Final = 0.2
_HOLDINGS_LOOKS: Final = 150
_STDERR: Final = 2


def prepare_account() -> bool:
    """Wait for the history, compile what trading needs and replay the account's past; return whether it is new."""
    code = run_apart("wait")
    if code == TRADING:
        return False
    # Afresh: who has added what the person owns holds 40 MB more, and the history comes after what is compiled.
    if code not in (0, REPLAYING) or (code == 0 and run_apart("wait", "--jobs") != 0):
        raise typer.Exit(1)  # the tree begins again
    if code == 0:
        # Before the account's run file is pinned: the model is one of its strategies.
        _run_portions("learn")
        _run_portions("trade", "--compile")
    # A replay that is killed goes on; a past that cannot be replayed at all is left out.
    for _ in range(TRIES):
        if run_apart("replay") in (0, REFUSED):
            break
    return True


def _run_portions(*words: str) -> None:
    # The compiler takes memory that it never gives back: one process after the other, each for a portion.
    from vigie.services.running.compiling import GOES_ON

    while run_apart(*words) == GOES_ON:
        pass


def run_apart(*words: str) -> int:
    """Run another command of the demonstration in a process of its own, which ends with this one; return its code.

    A copy shares with the others what they have loaded, some 100 MB; where none can be had, the program is started.
    """
    from vigie.adapters import forks
    from vigie.services.running.process_tree import PARENT, is_part
    from vigie.views.cli.preloading import run_command

    environ = {**os.environ, PARENT: str(os.getpid())}
    arguments, was_part = ("demo", *words), is_part()
    process = (
        forks.fork(run_command, arguments, environ=environ, log=_STDERR)
        if forks.is_possible()
        else subprocess.Popen([sys.executable, "-m", "vigie", *arguments], env=environ)
    )
    while (code := process.poll()) is None:
        if was_part and not is_part():  # the tree is gone
            sys.exit()
        threading.Event().wait(_LOOK_S)
    return code


def wait_for_account() -> int:
    """Return when the person owns something, or the history is there; where the account has begun, with its code."""
    from vigie.services.demo_world import ACCOUNT, wait_for_history
    from vigie.wiring.app_context import open_app_context

    app_context = open_app_context()
    run = app_context.trades.run(ACCOUNT)
    if run is not None:
        return REPLAYING if run.is_replayed else TRADING
    with adding_holdings(app_context.home) as has_ended:
        wait_for_history(app_context.jobs, app_context.clock, is_enough=has_ended)
        # What the person owns is looked at first; prices of some day may never come.
        for _ in range(_HOLDINGS_LOOKS):
            if has_ended():
                break
            app_context.clock.sleep(_LOOK_S)
    return 0


def wait_for_jobs() -> int:
    """Return when the history is there and the first backtests are done: nothing else is computed beside them."""
    from vigie.services.demo_world import wait_for_first_jobs, wait_for_history
    from vigie.wiring.app_context import open_app_context

    app_context = open_app_context()
    wait_for_history(app_context.jobs, app_context.clock)
    wait_for_first_jobs(app_context.jobs, app_context.clock)
    return 0


@contextmanager
def adding_holdings(home: Path) -> Iterator[Callable[[], bool]]:
    """Let the demonstration's person own something, beside the rest, as soon as prices of past days are there.

    The body may ask whether that is over.
    """
    from vigie.adapters.clock import SandboxClock
    from vigie.views.cli.demo_holdings import keep_adding
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.world_address import world_url

    world = world_url(home)
    if not world:
        yield lambda: False
        return
    stopping = threading.Event()
    thread = threading.Thread(
        target=keep_adding,
        args=(open_app_context(home, clock=SandboxClock(world)), typer.echo, stopping),
        name="holdings",
        daemon=True,
    )
    thread.start()
    try:
        yield lambda: not thread.is_alive()
    finally:
        stopping.set()
        # Some of the lines would be taken for all.
        thread.join()


@contextmanager
def acting_person(home: Path, *, is_new: bool) -> Iterator[None]:
    """Let the demonstration's person act beside the account, in this process."""
    from vigie.adapters.clock import SandboxClock
    from vigie.adapters.world_arc import WorldArc
    from vigie.views.cli.demo_person import DemoPerson
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.world_address import world_url

    world = world_url(home)
    if not world:
        yield
        return
    # What a plan waits for is told by the market's time.
    app_context = open_app_context(home, clock=SandboxClock(world))
    person = DemoPerson(app_context, WorldArc(world).begin_trading, is_new, typer.echo)
    threading.Thread(target=person.run, name="person", daemon=True).start()
    try:
        yield
    finally:
        person.stop()
