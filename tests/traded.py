"""A house whose paper account traded for some days: made once in a run of all tests, copied for whoever asks."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from tests import houses
from vigie.adapters.stores.files import lock_folder
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS
from vigie.services.app_context import AppContext

DAYS: Final = 12
_SAID: Final = "said.json"


def hand(now: int) -> Any:
    """Return a clock that stands."""
    return SimpleNamespace(market_now=lambda: now, wall_now=lambda: now, market_speed=lambda: 1.0)


@pytest.fixture(scope="session")
def traded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the home of an account that traded the usual plan for `DAYS` days, and that nobody works in any more."""
    folder = tmp_path_factory.getbasetemp()
    # The processes of one run share what the first of them made; a database on a server is its maker's.
    if "PYTEST_XDIST_WORKER" in os.environ and houses.DATABASES is None:
        folder = folder.parent
    folder = folder / "traded"
    with lock_folder(folder):
        if not (folder / _SAID).exists():
            _make(folder)
    return folder / "home"


def _make(folder: Path) -> None:
    # What trades is loaded by those only who need it.
    from tests.unit.services.trading.material import BEGUN, planned
    from tests.unit.services.trading.test_trading import go

    house = houses.house(folder / "home", clock=hand(BEGUN))
    said: list[str] = []
    go(house, planned(house, folder), BEGUN + DAYS * DAY_MS, said)
    if houses.DATABASES is None:
        database = house.trades.database
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
    (folder / _SAID).write_text(json.dumps(said), encoding="utf-8")


def house_of(made: Path, home: Path, now: int) -> tuple[AppContext, TradeRun]:
    """Open a copy of the home at a time; return it with the run of its account."""
    house = houses.copied(made, home, clock=hand(now))
    run = house.trades.run("main")
    assert run is not None
    return house, run


def said_by(made: Path) -> list[str]:
    """Return what the process said that traded there."""
    said: list[str] = json.loads((made.parent / _SAID).read_text(encoding="utf-8"))
    return said
