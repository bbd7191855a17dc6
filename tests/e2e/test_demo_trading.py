"""A demo account by the commands of docs/going-to-bitget-demo.md, real processes at the simulated exchange."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import houses
from tests.crash.invariants import unprotected
from vigie.domain.order import ENDED

# An hour of the market in nine seconds.
SPEED = "400"
PASSWORD = "a long password"
CONFIG = """
[account]
mode = "portfolio"
capital = 10_000

[venue]
id = "bitget-perp"
mode = "demo"

[[slots]]
instruments = ["BTC", "ETH"]
timeframe = "1h"
strategy = "always"
require = ["the candle has a body"]
"""
# Long as soon as it is flat; levels so far away that only a person closes.
ALWAYS = '''
"""Always long: enters whenever it is flat.

Source: this test.
"""

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria, Criterion, Reading

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """None."""


def warmup(params: Params) -> int:
    """One bar."""
    return 1


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    body = np.abs(bars.close - bars.open)
    scale = bars.close * 0.01
    return Criteria(
        long=(
            Criterion("the price is there", Reading(bars.close, 0.0, bars.close > 0.0, scale=scale)),
            Criterion("the candle has a body", Reading(body, 0.0, body >= 0.0, scale=scale), required=False),
        ),
        short=(),
        stop_distance=bars.close * 0.04,
        target_distance=bars.close * 0.04,
    )
'''


class Desk:
    """A home, a run file, and the commands in it."""

    def __init__(self, folder: Path, address: str, control: str) -> None:
        self.control, self.folder, self.log = control, folder, folder / "log"
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")},
            "VIGIE_HOME": str(folder / "home"),
            "VIGIE_BITGET_URL": address,
        }
        (folder / "my.toml").write_text(CONFIG)

    def run(self, *words: str, said: str = "", code: int = 0, **more: str) -> str:
        found = subprocess.run(
            [sys.executable, "-m", "vigie", *words], input=said, env={**self.environ, **more}, cwd=self.folder,
            capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert found.returncode == code, found.stdout + found.stderr
        return found.stdout + found.stderr

    @contextmanager
    def trading(self) -> Iterator[subprocess.Popen[bytes]]:
        with self.log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", "vigie", "trade", "run", "my.toml"],
                env=self.environ, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def until(self, holds: Any, process: subprocess.Popen[bytes]) -> None:
        houses.until(lambda: holds() or process.poll() is not None, seconds=150)
        assert process.poll() is None, self.log.read_text()

    def steps(self) -> int:
        """Return how many steps the account's log has."""
        book = houses.open_house(self.folder / "home").trades
        return len(list(book.steps(book.run("main").id)))

    def state(self) -> Mapping[str, Any]:
        with urllib.request.urlopen(f"{self.control}/control/state", timeout=30) as answer:
            found: Mapping[str, Any] = json.loads(answer.read())["accounts"]["account-1"]
        return found


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[list[str]]:
    words = [
        "sandbox",
        "exchange",
        "--speed",
        SPEED,
        "--port",
        "0",
        "--control-port",
        "0",
        "--symbols",
        "BTC,ETH",
    ]
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "vigie", *words], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        yield [process.stdout.readline().strip() for _ in range(5)]
        process.kill()


def test_a_demo_account_from_its_key_to_a_closed_position_survives_being_killed(exchange, tmp_path):
    address, key, secret, passphrase, control = exchange
    desk = Desk(tmp_path, address, control)
    folder = tmp_path / "home" / "strategies"
    folder.mkdir(parents=True)
    (folder / "always.py").write_text(ALWAYS)
    asked = "\n".join([key, secret, passphrase, PASSWORD, PASSWORD, ""])
    assert "it trades and cannot withdraw" in desk.run("keys", "add", "bitget", "--stdin", said=asked)
    parts = {"KEY": key, "SECRET": secret, "PASSPHRASE": passphrase}
    desk.environ |= {f"VIGIE_BITGET_{name}": value for name, value in parts.items()}

    with desk.trading() as process:
        desk.until(lambda: len(desk.state()["positions"]) == 2, process)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    assert not unprotected(desk.state())

    with desk.trading() as process:
        desk.until(lambda: desk.log.read_text().count("ready: ") == 2, process)
        taken = desk.steps()
        desk.until(lambda: desk.steps() > taken, process)
        assert not unprotected(desk.state())
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, desk.log.read_text()

    assert "main: DEMO on bitget-perp, active" in desk.run("trade", "status")
    assert "main is flat, 2 positions closed" in desk.run("trade", "flatten")
    assert "whole: " in desk.run("audit", "verify")
    there = desk.state()
    assert not [one for one in there["positions"] if float(one["qty"])]

    book = houses.open_house(tmp_path / "home").trades
    run = book.run("main")
    known = book.intents(run.id)
    assert {one.move.state for one in known} <= set(ENDED)
    ids = Counter(one["client_id"] for one in there["orders"] if one["client_id"])
    assert set(ids.values()) == {1}
    assert ids.keys() == {one.intent.id for one in known if one.move.state == "filled"}
    told = json.loads(desk.run("trade", "status", "--json"))
    assert told["cash"] == pytest.approx(float(there["money"]["cash"]), abs=0.005)
    # Every slot was judged with the criterion that the run file requires.
    plan = json.loads((tmp_path / "home" / "trading" / run.id / "plan.json").read_text())
    assert {tuple(one["require"]) for one in plan["slots"]} == {("the candle has a body",)}
