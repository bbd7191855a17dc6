"""No request compiles code: what pages compute is compiled before, in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests import houses
from tests.unit.services.desk_material import house_with_results
from tests.unit.services.plans.material import plan_of
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_trading import go
from vigie.domain.time import DAY_MS
from vigie.services.needs import provide
from vigie.services.setups.following import SetupFollower
from vigie.services.trading.account_plans.trading_stores import TradingStores


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Keep results, an account that trades, setups, a plan and lines of a portfolio."""
    home = tmp_path_factory.mktemp("filled") / "home"
    built, _ = house_with_results(home)
    then = SimpleNamespace(market_now=lambda: BEGUN, wall_now=lambda: BEGUN, market_speed=lambda: 1.0)
    go(built, planned(replace(built, clock=then), home), BEGUN + 8 * DAY_MS, [])
    built = houses.house(home, clock=built.clock)
    SetupFollower(provide(built, TradingStores), built.setups).follow_once()
    levels = {"low": 99.0, "high": 101.0, "stop": 95.0, "target": 110.0, "until": 4 * 10**12}
    built.plans.add(plan_of("btc-usdt-perp", BEGUN + 8 * DAY_MS, **levels), "owner")
    for coin in ("bitcoin", "ethereum"):
        houses.Browser(built).post("/portfolio/save", {"coin": coin, "quantity": "0.5", "place": "Ledger"})
    return home


# All is compiled anew, which takes two minutes.
@pytest.mark.chaos
def test_no_first_request_of_any_page_compiles(home, tmp_path):
    asked = subprocess.run(
        [sys.executable, "-m", "tests.compiled_by_requests", str(home)],
        env={**os.environ, "VIGIE_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr[-2_000:]
    compiled = json.loads(asked.stdout)
    assert len(compiled) > 60
    reached = {path.split("/")[1] for path in compiled}
    assert {
        "asset",
        "signals",
        "plans",
        "plan",
        "portfolio",
        "lab",
        "backtests",
        "strategies",
        "journal",
    } <= reached
    assert {path: names for path, names in compiled.items() if names} == {}
