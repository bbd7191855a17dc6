"""Where a run's processor time goes: seconds of user and system by test file, children that ended included.

``--spent FILE`` writes them with the number of cases, and what of both `make check` leaves out. Each process measures
its own tests; the one that leads adds them up. What no test took (starting, finding tests) stands under the empty name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

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


def add(kept: dict[str, list[float]], name: str, *more: float) -> None:
    """Add to what a file took: seconds, cases, and of both those that `make check` leaves out."""
    old = kept.get(name, [0.0, 0, 0.0, 0])
    kept[name] = [before + one for before, one in zip(old, more, strict=True)]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Measure a test with its set-up; what several tests share counts for the first of them."""
    before = processor()
    try:
        return (yield)
    finally:
        took = (processor() - before, 1)
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
        add(kept, "", processor() - sum(seconds for seconds, *_ in kept.values()), 0, 0.0, 0)
    if is_worker:
        config.workeroutput["spent"] = kept
    elif path := config.getoption("--spent"):
        Path(path).write_text(json.dumps(kept, sort_keys=True), encoding="utf-8")
