"""Where a run's processor time goes: seconds of user and system by test file, children that ended included.

``--spent FILE`` writes them with the number of cases, and what of both `make check` leaves out. Each process measures
its own tests; the one that leads adds them up. What no test took (starting, finding tests) stands under the empty name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from tests.file_by_file import TestFile
from tests.running import file_of, is_deep

KEPT: Final = pytest.StashKey[dict[str, list[float]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run write what it spent."""
    parser.addoption(
        "--spent", metavar="FILE", help="write processor seconds and cases by test file, as JSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin with nothing spent."""
    config.stash[KEPT] = {}


def processor() -> float:
    """Return the processor seconds of this process and of its children that ended."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def living() -> float:
    """Return the processor seconds of the processes below this one that have not ended, where the system tells."""
    children: dict[int, list[int]] = {}
    took: dict[int, float] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        # One that ends meanwhile is its parent's.
        with suppress(OSError):
            # Behind the name, which may hold anything: state, parent, ..., user, system and both of ended children.
            told = path.read_text("utf-8", "replace").rpartition(")")[2].split()
            children.setdefault(int(told[1]), []).append(int(path.parent.name))
            took[int(path.parent.name)] = sum(map(int, told[11:15])) / os.sysconf("SC_CLK_TCK")
    below = [os.getpid()]
    for one in below:
        below += children.get(one, [])
    return sum(took[one] for one in below[1:])


def add(kept: dict[str, list[float]], name: str, *more: float) -> None:
    """Add to what a file took: seconds, cases, and of both those that `make check` leaves out."""
    old = kept.get(name, [0.0, 0, 0.0, 0])
    kept[name] = [before + one for before, one in zip(old, more, strict=True)]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Measure a test with its set-up; what several tests share counts for the first of them.

    The browser goes on living from test to test. What its helpers took is told nowhere once it ends, which is with the
    last test of this process: that one gave nothing back.
    """
    if isinstance(item, TestFile):
        # Its tests are measured themselves.
        return (yield)
    spent = processor
    if nextitem is None or item.get_closest_marker("browser"):

        def spent() -> float:
            return processor() + living()

    before = spent()
    try:
        return (yield)
    finally:
        took = (max(0.0, spent() - before), 1)
        deep = took if is_deep(item) else (0.0, 0)
        add(item.config.stash[KEPT], file_of(item), *took, *deep)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what another process spent."""
    kept = node.config.stash[KEPT]
    for name, entry in getattr(node, "workeroutput", {}).get("spent", {}).items():
        add(kept, name, *entry)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what this process spent, or write what all did."""
    config = session.config
    kept, is_worker = config.stash[KEPT], hasattr(config, "workerinput")
    if config.getoption("numprocesses", None) and not is_worker:
        # Its children are its workers, who have said themselves what they spent.
        now = os.times()
        add(kept, "", now.user + now.system, 0, 0.0, 0)
    else:
        rest = processor() - sum(seconds for seconds, *_ in kept.values())
        add(kept, "", max(0.0, rest), 0, 0.0, 0)
    if is_worker:
        config.workeroutput["spent"] = kept
    elif path := config.getoption("--spent"):
        Path(path).write_text(json.dumps(kept, sort_keys=True), encoding="utf-8")
