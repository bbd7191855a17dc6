"""One contender of one workload in a process of its own: says when it is ready, then one round a line.

    python benchmarks/worker.py CONTENDER WORKLOAD

Reads lines from standard input; each asks for one round, answered by a line of JSON: milliseconds and what came
out. Rounds of contenders take turns, so that a busy machine slows all of them alike. At the end of the input it
says how much memory its process ever held. Runs in the project's environment and in that of the references.
"""

from __future__ import annotations

import gc
import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

Round = Callable[[], dict[str, float]]
REPEATS, ENOUGH_MS = 7, 400.0
MODULES = {"vigie": "ours", "yardstick": "ours", "vectorbt": "references", "backtesting": "references"}


def peak_mb() -> float:
    """Most memory the process ever held resident, in MB (10**6 bytes)."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    except (OSError, StopIteration):
        import psutil

        return psutil.Process().memory_info().rss / 1e6


def timed(run: Round) -> dict[str, float]:
    """Run one round: short work several times, the median counts; what others left in the caches does not."""
    gc.collect()
    taken: list[float] = []
    found: dict[str, float] = {}
    while not taken or (len(taken) < REPEATS and sum(taken) < ENOUGH_MS):
        started = time.perf_counter()
        found = run()
        taken.append((time.perf_counter() - started) * 1e3)
    return {"ms": statistics.median(taken), **found}


def main(contender: str, workload: str) -> None:
    """Prepare, warm up, answer."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    module = importlib.import_module(f"benchmarks.{MODULES[contender.split('-')[0]]}")
    run: Round = getattr(module, f"{workload.lower()}_{contender.replace('-', '_')}")()
    run()
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(timed(run)), flush=True)
    print(json.dumps({"rss_mb": peak_mb()}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
