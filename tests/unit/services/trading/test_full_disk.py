"""The page's button on a disk that is full: a file system of its own, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
DISK_BYTES = 64 << 20
# Root mounts in a name space of its own; anybody else becomes root of one first, where the system lets them.
UNSHARE = ["unshare", "--mount"] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["unshare", "-rm"]
MOUNT = f'mount -t tmpfs -o size={DISK_BYTES} disk "$1"'


def may_mount(folder: Path) -> bool:
    """Tell whether this system lets a test have a disk."""
    if sys.platform != "linux":
        return False
    try:
        tried = subprocess.run(
            [*UNSHARE, "sh", "-c", MOUNT, "sh", str(folder)], check=False, capture_output=True
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0


def test_the_pages_button_closes_everything_on_a_full_disk_with_what_was_kept_aside(tmp_path, traded_home):
    if not may_mount(tmp_path):
        pytest.skip("this system lets nobody mount a small disk: unshare is missing or refused")
    run = f'{MOUNT} && exec "$2" -m tests.unit.services.trading.full_disk "$1" "$3"'
    done = subprocess.run(
        [*UNSHARE, "sh", "-c", run, "sh", str(tmp_path), sys.executable, str(traded_home)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    held = told["held"]
    assert (told["is_full"], told["kept_bytes"]) == (True, 16 << 20)
    assert held > 0
    assert told["without"] == [[507, True], "reducing", held]
    (status, _), state, left = told["with"]
    assert (status, state, left, told["is_kept"]) == (200, "flat", 0, False)
    # Nobody has the database open, and its readers' shared memory finds no room: it is read all the same.
    assert (told["state"], told["steps"] > 0) == ("flat", True)
    assert (told["beats"], told["left"]) == (True, ["trade-main"])
