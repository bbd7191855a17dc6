"""A tree whose parts all run goes on in a fresh program: it watches them without what they were copied from.

A copy writes to most of what it shares, so that after a while who was copied holds pages that nobody else uses. The
program in its place has the same number and the same open files, and loads next to nothing; parts that it starts
again are programs.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from vigie.adapters.forks import ForkedProcess
from vigie.services.running.process_tree import ProcessPart

if TYPE_CHECKING:
    from vigie.services.running.process_tree import ProcessTree

COMMAND: Final = ("demo", "watch")
STATE: Final = "VIGIE_TREE"
# Parts that have run so long are not about to be started again. One that is to ask for a fresh process gets a copy,
# unless it takes longer than anything does that it has to do before.
SETTLED_MS: Final = 60_000
RENEWAL_MS: Final = 1_200_000
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def is_settled(tree: ProcessTree) -> bool:
    """Tell whether all parts are copies of this process, have run for a while and need no copy of it any more."""
    if not all(isinstance(part.process, ForkedProcess) for part in tree.parts):
        return False
    may_be_renewed = any(part.starts <= part.renewals for part in tree.parts)
    return tree.is_settled(RENEWAL_MS if may_be_renewed else SETTLED_MS)


def hand_over(tree: ProcessTree, files: Sequence[int], environ: Mapping[str, str]) -> None:
    """Be the program that watches the parts of a tree; returns only where it cannot be started, or the tree ends.

    Parameters
    ----------
    tree : ProcessTree
        Of whose parts all run.
    files : sequence of int
        Open files that it keeps, for their locks.
    environ : mapping
        Its variables, besides the one that tells it the parts.
    """
    for file in files:
        os.set_inheritable(file, True)
    sys.stdout.flush()
    sys.stderr.flush()
    # Whoever wants it to end meanwhile waits until it can end its parts.
    former_mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    # Whoever wanted it to end a moment before is heard, too.
    if not tree.is_stopping:
        with suppress(OSError):  # no memory for it: this one goes on
            os.execve(  # noqa: S606 - this program anew
                sys.executable,
                [sys.executable, "-m", "vigie", *COMMAND],
                {**environ, STATE: json.dumps([_to_record(part) for part in tree.parts])},
            )
    signal.pthread_sigmask(signal.SIG_SETMASK, former_mask)


def take_over(state: str) -> list[ProcessPart]:
    """Return the parts that this program was handed in the variable `STATE`, which are its children."""
    return [
        ProcessPart(
            record["name"], tuple(record["arguments"]), ForkedProcess(record["pid"]), record["ts_started"],
            crashes=record["crashes"], starts=record["starts"], environ=record["environ"],
        )
        for record in json.loads(state)
    ]  # fmt: skip


def accept_signals() -> None:
    """Hear signals again, those included that came while the programs changed."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _to_record(part: ProcessPart) -> dict[str, object]:
    assert part.process is not None
    return {
        "name": part.name, "arguments": part.arguments, "environ": dict(part.environ), "pid": part.process.pid,
        "ts_started": part.ts_started, "crashes": part.crashes, "starts": part.starts,
    }  # fmt: skip
