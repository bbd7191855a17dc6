"""How a command ends: nothing that it made is looked through once more for garbage."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import gc
from vigie.views.cli.main import run

def looked(phase, about):
    if phase == "start":
        print("looked through", gc.get_freeze_count() > 10 * len(gc.get_objects()), flush=True)

import atexit
atexit.register(lambda: gc.callbacks.append(looked))
run()
"""


def test_what_a_command_made_is_left_alone_when_python_ends() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    first, *looks = ended.stdout.splitlines()
    assert first.startswith("vigie ")
    # Python does look once more; all but a handful is out of its sight.
    assert looks
    assert set(looks) == {"looked through True"}
