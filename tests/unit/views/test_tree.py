"""One tree of processes a home; its parts end when it is gone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from vigie.domain.errors import ConfigError
from vigie.services.running.parts import PARENT
from vigie.views.cli.tree import held


def test_home_that_a_tree_runs_in_is_refused_to_another_one_and_let_go_at_its_end(tmp_path):
    with (
        held(tmp_path),
        pytest.raises(ConfigError, match=rf"already \(process {os.getpid()}\)"),
        held(tmp_path),
    ):
        pytest.fail("two trees in one home")
    with held(tmp_path):
        pass


def test_home_of_a_tree_that_was_killed_is_free_again(tmp_path):
    killed = (
        "import os, pathlib, signal, sys; from vigie.views.cli.tree import held\n"
        "with held(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", killed, str(tmp_path)], check=False).returncode != 0
    with held(tmp_path):
        pass


def test_home_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "logs").write_text("a file where the folder of logs should be")
    with pytest.raises(ConfigError, match="VIGIE_HOME"), held(tmp_path):
        pytest.fail("a home without logs")


@pytest.mark.skipif(os.name != "posix", reason="parents are watched on POSIX")
def test_simulated_world_ends_when_who_started_it_is_gone():
    # A parent that is not there: as when it was killed.
    environ = {**os.environ, PARENT: "1"} if os.getpid() != 1 else {**os.environ, PARENT: "2"}
    words = [sys.executable, "-m", "vigie", "sandbox", "world", "--port", "0"]
    ended = subprocess.run(words, env=environ, capture_output=True, timeout=120, check=False)
    assert b"world ready" not in ended.stdout
