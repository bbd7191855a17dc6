"""Run the checks and the tests, and end with one line that says how it went.

    python tools/run_tests.py check|all

`check` is for the change in hand: format, lint, types, floors, and the tests that it can break, most telling first
(`affected` says which). `all` runs every test on five workers; beside them the tests whose lines count run in one
process, and then the kernel once more with compilation switched off, so that its lines count as covered. A failed phase
does not stop the later ones.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

sys.path.insert(0, str(Path(__file__).resolve().parent))
import affected
import build_assets
import compiled_cache
import recorded
from memory_folder import temporary_files_in_memory

ROOT = Path(__file__).resolve().parent.parent
DURATIONS = ROOT / "tests" / "durations.toml"
CLOSING = ROOT / "build" / "closing-line.txt"
# Where the installation keeps node when the machine has none.
BESIDE = Path(sys.prefix) / "node"
FOLDERS = ("src", "tests", "tools", "benchmarks")
# Three more than the two cores: a third of the time is waited for servers, processes and deadlines, and with four the
# cores idled for a sixth of the run.
# Which file comes first is said in tests/running.py: how many tests it has does not tell how long it takes.
# Each finds the tests of a file when its turn comes: all of them are found once, not five times.
WORKERS = ("-n", "5", "--dist", "loadfile", "--no-loadscope-reorder", "--file-by-file")
# Beside them: more would each find all tests anew, and one is done before the others are.
ALONE = ("-n", "0")
QUICK = ("tests/architecture", "tests/unit", "tests/contracts")
# A process for each core: what is chosen is short, and every further one loads everything once more.
FEW = 2
# The kernel as plain Python: what trades, decides and books, without the long histories.
PLAIN = (
    "tests/unit/trading",
    "tests/unit/engine",
    "tests/golden",
    "tests/unit/quant/labels",
    "tests/property/test_barriers.py",
)
# Compare what is compiled with another process that is not, or ask one that compiles: where nothing is compiled they
# would compare it to itself, or ask the same again. The last two read what files of strategies may do, and have
# processes of their own judge them.
BOTH_WAYS = (
    "-k",
    "not with_compilation_off and not compiled_function and not test_judgement and not test_outside",
)
COVERAGE = ("-p", "tests.counting")


@dataclass(slots=True)
class Tally:
    """What passed, failed and was skipped so far, over checks and tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    lost: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add what was counted elsewhere."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.lost += other.lost

    def line(self, seconds: float) -> str:
        """Return the closing line."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped} in {seconds:.0f} s"


def environment(extra: dict[str, str]) -> dict[str, str]:
    """Return the environment of a phase: one thread a worker, so that two workers are two threads."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", **extra}


def call(
    title: str, command: list[str], extra: dict[str, str] | None = None, said: IO[str] | None = None
) -> int:
    """Run a program with a heading; return its exit code.

    Parameters
    ----------
    said : file, optional
        Takes what it says, in place of the screen.
    """
    print(f"\n--- {title}", flush=True, file=said)
    started = time.monotonic()
    code = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(extra or {}),
        check=False,
        stdout=said,
        stderr=None if said is None else subprocess.STDOUT,
    ).returncode
    print(
        f"--- {title}: {'ok' if code == 0 else f'failed ({code})'}, {time.monotonic() - started:.0f} s",
        flush=True,
        file=said,
    )
    return code


def check(tally: Tally, title: str, *command: str, extra: dict[str, str] | None = None) -> None:
    """Run a check that passes or fails as a whole."""
    book(tally, title, call(title, [sys.executable, *command], extra))


def book(tally: Tally, title: str, code: int) -> None:
    """Add a check that ended with an exit code."""
    if code == 0:
        tally.passed += 1
    else:
        tally.failed += 1
        tally.lost.append(title)


