"""Whoever says that it is ready compiles nothing any more: the right to trade would end meanwhile."""

from __future__ import annotations

import importlib
import pkgutil

import numpy as np

import vigie.engine
import vigie.trading
from tests import houses
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_trading import go
from vigie.domain import state
from vigie.domain.time import DAY_MS
from vigie.engine import kernel
from vigie.engine.live.fold import model
from vigie.quant.grid import grid_price
from vigie.services.needs import bound
from vigie.services.trading.process import startup
from vigie.trading import exits, sizing


def compiled() -> set[tuple[str, str]]:
    """Return every compiled form of every function of the kernel."""
    found = set()
    for package in (vigie.engine, vigie.trading):
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(one.name)).items():
                found |= {
                    (f"{value.__module__}.{name}", str(each)) for each in getattr(value, "signatures", ())
                }
    return found


def test_after_the_rehearsal_nothing_is_compiled_while_an_account_is_traded(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(tmp_path / "home", clock=clock)
    plan = planned(house, tmp_path)
    startup.warm_up(bound(house, startup.load_judge)(plan), plan)
    before, said = compiled(), []
    go(house, plan, BEGUN + 4 * DAY_MS, said)
    assert any(": closed at" in line for line in said)
    assert compiled() == before != set()


def test_after_the_rehearsal_an_account_asks_the_kernel_about_a_position_and_nothing_is_compiled(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(tmp_path / "home", clock=clock)
    plan = planned(house, tmp_path)
    startup.warm_up_trading(bound(house, startup.load_judge)(plan), plan)
    before = compiled()
    slot = np.zeros(2, state.SLOT)[1]
    slot["side"], slot["qty"], slot["entry"], slot["liquidation"] = -1, 2.0, 100.0, 150.0
    assert kernel.open_result(slot, 90.0) == 20.0
    (payment,) = model.fundings(0, slot, [(BEGUN, 0.0001, np.nan)], 100.0)
    assert payment.amount > 0
    assert not exits.beyond_liquidation(slot["side"], slot["liquidation"], 100.0)
    rule = state.rules_of([plan.slots[0].versions[0]])[0]
    scale = rule["tick_multiple"], rule["tick_scale"]
    ticks = sizing.stop_ticks(1, 100.0, np.float64(1.0), *scale, rule["figures"])
    assert grid_price(ticks, *scale) == 99.0
    assert compiled() == before != set()
