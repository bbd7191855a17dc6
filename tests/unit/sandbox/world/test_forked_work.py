"""What a world is made with ends before it runs: another process has the compiler, and bars are in files."""

import multiprocessing
import os
import subprocess
import sys
from functools import partial

import pytest

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


def test_work_that_fails_in_its_process_gives_nothing(capfd):
    assert compute_in_fork(partial(int, "7")) == 7
    assert compute_in_fork(partial(int, "seven")) is None
    assert "ValueError" in capfd.readouterr().err
    assert multiprocessing.active_children() == []