@contextmanager
def beside(tally: Tally, title: str, *command: str) -> Iterator[None]:
    """Run a check while the block runs; what it says is shown at the end of the block."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said,
        subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment({}), stdout=said, stderr=subprocess.STDOUT
        ) as process,
    ):
        yield
        code = process.wait()
        said.seek(0)
        print(f"\n--- {title}\n{said.read()}", end="")
    print(f"--- {title}: {'ok' if code == 0 else f'failed ({code})'}", flush=True)
    book(tally, title, code)


def pytest_run(
    tally: Tally,
    title: str,
    *options: str,
    extra: dict[str, str] | None = None,
    said: IO[str] | None = None,
) -> None:
    """Run pytest and add what it counted."""
    with tempfile.TemporaryDirectory() as folder:
        xml = Path(folder) / "tests.xml"
        command = [sys.executable, "-m", "pytest", "-q", *options, f"--junitxml={xml}"]
        code = call(title, command, extra, said)
        passed, failed, skipped = counted(xml)
        print(slowest(xml), flush=True, file=said)
    tally.passed += passed
    tally.skipped += skipped
    # A run that broke before or after its tests (nothing collected, coverage too low) is a failure of its own.
    tally.failed += failed if failed or code == 0 else 1
    if code:
        tally.lost.append(title)


def counted(xml: Path) -> tuple[int, int, int]:
    """Read passed, failed and skipped from a report of pytest."""
    try:
        suites = list(ET.parse(xml).getroot().iter("testsuite"))
    except (OSError, ET.ParseError):
        return 0, 0, 0
    total, failures, errors, skipped = (
        sum(int(suite.get(name, "0")) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    )
    return total - failures - errors - skipped, failures + errors, skipped


def slowest(xml: Path, shown: int = 40) -> str:
    """Return the files that took longest, a line each: what to look at when the run gets long."""
    try:
        cases = list(ET.parse(xml).getroot().iter("testcase"))
    except (OSError, ET.ParseError):
        return ""
    took: dict[str, float] = {}
    for case in cases:
        name = case.get("classname", "")
        took[name] = took.get(name, 0.0) + float(case.get("time", "0"))
    longest = sorted(took.items(), key=lambda entry: entry[1], reverse=True)[:shown]
    return "\n".join(f"{seconds:7.1f} s  {name}" for name, seconds in longest)


def static_checks(tally: Tally, *, floors: bool = True) -> None:
    """Format, lint, floors."""
    folders = [name for name in FOLDERS if (ROOT / name).is_dir()]
    check(tally, "ruff: lint", "-m", "ruff", "check", *folders)
    check(tally, "ruff: format", "-m", "ruff", "format", "--check", *folders)
    if not floors:
        return
    check(
        tally,
        "import-linter: floors",
        "-c",
        "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())",
    )


def front_end(tally: Tally) -> None:
    """Types and unit tests of the browser's modules."""
    folder = ROOT / "frontend"
    node = build_assets.machine_node() or build_assets.wheel_node() or build_assets.wheel_node(BESIDE)
    if node is None:
        print("\n--- front end: node is missing; run `make install`", flush=True)
        tally.failed += 1
        tally.lost.append("front end")
        return
    compiler = str(folder / "node_modules" / "typescript" / "bin" / "tsc")
    for title, words in (
        ("front end: types", (compiler, "--noEmit", "-p", str(folder))),
        ("front end: unit tests", (str(folder / "test.mjs"),)),
    ):
        if call(title, [*node.node, *words]) == 0:
            tally.passed += 1
        else:
            tally.failed += 1
            tally.lost.append(title)


def browser_rules() -> None:
    """Fetch what the browser tests need from npm: the machine's, else that of the environment."""
    own = Path(sys.executable).with_name("npm.exe" if os.name == "nt" else "npm")
    npm, folder = shutil.which("npm") or str(own), ROOT / "tests" / "e2e"
    if (folder / "package-lock.json").exists() and not (folder / "node_modules").exists():
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        call("browser tests: rules of accessibility", [npm, "ci", "--prefix", str(folder), *quiet])


def everything(tally: Tally) -> list[Path]:
    """Run all tests, and the kernel as plain Python; lines count wherever they ran as Python.

    Returns
    -------
    list of Path
        Where it stands what the tests took.
    """
    reached = ROOT / "build" / ".coverage"
    coverage = {"COVERAGE_FILE": str(reached)}
    (ROOT / "build").mkdir(exist_ok=True)
    spent = [ROOT / "build" / f"spent-{name}.json" for name in ("others", "counted")]
    # Each run adds the lines that it reaches.
    for path in (reached, *spent):
        path.unlink(missing_ok=True)
    browser_rules()
    lines = Tally()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        with ThreadPoolExecutor(1) as other:
            counting = other.submit(counted_lines, lines, coverage, said, spent[1])
            words = ("tests", "--lines=others", f"--spent={spent[0]}")
            pytest_run(tally, "tests whose lines do not count", *WORKERS, *words)
        said.seek(0)
        print(said.read(), end="", flush=True)
    counting.result()
    tally.add(lines)
    report = ("-m", "coverage", "report", "--fail-under=95")
    check(tally, "coverage of trading and engine, at least 95 %", *report, extra=coverage)
    return spent


def processor(tally: Tally, parts: list[Path], options: argparse.Namespace) -> None:
    """Say what each area of tests took against the record; write a new one where that is asked for."""
    if not all(part.is_file() for part in parts):
        return
    # Three times, the quickest counts: others may be at work beside it.
    yardstick = min(recorded.yardstick() for _ in range(3))
    new = recorded.Record(yardstick, recorded.merged(json.loads(part.read_text("utf-8")) for part in parts))
    old = recorded.load(DURATIONS)
    print(f"\n--- {recorded.compared(old, new)}", flush=True)
    for name, words in (recorded.dearer(old, new) if old else {}).items():
        print(f"--- dearer: {name}: {words}", flush=True)
    if options.record:
        refused = recorded.keep(DURATIONS, new, options.because)
        book(tally, "record of what tests take", int(bool(refused)))
        print(f"--- {refused or 'recorded in tests/durations.toml'}", flush=True)


def reuse_compiled(graph: affected.Graph) -> None:
    """Take compiled code that no changed file can touch from the state before."""
    from vigie.compiled import cache_folder

    count = compiled_cache.reuse(cache_folder(), compiled_cache.sources(ROOT), graph.users)
    if count:
        print(f"kernel: {count} compiled files are those of before", flush=True)


