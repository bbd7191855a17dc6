"""Every workload against its goals, side by side with the yardstick and two other backtesters.

    python -m benchmarks [--quick] [--only W1,W6] [--out benchmarks/latest.json]

First the equality that every figure rests on; where it fails nothing is measured. Then one process a contender,
rounds in turn, medians. Writes `latest.json`, a list of {workload, ours_ms, reference, reference_ms, ratio, rss_mb},
and beside it `latest.machine.json`: the machine, and the goal of each row. docs/speed.md says what the ratio means.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LATEST = ROOT / "benchmarks" / "latest.json"
MIB = 2**20 / 1e6


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `goal` in words, `met` None where there is no goal."""

    workload: str
    ours_ms: float
    reference: str
    reference_ms: float
    ratio: float
    rss_mb: float | None
    goal: str
    met: bool | None

    def plain(self) -> dict[str, Any]:
        """What `latest.json` holds."""
        rss = None if self.rss_mb is None else round(self.rss_mb, 1)
        return {
            "workload": self.workload,
            "ours_ms": round(self.ours_ms, 4),
            "reference": self.reference,
            "reference_ms": None if math.isnan(self.reference_ms) else round(self.reference_ms, 4),
            "ratio": None if math.isnan(self.ratio) else round(self.ratio, 3),
            "rss_mb": rss,
        }


