"""Find the tests of a file when its turn comes, in the process that runs them.

With ``--file-by-file`` the items that a run begins with are files: each of several processes would find every test
anew otherwise, and send the names of all to the one that leads.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.running import DURATIONS

# Whether the module itself is asked for, not what stands for it.
_IS_TURN: Final = pytest.StashKey[bool]()


class TestFile(pytest.Item):
    """Stands for the tests of a file until they are found."""

    __test__ = False

    def runtest(self) -> None:
        """Never happens: `pytest_runtest_protocol` runs what is found."""
        raise AssertionError(self.nodeid)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run find tests file by file."""
    parser.addoption(
        "--file-by-file", action="store_true", help="find the tests of a file when its turn comes"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> TestFile | None:
    """Put what stands for a file in its place."""
    config = parent.config
    if not config.getoption("--file-by-file") or config.stash.get(_IS_TURN, False):
        return None
    name = module_path.relative_to(config.rootpath).as_posix()
    return TestFile.from_parent(parent, name=module_path.name, path=module_path, nodeid=name)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Find the tests of a file and run them; a file that cannot be read fails as it does in every run."""
    if not isinstance(item, TestFile):
        return None
    session = item.session
    found = found_tests(item)
    if not found:
        # What the file before left set up for this one's folder: who comes next may lie elsewhere.
        session._setupstate.teardown_exact(nextitem)
        return True
    following = [*found[1:], nextitem]
    # Who hands out the work asks which item a report is of.
    place = session.items.index(item)
    for one, after in zip(found, following, strict=True):
        session.items[place] = one
        item.config.hook.pytest_runtest_protocol(item=one, nextitem=after)
        if session.shouldfail or session.shouldstop:
            break
    session.items[place] = item
    return True


def found_tests(item: TestFile) -> list[pytest.Item]:
    """Return the tests of a file that are to run, in their order."""
    stash, session = item.config.stash, item.session
    stash[_IS_TURN] = True
    try:
        module = item.ihook.pytest_pycollect_makemodule(module_path=item.path, parent=item.parent)
    finally:
        stash[_IS_TURN] = False
    found = list(session.genitems(module))
    item.config.hook.pytest_collection_modifyitems(session=session, config=item.config, items=found)
    return found


class Progress:
    """Lets the process that leads tell how far it is: by cases, as many as are recorded of the files it has.

    Parameters
    ----------
    session : Session
        Its number of tests would be that of the files.
    cases : dict of str to int
        How many cases a file had when that was recorded.
    """

    def __init__(self, session: pytest.Session, cases: Mapping[str, int]) -> None:
        self._session, self._cases, self._total = session, cases, 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Add up what is to come."""
        self._total = sum(self._cases.get(name, 1) for name in ids)

    def pytest_runtest_logstart(self) -> None:
        """Say so to whoever shows it."""
        self._session.testscollected = self._total


def pytest_sessionstart(session: pytest.Session) -> None:
    """Count cases where files are handed out."""
    config = session.config
    if config.getoption("--file-by-file") and config.getoption("numprocesses", None):
        files = tomllib.loads(DURATIONS.read_text(encoding="utf-8"))["files"]
        config.pluginmanager.register(Progress(session, {name: entry[1] for name, entry in files.items()}))
