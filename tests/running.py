"""How a run of everything is spent: which tests count lines, which files come first, how often garbage is sought."""

from __future__ import annotations

import atexit
import gc
import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest
from _pytest.assertion import rewrite
from hypothesis import settings

# Counting makes Python half as slow again, so it is done in a run of those tests that mean trading and engine, and that
# reach lines which no cheaper one does. What else passes through them is run with all the others.
COUNTED: Final = (
    "tests/unit/trading/",
    "tests/unit/engine/",
    "tests/golden/",
    "tests/property/",
    "tests/crash/",
    # The only one that reads the trade of a setup alone.
    "tests/unit/services/setups/test_replaying.py",
)
UNCOUNTED: Final = (
    "tests/crash/test_binance.py",
    "tests/crash/test_faults.py",
    "tests/crash/test_full_disk.py",
    "tests/crash/test_grids_at_venues.py",
    "tests/crash/test_hyperliquid.py",
    "tests/crash/test_kill_points.py",
    "tests/crash/test_killed_trainings.py",
    "tests/crash/test_moved_stops_at_venues.py",
    "tests/crash/test_moved_targets.py",
    "tests/crash/test_other_programs_at_venues.py",
    "tests/crash/test_passed_stops.py",
    "tests/crash/test_plans_at_a_venue.py",
    "tests/crash/test_put_off.py",
    "tests/crash/test_real_processes.py",
    "tests/crash/test_unwritten_at_a_venue.py",
    "tests/property/test_bar_store.py",
    "tests/property/test_file_forms.py",
    "tests/property/test_import_roundtrip.py",
    "tests/property/test_indicators.py",
    "tests/property/test_kernel_twin.py",
    "tests/property/test_news_reading.py",
    "tests/property/test_turns.py",
)
# A file is one worker's. What takes longest comes first, so that no worker begins it when the others are at their end:
# by the processor seconds that are recorded, and before those the files that wait for servers, processes and deadlines,
# of which these seconds say too little.
DURATIONS: Final = Path(__file__).with_name("durations.toml")
WAITING: Final = (
    "tests/crash/test_faults.py",
    "tests/api/test_schemathesis.py",
    "tests/e2e/test_pages.py",
    "tests/contracts/test_trading_venues.py",
    "tests/crash/test_kill_points.py",
    "tests/e2e/test_crawl.py",
    "tests/parity/test_over_the_wire.py",
    "tests/crash/test_real_processes.py",
    "tests/crash/test_full_disk.py",
    "tests/e2e/test_demo_trading.py",
    "tests/contracts/test_collecting.py",
    "tests/crash/test_hyperliquid.py",
    "tests/crash/test_plans_at_a_venue.py",
    "tests/parity/test_over_hyperliquid.py",
    "tests/contracts/test_shown_prices.py",
)
# Files of many cases of one kind, and in how many parts they come: `make test` runs the first case of each part, `make
# chaos` the others. What trades, books, kills, is held to golden results or to other people's rights is not among them.
SHARED_OUT: Final = {
    "tests/api/test_pages.py": 2,
    "tests/api/test_schemathesis.py": 3,
    "tests/e2e/test_asset.py": 2,
    "tests/e2e/test_backtests.py": 2,
    "tests/e2e/test_chart_tools.py": 2,
    "tests/e2e/test_first_visit.py": 2,
    "tests/e2e/test_looks.py": 2,
    "tests/e2e/test_menu.py": 2,
    "tests/e2e/test_modes.py": 2,
    "tests/e2e/test_news_pages.py": 2,
    "tests/e2e/test_pages.py": 3,
    "tests/e2e/test_people.py": 2,
    "tests/e2e/test_report.py": 2,
    "tests/property/test_indicators.py": 2,
    "tests/security/test_hostile_texts.py": 3,
    "tests/security/test_real_server.py": 2,
    "tests/unit/benchmarks/test_luck.py": 2,
    "tests/unit/intelligence/news/test_facts.py": 2,
    "tests/unit/sandbox/world/test_arc.py": 2,
    "tests/unit/services/test_backup.py": 2,
    "tests/unit/views/test_backtest_commands.py": 2,
    "tests/unit/views/web/test_simulated_everywhere.py": 3,
}
# Of a file that was not there yet when durations were recorded.
UNRECORDED: Final = 1.0
# What tests are marked with that `make check` leaves out.
DEEP: Final = ("slow", "browser", "shared")
# Set by `make chaos`, which runs what is marked so before it kills traders by chance.
CHAOS: Final = "VIGIE_TEST_CHAOS"
# Looking for garbage after every 700 objects takes a third of the time in which tests are found: there are so many.
# After every 20,000 it took up to a tenth of tests of pages; a process holds up to a hundred megabytes more instead.
RARELY: Final = (1_000_000, 20, 10)
# Databases and journals that tests leave to it are files that stay open until then. Some systems allow 1,024; where
# more are allowed, more may wait: looking among the objects of so many tests takes half a second each time.
OPEN_FILES: Final = Path("/proc/self/fd")
MOST_OPEN: Final = 300
MOST_OPEN_ANYWHERE: Final = 800
LEFT_OPEN: Final = pytest.StashKey[int]()


