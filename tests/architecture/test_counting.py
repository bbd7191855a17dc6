"""Lines are counted by marks in the code: the same ones a tracer counts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parents[2]
# Compiled functions, plain ones, and some that are never called.
TESTS = ("tests/unit/trading/test_filters.py", "tests/unit/trading/test_strategy.py")


def reached(data_file: Path, *how: str) -> dict[str, set[int]]:
    """Return the statements that tests reach, by file, as a report of coverage.py tells them."""
    command = (sys.executable, "-m", *how, "-q", "-p", "no:cacheprovider", *TESTS)
    subprocess.run(command, cwd=ROOT, env={**os.environ, "COVERAGE_FILE": str(data_file)}, check=True)
    report = coverage.Coverage(data_file=str(data_file), config_file=str(ROOT / "pyproject.toml"))
    report.load()
    found = {}
    for name in report.get_data().measured_files():
        _, statements, _, missing, _ = report.analysis2(name)
        found[name] = set(statements) - set(missing)
    return found


def test_marks_count_the_lines_that_a_tracer_counts(tmp_path: Path) -> None:
    marked = reached(tmp_path / "marked", "pytest", "-p", "tests.counting")
    traced = reached(tmp_path / "traced", "coverage", "run", "-m", "pytest")
    filters = str(ROOT / "src" / "vigie" / "trading" / "filters.py")
    assert marked[filters]
    assert {name: lines for name, lines in marked.items() if lines} == {
        name: lines for name, lines in traced.items() if lines
    }
