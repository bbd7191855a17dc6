"""How the pages bear load: streams that miss nothing, quotes that pour in, pages that stay quick, on a slow disk too.

Everything runs on loopback, in a home of its own, with simulated bars: 13 assets, five years of hours.
``python -m benchmarks.web_load --write`` puts the tables into docs/web-speed.md. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import ClassVar, Final, NamedTuple

import httpx
from sqlalchemy import Connection

from benchmarks.marked import put
from vigie.adapters.stores.keys import OneTimeLinks
from vigie.adapters.stores.sql.database import Database
from vigie.adapters.stores.sql.quotes import SqlQuotes
from vigie.data.frames import to_frame
from vigie.data.resample import resample
from vigie.domain.asset import WATCHED
from vigie.domain.ids import SeriesId
from vigie.domain.person import OWNER
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS, TIMEFRAME_MS
from vigie.services.app_context import AppContext
from vigie.wiring.app_context import open_app_context
from vigie.wiring.data import open_data
from vigie_sandbox.market import simulate_market

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "web-speed.md"
NAME = "web load"
VENUE: Final = "bitget-perp"
YEARS: Final = 5
PAGES: Final = {"Today": "/", "Markets": "/markets", "Asset": "/asset/bitcoin", "Backtests": "/backtests"}
CLIENTS: Final = 500
EVENTS: Final = 60
AHEAD_S: Final = 60.0
QUOTES: Final = 2_000
FSYNC_S: Final = 0.05
ASKED: Final = 120
SEED: Final = 5
# In place of the program: every fsync takes as long as on a slow disk. SQLite's own are slowed down by the shim.
SLOW: Final = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
#include <stdlib.h>
static int slow(const char *name, int file) {
    usleep(atoi(getenv("SLOW_FSYNC_US")));
    return ((int (*)(int)) dlsym(RTLD_NEXT, name))(file);
}
int fsync(int file) { return slow("fsync", file); }
int fdatasync(int file) { return slow("fdatasync", file); }
"""


class Times(NamedTuple):
    """Answers to one page, ms; `processor` is what the server's process computed for one."""

    p50: float
    p95: float
    most: float
    processor: float


def build(home: Path) -> AppContext:
    """Fill a home with five years of hours of every named asset."""
    coins = [asset.symbol for asset in WATCHED if asset.kind == "coin"][:13]
    now = int(time.time() * 1_000) // HOUR_MS * HOUR_MS
    hours = YEARS * 365 * 24
    market = simulate_market(SEED, coins, now - hours * HOUR_MS, hours, "1h")
    desk = open_data(home)
    for coin in coins:
        bars = market.bars(coin, "1h")
        frame = to_frame(bars)
        for timeframe in ("1h", "4h", "1d"):
            span = TIMEFRAME_MS[timeframe]
            stored = frame if timeframe == "1h" else resample(frame, source_ms=HOUR_MS, target_ms=span).whole
            desk.bars.upsert(SeriesId(VENUE, bars.instrument, timeframe), stored)
    (home / "simulated.json").unlink(missing_ok=True)
    return open_app_context(home)


def times_ahead(home: Path) -> list[str]:
    """Return what the servers of a home said when each had read ahead."""
    log = home / "logs" / "serve.jsonl"
    return re.findall(r"(\d+ pages read ahead in [\d.]+ s)", log.read_text()) if log.exists() else []


def read_ahead(home: Path, earlier: int) -> str:
    """Wait until a server has read ahead, after `earlier` others; return what it said of that."""
    end = time.monotonic() + AHEAD_S
    while len(said := times_ahead(home)) <= earlier:
        if time.monotonic() > end:
            raise SystemExit("the server did not say that it has read ahead")
        time.sleep(0.2)
    return said[-1]


