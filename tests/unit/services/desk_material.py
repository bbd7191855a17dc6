"""A house with kept results, made once a process and copied for each test."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests import houses
from vigie.services.app_context import AppContext
from vigie.services.running.work import Report, kinds

FIRST = {"strategies": "macd_cross,ema_cross", "assets": "bitcoin,ethereum", "timeframe": "4h"}
SECOND = {**FIRST, "slippage_bps": 20.0, "title": "Dearer", "mode": "portfolio"}
SWEEP = {
    "strategies": "ema_cross", "assets": "bitcoin", "timeframe": "4h", "grid": "fast=5:20:5,slow=30:60:10",
}  # fmt: skip


def do(house: AppContext, kind: str, ask: dict, *, owner: str = "owner") -> str:
    """Do a job here and now, as a worker would; return the id of its result."""
    job = house.jobs.put(kind, ask, owner=owner)
    taken = house.jobs.take("here", [kind], stale_ms=60_000)
    assert taken is not None
    assert taken.id == job.id
    work = kinds()[kind]
    answer = work.do(house, work.input_type.model_validate(ask), Report(job.id, owner, lambda *told: None))
    house.jobs.finish(job.id, "here", "done", message="done", answer=answer)
    return str(answer["run"])


@cache
def _made() -> tuple[Path, dict[str, str]]:
    home = Path(mkdtemp(prefix="vigie-results-")) / "home"
    atexit.register(shutil.rmtree, home.parent, ignore_errors=True)
    house = houses.house(home)
    runs = {
        "first": do(house, "backtest", FIRST),
        "second": do(house, "backtest", SECOND),
        "sweep": do(house, "sweep", SWEEP),
        "foreign": do(house, "backtest", FIRST, owner="somebody"),
    }
    return home, runs


def house_with_results(home: Path) -> tuple[AppContext, dict[str, str]]:
    """Return a house of its own with two backtests, a sweep and a backtest of somebody else; ids by name."""
    made, runs = _made()
    return houses.copied(made, home), runs
