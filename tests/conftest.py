"""What every test gets: a home of its own, no settings of the machine, and in CI no silent skips."""

from __future__ import annotations

import itertools
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest
from argon2 import PasswordHasher

from vigie.services.people.accounts import passwords

# httpx imports sniffio at each request inside a process, and goes on without it. Where it is not installed, Python
# looks through every folder each time: None among the modules has the import fail at once.
if find_spec("sniffio") is None:
    # Python takes None here, though the type of the table names modules only.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

pytest_plugins = [
    # First: what the others load takes a tenth longer where garbage is sought among it.
    "tests.running",
    # Before those that import it with the houses: pytest reads its plugins in its own way.
    "tests.house_bars",
    "tests.browsers",
    "tests.commands",
    "tests.crash.deaths",
    "tests.databases",
    "tests.file_by_file",
    "tests.spending",
    "tests.traded",
    "tests.left_to_plans",
    "tests.witnesses",
]

# Settings that reach the tests; every other VIGIE_ variable of the machine is hidden from them.
KEPT: Final = {
    "VIGIE_SHARED",
    "VIGIE_CACHE_DIR",
    "VIGIE_ALLOWED_SKIPS",
    "VIGIE_TEST_DATABASE",
    "VIGIE_TEST_PG_URL",
    "VIGIE_TEST_MONGO_URL",
}

# In CI a skipped test fails, unless its reason belongs to a group named here. `platform` and `mount` are always
# allowed, since no step of an installation could cure them; the others only where VIGIE_ALLOWED_SKIPS names them
# (a runner without the real data, or without a browser).
SKIP_GROUPS: Final = {
    "platform": re.compile(r"(only|not) on (Windows|macOS|Linux|POSIX)"),
    "mount": re.compile(r"this system lets nobody mount"),
    "shared": re.compile(r"real data not found"),
    "browser": re.compile(r"(Chromium|axe-core) is missing"),
}


def skip_is_allowed(reason: str, environ: os._Environ[str] | dict[str, str]) -> bool:
    """Tell whether a test may be skipped for this reason here."""
    if environ.get("CI") != "true":
        return True
    named = {"platform", "mount", *environ.get("VIGIE_ALLOWED_SKIPS", "").replace(",", " ").split()}
    return any(pattern.search(reason) for group, pattern in SKIP_GROUPS.items() if group in named)


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not skip_is_allowed(reason, os.environ):
        report.outcome = "failed"
        report.longrepr = f"a test may not be skipped in CI: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skip that is not allowed into a failure."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Do the same where a whole file is skipped."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.fixture(scope="session", autouse=True)
def real_hasher() -> Iterator[Callable[[], Any]]:
    """Let passwords be hashed as the product does, with less work; give what it hashes with.

    What the work must be is tested with the passwords; everybody else who signs in would wait for it.
    """
    real, quick = passwords._hasher, PasswordHasher(time_cost=1, memory_cost=1_024, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: quick)
        yield real


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the names of folders that are not there yet, each once.

    Pytest's own way of numbering lists all the folders before: with thousands of them that takes longer than tests do.
    """
    below = tmp_path_factory.mktemp("homes")
    return (below / f"home{number}" for number in itertools.count())


@pytest.fixture(autouse=True)
def home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a fresh home folder, as `VIGIE_HOME`; compiled kernels stay shared."""
    for name in [name for name in os.environ if name.startswith("VIGIE_") and name not in KEPT]:
        monkeypatch.delenv(name)
    folder = next(homes)
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("VIGIE_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _loggers_stay_awake() -> Iterator[None]:
    """Refuse a test that silences our loggers for those that come after it in the same process.

    ``logging.config`` does so by default to every logger it is not told about.
    """
    yield
    ours = [
        logger
        for name, logger in list(logging.root.manager.loggerDict.items())
        if name.startswith("vigie") and isinstance(logger, logging.Logger) and logger.disabled
    ]
    for logger in ours:
        logger.disabled = False
    assert not ours
