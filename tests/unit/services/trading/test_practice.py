"""A simulated exchange on this machine has a home of its own: its prices never meet real ones."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from tests import houses
from tests.contracts.trading_exchanges import START, served, walking
from tests.unit.services.trading.material import FILE
from vigie.adapters.stores.disk_space import MIN_RESERVE_BYTES
from vigie.config import is_simulated
from vigie.domain.errors import ConfigError
from vigie.views.cli.main import app
from vigie.wiring import trader
from vigie.wiring.trader import open_trader_context


def test_a_home_with_real_prices_is_refused_for_practice_and_stays_as_it_was(tmp_path):
    home = houses.fill(tmp_path / "home")
    with pytest.raises(ConfigError, match="contains real prices, but the exchange is simulated;"):
        open_trader_context("bitget", home, url="http://127.0.0.1:9")
    assert not is_simulated(home)


def test_a_home_without_prices_becomes_one_of_practice_and_its_time_is_the_exchanges(tmp_path):
    home = houses.fill(tmp_path / "home", with_bars=False)
    with served(walking()) as exchange:
        trader = open_trader_context("bitget", home, url=exchange.url)
        assert START <= trader.app_context.clock.market_now() < START + 3_600_000
        assert trader.speed() == 1.0
        feed = trader.app_context.data.feed("bitget-perp")
        assert feed.maintenance_rate("btc-usdt-perp") == pytest.approx(0.005)
    assert is_simulated(home)
    assert trader.collects_prices
    # Real money and invented prices never meet either.
    assert trader.app_context.is_simulated


def test_without_an_address_the_home_is_the_real_markets(tmp_path, monkeypatch):
    monkeypatch.delenv("VIGIE_BITGET_URL", raising=False)
    trader = open_trader_context("bitget", houses.fill(tmp_path / "home"))
    assert (trader.url, trader.collects_prices, trader.app_context.is_simulated) == (None, False, False)


def test_real_money_is_refused_at_a_simulated_exchange_with_every_switch_on(tmp_path, monkeypatch):
    home = houses.fill(tmp_path / "home", with_bars=False)
    file = tmp_path / "run.toml"
    file.write_text(FILE.replace("binance-perp", "bitget-perp"))
    monkeypatch.setenv("VIGIE_HOME", str(home))
    monkeypatch.setenv("VIGIE_ALLOW_LIVE", "true")
    words = ["trade", "run", str(file), "--mode", "live", "--confirm", "trade real money on main"]
    with served(walking()) as exchange:
        done = CliRunner().invoke(app, [*words, "--url", exchange.url])
        assert "simulated market" in str(done.exception)
        assert not exchange.state()["orders"]
    assert houses.open_app_context(home).trades.run("main") is None


@pytest.mark.parametrize(("kept", "warns"), [(0, True), (MIN_RESERVE_BYTES, False)])
def test_a_trader_without_room_for_closing_warns_before_it_starts(tmp_path, monkeypatch, kept, warns):
    home = houses.fill(tmp_path / "home", with_bars=False)
    file = tmp_path / "run.toml"
    file.write_text(FILE)
    monkeypatch.setenv("VIGIE_HOME", str(home))
    asked = []
    monkeypatch.setattr(trader, "keep_reserve", lambda folder: asked.append(folder) or kept)
    # Without bars nothing is traded: what is looked at comes before.
    done = CliRunner().invoke(app, ["trade", "run", str(file), "--mode", "paper"])
    assert asked == [home]
    assert done.exception is not None
    said = "no room could be kept aside for closing positions on a full disk"
    assert ("WARNING: " in done.output and said in done.output) == warns