def change(tally: Tally, options: argparse.Namespace) -> None:
    """Check what differs from where the branch left, and run the tests that it can break."""
    found = affected.changes(ROOT, options.since)
    if found is None:
        print(
            f"\ncheck: nothing to compare with ({options.since or 'no git, no main'}): all quick tests",
            flush=True,
        )
        with beside(tally, "mypy: types", "-m", "mypy"):
            static_checks(tally)
            front_end(tally)
        pytest_run(
            tally, "quick tests", *WORKERS, *existing(QUICK), "-m", "not slow and not browser and not shared"
        )
        return
    try:
        graph = affected.graph_of(ROOT, found)
    except SyntaxError as error:
        print(f"\ncheck: no tests are chosen while a file is not Python: {error}", flush=True)
        static_checks(tally, floors=False)
        return
    choice = affected.plan(ROOT, found, options.seconds, graph)
    if options.why:
        print(affected.explained(choice, options.why))
        return
    print(f"\ncheck: {choice.line(found)}", flush=True)
    reuse_compiled(graph)
    touched = (*found.changed, *found.gone)
    is_code = any(path.endswith((".py", ".toml", ".txt")) for path in touched)
    with beside(tally, "mypy: types", "-m", "mypy") if is_code else nullcontext():
        static_checks(tally, floors=is_code)
        if any(path.startswith(("frontend/", "tools/build_assets")) for path in touched):
            front_end(tally)
        if choice.run:
            own = ",".join(path for path in touched if path.startswith("tests/"))
            words = spread([one.path for one in choice.run])
            pytest_run(tally, "tests of the change", *words, f"--quick={own}")
    print(f"\ncheck: {choice.line(found)}; `--why WORD` says why")


def spread(paths: Sequence[str]) -> list[str]:
    """Return how many processes run chosen files, and in which order.

    Where some mostly wait for servers and deadlines, they come first, and a process more for each of them, two at most,
    keeps both cores busy.
    """
    sys.path.insert(0, str(ROOT))
    from tests.running import WAITING

    workers = FEW + min(sum(path in WAITING for path in paths), 2)
    ordered = sorted(paths, key=lambda path: path not in WAITING)
    return ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder", *ordered]


def counted_lines(tally: Tally, coverage: dict[str, str], said: IO[str], spent: Path) -> None:
    """Run the tests whose lines count, then the kernel without compilation."""
    # Not needed by the quick half.
    sys.path.insert(0, str(ROOT))
    from tests.running import COUNTED

    title, options = (
        "tests whose lines count",
        (*existing(COUNTED), "--lines=counted", f"--spent={spent}", *COVERAGE),
    )
    pytest_run(tally, title, *ALONE, *options, extra=coverage, said=said)
    plain = {**coverage, "NUMBA_DISABLE_JIT": "1"}
    title, options = "kernel without compilation", (*existing(PLAIN), *BOTH_WAYS, *COVERAGE)
    pytest_run(tally, title, *ALONE, *options, extra=plain, said=said)


def existing(folders: Sequence[str]) -> list[str]:
    """Return the folders that are there."""
    return [name for name in folders if (ROOT / name).exists()]


def main() -> int:
    """Read the command line; 0 when everything passed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=("check", "all"))
    parser.add_argument(
        "--since", metavar="COMMIT", help="check: what the tree is compared with; where it left main"
    )
    parser.add_argument("--seconds", type=float, help="check: processor seconds for tests, however far off")
    parser.add_argument(
        "--why", metavar="WORD", help="check: say why tests with this word in their way are chosen, run none"
    )
    parser.add_argument(
        "--record", action="store_true", help="all: keep what tests took in tests/durations.toml"
    )
    parser.add_argument("--because", default="", help="all: why an area takes more than was recorded")
    options = parser.parse_args()
    started = time.monotonic()
    tally = Tally()
    with temporary_files_in_memory():
        run(tally, options)
    if options.why:
        return 0
    line = tally.line(time.monotonic() - started)
    CLOSING.parent.mkdir(exist_ok=True)
    CLOSING.write_text(f"{tally.passed} {tally.failed} {tally.skipped}\n", encoding="utf-8")
    if tally.lost:
        print(f"\nfailed: {', '.join(tally.lost)}")
    print(f"\n{line}", flush=True)
    return 1 if tally.failed else 0


def run(tally: Tally, options: argparse.Namespace) -> None:
    """Run what was asked for."""
    if options.what == "check":
        change(tally, options)
    else:
        found = affected.changes(ROOT)
        if found is not None:
            reuse_compiled(affected.graph_of(ROOT, found))
        # Types are one process of a minute or two: beside the tests, where the cores wait less than before them. Tests
        # wait for the kernel, which takes longer than their bytecode.
        with beside(tally, "mypy: types", "-m", "mypy"):
            with beside(tally, "tests: bytecode once", "-m", "pytest", "-q", "--lines=none", "tests"):
                static_checks(tally)
                front_end(tally)
                check(tally, "kernel: compile once", "tools/warm_up.py")
            spent = everything(tally)
        processor(tally, spent, options)


if __name__ == "__main__":
    sys.exit(main())
