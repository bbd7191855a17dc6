"""Parts of one tree: a crash of one leaves the others, it is started again after growing pauses, all end together."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import HandClock
from vigie.services.running import process_tree
from vigie.services.running.process_tree import HEALTHY_MS, RENEWED_MS, ProcessPart, ProcessTree
from vigie.views.cli import demo

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="not on Windows: processes are ended otherwise there"
)

# Stands for `python -m vigie`: ends, stays until it is told to end, or does not listen.
PROGRAM = """
import os, pathlib, signal, sys, time
here = pathlib.Path(os.environ["HERE"])
word = sys.argv[1]
def end(*_):
    (here / f"{word}.ended").touch()
    if word != "deaf":
        sys.exit(0)
signal.signal(signal.SIGTERM, end)
(here / f"{word}.{os.getpid()}").touch()
print("started", word, flush=True)
if word == "crash":
    sys.exit(3)
if word == "renewed" and len(list(here.glob("renewed.*"))) == 1:
    sys.exit(77)
if word == "patient":
    sys.stdin.read()
    (here / "patient.went_on").touch()
while True:
    time.sleep(0.05)
"""


class Bench:
    """A tree of stand-ins, and the times and words around it."""

    def __init__(self, folder: Path, *words: str) -> None:
        (folder / "vigie").mkdir()
        (folder / "vigie" / "__main__.py").write_text(PROGRAM, "utf-8")
        (folder / "vigie" / "__init__.py").touch()
        self.folder = folder
        self.clock = HandClock()
        self.said: list[str] = []
        around = {**os.environ, "PYTHONPATH": str(folder), "HERE": str(folder)}
        self.tree = ProcessTree(
            [ProcessPart(word, (word,)) for word in words],
            logs=folder / "logs", clock=self.clock, say=self.said.append, environ=around,
        )  # fmt: skip

    def part(self, word: str) -> ProcessPart:
        return next(part for part in self.tree.parts if part.name == word)

    def until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not is_so():
            assert time.monotonic() < end, "it did not come to that in time"
            self.tree.check_parts()
            time.sleep(0.02)

    def ready(self, word: str) -> bool:
        return any(self.folder.glob(f"{word}.[0-9]*"))


@pytest.fixture
def bench(tmp_path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(*words: str) -> Bench:
        made.append(Bench(tmp_path, *words))
        return made[-1]

    yield make
    for one in made:
        one.tree.stop_all()


def test_crash_of_one_leaves_the_others_and_is_started_again_after_growing_pauses(bench):
    here = bench("stay", "crash")
    here.until(lambda: here.ready("stay") and len(here.said) == 1)
    stays = here.part("stay").process
    pauses = [1_000, 2_000, 4_000]
    for number, pause in enumerate(pauses, start=1):
        assert here.said[-1].startswith(f"crash ended with code 3; restarting in {pause // 1_000} s (see")
        here.clock.now += pause - 1
        here.tree.check_parts()
        assert here.part("crash").starts == number
        here.clock.now += 1
        here.until(lambda number=number: len(here.said) == number + 1)
    assert here.part("stay").process is stays
    assert stays is not None
    assert stays.poll() is None
    assert "started crash" in (here.folder / "logs" / "crash.log").read_text("utf-8")


def test_part_that_asks_for_a_fresh_process_gets_one_at_once_and_has_not_crashed(bench):
    here = bench("renewed")
    here.tree.check_parts()
    # It has run for a while before it asks.
    here.clock.now += RENEWED_MS + 1
    here.until(lambda: len(list(here.folder.glob("renewed.[0-9]*"))) == 2)
    part = here.part("renewed")
    assert part.process is not None
    assert part.process.poll() is None
    assert (part.starts, part.crashes, here.said) == (2, 0, [])


def test_part_that_asks_for_a_fresh_process_as_soon_as_it_runs_counts_as_crashed(bench):
    here = bench("renewed")
    here.until(lambda: len(here.said) == 1)
    assert here.said[0].startswith("renewed ended with code 77; restarting in 1 s (see")


def test_what_is_wanted_is_begun_and_what_is_not_any_more_ends_and_is_not_started_again(bench):
    here = bench("stay")
    here.tree.sync_parts([ProcessPart("paper-a", ("one",)), ProcessPart("paper-b", ("two",))], "paper-")
    here.until(lambda: all(here.ready(word) for word in ("stay", "one", "two")))
    stays, left = here.part("stay").process, here.part("paper-b").process
    here.tree.sync_parts([ProcessPart("paper-b", ("two",))], "paper-")
    here.until(lambda: [part.name for part in here.tree.parts] == ["stay", "paper-b"])
    assert (here.folder / "one.ended").exists()
    assert (here.part("stay").process, here.part("paper-b").process) == (stays, left)
    assert here.said == []
    # Wanted again before it has ended: it ends, and comes again.
    here.tree.sync_parts([], "paper-")
    here.tree.check_parts()
    here.tree.sync_parts([ProcessPart("paper-b", ("two",))], "paper-")
    here.until(lambda: len(here.said) == 1)
    here.clock.now += 1_000
    here.until(lambda: here.part("paper-b").starts == 2)


@pytest.mark.skipif(shutil.which("pkill") is None, reason="pkill is missing")
def test_trader_killed_by_the_printed_command_begins_again_and_another_homes_is_left(bench):
    here = bench("stay")
    home, beside = str(here.folder / "home-demo"), str(here.folder / "home-demo2")
    for name, of in (("trade", home), ("other", beside)):
        here.tree.parts.append(ProcessPart(name, ("demo", "trade", "--home", of)))
    here.until(lambda: here.ready("stay") and len([*here.folder.glob("demo.[0-9]*")]) == 2)
    stays, other, killed = (here.part(name).process for name in ("stay", "other", "trade"))
    subprocess.run(["pkill", "-9", "-f", demo.trader_pattern(Path(home))], check=True)
    here.until(lambda: len(here.said) == 1)
    assert here.said[0].startswith("trade ended with code -9; restarting in 1 s (see")
    here.clock.now += 1_000
    here.until(lambda: len([*here.folder.glob("demo.[0-9]*")]) == 3)
    again = here.part("trade").process
    assert again is not None
    assert again is not killed
    assert again.poll() is None
    assert (here.part("stay").process, here.part("other").process) == (stays, other)
    assert [one.poll() for one in (stays, other) if one] == [None, None]


def test_log_that_is_long_moves_beside_and_the_part_goes_on_writing_into_it(bench, monkeypatch):
    monkeypatch.setattr(process_tree, "LOG_BYTES", 100)
    here = bench("crash")
    log = here.folder / "logs" / "crash.log"
    log.parent.mkdir()
    log.write_text("x" * 101)
    here.until(lambda: len(here.said) == 1)
    assert log.with_name("crash.log.1").read_text("utf-8") == "x" * 101
    assert log.read_text("utf-8") == "started crash\n"


def test_part_that_cannot_be_started_leaves_the_others_and_is_tried_again(tmp_path):
    begun: list[str] = []

    def begin(part: ProcessPart, environ: object, log: int) -> Standing:
        begun.append(part.name)
        if part.name == "work" and begun.count("work") < 3:
            raise OSError(12, "Cannot allocate memory")
        return Standing()

    clock, said = HandClock(), list[str]()
    tree = ProcessTree(
        [ProcessPart("work", ("work",)), ProcessPart("serve", ("serve",))],
        logs=tmp_path, clock=clock, say=said.append, environ={}, begin=begin,
    )  # fmt: skip
    for pause in (1_000, 2_000):
        tree.check_parts()
        assert said[-1].endswith(f"Cannot allocate memory; retrying in {pause // 1_000} s")
        clock.now += pause
    tree.check_parts()
    assert begun == ["work", "serve", "work", "work"]
    assert all(part.process is not None for part in tree.parts)
    assert len(said) == 2


def test_part_is_started_again_where_a_clock_that_ran_ahead_is_put_right(tmp_path):
    begun: list[str] = []

    def begin(part: ProcessPart, environ: object, log: int) -> Standing:
        begun.append(part.name)
        raise OSError(12, "Cannot allocate memory")

    clock = HandClock()
    tree = ProcessTree(
        [ProcessPart("work", ("work",))],
        logs=tmp_path, clock=clock, say=lambda said: None, environ={}, begin=begin,
    )  # fmt: skip
    tree.check_parts()
    clock.now -= 86_400_000
    tree.check_parts()
    assert len(begun) == 2
    tree.check_parts()
    assert len(begun) == 2, "its pause is as long as ever"


def test_part_that_ran_for_long_begins_with_the_shortest_pause_again(bench):
    here = bench("crash")
    here.until(lambda: len(here.said) == 1)
    here.clock.now += 1_000
    here.until(lambda: len(here.said) == 2)
    assert "restarting in 2 s" in here.said[-1]
    here.clock.now += 2_000
    here.tree.check_parts()
    here.clock.now += HEALTHY_MS + 1
    here.until(lambda: len(here.said) == 3)
    assert "restarting in 1 s" in here.said[-1]


def test_end_asks_every_part_and_ends_those_that_do_not_listen(bench, monkeypatch):
    monkeypatch.setattr(process_tree, "GRACE_S", 0.5)
    here = bench("stay", "deaf")
    here.until(lambda: here.ready("stay") and here.ready("deaf"))
    running = [part.process for part in here.tree.parts]
    here.tree.stop_all()
    assert (here.folder / "stay.ended").exists()
    assert (here.folder / "deaf.ended").exists()
    assert [process.returncode for process in running if process] == [0, -9]


def test_run_ends_all_when_it_is_told_to_stop(bench):
    here = bench("stay")

    def each() -> bool:
        if here.ready("stay"):
            here.tree.stop()
        return True

    here.tree.run(on_look=each)
    assert (here.folder / "stay.ended").exists()
    assert here.part("stay").process is None


def test_a_held_part_loads_and_waits_until_it_is_let_go(bench):
    made = bench("patient", "other")
    patient = made.part("patient")
    patient.is_held = True
    made.until(lambda: made.ready("patient") and made.ready("other"))
    assert not (made.folder / "patient.went_on").exists()
    patient.release()
    made.until((made.folder / "patient.went_on").exists)


def test_a_part_that_was_let_go_waits_no_more_when_it_is_started_again(bench):
    made = bench("patient")
    patient = made.part("patient")
    patient.is_held = True
    made.until(lambda: made.ready("patient"))
    patient.release()
    made.until((made.folder / "patient.went_on").exists)
    (made.folder / "patient.went_on").unlink()
    patient.process.kill()
    made.until(lambda: patient.crashes == 1)
    made.clock.now += 10_000
    made.until((made.folder / "patient.went_on").exists)


def test_a_held_part_ends_with_its_tree(bench):
    made = bench("patient")
    made.part("patient").is_held = True
    made.until(lambda: made.ready("patient"))
    process = made.part("patient").process
    made.tree.stop_all()
    assert process.poll() is not None
    assert not (made.folder / "patient.went_on").exists()


class Standing:
    """Stands for a process that runs on."""

    pid, returncode, stdin = 0, None, None

    def poll(self) -> None:
        return None


def test_looking_again_brings_no_words_into_the_table_of_the_interpreter(tmp_path, monkeypatch):
    logs = tmp_path / "logs"
    tree = ProcessTree(
        [ProcessPart("serve", ("serve",))],
        logs=logs, clock=HandClock(), say=print, environ={}, begin=lambda *_: Standing(),
    )  # fmt: skip
    tree.check_parts()
    brought: list[str] = []
    monkeypatch.setattr(sys, "intern", lambda word: brought.append(word) or word)
    tree.check_parts()
    assert "serve.log" not in brought
