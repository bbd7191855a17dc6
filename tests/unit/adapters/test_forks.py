"""Copies of a process: found by what they do, held by nobody's locks, ended and heard of like any process."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from vigie.adapters import forks, process_title

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")

# The process that is copied: opens and locks a file, copies itself, then does what it is told, line by line.
PARENT = '''
import fcntl, json, os, pathlib, signal, sys
from vigie.adapters import forks

here = pathlib.Path(sys.argv[1])
lock = (here / "lock").open("w")
fcntl.flock(lock, fcntl.LOCK_EX)
signal.signal(signal.SIGTERM, lambda *_: print("the parent's", flush=True))

def run():
    print(json.dumps([sys.argv[1:], dict(os.environ), os.getsid(0) == os.getpid()]))
    word = sys.stdin.read()
    print(f"let go{word}", file=sys.stderr)
    if sys.argv[1] == "broken":
        raise ValueError("as told")
    sys.exit(7)

def begin(*words, is_held):
    with (here / f"{words[0]}.log").open("ab") as log:
        return forks.fork(run, words, environ={"COLOUR": "blue"}, log=log.fileno(), is_stdin_open=is_held)

held = begin("demo", "trade", "--home", str(here / "home"), is_held=True)
other = begin("demo2", "trade", "--home", str(here / "home2"), is_held=True)
broken = begin("broken", is_held=False)
print(json.dumps([held.pid, other.pid, broken.wait(120)]), flush=True)
for line in sys.stdin:
    if line == "let go\\n":
        held.stdin.close()
        code = held.wait(120)
        held.kill()
        print(code, flush=True)
    elif line == "end\\n":
        try:
            other.wait(0.01)
        except TimeoutError:
            other.send_signal(signal.SIGTERM)
        print(other.wait(120), flush=True)
'''  # fmt: skip


class Copied:
    """A process and its copies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.held, self.other, self.broken = json.loads(self.process.stdout.readline())

    def tell(self, word: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def said(self, name: str, is_enough: Callable[[str], bool]) -> str:
        end = time.monotonic() + 30
        while not is_enough(text := (self.folder / f"{name}.log").read_text("utf-8")):
            assert time.monotonic() < end, text
            time.sleep(0.02)
        return text


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    made = Copied(tmp_path_factory.mktemp("copied"))
    yield made
    made.process.kill()
    made.process.communicate()


def _line_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode()


def test_copy_is_found_by_its_words_and_another_homes_is_not(copied):
    # The first word is said by a copy that has its own command line: its parent goes on before that.
    for name in ("demo", "demo2"):
        copied.said(name, lambda text: "\n" in text)
    wanted = re.escape(str(copied.folder / "home"))
    assert re.search(f"demo trade --home {wanted}$", _line_of(copied.held))
    assert not re.search(f"demo2? trade --home {wanted}$", _line_of(copied.other))
    assert re.match(f"{re.escape(sys.executable)} +-m vigie demo2 ", _line_of(copied.other))


def test_copy_has_its_own_words_variables_session_and_no_lock_of_the_first(copied):
    words, environ, is_leader = json.loads(copied.said("demo", lambda text: "\n" in text))
    assert words == ["demo", "trade", "--home", str(copied.folder / "home")]
    assert environ == {"COLOUR": "blue"}
    assert is_leader
    opened = {os.readlink(one) for one in Path(f"/proc/{copied.held}/fd").iterdir() if int(one.name) > 2}
    assert opened == {os.devnull}


def test_copy_that_breaks_says_so_in_its_log_and_ends_with_one(copied):
    assert copied.broken == 1
    assert "ValueError: as told" in (copied.folder / "broken.log").read_text("utf-8")


def test_held_copy_goes_on_when_its_input_is_closed_and_its_code_is_heard(copied):
    copied.said("demo", lambda text: "\n" in text)
    assert "let go" not in (copied.folder / "demo.log").read_text("utf-8")
    assert copied.tell("let go") == "7"
    assert "let go" in (copied.folder / "demo.log").read_text("utf-8")


def test_signal_ends_a_copy_that_inherited_another_answer_to_it(copied):
    copied.said("demo2", lambda text: "\n" in text)
    assert copied.tell("end") == str(-signal.SIGTERM)


def test_nothing_is_copied_while_something_else_runs_here(monkeypatch, tmp_path):
    for name, called in (("1", "python"), ("2", "polars-ooc-clea")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "comm").write_text(f"{called}\n", "utf-8")
    monkeypatch.setattr(forks, "_TASKS", tmp_path)
    assert forks.is_possible()
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "comm").write_text("polars-0\n", "utf-8")
    assert not forks.is_possible()


def test_process_whose_words_have_no_known_place_keeps_its_name(monkeypatch, tmp_path):
    (tmp_path / "stat").write_text("1 (a) b) S " + "0 " * 49, "ascii")
    monkeypatch.setattr(process_title, "_STAT", tmp_path / "stat")
    assert not process_title.may_set_process_title()
    assert not process_title.set_process_title("python", ("work",))


# Loads a lot, as the parts of Vigie do, and copies itself; the copy makes what lives a while before it is garbage.
LOADED = """
import gc, os, sys
from vigie.adapters import forks

loaded = [[] for _ in range(400_000)]
gc.collect()

def run():
    before = gc.get_stats()[2]["collections"]
    for _ in range(30):
        ring = [[] for _ in range(1_000)]
        for one in ring:
            one.append(one)
        gc.collect(1)
    print(gc.get_stats()[2]["collections"] - before, len(gc.get_objects()))

with open(sys.argv[1], "wb") as log:
    sys.exit(forks.fork(run, (), environ={}, log=log.fileno()).wait(60))
"""


def test_a_copy_looks_for_its_own_garbage_however_much_it_was_copied_with(tmp_path):
    said = tmp_path / "said"
    subprocess.run([sys.executable, "-c", LOADED, str(said)], check=True, timeout=90)
    looked, kept = map(int, said.read_text().split())
    assert looked > 0
    assert kept < 20_000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="not here: a file that is always full is of Linux")
def test_copy_whose_words_find_no_room_ends_as_a_copy(tmp_path):
    program = """
import os
from vigie.adapters import forks

def run():
    print("x" * 100_000)

with open("/dev/full", "ab") as log:
    copy = forks.fork(run, ("loud",), environ={}, log=log.fileno())
print(os.getpid(), copy.wait(120))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    # Said once: a copy that went on as its parent would say it, too.
    assert re.fullmatch(r"\d+ [1-9]\d*\n", done.stdout)


def test_a_process_is_waited_for_where_a_thousand_files_are_open_before_it():
    import fcntl
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_048), hard))
    ready, end = os.pipe()
    high = fcntl.fcntl(ready, fcntl.F_DUPFD, 1_024)
    try:
        assert not forks.wait_readable(high, 0.001)
        os.write(end, b".")
        assert forks.wait_readable(high, 30)
        assert forks.wait_readable(high, None)
    finally:
        for handle in (ready, end, high):
            os.close(handle)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
