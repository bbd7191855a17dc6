"""Real parts under a stand-in for systemd: each says when it works, that it lives, and that it ends as told."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.houses import VENUE, fill, until
from vigie.adapters.clock import SystemClock
from vigie.adapters.heartbeat import BEATS_FOLDER
from vigie.adapters.stores.presence import use_home_alone
from vigie.data.frames import to_frame
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import HOUR_MS
from vigie.wiring.data import open_data
from vigie_sandbox.market import simulate_market

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is only on Linux")
RUN = f"""
[account]
mode = "portfolio"
capital = 10_000

[venue]
id = "{VENUE}"

[[slots]]
instruments = ["BTC"]
timeframe = "1h"
strategy = "ema_cross"
"""
# Nobody answers there.
NOWHERE = "http://127.0.0.1:9"
PARTS = {
    "serve": (["serve", "--port", "0", "--no-link"], {}),
    "work": (["work"], {}),
    "collect": (["collect", "--only", "feargreed"], {"VIGIE_FEARGREED_URL": NOWHERE}),
    "trade-main": (["trade", "run", "run.toml", "--account", "main"], {}),
}


@contextmanager
def supervised(home, words, environ) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Start a part as a unit of systemd would be, and collect what it tells."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        address = f"@vigie-test-{os.getpid()}-{home.parent.name}"
        line.bind("\0" + address[1:])
        line.settimeout(0.1)
        process = subprocess.Popen(
            [sys.executable, "-m", "vigie", *words], cwd=home,
            env={**os.environ, "VIGIE_HOME": str(home), "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "900000", **environ},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            heard: list[str] = []
            # Twice beside what READY brings with it: a loop that goes round.
            while heard.count("WATCHDOG=1") < 3:
                heard.append(told(line, process))
            yield process, heard
            process.send_signal(signal.SIGTERM)
            while heard[-1] != "STOPPING=1":
                heard.append(told(line, process))
            assert process.wait(60) in (0, -signal.SIGTERM)
        finally:
            process.kill()
            process.communicate()


def told(line, process):
    """Return what a part says next; fails with what it printed where it has ended in silence."""

    def hear():
        is_over = process.poll() is not None
        try:
            return line.recv(4_096).decode()
        except TimeoutError:
            assert not is_over, process.stdout.read()
        return ""

    return until(hear, seconds=120)


def with_bars(home):
    """Put the bars of the last days into a home: a process of its own reads the machine's clock."""
    start = SystemClock().wall_now() // HOUR_MS * HOUR_MS - 1_000 * HOUR_MS
    bars = simulate_market(11, ("BTC",), start, 1_000, "1h").bars("BTC", "1h")
    open_data(home).bars.upsert(SeriesId(VENUE, bars.instrument, "1h"), to_frame(bars))


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_ready_lives_and_ends_as_systemd_wants_to_hear(part, tmp_path):
    home = fill(tmp_path / "home", with_bars=False)
    (home / "run.toml").write_text(RUN)
    if part == "trade-main":
        with_bars(home)
    words, environ = PARTS[part]
    with supervised(home, words, environ) as (_, heard):
        assert heard[0] == "READY=1"
        assert until((home / BEATS_FOLDER / part).exists)
        with pytest.raises(UsageError, match="Vigie runs"), use_home_alone(home):
            pytest.fail("a restore or an upgrade began beside a part that works")
    assert heard[-1] == "STOPPING=1"
    assert not (home / BEATS_FOLDER / part).exists()
    log = [json.loads(line) for line in (home / "logs" / f"{part}.jsonl").read_text("utf-8").splitlines()]
    # What trades says first how its levels are met.
    assert [line["event"] for line in log if line["event"].startswith("ready")]
    assert {line["part"] for line in log} == {part}
