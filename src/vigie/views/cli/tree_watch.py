"""Watch the processes of a tree, in the program that starts them and in the small program that takes its place.

That one runs for weeks: nothing is imported here that reads options, settings or addresses, half of its memory.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Final

from vigie.adapters.clock import SystemClock
from vigie.services.running.process_tree import ProcessPart, ProcessTree, StartPart, start_part_process
from vigie.services.trading.account_plans.paper_requests import PREFIX, list_requested_parts
from vigie.views.cli.tree_handover import STATE, accept_signals, take_over

# Every so many looks at the parts it is looked for accounts that are to be traded.
LOOKS: Final = 10


def say(text: str) -> None:
    """Tell the terminal."""
    print(f"vigie: {text}", file=sys.stderr, flush=True)


def watch_tree() -> None:
    """Go on with the parts that another program handed to this one, until Ctrl-C."""
    home = Path(os.environ["VIGIE_HOME"])
    tree = make_tree(take_over(os.environ.pop(STATE)), home, os.environ, start_part_process)
    supervisor, rounds = PaperSupervisor(tree, home), count()

    def on_round() -> bool:
        if next(rounds) % LOOKS == 0:
            supervisor.sync()
        return False

    accept_signals()
    tree.run(on_look=on_round)
    say("stopped")


def make_tree(
    parts: Sequence[ProcessPart], home: Path, environ: Mapping[str, str], begin: StartPart
) -> ProcessTree:
    """Return a tree that signals to this process end."""
    tree = ProcessTree(
        parts,
        logs=home / "logs",
        clock=SystemClock(),
        say=say,
        environ=environ,
        begin=begin,
    )
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_, lambda *_: tree.stop())
    return tree


class PaperSupervisor:
    """Keeps a tree to the paper accounts that are to be traded in its home."""

    def __init__(self, tree: ProcessTree, home: Path) -> None:
        self._tree, self._home, self._last_error = tree, home, ""

    def sync(self) -> None:
        """Begin what is wanted, end what is not; where that cannot be read, say so once and let who trades go on."""
        try:
            self._tree.sync_parts(list_requested_parts(str(self._home)), PREFIX)
            self._last_error = ""
        except OSError as fault:
            error_text = f"cannot read the list of paper accounts to run: {fault}"
            if error_text != self._last_error:
                say(error_text)
            self._last_error = error_text
