"""What comes before the demonstration's account trades: steps in processes of their own, those that are left to do."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager, nullcontext

import pytest
import typer
from typer.testing import CliRunner

from vigie.domain.errors import UsageError
from vigie.services.running import process_tree
from vigie.services.running.compiling import GOES_ON
from vigie.views.cli import demo, demo_account, demo_holdings, preloading

NEW = ["wait", "wait --jobs", "learn", "trade --compile", "trade --compile", "replay"]


@pytest.mark.parametrize(
    ("codes", "steps", "is_new"),
    [
        ([demo_account.TRADING], ["wait"], False),
        ([demo_account.REPLAYING, 0], ["wait", "replay"], True),
        ([0, 0, 0, GOES_ON, 0, 0], NEW, True),
        ([0, 0, 1, GOES_ON, 1, demo_account.REFUSED], NEW, True),
        ([0, 0, 0, GOES_ON, 0, -9, 1, 0], [*NEW, "replay", "replay"], True),
        ([0, 0, 0, GOES_ON, 0, -9, -9, -9], [*NEW, "replay", "replay"], True),
    ],
)
def test_steps_that_are_left_to_do_run_one_after_the_other(monkeypatch, codes, steps, is_new):
    done, left = [], iter(codes)

    def run_apart(*words):
        done.append(" ".join(words))
        return next(left)

    monkeypatch.setattr(demo_account, "run_apart", run_apart)
    assert demo_account.prepare_account() is is_new
    assert done == steps


@pytest.mark.parametrize("codes", [[1], [-9], [0, 1], [0, -9]])
def test_nothing_is_prepared_where_the_wait_for_the_history_failed(monkeypatch, codes):
    left = iter(codes)
    monkeypatch.setattr(
        demo_account, "run_apart", lambda *words: next(left) if words[0] == "wait" else pytest.fail("ran")
    )
    with pytest.raises(typer.Exit) as ended:
        demo_account.prepare_account()
    assert ended.value.exit_code == 1


@pytest.fixture
def trading(monkeypatch):
    """Note what the account is traded with, in place of trading."""
    said = []

    @contextmanager
    def acting_person(home, *, is_new):
        said.append(is_new)
        yield

    monkeypatch.setattr(preloading, "preload_part", lambda _: None)
    monkeypatch.setattr(process_tree, "end_with_parent", lambda _: None)
    monkeypatch.setattr(demo_account, "adding_holdings", nullcontext)
    monkeypatch.setattr(demo_account, "acting_person", acting_person)
    monkeypatch.setattr("vigie.views.cli.trade.run", lambda path, account: said.append((path.name, account)))
    return said


def test_account_that_is_prepared_is_traded_by_a_fresh_process_which_knows_that_it_is_new(
    tmp_path, monkeypatch, trading
):
    words = ["trade", "--home", str(tmp_path)]
    monkeypatch.setattr(demo_account, "prepare_account", lambda: True)
    assert CliRunner().invoke(demo.group, words).exit_code == process_tree.RENEWED
    assert trading == []
    monkeypatch.setattr(demo_account, "prepare_account", lambda: pytest.fail("prepared twice"))
    assert CliRunner().invoke(demo.group, words).exit_code == 0
    assert trading == [True, ("trading.toml", "main")]
    # The next one is about an account that has traded.
    monkeypatch.setattr(demo_account, "prepare_account", lambda: False)
    assert CliRunner().invoke(demo.group, words).exit_code == 0
    assert trading[2:] == [False, ("trading.toml", "main")]


# Runs a step, from a process that can be copied or from one with a second thread; the step ends with a code of its own.
STEP = """
import os, sys, threading
from vigie.services.running.process_tree import is_part
from vigie.views.cli import demo_account, preloading

def run():
    print(sys.argv[1:], is_part(), flush=True)
    sys.exit(5)

preloading.run_command = run
print(demo_account.run_apart("learn"), flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
def test_step_is_a_copy_that_belongs_to_who_waits_for_it_and_its_code_is_told():
    said = subprocess.run([sys.executable, "-c", STEP], capture_output=True, text=True, check=True)
    assert said.stderr == "['demo', 'learn'] True\n"
    assert said.stdout == "5\n"


def test_step_is_a_program_where_no_copy_can_be_had(monkeypatch):
    monkeypatch.setattr("vigie.adapters.forks.is_possible", lambda: False)
    begun = []

    class Ended:
        def __init__(self, words, env):
            begun.append(words[1:])

        def poll(self):
            return 3

    monkeypatch.setattr(subprocess, "Popen", Ended)
    assert demo_account.run_apart("replay") == 3
    assert begun == [["-m", "vigie", "demo", "replay"]]


@pytest.mark.parametrize(("answers", "looks"), [([False, False, True], 3), ([UsageError("no")], 1)])
def test_holdings_are_added_until_they_are_there_or_refused(monkeypatch, answers, looks):
    left, said = iter(answers), []

    def add(_):
        answer = next(left)
        if isinstance(answer, UsageError):
            raise answer
        return answer

    monkeypatch.setattr(demo_holdings, "add_demo_holdings", add)
    monkeypatch.setattr(demo_holdings, "schedule_demo_letter", lambda _: True)
    slept = []

    class Context:
        class clock:
            sleep = slept.append

    demo_holdings.keep_adding(Context, said.append, threading.Event())
    assert len(slept) == looks - 1
    assert said == (["demonstration's holdings: no"] if isinstance(answers[0], UsageError) else [])


def test_no_holdings_are_added_once_that_is_to_end(monkeypatch):
    monkeypatch.setattr(demo_holdings, "add_demo_holdings", lambda _: pytest.fail("added"))
    stopping = threading.Event()
    stopping.set()
    demo_holdings.keep_adding(None, print, stopping)
