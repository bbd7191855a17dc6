"""A house whose account leaves its entries to plans: made once in a run of all tests, copied for whoever asks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import pytest

from tests import houses
from tests.traded import hand
from vigie.adapters.stores.files import lock_folder
from vigie.domain.time import DAY_MS
from vigie.services.app_context import AppContext

STRATEGY: Final = "btc-usdt-perp/1h/donchian_breakout"


def text() -> str:
    """Return the run file: breakouts of Bitcoin, and plans of it."""
    from tests.unit.services.trading.material import FILE

    return FILE[: FILE.index("[[slots]]")] + "".join(
        f'[[slots]]\ninstruments = ["BTC"]\ntimeframe = "1h"\nstrategy = "{name}"\n\n'
        for name in ("donchian_breakout", "plan")
    )


@pytest.fixture(scope="session")
def left_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the home of an account that traded for a day, its strategy switched off; a setup is confirmed at the end."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ and houses.DATABASES is None:
        folder = folder.parent
    folder = folder / "left"
    with lock_folder(folder):
        if not (folder / "made").exists():
            _make(folder)
    return folder / "home"


def morning() -> int:
    """Return when its day ends."""
    from tests.unit.services.trading.material import BEGUN

    return BEGUN + DAY_MS


def left_house(made: Path, home: Path, now: int | None = None) -> AppContext:
    """Open a copy of the home, in the morning where no time is given."""
    return houses.copied(made, home, clock=hand(now or morning()))


def trade_until(house: AppContext, until: int) -> None:
    """Let the account trade on until a time of the market."""
    from tests.unit.services.trading.test_trading import go
    from vigie.services.trading.account_plans.account_plan import load_plan

    run = house.trades.run("main")
    assert run is not None
    go(house, load_plan(house.results, run.id), until, [], begun=house.clock.market_now())


def _make(folder: Path) -> None:
    # What trades is loaded by those only who need it.
    from tests.unit.services.trading.material import BEGUN, planned
    from tests.unit.services.trading.test_trading import go
    from vigie.services.needs import bound
    from vigie.services.operation_calls import run_operation
    from vigie.services.trading.process.trading import begin_run

    house = houses.house(folder / "home", clock=hand(BEGUN))
    plan = planned(house, folder, text=text())
    bound(house, begin_run)(plan, "owner")
    switch: dict[str, Any] = {"account": "main", "slots": [STRATEGY], "on": False}
    run_operation(house, houses.person("owner"), "trading.switch", switch)
    go(house, plan, morning(), [])
    if houses.DATABASES is None:
        database = house.trades.database
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
    (folder / "made").touch()
