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
from playwright.sync_api import expect

from tests import houses
from tests.crash.invariants import unprotected
from tests.e2e.houses import served, tab
from vigie.domain.order import ENDED

# An hour of the market in nine seconds.
SPEED = "400"
PASSWORD = "a long password"
CONFIG = """
[account]
mode = "portfolio"
capital = 10_000
leverage = 1

[venue]
id = "bitget-perp"
mode = "demo"

[[slots]]
instruments = ["BTC", "ETH"]
timeframe = "1h"
strategy = "always"
require = ["the candle has a body"]
"""
# Long as soon as it is flat; levels so far away that only a person closes, however many hours of the market pass while
# a busy machine starts a command.
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
        stop_distance=bars.close * 0.15,
        target_distance=bars.close * 0.15,
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
        return found.stdout if "--json" in words else found.stdout + found.stderr

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

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Let a trading process end as a person's Ctrl-C does."""
        process.send_signal(signal.SIGTERM)
        houses.until(lambda: process.poll() is not None, seconds=150)
        assert process.returncode == 0, self.log.read_text()

    def steps(self) -> int:
        """Return how many steps the account's log has."""
        book = houses.open_app_context(self.folder / "home").trades
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


def opened_desk(exchange: list[str], folder: Path) -> Desk:
    """Return a desk whose home has the strategy and the key of the exchange."""
    address, key, secret, passphrase, control = exchange
    desk = Desk(folder, address, control)
    own = folder / "home" / "strategies"
    own.mkdir(parents=True)
    (own / "always.py").write_text(ALWAYS)
    asked = "\n".join([key, secret, passphrase, PASSWORD, PASSWORD, ""])
    # A trading process runs what was allowed only.
    assert "always.py was not run" in desk.run("strategy", "show", "always", code=2)
    assert "allowed: strategies/always.py" in desk.run("programs", "allow")
    assert "is stored; it can trade and cannot withdraw" in desk.run(
        "keys", "add", "bitget", "--stdin", said=asked
    )
    parts = {"KEY": key, "SECRET": secret, "PASSPHRASE": passphrase}
    desk.environ |= {f"VIGIE_BITGET_{name}": value for name, value in parts.items()}
    return desk


def held(desk: Desk) -> list[Mapping[str, Any]]:
    """Return what the exchange holds for the account."""
    return [one for one in desk.state()["positions"] if float(one["qty"])]


def test_a_demo_account_from_its_key_to_a_closed_position_survives_being_killed(exchange, tmp_path):
    desk = opened_desk(exchange, tmp_path)

    with desk.trading() as process:
        desk.until(lambda: len(desk.state()["positions"]) == 2, process)
        process.send_signal(signal.SIGKILL)
        process.wait(120)
    assert not unprotected(desk.state())

    with desk.trading() as process:
        desk.until(lambda: desk.log.read_text().count("ready: ") == 2, process)
        taken = desk.steps()
        desk.until(lambda: desk.steps() > taken, process)
        assert not unprotected(desk.state())
        desk.end(process)

    assert "main: DEMO on bitget-perp, active" in desk.run("trade", "status")
    assert "main is flat, 2 positions closed" in desk.run("trade", "flatten")
    assert "intact: " in desk.run("audit", "verify")
    there = desk.state()
    assert held(desk) == []

    book = houses.open_app_context(tmp_path / "home").trades
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


@pytest.mark.browser
def test_the_page_closes_a_demo_account_at_the_exchange_though_its_process_is_dead(
    exchange, tmp_path, monkeypatch, lent
):
    desk = opened_desk(exchange, tmp_path)
    with desk.trading() as process:
        desk.until(lambda: desk.log.read_text().count(": is long ") == 2, process)
        process.send_signal(signal.SIGKILL)
        process.wait(120)
    # What answers pages has no key of its own: the command that it starts finds them where a person's would.
    for name, value in desk.environ.items():
        if name.startswith("VIGIE_"):
            monkeypatch.setenv(name, value)
    built = houses.open_app_context(tmp_path / "home")
    with served(built) as site, lent() as browser, tab(browser, site) as opened:
        page = opened.page
        page.goto("/trading?account=main")
        expect(page.locator("#positions-rows tbody tr")).to_have_count(2)
        page.get_by_role("link", name="Close all positions").click()
        page.get_by_label("Type account name: main").fill("mine")
        page.locator("#confirm").get_by_role("button", name="Close all positions").click()
        assert (len(held(desk)), built.trades.state("main")) == (2, "active"), "another name closes nothing"
        page.goto("/trading?account=main&confirm=flatten")
        page.get_by_label("Type account name: main").fill("main")
        page.get_by_label("Reason").fill("enough")
        page.locator("#confirm").get_by_role("button", name="Close all positions").click()
        expect(page.get_by_text("All positions were closed. The account opens")).to_be_visible()
        assert held(desk) == []
        expect(page.get_by_text("No open positions.")).to_be_visible()
        page.goto("/trading?account=main&part=events")
        expect(page.locator("#event-rows")).to_contain_text(
            "from “Active” to “Closed: no positions, entries stopped”: enough"
        )
        opened.said.clear()  # the refused form is a failed request, which browsers complain about
    run = built.trades.run("main")
    assert built.trades.state("main") == "flat"
    assert {one.move.state for one in built.trades.intents(run.id)} <= set(ENDED)
    there = desk.state()
    assert not [one for one in there["orders"] if one["state"] in ("new", "live", "open", "partial")]
    told = json.loads(desk.run("trade", "status", "--json"))
    assert told["positions"] == []
    assert told["cash"] == pytest.approx(float(there["money"]["cash"]), abs=0.005)
