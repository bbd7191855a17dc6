"""Which tests a change can break, and which of them are worth their time first.

`reading` says what one Python file names beside its imports, `graph` who depends on whom, `kinds` what is not Python
and which tests are for it, `changes` what differs from where the branch left, `choice` what is run, in which order,
and why.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from .changes import Changes, changes
from .choice import DISTANT, MOST, USUAL, Choice, choose, durations, explained
from .graph import Graph, build

__all__ = ["Changes", "Choice", "Graph", "changes", "explained", "graph_of", "plan"]


def graph_of(root: Path, found: Changes) -> Graph:
    """Return who depends on whom in a tree.

    Parameters
    ----------
    root : Path
        The repository.
    found : Changes
        Its files are those of the graph.
    """
    # Where grimp looks for the packages: this tree's, whatever is installed.
    for folder in (str(root), str(root / "src")):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    importlib.invalidate_caches()
    return build(root, found.files, root / "build" / "affected")


def plan(root: Path, found: Changes, seconds: float | None = None, graph: Graph | None = None) -> Choice:
    """Return what is run for a change.

    Parameters
    ----------
    root : Path
        The repository.
    found : Changes
        What differs.
    seconds : float, optional
        Processor seconds for tests, in place of the usual room.
    graph : Graph, optional
        Who depends on whom, where that is known.
    """
    room = (seconds, seconds, seconds) if seconds else (USUAL, MOST, DISTANT)
    took = durations(root / "tests" / "durations.toml")
    return choose(graph or graph_of(root, found), found, root, took, *room)
