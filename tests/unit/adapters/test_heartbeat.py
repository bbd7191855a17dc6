"""Signs of life: what systemd hears on a real socket of its kind, and the file that others look at."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile

import pytest

from tests.databases import HandClock
from vigie.adapters.clock import SystemClock
from vigie.adapters.heartbeat import EVERY_MS, ProcessHeartbeat, read_beats

linux = pytest.mark.skipif(sys.platform != "linux", reason="systemd is only on Linux")


class Supervisor:
    """The end of systemd: a datagram socket, in the file system or without a file."""

    def __init__(self, address: str) -> None:
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.line.bind("\0" + address[1:] if address.startswith("@") else address)
        self.line.settimeout(0)
        self.address = address

    def heard(self) -> list[str]:
        found = []
        try:
            while True:
                found.append(self.line.recv(4_096).decode())
        except BlockingIOError:
            return found


@pytest.fixture
def supervisor():
    # A path of a socket is short.
    with tempfile.TemporaryDirectory(prefix="vigie") as folder:
        made = Supervisor(f"{folder}/notify")
        yield made
        made.line.close()


def watched(supervisor, seconds=60):
    return {"NOTIFY_SOCKET": supervisor.address, "WATCHDOG_USEC": str(seconds * 1_000_000)}


@linux
def test_systemd_hears_ready_then_life_then_the_end(tmp_path, supervisor):
    clock = HandClock()
    pulse = ProcessHeartbeat(tmp_path, "work", clock, watched(supervisor))
    pulse.report_ready()
    clock.now += EVERY_MS
    pulse.beat()
    pulse.report_stopping()
    assert supervisor.heard() == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]


@linux
def test_an_address_without_a_file_is_reached(tmp_path):
    supervisor = Supervisor(f"@vigie-{os.getpid()}")
    ProcessHeartbeat(tmp_path, "work", HandClock(), {"NOTIFY_SOCKET": supervisor.address}).report_ready()
    assert supervisor.heard() == ["READY=1"]
    supervisor.line.close()


@linux
def test_a_watchdog_is_fed_three_times_in_its_time_and_not_at_every_call(tmp_path, supervisor):
    clock = HandClock()
    pulse = ProcessHeartbeat(tmp_path, "work", clock, watched(supervisor, seconds=3))
    for _ in range(300):
        pulse.beat()
        clock.now += 10
    assert supervisor.heard() == ["WATCHDOG=1"] * 3


@linux
def test_a_child_of_the_watched_process_says_nothing_for_it(tmp_path, supervisor):
    environ = {**watched(supervisor), "WATCHDOG_PID": str(os.getpid() + 1)}
    ProcessHeartbeat(tmp_path, "work", HandClock(), environ).beat()
    assert supervisor.heard() == []


@linux
def test_a_supervisor_that_is_gone_and_a_home_that_cannot_be_written_stop_nothing(tmp_path):
    (tmp_path / "logs").write_text("a file where a folder should be")
    pulse = ProcessHeartbeat(tmp_path, "work", HandClock(), {"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    pulse.report_ready()
    pulse.report_stopping()
    assert list(read_beats(tmp_path, 0)) == []


def test_the_file_is_as_old_as_the_last_beat_and_goes_with_a_part_that_is_stopped(tmp_path):
    clock = SystemClock()
    pulse = ProcessHeartbeat(tmp_path, "collect", clock, {})
    pulse.report_ready()
    [beat] = read_beats(tmp_path, clock.wall_now() + 90_000)
    assert (beat.part, beat.standing) == ("collect", {})
    assert 85 < beat.age_s < 100
    pulse.report_stopping()
    assert list(read_beats(tmp_path, clock.wall_now())) == []


@linux
def test_a_loop_that_runs_beats_and_one_that_fails_leaves_its_file(tmp_path, supervisor):
    class Jumping(HandClock):
        async def pause(self, seconds):
            self.now += round(seconds * 1_000)
            await asyncio.sleep(0)

    pulse = ProcessHeartbeat(tmp_path, "trade-main", Jumping(), watched(supervisor))

    async def work():
        async with pulse.keep_beating():
            for _ in range(20):
                await asyncio.sleep(0)
            raise RuntimeError("a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        asyncio.run(work())
    heard = supervisor.heard()
    assert heard[0] == "READY=1"
    assert heard.count("WATCHDOG=1") >= 3
    assert "STOPPING=1" not in heard
    assert [beat.part for beat in read_beats(tmp_path, 0)] == ["trade-main"]


def test_what_only_the_part_knows_is_told_as_it_is_at_each_beat(tmp_path):
    clock, naked = HandClock(), []
    pulse = ProcessHeartbeat(tmp_path, "trade-main", clock, {})
    pulse.attach_status(lambda: {"without_stop": len(naked)})
    pulse.report_ready()
    naked.append("btc-usdt-perp")
    assert next(read_beats(tmp_path, 0)).standing == {"without_stop": 0}
    clock.now += EVERY_MS
    pulse.beat()
    assert next(read_beats(tmp_path, 0)).standing == {"without_stop": 1}
    assert [path.name for path in (tmp_path / "logs" / "beats").iterdir()] == ["trade-main"]


def test_what_others_put_there_is_no_part(tmp_path):
    folder = tmp_path / "logs" / "beats"
    folder.mkdir(parents=True)
    (folder / "page").write_text("<html>")
    (folder / "old").write_text("")
    (folder / "list").write_text('{"without_stop": "many"}')
    assert [beat.part for beat in read_beats(tmp_path, 0)] == ["old"]
