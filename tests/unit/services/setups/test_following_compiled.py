"""Whoever follows setups finds their code compiled: it stays, and would keep what the compiler takes."""

from __future__ import annotations

from types import SimpleNamespace

import numba

from tests import houses
from tests.clocks import JumpingClock
from tests.unit.services.setups.test_following import followed
from tests.unit.services.trading.material import BEGUN
from tests.unit.services.trading.test_replaying import begun, replayed
from vigie.domain.time import HOUR_MS
from vigie.engine import kernel
from vigie.services.judging import signal_reading
from vigie.services.needs import provide
from vigie.services.setups import folding
from vigie.services.setups.compiling import compile_setups
from vigie.services.trading.account_plans.trading_stores import TradingStores


def test_levels_of_setups_are_asked_for_in_the_form_that_was_compiled(tmp_path, monkeypatch):
    house = houses.house(tmp_path / "home", clock=JumpingClock(BEGUN + 7 * HOUR_MS))
    stores = provide(house, TradingStores)
    run = begun(house, stores, tmp_path)
    replayed(stores, run)
    asked: dict[str, set[tuple[str, ...]]] = {"entry_side": set(), "decide_entry": set()}

    def noting(name, decide):
        def asks(*given):
            asked[name].add(tuple(str(numba.typeof(value)) for value in given))
            return decide(*given)

        return asks

    noted = {name: noting(name, getattr(kernel, name)) for name in asked}
    for reader in (signal_reading, folding):
        monkeypatch.setattr(reader, "kernel", SimpleNamespace(**{**vars(kernel), **noted}))
    compile_setups()
    compiled = {name: set(forms) for name, forms in asked.items()}
    followed(stores, run, [stores.trades.last_step(run.id)])
    assert asked == compiled
    assert all(compiled.values())
