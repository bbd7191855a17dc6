"""A demo account whose run file is changed: real processes at the simulated exchange, over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import houses
from tests.e2e.test_demo_trading import CONFIG, Desk, exchange, held, opened_desk
from tests.unit.services.trading.test_run_file_changes import sources
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.run_files import keeping
from vigie.services.trading.run_files.taking_effect import RunFileStores, is_flat
from vigie.services.trading.run_files.versions import list_versions

__all__ = ("exchange",)
# The fees of its first entry are more than the fall that locks entries.
PROTECTIONS = "\n[protections]\nglobal_drawdown_fraction = 0.00002\ndrawdown_unlock_days = 300\n"


@contextmanager
def trading(desk: Desk, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Trade a file of the home, as the guide does it."""
    with desk.log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "vigie", "trade", "run", str(file)],
            env=desk.environ, cwd=desk.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_change_of_a_demo_account_waits_for_the_venue_and_lifts_no_limit(exchange, tmp_path):
    desk = opened_desk(exchange, tmp_path)
    file = tmp_path / "home" / "my.toml"
    file.write_text(CONFIG + PROTECTIONS)
    house = houses.open_app_context(tmp_path / "home")
    stores = RunFileStores(house.run_files, house.trades, house.results, house.home)

    def now():
        return house.clock.market_now()

    def limits(run):
        return load_event_log(house.results, house.trades, run).account.limits.active_until(now())

    with trading(desk, file) as process:
        # Where bars of both coins do not come together, the fees of the first entry lock the second.
        desk.until(lambda: held(desk) and "global_drawdown" in limits(house.trades.run("main")), process)
        first = house.trades.run("main")
        told = desk.run(
            "trade", "change", "--set", "risk_fraction=0.01", "--set", "global_drawdown_fraction=0.5", "--yes"
        )
        assert "limit global_drawdown stays in force until" in told
        version = keeping.read_account_file(sources(house), "owner", "main").waiting
        # Its stops work at the venue; it is looked at again and again, and goes on as it was.
        taken = desk.steps()
        desk.until(lambda: desk.steps() > taken + 1, process)
        assert not is_flat(stores, "main")
        assert [one for one in desk.state()["plans"] if one["state"] == "live"]
        assert house.trades.run("main") == first
        before = limits(first)
        # Whoever closes positions takes the right to trade: a process that traded would end at its next write.
        desk.end(process)
    desk.run("trade", "flatten")
    desk.run("trade", "resume")
    with trading(desk, file) as process:
        desk.until(lambda: desk.log.read_text().count("ready: ") == 2, process)
        desk.end(process)

    second = house.trades.run("main")
    assert (second.id, second.mode) == (version.run, "demo")
    assert [one.state for one in list_versions(house.run_files, house.trades, "owner", "main")] == [
        "in_effect"
    ]
    assert file.read_text() == version.after
    assert held(desk) == []
    assert limits(second)["global_drawdown"] == before["global_drawdown"]
    told = json.loads((tmp_path / "home" / "trading" / second.id / "plan.json").read_text())
    assert {one["sizing"]["risk_fraction"] for one in told["slots"]} == {0.01}
    assert "intact: " in desk.run("audit", "verify")