class Contender:
    """A worker process that runs one round when it is asked."""

    def __init__(self, name: str, workload: str, python: Path, environ: Mapping[str, str]) -> None:
        self.name = name
        self.rounds: list[dict[str, float]] = []
        self.rss_mb: float | None = None
        self._process = subprocess.Popen(
            [str(python), str(ROOT / "benchmarks" / "worker.py"), name, workload],
            env=dict(environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self._respond()

    def _respond(self) -> dict[str, float]:
        for line in self._process.stdout or ():
            if line.startswith("{"):
                answer: dict[str, float] = json.loads(line)
                return answer
        raise RuntimeError(f"{self.name} ended with code {self._process.wait()}")

    def go(self) -> None:
        """Run one round."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        self.rounds.append(self._respond())

    def finish(self) -> None:
        """End the process; learn how much memory it held."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self.rss_mb = self._respond()["rss_mb"]
        self._process.wait()

    def median(self, key: str = "ms") -> float:
        """Median over all rounds."""
        return statistics.median(answer[key] for answer in self.rounds)


class Bench:
    """Runs the workloads and collects rows."""

    def __init__(self, environ: Mapping[str, str], folder: Path, *, quick: bool) -> None:
        self._environ = environ
        self._folder = folder
        self._quick = quick
        self.rows: list[Row] = []

    def measured(self, workload: str, names: tuple[str, ...], rounds: int) -> dict[str, Contender]:
        """Run contenders in turn; those whose environment is missing are left out."""
        known = {}
        for name in names:
            python, environ = Path(sys.executable), self._environ
            if name.split("-")[0] in ("vectorbt", "backtesting"):
                python = ROOT / ".bench-venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
                if not python.exists():
                    say(f"{name} is not there; `python tools/install.py bench` installs it")
                    continue
                environ = reference_environment(environ)
            known[name] = Contender(name, workload, python, environ)
        for _ in range(max(3, rounds // 5) if self._quick else rounds):
            for contender in known.values():
                contender.go()
        for contender in known.values():
            contender.finish()
        return known

    def add(self, row: Row) -> None:
        """Print a row and keep it."""
        self.rows.append(row)
        print(line_of(row), flush=True)

    def against(
        self, workload: str, ours: Contender, other: Contender | None, *, times: float | None, faster: bool
    ) -> None:
        """Compare with a reference: so many times as fast as it (`faster`), or so many times its time."""
        if other is None:
            return
        mine, theirs = ours.median(), other.median()
        ratio = theirs / mine if faster else mine / theirs
        goal, met = "", None
        if times is not None:
            goal = f">= {times:g}x faster" if faster else f"<= {times:g}x its time"
            met = ratio >= times if faster else ratio <= times
        self.add(Row(workload, mine, other.name, theirs, ratio, ours.rss_mb, goal, met))

    def below(
        self, workload: str, value: float, limit: float | None, unit: str, rss_mb: float | None = None
    ) -> None:
        """Compare a number with its limit."""
        met = None if limit is None else value <= limit
        goal = "" if limit is None else f"<= {limit:g} {unit}"
        ratio = value / limit if limit else float("nan")
        self.add(Row(workload, value, f"limit, {unit}", limit or float("nan"), ratio, rss_mb, goal, met))

    # The workloads

    def w1(self) -> None:
        """One history through the public door."""
        found = self.measured("w1", ("vigie", "yardstick", "vectorbt", "vectorbt-lean", "backtesting"), 21)
        name, ours = "W1 EMA cross, 100,000 bars", found["vigie"]
        self.against(name, ours, found["yardstick"], times=5, faster=False)
        self.against(name, ours, found.get("vectorbt"), times=15, faster=True)
        self.against(f"{name}, ten figures", ours, found.get("vectorbt-lean"), times=None, faster=True)
        self.against(name, ours, found.get("backtesting"), times=None, faster=True)

    def w2(self) -> None:
        """A sweep."""
        found = self.measured("w2", ("vigie", "vigie-2", "yardstick", "yardstick-2"), 15)
        name, ours = "W2 1,000 pairs x 10,000 bars", found["vigie"]
        self.against(name, ours, found["yardstick"], times=1.75, faster=False)
        two, single, both = found["vigie-2"], found["yardstick"].median(), found["yardstick-2"].median()
        gain, possible = ours.median() / two.median(), single / both
        threads = f"{name}, two threads"
        self.add(Row(threads, two.median(), "one thread", ours.median(), gain, two.rss_mb, "", None))
        self.add(
            Row(f"{name}, the yardstick on two threads", both, "one thread", single, possible, None, "", None)
        )
        # Two busy cores are not twice one: what a compiled pass without Python gains is what can be gained here.
        self.add(Row(f"{threads}, gain", gain, "the yardstick's gain", possible, gain / possible, None,
                     ">= 0.95 of its gain", gain / possible >= 0.95))  # fmt: skip
        self.below(f"{name}, memory", (two.rss_mb or 0.0) / MIB, 300, "MiB", two.rss_mb)
        other = self.measured("w2", ("vigie", "vigie-2", "yardstick", "vectorbt"), 5)
        self.against(name, other["vigie"], other.get("vectorbt"), times=None, faster=True)
        self.against(f"{name}, two threads", other["vigie-2"], other.get("vectorbt"), times=None, faster=True)
        self.against(
            f"{name}, the yardstick", other["yardstick"], other.get("vectorbt"), times=None, faster=True
        )

    def w3(self) -> None:
        """Many short histories."""
        found = self.measured("w3", ("vigie", "vectorbt"), 15)
        name = "W3 7 x 3 x 5 x 1,500 bars"
        self.against(name, found["vigie"], found.get("vectorbt"), times=15, faster=True)
        fixed = self.measured("w3", ("vigie-fixed",), 7)["vigie-fixed"]
        self.below("W3 fixed cost of a run, us", fixed.median("us_a_run"), 50, "us")

    def w4(self) -> None:
        """A long history."""
        found = self.measured("w4", ("vigie", "yardstick"), 11)
        name, ours = "W4 2.6 M one-minute bars", found["vigie"]
        self.against(name, ours, found["yardstick"], times=3, faster=False)
        self.below(f"{name}, memory", (ours.rss_mb or 0.0) / MIB, 400, "MiB", ours.rss_mb)

    def w5(self) -> None:
        """One account."""
        ours = self.measured("w5", ("vigie",), 11)["vigie"]
        self.below(
            "W5 35 slots x 50,000 hours, ns a slot-bar", ours.median("ns_a_slot_bar"), 100, "ns", ours.rss_mb
        )

    def w6(self) -> None:
        """Commands; W7 too."""
        from benchmarks import commands

        limits = {
            "W6, empty caches": 8_000.0,
            "W6, filled caches": 600.0,
            "W7, Parquet": 2_000.0,
            "W7, CSV": 5_000.0,
        }
        for command in commands.commands(self._folder, self._environ):
            count = 1 if self._quick else 3 if "empty" in command.name or "W7" in command.name else 7
            commands.timed(command)
            elapsed = statistics.median(commands.timed(command) for _ in range(count))
            self.below(command.name, elapsed, limits.get(command.name), "ms")

    def w8(self) -> None:
        """Commands that answer at once."""
        from benchmarks import commands

        limits = {"W8, vigie --version": 150.0, "W8, vigie --help": 250.0}
        for command in commands.starts(self._folder, self._environ):
            commands.timed(command)
            elapsed = statistics.median(commands.timed(command) for _ in range(3 if self._quick else 21))
            self.below(command.name, elapsed, limits.get(command.name), "ms")

    def checks(self) -> None:
        """Share of the proofs in a whole run."""
        from benchmarks import commands

        contenders = {"simulated bars": "vigie", "real bars": "vigie-real"}
        for command in commands.whole_runs(self._folder, self._environ):
            words, contender = command.name, contenders[command.name]
            commands.timed(command)
            whole = statistics.median(commands.timed(command) for _ in range(3 if self._quick else 7))
            found = self.measured("checks", (contender,), 9)[contender]
            checks = found.median("checks_ms")
            share = checks / whole
            self.add(Row(f"Checks in a run of 35 slots, {words}", checks, "the whole run", whole, share, found.rss_mb,
                         "<= 0.15 of the run", share <= 0.15))  # fmt: skip


WORKLOADS = ("w1", "w2", "w3", "w4", "w5", "w6", "w8", "checks")


def line_of(row: Row) -> str:
    """Write a row for people."""
    verdict = "" if row.met is None else "met" if row.met else "MISSED"
    memory = "" if row.rss_mb is None else f"{row.rss_mb / MIB:.0f} MiB"
    return (
        f"{row.workload:<46} {row.ours_ms:>10.2f}  {row.reference:<16} {row.reference_ms:>10.2f}  "
        f"{row.ratio:>8.2f}  {memory:>8}  {row.goal:<34} {verdict}"
    )


def say(text: str) -> None:
    """Say what happens now."""
    print(f"bench: {text}", flush=True)


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of all processes: a home of their own, bytecode written; SciPy, coverage and yaml hidden.

    numba imports them where it finds them. Vigie's users need not have them; its tests do.
    """
    for name in ("scipy", "coverage", "yaml"):
        package = folder / "hidden" / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(
            'raise ImportError("hidden by the benchmarks")\n', encoding="utf-8"
        )
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    }
    return {**kept, "VIGIE_HOME": str(folder / "home"), "PYTHONPATH": str(folder / "hidden")}


def reference_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the references, which do need SciPy."""
    return {name: value for name, value in environ.items() if name != "PYTHONPATH"}


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    import numba
    import numpy
    import polars

    return {
        "cores": os.cpu_count(),
        "cpu": processor(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "numba": numba.__version__,
        "polars": polars.__version__,
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def processor() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def disagreements() -> Iterator[str]:
    """Yield where kernel, twin and yardstick differ."""
    from benchmarks.equality import differences

    yield from differences()


def main(arguments: list[str] | None = None) -> int:
    """Run; 0 when measured, 1 when the programs do not agree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few rounds: a look, no figures to quote")
    parser.add_argument("--only", default="", help=f"some of {','.join(WORKLOADS)}")
    parser.add_argument("--out", type=Path, default=LATEST)
    asked = parser.parse_args(arguments)
    chosen = [name.strip().lower() for name in asked.only.split(",") if name.strip()] or list(WORKLOADS)
    facts = machine()
    say(f"{facts['cpu']}, {facts['cores']} cores, Python {facts['python']}, numba {facts['numba']}")
    say("kernel, plain-Python twin and yardstick must trade alike first")
    found = list(disagreements())
    if found:
        for text in found[:20]:
            print(f"  {text}")
        say(f"{len(found)} differences: no figures")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(environment(Path(folder)), Path(folder), quick=asked.quick)
        for name in chosen:
            getattr(bench, name)()
    missed = [row.workload for row in bench.rows if row.met is False]
    say(f"{len(missed)} goals missed: {'; '.join(missed)}" if missed else "every goal met")
    asked.out.write_text(json.dumps([row.plain() for row in bench.rows], indent=1) + "\n", encoding="utf-8")
    goals = [{"workload": row.workload, "goal": row.goal, "met": row.met} for row in bench.rows]
    beside = asked.out.with_suffix(".machine.json")
    beside.write_text(json.dumps({**facts, "goals": goals}, indent=1) + "\n", encoding="utf-8")
    return 0
