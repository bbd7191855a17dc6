"""What the plumbing of processes pays, piece by piece: copies in place of starts, memory given back, titles.

``python -m benchmarks.plumbing`` prints a table; decision 28 keeps it. Linux only. The parts are loaded and wait, so
that what they share is seen and nothing else; `benchmarks.demo_memory` measures the whole demonstration for an hour.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Final

from vigie.adapters import forks
from vigie.adapters.fork_server import start_fork_server
from vigie.adapters.memory_trim import COMPILER_LIBRARY, drop_library_pages, make_trim
from vigie.adapters.private_memory import make_private
from vigie.adapters.process_title import set_process_title
from vigie.views.cli.preloading import NEEDS, preload_part, prepare_forking

PARTS: Final = tuple(NEEDS)
TIMES: Final = 5
# Objects of the size that fetched years are read into, of which few stay.
OBJECTS: Final = 2_000_000
KEPT: Final = 500


def memory_mb(process: int, *names: str) -> float:
    """Return what a process takes of memory: pages that several share split among them, or the fields named."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text("utf-8").splitlines()
    return sum(int(line.split()[1]) for line in rollup if line.startswith(names or ("Pss:",))) / 1024


def hold() -> None:
    """Say that everything is loaded, and wait until nobody reads."""
    print("ready", flush=True)
    sys.stdin.read()


def begin_copy(name: str) -> Callable[..., float]:
    """Load what a part needs, copy this process, wait for the copy; return what tells its memory."""
    preload_part(name)
    stdin, _held = os.pipe()
    said, stdout = os.pipe()
    copy = forks.fork(hold, (name,), environ=dict(os.environ), log=2, stdin=stdin, stdout=stdout)
    assert os.read(said, 16) == b"ready\n"
    return lambda *names: memory_mb(copy.pid, *names)


def begin_program(name: str) -> Callable[..., float]:
    """Start a part as any program, wait until it has loaded what it needs; return what tells its memory."""
    words = [sys.executable, "-m", "benchmarks.plumbing", "--load", name]
    program = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert program.stdout is not None
    assert program.stdout.readline() == b"ready\n"
    return lambda *names: memory_mb(program.pid, *names)


def measure_parts(begin: Callable[[str], Callable[..., float]]) -> Iterator[tuple[str, float]]:
    """Yield what all parts take together, and how long each took to be ready."""
    memory, took = [], []
    for name in PARTS:
        start = time.perf_counter()
        memory.append(begin(name))
        took.append(time.perf_counter() - start)
    yield "MB of all parts and their parent", sum(one() for one in memory) + memory_mb(os.getpid())
    yield "ms until all are loaded", sum(took) * 1000


def measure_jobs() -> Iterator[tuple[str, float]]:
    """Yield how long a job's process takes to be ready, copied and started, and what the copy's origin takes."""
    for name in PARTS:
        preload_part(name)
    with start_fork_server(hold, ("work",), server_args=("work",)) as server:
        took = []
        for _ in range(TIMES):
            start = time.perf_counter()
            child = server.start_child(dict(os.environ))
            assert child is not None
            assert child.stdin is not None
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            took.append(time.perf_counter() - start)
            memory = memory_mb(child.pid, "Private_")
            child.stdin.close()
            child.wait()
        origin = int(Path(f"/proc/self/task/{os.getpid()}/children").read_text("utf-8").split()[0])
        yield "MB of its origin that nobody shares", memory_mb(origin, "Private_")
        yield "ms until a copied job's process is ready", median(took) * 1000
        yield "MB of a copied job's process that nobody shares", memory
    took, started = [], 0.0
    for _ in range(TIMES):
        start = time.perf_counter()
        told = begin_program("work")
        took.append(time.perf_counter() - start)
        started = told("Private_")
    yield "ms until a started job's process is ready", median(took) * 1000
    yield "MB of a started job's process that nobody shares", started


def measure_trim() -> Iterator[tuple[str, float]]:
    """Yield what giving memory back frees after a load of small objects, and what it costs."""
    target = import_module("numba.core.registry").cpu_target
    target.typing_context.refresh()
    target.target_context.refresh()
    before, start = memory_mb(os.getpid()), time.perf_counter()
    drop_library_pages(COMPILER_LIBRARY)
    yield "ms of dropping the compiler's library", (time.perf_counter() - start) * 1000
    yield "MB of it dropped", before - memory_mb(os.getpid())
    rows = [{"place": number, "value": float(number)} for number in range(OBJECTS)]
    kept = rows[::KEPT]
    del rows
    gc.collect()
    full, trim = memory_mb(os.getpid()), make_trim()
    assert trim is not None
    start = time.perf_counter()
    trim()
    yield "ms of giving memory back", (time.perf_counter() - start) * 1000
    yield f"MB given back, {len(kept)} of {OBJECTS} objects kept", full - memory_mb(os.getpid())


def measure_small() -> Iterator[tuple[str, float]]:
    """Yield what a title and a closed memory cost."""
    start = time.perf_counter()
    set_process_title(sys.executable, ("-m", "vigie", "work"))
    yield "ms of a title", (time.perf_counter() - start) * 1000
    start = time.perf_counter()
    assert make_private()
    yield "ms of closing memory to others", (time.perf_counter() - start) * 1000


WAYS: Final[dict[str, Callable[[], Iterator[tuple[str, float]]]]] = {
    "parts, copied": lambda: measure_parts(begin_copy),
    "parts, started": lambda: measure_parts(begin_program),
    "jobs": measure_jobs,
    "memory given back": measure_trim,
    "memory given back, the system's allocator": measure_trim,
    "small ones": measure_small,
}


@contextmanager
def _as_parent() -> Iterator[None]:
    prepare_forking()
    yield
    sys.stdout.flush()
    # What waits ends with its input.
    os._exit(0)


def main() -> None:
    """Measure each piece in a process of its own, or be such a process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--load", choices=PARTS)
    parser.add_argument("--way", choices=tuple(WAYS))
    words = parser.parse_args()
    if words.load:
        preload_part(words.load)
        hold()
    elif words.way:
        with _as_parent():
            for what, value in WAYS[words.way]():
                print(f"| {words.way} | {what} | {value:,.1f} |")
    else:
        print("| piece | what | |\n|---|---|---|", flush=True)
        for way in WAYS:
            environ = {**os.environ, **({"PYTHONMALLOC": "malloc"} if "allocator" in way else {})}
            subprocess.run(
                [sys.executable, "-m", "benchmarks.plumbing", "--way", way], env=environ, check=True
            )


if __name__ == "__main__":
    main()