@contextlib.contextmanager
def served(
    home: Path, environ: dict[str, str] | None = None, *, is_awaited: bool = True
) -> Iterator[tuple[str, httpx.Cookies, int]]:
    """Run `vigie serve` over a home until it has read ahead; give its address, the owner's cookies and its process."""
    earlier = len(times_ahead(home))
    link = OneTimeLinks(home / "secrets" / "links").issue()
    process = subprocess.Popen(
        [sys.executable, "-m", "vigie", "serve", "--port", "0", "--no-link"],
        env={**os.environ, "VIGIE_HOME": str(home), **(environ or {})},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline().split()
        url = said[-1]
        with httpx.Client(base_url=url, follow_redirects=False, timeout=30) as client:
            for _ in range(100):
                with contextlib.suppress(httpx.TransportError):
                    client.get(f"/link/{link}")
                    break
                time.sleep(0.1)
            if is_awaited:
                read_ahead(home, earlier)
            yield url, client.cookies, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def processor_ms(process: int) -> float:
    """Return how long a process has computed."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1_000 / os.sysconf("SC_CLK_TCK")


def page_times(url: str, cookies: httpx.Cookies, process: int, asked: int = ASKED) -> dict[str, Times]:
    """Ask each page again and again, one after the other, as a person would."""
    found = {}
    with httpx.Client(base_url=url, cookies=cookies, timeout=30) as client:
        for name, path in PAGES.items():
            client.get(path)
            times: list[float] = []
            before = processor_ms(process)
            for _ in range(asked):
                begun = time.perf_counter()
                answer = client.get(path)
                times.append((time.perf_counter() - begun) * 1_000)
                assert answer.status_code == 200, f"{path}: {answer.status_code}"
            computed = (processor_ms(process) - before) / asked
            times.sort()
            found[name] = Times(median(times), times[int(len(times) * 0.95)], times[-1], computed)
    return found


class Opened(NamedTuple):
    """How long a transaction kept others from writing, and what was computed meanwhile; ms."""

    wall: float
    processor: float


class Timed(Database):
    """A database that notes how long its writing transactions are open."""

    opened: ClassVar[list[Opened]] = []

    @contextlib.contextmanager
    def writing(
        self, lock: str = "", *, durable: bool = False, before: Callable[[Connection], object] | None = None
    ) -> Iterator[Connection]:
        """Open one; the clock runs from when nobody else may write."""
        with super().writing(lock, durable=durable, before=before) as connection:
            wall, processor = time.perf_counter(), time.thread_time()
            yield connection
        self.opened.append(
            Opened((time.perf_counter() - wall) * 1_000, (time.thread_time() - processor) * 1_000)
        )


def pour(home: Path) -> None:
    """Store quotes as the collector does, the newest of each instrument once a second, until the input is closed."""
    house = open_app_context(home)
    kept = house.quotes
    assert isinstance(kept, SqlQuotes)
    store = SqlQuotes(Timed(kept.database.engine, kept.database.durable), kept.clock)
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    dice = random.Random(SEED)
    names = [f"c{number:04}-usdt-perp" for number in range(QUOTES)]
    due = time.monotonic()
    while not stop.is_set():
        now = int(time.time() * 1_000)
        store.put([Quote(VENUE, name, now, now, last=100 + dice.random()) for name in names])
        due += 1.0
        stop.wait(max(0.0, due - time.monotonic()))
    print(json.dumps(Timed.opened))


@contextlib.contextmanager
def pouring(home: Path) -> Iterator[list[Opened]]:
    """Let another process store quotes; afterwards the list has its transactions."""
    opened: list[Opened] = []
    command = [sys.executable, "-m", "benchmarks.web_load", "--pour", str(home)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield opened
        said, _ = process.communicate()
        opened += [Opened(*one) for one in json.loads(said)]


async def listen(
    url: str, cookies: httpx.Cookies, clients: int, house: AppContext, events: int
) -> dict[str, float]:
    """Open streams, write audit events, count what each stream got: every event once, in order."""
    host, port = url.removeprefix("http://").split(":")
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    first = house.audit.newest()
    wanted = list(range(first + 1, first + events + 1))
    got: list[list[int]] = [[] for _ in range(clients)]
    ready = asyncio.Semaphore(0)

    async def one(at: int) -> None:
        reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 22)
        lines = ("GET /stream?topics=log HTTP/1.1", f"Host: {host}:{port}", f"Cookie: {header}")
        writer.write("\r\n".join((*lines, f"Last-Event-ID: {first}", "", "")).encode())
        status = await reader.readline()
        assert b"200" in status, status
        ready.release()
        try:
            while len(got[at]) < events:
                line = await reader.readline()
                if not line:
                    return
                # The greeting says the number one came with; what was missed or not begins after it.
                if line.startswith(b"id:") and int(line[3:]) > first:
                    got[at].append(int(line[3:]))
        finally:
            writer.close()

    begun = time.monotonic()
    tasks = [asyncio.create_task(one(at)) for at in range(clients)]
    for _ in range(clients):
        await ready.acquire()
    connected = time.monotonic() - begun
    begun = time.monotonic()
    for number in range(events):
        await asyncio.to_thread(
            house.audit.append, "job.test", actor=OWNER.user, subject=str(number), text={"number": number}
        )
        await asyncio.sleep(0.1)
    await asyncio.wait(tasks, timeout=60)
    for task in tasks:
        task.cancel()
    whole = sum(one == wanted for one in got)
    return {
        "connected_s": connected,
        "whole": whole,
        "missed": sum(len(set(wanted) - set(one)) for one in got),
        "doubled": sum(len(one) - len(set(one)) for one in got),
        "seconds": time.monotonic() - begun,
    }


def shim(folder: Path) -> dict[str, str] | None:
    """Build what makes every fsync slow; None where there is no compiler."""
    source, library = folder / "slow.c", folder / "slow.so"
    source.write_text(SLOW)
    try:
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"LD_PRELOAD": str(library), "SLOW_FSYNC_US": str(int(FSYNC_S * 1_000_000))}


def told(title: str, times: dict[str, Times], goal: int) -> str:
    """Return a table of pages."""
    lines = [
        f"**{title}** (goal: p95 below {goal} ms)",
        "",
        "| Page | p50, ms | p95, ms | max, ms | CPU, ms |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {one.p50:.0f} | {one.p95:.0f} | {one.most:.0f} | {one.processor:.0f} |"
        for name, one in times.items()
    ]
    return "\n".join(lines)


def memory_mb(process: int) -> float:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1_024


def run(home: Path, clients: int, asked: int, say: Callable[[str], None]) -> list[str]:
    """Run everything; return what is told."""
    house = build(home)
    say("home is filled")
    parts = []
    with served(home) as (url, cookies, process):
        parts.append(told("One person, nothing else", page_times(url, cookies, process, asked), 50))
        say(parts[-1])
        with pouring(home) as opened:
            parts.append(
                told(f"While {QUOTES} quotes a second arrive", page_times(url, cookies, process, asked), 50)
            )
        walls = [one.wall for one in opened]
        parts[-1] += (
            f"\n\n{QUOTES * len(walls)} quotes were stored meanwhile, in {len(walls)} transactions, one a second. "
            f"The median transaction blocked other writers for {median(walls):.0f} ms, the longest for "
            f"{max(walls):.0f} (goal: below 50); the median CPU time was {median(one.processor for one in opened):.1f}."
        )
        say(parts[-1])
    with served(home) as (url, cookies, process):
        before = memory_mb(process)
        found = asyncio.run(listen(url, cookies, clients, house, EVENTS))
        grown = memory_mb(process) - before
        parts.append(
            f"**{clients} streams on one process**: {found['whole']:.0f} of {clients} got all {EVENTS} events once "
            f"and in order, {found['missed']:.0f} missed, {found['doubled']:.0f} doubled; all connected after "
            f"{found['connected_s']:.1f} s; the server process grew by {grown:.0f} MB."
        )
        say(parts[-1])
    with tempfile.TemporaryDirectory() as folder:
        slow = shim(Path(folder))
        if slow is not None:
            with served(home, slow) as (url, cookies, process):
                title = f"On a disk that takes {FSYNC_S * 1_000:.0f} ms for each fsync"
                parts.append(told(title, page_times(url, cookies, process, asked), 200))
                say(parts[-1])
    return parts


def main() -> int:
    """Run, print, write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/web-speed.md")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--asked", type=int, default=ASKED, help="requests a page")
    parser.add_argument("--pour", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.pour is not None:
        pour(given.pour)
        return 0
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="vigie-load-") as folder:
        parts = run(Path(folder) / "home", given.clients, given.asked, lambda text: print(text, flush=True))
    today = datetime.now(UTC).date()
    parts.append(
        f"Measured on {today}, Linux, {os.cpu_count()} cores shared with other work (load {load:.1f} at the start), "
        f"{given.asked} requests a page, client and server on the same machine. CPU time does not depend on that other "
        "work."
    )
    print(json.dumps({"parts": len(parts)}))
    if given.write:
        put(PAGE, NAME, "\n\n".join(parts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
