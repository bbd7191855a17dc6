"""A process that holds keys is closed to others of its user."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process close itself")
# Two processes of one user who is not the administrator: the first holds a secret, the second tries to read it.
PAIR = """
import ctypes, os, sys
from vigie.adapters.private_memory import make_private
def become_user():
    if os.geteuid() == 0:
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
        ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # changing the user closes a process, too
holding, waiting = os.pipe(), os.pipe()
holder = os.fork()
if not holder:
    become_user()
    if sys.argv[1] == "closed":
        assert make_private()
    os.write(holding[1], b".")
    os.read(waiting[0], 1)
    os._exit(0)
os.read(holding[0], 1)
reader = os.fork()
if not reader:
    become_user()
    try:
        with open(f"/proc/{holder}/environ", "rb") as file:
            os._exit(10 if b"hunter2" in file.read() else 12)
    except PermissionError:
        os._exit(11)
code = os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1])
os.write(waiting[1], b".")
os.waitpid(holder, 0)
sys.exit(code)
"""


@pytest.mark.parametrize(("how", "code"), [("open", 10), ("closed", 11)])
def test_another_process_of_the_user_reads_what_is_open_and_nothing_of_what_is_closed(how, code):
    done = subprocess.run(
        [sys.executable, "-c", PAIR, how],
        env={**os.environ, "SECRET": "hunter2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
