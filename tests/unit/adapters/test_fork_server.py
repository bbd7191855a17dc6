"""A process that is copied again later: by one with threads, whose copies end with their input and say how."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from vigie.adapters import fork_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")

# Has a stem, then threads, then copies; a word to a copy comes back, "end" ends it with a code of its own.
PARENT = '''
import json, os, sys, threading, time
from vigie.adapters import fork_server, forks

loaded = ["before"]

def run():
    print(json.dumps([sys.argv[1:], os.environ["COLOUR"], loaded, os.getpid()]), flush=True)
    for line in sys.stdin:
        if line == "end\\n":
            sys.exit(7)
        print(line.strip(), flush=True)

with fork_server.start_fork_server(run, ("work", "--hand"), server_args=("work", "--stem")) as lent:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    loaded.append("after")
    assert not forks.is_possible()
    said = []
    first = lent.start_child({"COLOUR": "blue"})
    words = json.loads(first.stdout.readline())
    said.append(words[:3] + [words[3] == first.pid != os.getpid()])
    first.stdin.write("a word\\n"); first.stdin.flush()
    said.append(first.stdout.readline().strip())
    said.append(first.poll())
    first.stdin.write("end\\n"); first.stdin.flush()
    said.append([first.wait(120), first.poll(), first.returncode])
    first.kill()
    second = lent.start_child({"COLOUR": "red"}, ("demo", "replay"))
    said.append(json.loads(second.stdout.readline())[0])
    second.kill()
    said.append(second.wait(120))
    left = lent.start_child({"COLOUR": "green"})
    left.stdout.readline()
    line = open(f"/proc/{left.pid}/status").read()
    above = int(line.partition("PPid:")[2].split()[0])
    said.append(above == lent.pid)
    said.append(open(f"/proc/{above}/cmdline").read().rstrip("\\0").split()[1:])
    print(json.dumps(said), flush=True)
    word = sys.stdin.readline()
    if word == "without\\n":
        os.kill(above, 9)
        print(json.dumps([lent.start_child({}), left.poll()]), flush=True)
        left.kill()
        print(left.wait(120), flush=True)
    elif word == "gone\\n":
        print(left.pid, above, flush=True)
        os.kill(os.getpid(), 9)
'''  # fmt: skip


@pytest.fixture
def asking():
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()


def tell(process, word):
    process.stdin.write(f"{word}\n")
    process.stdin.flush()
    return process.stdout.readline()


def test_copies_know_what_was_loaded_before_and_answer_and_a_dead_stem_is_no_end(asking):
    assert json.loads(asking.stdout.readline()) == [
        [["work", "--hand"], "blue", ["before"], True], "a word", None, [7, 7, 7],
        ["demo", "replay"], -9, True, ["-m", "vigie", "work", "--stem"],
    ]  # fmt: skip
    assert json.loads(tell(asking, "without")) == [None, None]
    assert asking.stdout.readline().strip() == "-9"


def test_who_asked_is_gone_and_so_are_stem_and_copies(asking):
    asking.stdout.readline()
    pids = [int(one) for one in tell(asking, "gone").split()]
    handles = []
    for pid in pids:
        try:
            handles.append(os.pidfd_open(pid))
        except ProcessLookupError:  # already
            continue
    for handle in handles:
        os.set_blocking(handle, True)
        _ended(handle)
    assert len(pids) == 2


def _ended(handle: int) -> None:
    assert fork_server.forks.wait_readable(handle, 30)
    os.close(handle)


# Its stem ends by itself where nobody wants a copy, and who asks then is told that none can be had.
RESTING = """
import os
from vigie.adapters import fork_server, forks

with fork_server.start_fork_server(print, ("work",), server_args=("work", "--stem"), idle_s=0.01) as lent:
    forks.wait_readable(os.pidfd_open(lent.pid), None)
    print(lent.start_child({}))
"""


def test_stem_ends_where_nobody_wants_a_copy_and_none_can_be_had_then():
    said = subprocess.run([sys.executable, "-c", RESTING], capture_output=True, text=True, check=True)
    assert said.stdout == "None\n"


def test_stem_does_not_end_while_a_copy_lives(monkeypatch):
    asking, serving = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    waits = []

    def wait_readable(_, timeout):
        waits.append(timeout)
        return len(waits) == 1

    copy = SimpleNamespace(pid=77, wait=lambda: 7)
    monkeypatch.setattr(fork_server.forks, "wait_readable", wait_readable)
    monkeypatch.setattr(fork_server, "fork", lambda *_, **__: copy)
    with asking, serving, open(os.devnull) as file:
        socket.send_fds(
            asking, [b'{"begin": {}, "args": null}'], [os.dup(file.fileno()), os.dup(file.fileno())]
        )
        asking.send(b'{"ended": 77}')
        fork_server._serve(serving, print, ("work",), 30.0)
        assert [asking.recv(9), asking.recv(9)] == [b"77", b"7"]
    # Asked before the copy began and after it had ended, not in between.
    assert waits == [30.0, 30.0]


def test_who_looks_while_another_hears_of_the_end_looks_at_the_same_process(monkeypatch):
    process = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    shoot = fork_server.Child(process.pid, process.stdin, process.stdout, lambda _: process.wait())
    process.stdin.write("\n")
    process.stdin.flush()
    look, heard = fork_server.forks.wait_readable, []

    def late(*asked):
        if not heard:
            heard.append(None)
            heard.append(shoot.wait())
        return look(*asked)

    monkeypatch.setattr(fork_server.forks, "wait_readable", late)
    assert shoot.poll() == 0
    assert heard == [None, 0]
    process.communicate()
