"""`vigie trade` as a person meets it: a real process that is killed and started again, and what is refused."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from tests import houses
from tests.unit.services.trading.material import BEGUN, FILE, planned, run_file
from tests.unit.services.trading.test_trading import go
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.order import ENDED
from vigie.domain.order_caps import OrderCaps
from vigie.domain.time import DAY_MS
from vigie.engine.live.fold import steps
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.process import trading as trading_service
from vigie.views.cli import trade_runs
from vigie.views.cli.main import app

# An hour of the market in a second.
SPEED = 3_600.0
ALL = (
    FILE.replace('"ema_cross"', '"rsi_reversion"')
    + """
[[slots]]
instruments = ["BTC", "ETH", "SOL"]
timeframe = "1h"
strategy = "ema_cross"
"""
)


@contextmanager
def world() -> Iterator[str]:
    """Tell a market's time that runs fast, from two hundred days after its first bar on."""
    begun = time.monotonic()

    class Clock(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            now = BEGUN + round((time.monotonic() - begun) * 1_000 * SPEED)
            body = json.dumps({"market_ms": now, "speed": SPEED, "paused": False}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Clock)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@contextmanager
def trading(home: Path, file: Path, url: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    environ = {**os.environ, "VIGIE_HOME": str(home), "VIGIE_WORLD_URL": url}
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "vigie", "trade", "run", str(file)],
            env=environ, cwd=home, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = houses.fill(tmp_path / "home")
    (made / "simulated.json").write_text("{}\n")
    return made


def test_a_process_killed_with_9_and_started_again_goes_on_and_doubles_nothing(home, tmp_path, monkeypatch):
    log, file = tmp_path / "log", run_file(tmp_path, ALL)
    house, ends = houses.house(home), [0]

    def last() -> int:
        run = house.trades.run("main")
        return max((step.number for step in house.trades.steps(run.id)), default=0) if run else 0

    with world() as url:
        for life in range(2):
            with trading(home, file, url, log) as process:
                try:
                    houses.until(lambda: last() >= ends[-1] + 8 or process.poll() is not None, seconds=90)
                except AssertionError:
                    pytest.fail(log.read_text())
                assert process.poll() is None, log.read_text()
                process.send_signal(signal.SIGKILL if life < 1 else signal.SIGTERM)
                code = process.wait(120)
                assert code == (-signal.SIGKILL if life < 1 else 0), log.read_text()
            ends.append(last())
    said = log.read_text()
    run = house.trades.run("main")
    assert said.count(f"run {run.id}") == 2
    # On this machine the killed one is proven dead: nobody waits until its right to trade ends.
    # On a machine so slow that the right has ended meanwhile there is nothing to take over, and nothing to wait for.
    assert "waiting:" not in said
    assert said.rstrip().endswith("positions keep their stops; run the same command to resume")
    taken = [steps.decode_step(step) for step in house.trades.steps(run.id)]
    opened = [step.number for step in taken if isinstance(step, steps.BarsOpened)]
    assert opened == list(range(1, len(opened) + 1))
    assert 0 < ends[1] < ends[2]
    fills = Counter(fill.client_id or fill.id for fill in house.trades.fills(run.id))
    assert not [id_ for id_, count in fills.items() if count > 1]
    known = house.trades.intents(run.id)
    under_way = [one for one in known if one.move.state not in ENDED]
    assert len(under_way) <= len(load_event_log(house.results, house.trades, run).account.slots)
    # Said also while no market answers.
    monkeypatch.setenv("VIGIE_HOME", str(home))
    monkeypatch.delenv("VIGIE_WORLD_URL", raising=False)
    assert CliRunner().invoke(app, ["trade", "stop"]).exit_code == 0
    assert "main: PAPER on binance-perp, reducing" in CliRunner().invoke(app, ["trade", "status"]).output
    told = json.loads(CliRunner().invoke(app, ["trade", "status", "--json"]).output)
    assert (told["run"], told["decision_hash"]) == (
        run.id,
        load_event_log(house.results, house.trades, run).account.decision_hash,
    )


def test_help_shows_an_example_and_what_the_exit_codes_mean():
    said = CliRunner().invoke(app, ["trade", "run", "--help"]).output
    assert "Example: vigie trade run my.toml" in said
    assert "Exit codes" in said


@pytest.mark.parametrize("word", ["status", "stop", "resume", "flatten"])
def test_an_account_that_is_not_there_is_refused_with_the_way_to_begin_one(home, monkeypatch, word):
    monkeypatch.setenv("VIGIE_HOME", str(home))
    monkeypatch.setenv("VIGIE_WORLD_URL", "http://127.0.0.1:9")
    fault = CliRunner().invoke(app, ["trade", word, "--account", "none"]).exception
    assert "vigie trade run CONFIG --account none" in str(fault)


def test_live_is_refused_before_anything_is_opened(home, tmp_path, monkeypatch):
    (home / "simulated.json").unlink()
    monkeypatch.setenv("VIGIE_HOME", str(home))
    monkeypatch.delenv("VIGIE_WORLD_URL", raising=False)
    # By today's clock the hourly bars of the tests are too old to plan with.
    file = run_file(tmp_path, FILE.replace('"1h"', '"4h"'))
    words = [
        "trade",
        "run",
        str(file),
        "--mode",
        "live",
        "--confirm",
        "trade real money on main",
    ]
    fault = CliRunner().invoke(app, words).exception
    assert "allow_live = true" in str(fault)
    monkeypatch.setenv("VIGIE_ALLOW_LIVE", "true")
    fault = CliRunner().invoke(app, words).exception
    assert "14 days of paper trading" in str(fault)
    assert houses.house(home).trades.run("main") is None


@pytest.fixture
def begins(home, tmp_path, monkeypatch):
    """Give what begins to trade once what happens before it has the right to is over: its house, plan and job."""
    hand = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house, jobs = houses.house(home, clock=hand), []
    real = {name: getattr(trading_service, name) for name in ("acquire_lease", "trade")}
    plan = planned(house, tmp_path)
    pulse = SimpleNamespace(keep_beating=beating, attach_status=None)
    life = SimpleNamespace(say=lambda _: None, heartbeat=pulse)
    trader = SimpleNamespace(
        app_context=house, clock=hand, url=None, speed=lambda: 1.0, collects_prices=False, caps=OrderCaps()
    )  # fmt: skip

    async def trade(job, *_):
        jobs.append(job)

    def begin(before, *, is_new):
        async def taken(trades, account, holder, *_):
            with monkeypatch.context() as elsewhere:
                for name, known in real.items():
                    elsewhere.setattr(trading_service, name, known)
                return await asyncio.to_thread(before, lambda: trades.take(account, holder, for_s=30.0))

        monkeypatch.setattr(trading_service, "acquire_lease", taken)
        monkeypatch.setattr(trading_service, "trade", trade)
        asyncio.run(
            trade_runs.trade_file(
                trader, tmp_path / "run.toml", "paper", "main", "", life, user="", is_new=is_new
            )
        )
        return jobs[-1]

    return house, plan, begin


@asynccontextmanager
async def beating():
    yield


def held_by_another(house, plan):
    """Let another process begin the account, trade until it holds something, and end."""
    run = go(house, plan, BEGUN + DAY_MS, [])
    assert load_event_log(house.results, house.trades, run).open_slots
    return run


def test_a_new_run_does_not_forget_what_was_entered_while_the_right_to_trade_was_waited_for(begins):
    house, plan, begin = begins

    def before(take):
        held_by_another(house, plan)
        return take()

    with pytest.raises(UsageError, match="open positions that a new run would lose track"):
        begin(before, is_new=True)
    assert len(house.trades.runs_of("owner")) == 1
    assert house.trades.holder("main") is None, "who closes them now waits for nobody"


def test_who_waited_while_another_began_the_account_goes_on_with_that_run(begins):
    house, plan, begin = begins
    runs = []

    def before(take):
        runs.append(held_by_another(house, plan))
        return take()

    assert begin(before, is_new=False).run == runs[0]
    assert house.trades.run("main") == runs[0]


def test_who_lost_the_right_to_trade_before_it_began_begins_no_run(begins):
    house, _, begin = begins

    def before(take):
        lease = take()
        house.trades.take("main", "another", for_s=30.0, by_force=True)
        return lease

    with pytest.raises(Conflict):
        begin(before, is_new=False)
    assert house.trades.run("main") is None
