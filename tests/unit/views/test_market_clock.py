"""Commands in a simulated home: they tell the market's time, not the machine's."""

from __future__ import annotations

import pytest

from vigie.adapters.clock import SandboxClock, SystemClock
from vigie.config.paths import SIMULATED_FILE
from vigie.domain.errors import ConfigError, TransientError
from vigie.services.demo_world import WORLD
from vigie.wiring.app_context import open_app_context
from vigie.wiring.data import open_data
from vigie.wiring.market_clock import open_market_clock
from vigie_sandbox.world.server import serving
from vigie_sandbox.world.world import World

OPENED = 1_790_000_000_000
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def simulated(tmp_path, monkeypatch):
    monkeypatch.delenv("VIGIE_WORLD_URL", raising=False)
    (tmp_path / SIMULATED_FILE).write_text("{}")
    return tmp_path


def test_a_real_home_has_the_time_of_the_machine(tmp_path):
    assert type(open_market_clock(tmp_path, is_needed=True)) is SystemClock


@pytest.mark.parametrize("is_told", [False, True], ids=["written in the home", "told by a variable"])
def test_a_simulated_home_has_the_time_of_its_world(simulated, monkeypatch, is_told):
    world = World(lambda: 0.0, OPENED, history_days=3, speed=60.0, flawless=True, quiet=True)
    with serving(world) as url:
        if is_told:
            monkeypatch.setenv("VIGIE_WORLD_URL", url)
        else:
            (simulated / WORLD).write_text(f"{url}\n")
        for is_needed in (False, True):
            clock = open_market_clock(simulated, is_needed=is_needed)
            assert isinstance(clock, SandboxClock)
            assert abs(clock.market_now() - OPENED) < 60_000
        for opened in (open_data(simulated), open_app_context(simulated)):
            assert isinstance(opened.clock, SandboxClock)
        assert open_app_context(simulated).mailbox is not None


def test_where_the_world_does_not_run_reading_goes_on_and_nothing_is_decided(simulated, caplog):
    assert type(open_market_clock(simulated, is_needed=False)) is SystemClock
    assert "is not running, so times are this machine's; start it with `vigie demo`" in caplog.text
    with pytest.raises(ConfigError, match="run `vigie demo`"):
        open_market_clock(simulated, is_needed=True)
    (simulated / WORLD).write_text(f"{NOBODY}\n")
    assert type(open_market_clock(simulated, is_needed=False)) is SystemClock
    with pytest.raises(TransientError, match="vigie demo"):
        open_market_clock(simulated, is_needed=True)
