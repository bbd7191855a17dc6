"""One tree of processes a home; its parts end when it is gone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tests.clocks import StandingClock
from tests.houses import until
from vigie.domain.errors import ConfigError
from vigie.services.running.process_tree import PARENT, ProcessPart, ProcessTree
from vigie.services.trading.account_plans import paper_requests
from vigie.views.cli import tree as tree_module
from vigie.views.cli import tree_watch
from vigie.views.cli.demo import command_name
from vigie.views.cli.tree import free_port, lock_home
from vigie.views.cli.tree_watch import PaperSupervisor


def test_home_that_a_tree_runs_in_is_refused_to_another_one_and_let_go_at_its_end(tmp_path):
    with (
        lock_home(tmp_path),
        pytest.raises(
            ConfigError, match=f"\\(process {os.getpid()}\\); stop it first, or set VIGIE_HOME to another"
        ),
        lock_home(tmp_path),
    ):
        pytest.fail("two trees in one home")
    with lock_home(tmp_path):
        pass


def test_home_of_a_tree_that_was_killed_is_free_again(tmp_path):
    killed = (
        "import os, pathlib, signal, sys; from vigie.views.cli.tree import lock_home\n"
        "with lock_home(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", killed, str(tmp_path)], check=False).returncode != 0
    with lock_home(tmp_path):
        pass


def test_a_port_that_is_taken_is_refused_with_the_command_that_works():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=r"`vigie up --port \d+`") as refused:
            free_port("127.0.0.1", port)
    named = int(str(refused.value).partition("--port ")[2].partition("`")[0])
    assert named != port
    assert free_port("127.0.0.1", named) == named


def test_home_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "logs").write_text("a file where the folder of logs should be")
    with pytest.raises(ConfigError, match="VIGIE_HOME"), lock_home(tmp_path):
        pytest.fail("a home without logs")


def test_paper_accounts_that_cannot_be_read_end_nobody_and_are_said_once(tmp_path, capsys):
    mark = paper_requests.request_file(paper_requests.folder_of(tmp_path, "me") / "first.toml")
    mark.mkdir(parents=True)
    mark.with_name("first.toml").touch()
    tree = ProcessTree(
        [ProcessPart("paper-me-one", ())], logs=tmp_path, clock=StandingClock(0), say=print, environ={}
    )
    papers = PaperSupervisor(tree, tmp_path)
    papers.sync()
    papers.sync()
    assert [(part.name, part.is_over) for part in tree.parts] == [("paper-me-one", False)]
    assert capsys.readouterr().err.count("cannot read the list of paper accounts to run") == 1
    mark.rmdir()
    papers.sync()
    assert tree.parts[0].is_over


def test_paper_accounts_are_traded_also_where_the_pages_cannot_come_up(tmp_path, monkeypatch):
    seen = []

    class Looking(PaperSupervisor):
        def __init__(self, within, home):
            seen.append(within)

        def sync(self):
            seen.append("looked")
            seen[0].stop()

    def answers(url):
        seen.append(url)
        if len(seen) > 20:
            seen[0].stop()
        return False

    ended = SimpleNamespace(poll=lambda: 1, returncode=1, stdin=None)
    opening = SimpleNamespace(poll=lambda: 0, kill=lambda: None)
    monkeypatch.setattr(tree_watch, "PaperSupervisor", Looking)
    monkeypatch.setattr(tree_module, "is_answering", answers)
    monkeypatch.setattr(tree_module, "_start_link_process", lambda *_, **__: opening)
    monkeypatch.setattr("vigie.views.cli.preloading.start_part", lambda *_: ended)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    tree_module.run_tree(home=tmp_path, host="127.0.0.1", port=0, collects=False)
    assert "looked" in seen


@pytest.mark.parametrize("crashes", [False, True])
def test_parts_that_start_last_wait_until_they_may_but_not_for_what_crashes(tmp_path, monkeypatch, crashes):
    started, looks = [], []
    ended = SimpleNamespace(poll=lambda: 1, returncode=1, stdin=None, send_signal=lambda _: None)
    running = SimpleNamespace(poll=lambda: None, stdin=None, send_signal=lambda _: None, wait=lambda _: 0)

    def start(part, *_):
        started.append(part.name)
        return ended if crashes and part.name == "work" else running

    def may_begin():
        looks.append(list(started))
        return not crashes and len(looks) > 3

    class Looking(PaperSupervisor):
        def sync(self):
            if "trade" in started:
                self._tree.stop()

    opening = SimpleNamespace(poll=lambda: 0, kill=lambda: None, communicate=lambda: ("", ""))
    monkeypatch.setattr(tree_watch, "LOOKS", 1)
    monkeypatch.setattr(tree_watch, "PaperSupervisor", Looking)
    monkeypatch.setattr(tree_module, "is_answering", lambda _: True)
    monkeypatch.setattr(tree_module, "_start_link_process", lambda *_, **__: opening)
    monkeypatch.setattr("vigie.views.cli.preloading.start_part", start)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    tree_module.run_tree(
        home=tmp_path, host="127.0.0.1", port=0, collects=False, beside=[("trade", ("trade",))],
        may_begin=may_begin,
    )  # fmt: skip
    assert started[:2] == ["serve", "work"]
    assert "trade" in started
    assert all("trade" not in seen for seen in looks), "it is asked until it starts, and no longer"
    assert len(looks) == 4 or crashes


@pytest.mark.skipif(os.name != "posix", reason="not on Windows: programs are found in another way there")
def test_demonstration_says_how_to_call_it_where_its_name_finds_nothing(tmp_path, monkeypatch):
    program = tmp_path / "a folder" / "vigie"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command_name(str(program)) == f"'{program}'"
    monkeypatch.chdir(program.parent)
    assert command_name("./vigie") == f"'{program}'"
    monkeypatch.setenv("PATH", str(program.parent))
    assert command_name(str(program)) == "vigie"
    assert command_name("/somewhere/vigie/__main__.py") == "vigie"


@pytest.mark.skipif(os.name != "posix", reason="parents are watched on POSIX")
def test_simulated_world_ends_when_who_started_it_is_gone():
    # A parent that is not there: as when it was killed.
    environ = {**os.environ, PARENT: "1"} if os.getpid() != 1 else {**os.environ, PARENT: "2"}
    words = [sys.executable, "-m", "vigie", "sandbox", "world", "--port", "0"]
    ended = subprocess.run(words, env=environ, capture_output=True, timeout=120, check=False)
    assert b"world ready" not in ended.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
def test_parts_of_up_are_copies_found_by_name_a_killed_one_comes_back_and_all_end_together(tmp_path):
    environ = {key: value for key, value in os.environ.items() if key != "OPENBLAS_NUM_THREADS"}
    up = subprocess.Popen(
        [sys.executable, "-m", "vigie", "up", "--port", "0", "--no-collect"],
        env={**environ, "VIGIE_HOME": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip

    def part(name: str, but: int = 0) -> psutil.Process | None:
        found = [one for one in psutil.Process(up.pid).children() if one.pid != but]
        return next((one for one in found if f"-m vigie {name}" in " ".join(one.cmdline())), None)

    try:
        assert up.stdout is not None
        assert "/link/" in up.stdout.readline()
        # Who starts programs has no library of tables in it.
        assert "polars" in Path(f"/proc/{up.pid}/maps").read_text("utf-8")
        serve, work = until(lambda: part("serve")), until(lambda: part("work"))
        assert "polars" in Path(f"/proc/{work.pid}/maps").read_text("utf-8")
        work.kill()
        again = until(lambda: part("work", but=work.pid))
        assert part("serve") == serve
        up.send_signal(signal.SIGINT)
        said = up.communicate(timeout=60)[1]
    finally:
        up.kill()
        up.communicate()
    assert up.returncode == 0
    assert "work ended with code -9; restarting in 1 s (see" in said
    assert said.endswith("vigie: stopped\n")
    assert not serve.is_running()
    assert not again.is_running()
    assert {one.name for one in (tmp_path / "logs").glob("*.log")} >= {"serve.log", "work.log"}
