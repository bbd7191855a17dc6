"""What a world is made with ends before it runs: another process has the compiler, and bars are in files."""

import multiprocessing
import os
import select
import signal
import struct
import subprocess
import sys
from functools import partial

import pytest

from vigie_sandbox.world import forked_work
from vigie_sandbox.world.forked_work import compute_in_fork

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")

# A world whose past another process makes, and the same one made here; both go on through a scene and a long jump.
WORK = """
import sys
from hashlib import sha256
from pathlib import Path
from vigie_sandbox.world import price_tape
from vigie_sandbox.world.mapped_arrays import MappedArrays
from vigie_sandbox.world.world import World

# Room is made early.
price_tape._GROWTH_HOURS = 30

def grow(**where):
    world = World(
        lambda: 0.0, 0, seed=10, history_days=8, flawless=True, market_ms=5 * 3_600_000, has_wave=True, **where
    )
    world.start_scene("squeeze")
    world.tape.extend(world.now_ms() + 3 * 3_600_000)
    return world

def digest(world):
    tape, found = world.tape, sha256()
    for part in (tape.hours()[:, :, :], tape.minutes()[:, :, :], tape.derivatives()):
        found.update(part.tobytes())
    return found.hexdigest(), tape.first_ms, tape.minutes_start_ms, tape.minutes_end_ms, tape.hours_end_ms

arrays = MappedArrays(Path(sys.argv[1]))
apart = grow(arrays=arrays)
print("numba" in sys.modules, list(Path(sys.argv[1]).iterdir()))
arrays.release()
here = grow()
print("numba" in sys.modules, digest(apart) == digest(here))
for world in (apart, here):
    world.tape.extend(3 * 24 * 3_600_000)
print(digest(apart) == digest(here))
"""


def test_past_that_another_process_made_is_the_same_and_leaves_no_compiler_behind(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(tmp_path)],
        env=dict(os.environ), capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["False []", "True True", "True"]


# More than a pipe holds: sending it waits for a reader.
SLOW_WORK = """
import os, sys
from vigie_sandbox.world.forked_work import compute_in_fork

def work():
    print(os.getpid(), flush=True)
    sys.stdin.readline()
    return b"0" * 1_000_000

compute_in_fork(work)
"""


def test_work_ends_where_the_process_that_wants_its_result_was_killed():
    with subprocess.Popen(
        [sys.executable, "-c", SLOW_WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL, env=dict(os.environ),
    ) as parent:  # fmt: skip
        assert parent.stdin is not None
        assert parent.stdout is not None
        worker = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
        parent.stdin.write("go on\n")
        parent.stdin.flush()
        has_ended, _, _ = select.select([worker], [], [], 30.0)
        if not has_ended:
            signal.pidfd_send_signal(worker, signal.SIGKILL)
        os.close(worker)
    assert has_ended


def test_work_that_ends_within_its_result_gives_nothing(monkeypatch):
    def send_half(sender, *_):
        os.write(sender.fileno(), struct.pack("!i", 100) + b"half")

    monkeypatch.setattr(forked_work, "_send_result", send_half)
    assert compute_in_fork(partial(int, "7")) is None


def test_work_that_fails_in_its_process_gives_nothing(capfd):
    assert compute_in_fork(partial(int, "7")) == 7
    assert compute_in_fork(partial(int, "seven")) is None
    assert "ValueError" in capfd.readouterr().err
    assert multiprocessing.active_children() == []
