"""A worker computes with a person's own strategies where their content was allowed, and only then."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

from tests import houses
from vigie.adapters.stores.programs import AllowedPrograms
from vigie.trading.catalogue import SHIPPED

ASK = {"strategies": "mine", "assets": "bitcoin", "timeframe": "4h"}


def test_a_worker_refuses_what_was_not_allowed_and_runs_what_a_typed_command_ran(tmp_path):
    home = houses.fill(tmp_path / "home")
    mine = home / "strategies" / "mine.py"
    mine.parent.mkdir()
    shutil.copy(SHIPPED / "ema_cross.py", mine)
    worker = subprocess.Popen(
        [sys.executable, "-m", "vigie", "work", "--hand"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "VIGIE_HOME": str(home)}, text=True,
    )  # fmt: skip

    def done(number):
        order = {"job": f"job-{number}", "owner": "owner", "kind": "backtest", "ask": ASK}
        worker.stdin.write(json.dumps(order) + "\n")
        worker.stdin.flush()
        for line in worker.stdout:
            if {"done", "failed", "crashed"} & (told := json.loads(line)).keys():
                return told
        raise AssertionError("the worker ended")

    try:
        refused = done(1)["failed"]
        assert "strategies/mine.py was not run: its content is not allowed" in refused
        AllowedPrograms(home).allow(["strategies/mine.py"])
        # The same process: the list is read anew.
        assert "run" in done(2)["done"]
        mine.write_text(mine.read_text() + "# edited\n")
        assert "strategies/mine.py was not run" in done(3)["failed"]
    finally:
        worker.kill()
        worker.communicate()
