"""A process trades the strategies that its plan pins, loaded once, whatever their files are meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import houses
from tests.unit.services.trading.material import BEGUN, BUSY, FILE, planned
from tests.unit.services.trading.test_run_file_changes import house as change_house
from tests.unit.services.trading.test_run_file_changes import keep, states, traded
from tests.unit.services.trading.test_trading import go
from vigie.domain.errors import StorageError, UsageError
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.research.fingerprints import strategy_source
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.process import trading
from vigie.services.trading.run_files.taking_effect import ChangeWatch
from vigie.trading import catalogue

changed = change_house
OWN = FILE.replace('strategy = "ema_cross"', f'strategy = "mine"\n{BUSY}')
UNTIL = BEGUN + 4 * DAY_MS


def opened(folder):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(folder / "home", clock=clock)
    house.results.strategies.mkdir(parents=True, exist_ok=True)
    path_of(house).write_bytes((catalogue.SHIPPED / "ema_cross.py").read_bytes())
    return house


@pytest.fixture
def house(tmp_path):
    return opened(tmp_path)


def path_of(house):
    return house.results.strategies / "mine.py"


def traded_over_a_fault(house, folder, meanwhile):
    """Trade a file whose book cannot be written once; `meanwhile` is done in that moment."""
    plan, said, failed = planned(house, folder, text=OWN), [], []

    class Away:
        """The book."""

        def __getattr__(self, name):
            return getattr(house.trades, name)

        def commit(self, lease, change):
            if not failed and any(step.ts >= BEGUN + DAY_MS for step in change.steps):
                failed.append(meanwhile(house))
                raise StorageError("the folder cannot be written")
            return house.trades.commit(lease, change)

    run = go(replace(house, trades=Away()), plan, UNTIL, said)
    assert said.count("the book can be written again: the account is taken up from its log") == 1
    return load_event_log(house.results, house.trades, run).account.trades


def test_who_begins_anew_after_a_fault_of_storage_decides_by_the_pinned_files(tmp_path, monkeypatch):
    loaded, load = [], catalogue.load
    monkeypatch.setattr(catalogue, "load", lambda name, own=None: loaded.append(name) or load(name, own))

    def change(house):
        loaded.clear()
        path = path_of(house)
        path.write_bytes(path.read_bytes().replace(b"params.slow)", b"params.slow + 9)") + b"\n# another\n")

    folders = [tmp_path / "kept", tmp_path / "changed"]
    trades = [
        traded_over_a_fault(opened(folder), folder, meanwhile)
        for folder, meanwhile in zip(folders, (lambda house: None, change), strict=True)
    ]
    assert not loaded, "nothing is loaded again"
    assert len(trades[0]) > 6
    assert trades[1].tolist() == trades[0].tolist()


def test_a_file_that_changed_since_its_plan_was_compared_trades_nothing(house, tmp_path):
    plan, said = planned(house, tmp_path, text=OWN), []
    path_of(house).write_bytes(path_of(house).read_bytes() + b"\n# another\n")
    with pytest.raises(UsageError, match="strategy mine changed while it was checked; run it again"):
        go(house, plan, BEGUN + DAY_MS, said)
    (ended,) = house.audit.after(0, kinds=["trade.ended"])
    assert "strategy mine changed" in str(ended.text["why"])


def test_what_is_pinned_is_the_file_that_was_loaded_not_the_one_written_meanwhile(house):
    path, own = path_of(house), house.results.strategies
    loaded, before = catalogue.load("mine", own), strategy_source(catalogue.load("mine", own))
    path.write_bytes(path.read_bytes() + b"\n# another\n")
    assert strategy_source(loaded) == before
    assert strategy_source(catalogue.load("mine", own)) != before


def test_a_refused_version_of_an_account_that_entered_meanwhile_ends_nothing(changed, monkeypatch):
    first = traded(changed, BEGUN, BEGUN + DAY_MS)
    assert load_event_log(changed.results, changed.trades, first).open_slots, "it holds something"
    keep(changed)
    (version,) = changed.run_files.versions("owner", "first")
    asked = []

    def due(self):
        # Flat when it was asked, and no longer when the version was to begin.
        asked.append(version)
        return version if len(asked) == 1 else None

    async def trade(job, *_):
        assert job.run == first

    monkeypatch.setattr(ChangeWatch, "due", due)
    monkeypatch.setattr(trading, "trade", trade)
    said = []
    assert traded(changed, BEGUN + DAY_MS, BEGUN + DAY_MS + HOUR_MS, said) == first
    assert any("waits, the run before goes on" in line for line in said)
    assert states(changed) == ["waiting"]
    assert not changed.audit.after(0, kinds=["trade.ended"])
    assert not [line for line in said if "nothing watches its stop" in line]