def file_of(item: pytest.Item) -> str:
    """Return the file of a test, from the root of the repository."""
    return item.nodeid.split("::", 1)[0]


def longest_first(files: Iterable[str]) -> list[str]:
    """Return files of tests in the order in which they are begun."""
    took = tomllib.loads(DURATIONS.read_text(encoding="utf-8"))["files"]
    waiting = {name: place for place, name in enumerate(WAITING)}
    return sorted(
        files,
        key=lambda name: (waiting.get(name, len(waiting)), -took.get(name, [UNRECORDED])[0], name),
    )


def is_deep(item: pytest.Item) -> bool:
    """Tell whether a test is marked as one that `make check` leaves out."""
    return any(item.get_closest_marker(name) for name in DEEP)


def is_counted(name: str) -> bool:
    """Tell whether lines count that the tests of a file reach."""
    return name.startswith(COUNTED) and name not in UNCOUNTED


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run be of the tests whose lines count, of the others, or of none: then their bytecode is written.

    Asked as soon as this is read, before anything else is loaded: from here on garbage is sought seldom.
    """
    gc.set_threshold(*RARELY)
    parser.addoption(
        "--quick", metavar="FILES", help="leave out deep tests, but not those of these files; keep the order"
    )
    parser.addoption(
        "--lines", choices=("all", "counted", "others", "none"), default="all", help="which tests"
    )


def pytest_configure() -> None:
    """Look for no garbage at the end; let no property be judged by how long it took."""
    atexit.register(gc.freeze)
    # What a first case loads or compiles takes longer than any deadline.
    settings.register_profile("untimed", parent=settings.default, deadline=None)
    settings.load_profile("untimed")


def most_open() -> int:
    """Return how many files may be left open before garbage is sought."""
    # Absent on Windows, where nothing is counted either.
    import resource

    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(MOST_OPEN, min(allowed // 8, MOST_OPEN_ANYWHERE))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Look for garbage at once where many more files are open than the last look left."""
    stash = item.config.stash
    if OPEN_FILES.is_dir() and len(os.listdir(OPEN_FILES)) > stash.get(LEFT_OPEN, 0) + most_open():
        gc.collect()
        stash[LEFT_OPEN] = len(os.listdir(OPEN_FILES))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files that the other run is for, before each process reads them."""
    which = config.getoption("--lines")
    if which == "all" or not collection_path.name.startswith("test_"):
        return None
    if which == "none":
        write_bytecode(collection_path, config)
        return True
    name = collection_path.relative_to(config.rootpath).as_posix()
    return True if is_counted(name) != (which == "counted") else None


def write_bytecode(path: Path, config: pytest.Config) -> None:
    """Write a test file's bytecode as pytest does when it reads the file: else each of several processes does so."""
    state = config.stash[rewrite.assertstate_key]
    there = rewrite.get_cache_dir(path) / (path.stem + rewrite.PYC_TAIL)
    if rewrite._read_pyc(path, there, state.trace) is None:
        there.parent.mkdir(exist_ok=True)
        source_hash, code = rewrite._rewrite_test(path, config)
        rewrite._write_pyc(state, code, source_hash, there)


def _leave_out(config: pytest.Config, items: list[pytest.Item], is_left: list[bool]) -> None:
    if any(is_left):
        config.hook.pytest_deselected(items=[item for item, left in zip(items, is_left, strict=True) if left])
    items[:] = [item for item, left in zip(items, is_left, strict=True) if not left]


def share_out(items: Iterable[pytest.Item]) -> None:
    """Mark what is left to `make chaos` of files that are shared out; a test that is alone in its file never is."""
    counts: dict[str, int] = {}
    for item in items:
        name = file_of(item)
        parts = SHARED_OUT.get(name, 0)
        if not parts or item.get_closest_marker("chaos"):
            continue
        place = counts[name] = counts.get(name, -1) + 1
        if place % parts:
            item.add_marker(pytest.mark.chaos)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest files first; or leave out what `make check` does, and keep its order."""
    share_out(items)
    if not os.environ.get(CHAOS):
        _leave_out(config, items, [bool(item.get_closest_marker("chaos")) for item in items])
    named = config.getoption("--quick")
    if named is not None:
        own = named.split(",")
        is_left = [is_deep(item) and file_of(item) not in own for item in items]
        _leave_out(config, items, is_left)
        return
    places = {name: place for place, name in enumerate(longest_first({file_of(item) for item in items}))}
    items.sort(key=lambda item: places[file_of(item)])


def pytest_collection_finish() -> None:
    """Take what was read and found out of the search for garbage: it stays to the end."""
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where only bytecode was asked for, or all is deep, no tests are as many as there should be."""
    if (
        session.config.getoption("--lines") == "none" or session.config.getoption("--quick") is not None
    ) and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK
