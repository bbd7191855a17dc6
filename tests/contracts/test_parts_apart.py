"""Pages, collector and worker as processes of their own over one PostgreSQL: one that dies stops none of the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.clocks import OPENED
from tests.houses import house, until
from vigie.adapters.stores.sql.database import Database
from vigie.domain.person import OWNER
from vigie_sandbox.world.server import serving
from vigie_sandbox.world.world import World

pytest.importorskip("ccxt")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="not on Windows: processes are ended otherwise there"),
]

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(home: Path, postgresql_database: Database, tmp_path: Path) -> Iterator[Start]:
    """Give what starts a part and returns it once it has said its first line; none outlives the test."""
    address = postgresql_database.engine.url.render_as_string(hide_password=False)
    running: list[subprocess.Popen[str]] = []
    world = World(time.monotonic, OPENED, history_days=5, flawless=True, quiet=True)
    with serving(world) as services:
        environ = {
            **os.environ, "VIGIE_HOME": str(home), "DATABASE_URL": address,
            "VIGIE_FEARGREED_URL": f"{services}/feargreed",
        }  # fmt: skip

        def begin(*words: str) -> subprocess.Popen[str]:
            with (tmp_path / f"{words[0]}.said").open("a") as said:
                running.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "vigie", *words],
                        env=environ, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said,
                        text=True,
                    )
                )  # fmt: skip
            return running[-1]

        yield begin
        for process in running:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_each_runs_alone_over_one_postgresql_and_a_killed_one_stops_no_other(
    home, postgresql_database, start
):
    serve, collect = start("serve", "--port", "0"), start("collect", "--only", "feargreed")
    work = start("work")
    pages = line_of(serve).split()[1]
    assert line_of(collect) == "ready: 1 connectors\n"
    assert line_of(work) == "ready\n"

    def told(name: str, **asked: str) -> str:
        return httpx.get(f"{pages}/api/v1/{name}", params=asked, timeout=30).text

    until(lambda: '"feargreed/index"' in told("sources/list") and '"live"' in told("sources/list"))
    collect.send_signal(signal.SIGKILL)
    assert collect.wait(120) == -signal.SIGKILL

    inbox = home / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    rows = [f"2024-01-{day:02d},100,101,99,100,5" for day in range(1, 21)]
    (inbox / "BTCUSDT_1d.csv").write_text("\n".join(["timestamp,open,high,low,close,volume", *rows]), "utf-8")
    address = postgresql_database.engine.url.render_as_string(hide_password=False)
    mine = house(home, with_bars=False, database=address)
    jobs = mine.jobs
    job = jobs.put("import", {"venue": "binance-perp"}, owner=OWNER.user)
    until(lambda: '"done"' in told("jobs/list", state="done"))
    (receipt,) = mine.data.receipts.list_receipts()
    assert jobs.get(job.id).answer == {"series": 1, "added": 20, "problems": 0, "receipt": receipt.id}
    assert (serve.poll(), work.poll()) == (None, None)
    assert httpx.get(f"{pages}/readyz", timeout=30).json()["checks"]["database"] == "ok"

    again = start("collect", "--only", "feargreed")
    assert line_of(again) == "ready: 1 connectors\n"
    codes = {}
    for name, part in (("collect", again), ("work", work), ("serve", serve)):
        part.send_signal(signal.SIGTERM)
        codes[name] = part.wait(60)
    # The server ends in order, then by the signal that it was sent.
    assert codes == {"collect": 0, "work": 0, "serve": -signal.SIGTERM}


def test_one_process_collects_and_works_and_ends_in_order(home, postgresql_database, start):
    both = start("collect", "--only", "feargreed", "--work")
    assert line_of(both) == "ready: 1 connectors\n"
    beats = home / "logs" / "beats"
    until(lambda: {one.name for one in beats.glob("[a-z]*")} == {"collect", "work"})
    inbox = home / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "BTCUSDT_1d.csv").write_text(
        "timestamp,open,high,low,close,volume\n2024-01-01,100,101,99,100,5\n", "utf-8"
    )
    address = postgresql_database.engine.url.render_as_string(hide_password=False)
    jobs = house(home, with_bars=False, database=address).jobs
    job = jobs.put("import", {"venue": "binance-perp"}, owner=OWNER.user)
    until(lambda: jobs.get(job.id).state == "done")
    both.send_signal(signal.SIGTERM)
    assert both.wait(60) == 0
    assert both.stdout is not None
    assert both.stdout.read().endswith("stopped\n")
    assert not list(beats.glob("[a-z]*"))
