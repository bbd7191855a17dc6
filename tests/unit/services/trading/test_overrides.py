"""What a person asks of a running account: slots that enter nothing, limits tighter than the plan's."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests import houses
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_trading import go
from vigie.domain import codes
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS
from vigie.engine.live.fold.steps import EntryVeto
from vigie.services.needs import bound
from vigie.services.trading.gateway.overrides import (
    TradingOverrides,
    load_overrides,
    set_own_limits,
    switch_slots,
)
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.process.trading import begin_run

NOW = 20 * DAY_MS + 5


class Account:
    """An account as far as wishes look at it."""

    def __init__(
        self, *, held: int = 0, day_open: float = 100.0, equity: float = 100.0, day: int = 20
    ) -> None:
        names = ["btc", "eth", "sol"]
        self.slots = [SimpleNamespace(id=f"{name}-usdt-perp/1h/ema_cross") for name in names]
        self.record = {"day": day, "day_open": day_open}
        self.equity = equity
        self._held = held

    def slot(self, number):
        return {"side": int(number < self._held)}


@pytest.fixture
def house(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    return houses.house(tmp_path / "home", clock=clock)


def test_a_run_whose_slots_are_off_enters_nothing_and_says_so(house, tmp_path):
    plan = planned(house, tmp_path)
    run = bound(house, begin_run)(plan, "owner")
    switch_slots(house.accounts, house.audit, run, [str(one.slot) for one in plan.slots], on=False)
    go(house, plan, BEGUN + 6 * DAY_MS, [])
    told = load_event_log(house.results, house.trades, run)
    assert {one.code for one in told.refusals} == {"slot_paused"}
    assert house.trades.intents(run.id) == []


def test_a_slot_that_is_off_is_refused_and_the_others_are_not():
    found = TradingOverrides(disabled_slots=frozenset({"eth-usdt-perp/1h/ema_cross"})).vetoes(
        Account(), [0, 1, 2], NOW
    )
    assert found == [EntryVeto(1, codes.SLOT_PAUSED, 0.0, 1.0)]


def test_positions_of_the_same_instant_are_counted_together():
    found = TradingOverrides(max_positions=2).vetoes(Account(held=1), [1, 2], NOW)
    assert found == [EntryVeto(2, codes.MAX_POSITIONS, 2.0, 3.0)]


@pytest.mark.parametrize(
    ("account", "refused"),
    [
        (Account(equity=98.0), True),
        (Account(equity=98.1), False),
        (Account(equity=98.0, day=19), False),
        (Account(equity=105.0), False),
    ],
    ids=["at the limit", "above it", "lost yesterday", "won"],
)
def test_a_loss_of_the_day_stops_entries(account, refused):
    found = TradingOverrides(daily_loss_fraction=0.02).vetoes(account, [0], NOW)
    assert [veto.code for veto in found] == [codes.DAILY_LOSS] * refused


def test_a_limit_looser_than_the_plans_is_refused(house, tmp_path):
    plan = planned(house, tmp_path)
    run = bound(house, begin_run)(plan, "owner")
    with pytest.raises(UsageError, match=r"max_positions must be in \[1, 5\]"):
        set_own_limits(house.accounts, house.audit, run, plan.protections, positions=6, loss=None)
    with pytest.raises(UsageError, match=r"daily_loss_fraction must be in \(0, 0\.04\]"):
        set_own_limits(house.accounts, house.audit, run, plan.protections, positions=None, loss=0.05)
    assert load_overrides(house.accounts, run) == TradingOverrides()


def test_switching_back_says_what_changed_and_leaves_nothing_behind(house, tmp_path):
    plan = planned(house, tmp_path)
    run = bound(house, begin_run)(plan, "owner")
    assert switch_slots(house.accounts, house.audit, run, ["a", "b"], on=False) == ["a", "b"]
    assert switch_slots(house.accounts, house.audit, run, ["a"], on=False) == []
    assert switch_slots(house.accounts, house.audit, run, ["a", "b", "c"], on=True) == ["a", "b"]
    assert load_overrides(house.accounts, run) == TradingOverrides()
