"""One count over the kill matrix: each kind of point named, with how often a process died there, and enough of them.

Its tests may run in several processes; what each of them killed goes with its report to the one that shows the result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest

LEAST: Final = 500
# What becomes of the orders of a process that dies in memory; beside them real processes, ended by the system.
FATES: Final = ("kept", "lost", "late", "put off")
# Where the venue takes its time beside that.
SLOW: Final = ("kept, slow", "lost, slow", "late, slow", "put off, slow")
PARTS: Final = (*FATES, *SLOW, "processes")
_DIED: Final = "died"


def told(record: Callable[[str, object], None], part: str, died: Mapping[str, int]) -> None:
    """Say with a test's report at which kinds of points processes died, and how often.

    Parameters
    ----------
    record : callable
        pytest's ``record_property``.
    """
    record(_DIED, {"part": part, "died": dict(died)})


class Matrix:
    """What the tests of a session killed.

    Attributes
    ----------
    died : dict of str to Counter
        By part, how often a process died at each kind of point.
    """

    def __init__(self) -> None:
        self.died: dict[str, Counter[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a test that passed has killed."""
        if report.when != "call" or report.failed:
            return
        for name, value in report.user_properties:
            if name == _DIED and isinstance(value, dict):
                self.died.setdefault(value["part"], Counter()).update(value["died"])

    @property
    def total(self) -> int:
        """Return how many processes died."""
        return sum(died.total() for died in self.died.values())

    @property
    def is_too_small(self) -> bool:
        """Tell whether every part was run and they are too few together."""
        return set(PARTS) <= self.died.keys() and self.total < LEAST

    def lines(self) -> Iterator[str]:
        """Yield each kind of point and its count, then the sum."""
        for part in PARTS:
            for kind, count in sorted(self.died.get(part, Counter()).items()):
                yield f"{count:5} {part:10} {kind}"
        missing = [part for part in PARTS if part not in self.died]
        asked = f"not run whole: {', '.join(missing)}" if missing else f"at least {LEAST} are asked"
        yield f"{self.total:5} died in all ({asked})"


def pytest_configure(config: pytest.Config) -> None:
    """Count in the process that shows the result."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Matrix(), "kill-matrix")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where the whole matrix is smaller than it must be."""
    matrix = session.config.pluginmanager.get_plugin("kill-matrix")
    if matrix is not None and matrix.is_too_small and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show the count."""
    matrix = config.pluginmanager.get_plugin("kill-matrix")
    if matrix is None or not matrix.died:
        return
    terminalreporter.section("kill matrix")
    for line in matrix.lines():
        terminalreporter.line(line, red=matrix.is_too_small)
