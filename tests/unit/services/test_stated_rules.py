"""Rules of instruments that the settings state: in runs, sweeps, jobs of pages and the shown table; options win."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests import houses
from tests.unit.services.backtest_material import market, write_bars, write_instruments
from tests.unit.services.desk_material import FIRST, do
from tests.unit.services.stated_material import VENUE, asked, state, write_known_bars
from vigie.data.instruments.versions import apply_stated
from vigie.data.stores import DataStores
from vigie.domain.errors import ConfigError
from vigie.domain.instrument import StatedRules
from vigie.research.tables import all_trades
from vigie.services.app_context import AppContext
from vigie.services.data import list_instruments
from vigie.services.operation_calls import run_operation
from vigie.services.runs import request_builder, results
from vigie.services.runs.assumptions import assumptions
from vigie.services.runs.backtest import configuration_hash, plan_slots, run_backtest
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.searches import sweeps
from vigie.services.searches.sweeps import SweepRequest
from vigie.wiring.data import open_data

STATED = '[instruments."BTC/USDT:USDT"]\ntick = 25\nlot = "0.01"\nmin_notional = 50\nmax_leverage = 2\n'


@pytest.fixture
def home(home: Path) -> Path:
    write_known_bars()
    return home


def grids(desk: DataStores, request: BacktestRequest) -> list[tuple[str, str, float, float]]:
    newest = [plan.versions[-1] for plan in plan_slots(desk, request)]
    return [(str(one.tick), str(one.lot), one.min_notional, one.max_leverage) for one in newest]


def test_a_run_trades_by_stated_rules_and_says_so(home: Path):
    plain = open_data()
    untouched = grids(plain, asked(plain))
    desk = state(home, STATED)
    request = asked(desk)
    btc, eth = grids(desk, request)
    assert btc == ("25", "0.01", 50.0, 2.0)
    assert eth == untouched[1]
    assert btc != untouched[0]
    run = run_backtest(desk, request)
    entries = all_trades(run).filter(pl.col("instrument") == "btc-usdt-perp")["entry_price"]
    assert len(entries)
    assert (entries % 25 == 0).all()
    assert assumptions(run, request)["grid"].endswith(
        "(the venue's table; stated in the settings: BTC/USDT:USDT: tick, lot, min_notional, max_leverage)"
    )


def test_a_sweep_trades_by_stated_rules(home: Path):
    desk = state(home, STATED)
    given = SweepRequest(asked(desk, symbols=["BTC"]), grid="fast=5|10,slow=20")
    plan = sweeps.plan_sweep(desk, given)
    assert str(plan.slots[0].versions[-1].tick) == "25"


def test_what_a_run_says_itself_wins(home: Path, tmp_path: Path):
    desk = state(home, STATED)
    pinned = asked(desk, symbols=["BTC"], tick="0.5")
    assert (pinned.stated, str(plan_slots(desk, pinned)[0].versions[0].tick)) == ((), "0.5")
    table = write_instruments(tmp_path / "i.csv")
    assert grids(desk, asked(desk, instruments=table)) == grids(open_data(), asked(desk, instruments=table))
    file = tmp_path / "run.toml"
    file.write_text('[data]\ntick = "0.5"\nlot = "0.001"\n')
    assert grids(desk, asked(desk, symbols=["BTC"], config=file))[0][:2] == ("0.5", "0.001")
    rate = asked(desk, symbols=["BTC"], account={"maintenance_rate": 0.02})
    desk = state(home, "[instruments.BTC]\nmaintenance_rate = 0.01\n")
    assert plan_slots(desk, rate)[0].versions[0].maintenance_rate == 0.02


def test_a_file_of_bars_has_no_table_and_nothing_stands_in_its_place(home: Path, tmp_path: Path):
    path = write_bars(tmp_path / "BTCUSDT-4h.csv", market().bars("BTC", "4h"))
    request = request_builder.build_request(state(home, STATED), bars=[path], strategy="ema_cross")
    assert request.stated == ()


def test_a_result_keeps_the_rules_it_was_made_by(home: Path):
    desk = state(home, STATED)
    request = asked(desk)
    (home / "vigie.toml").unlink()
    again = results.request_from_plain(results.request_to_plain(request))
    assert again == results.backtest.resolve_paths(request)
    assert grids(open_data(), again)[0] == ("25", "0.01", 50.0, 2.0)


def test_configurations_differ_with_the_rules_of_their_own_instruments_only(home: Path):
    plain = configuration_hash(asked(open_data()))
    assert configuration_hash(asked(state(home, "[instruments.XRP]\ntick = 1\n"))) == plain
    assert configuration_hash(asked(state(home, STATED))) != plain


def test_a_job_of_a_page_trades_by_stated_rules(tmp_path: Path):
    place = tmp_path / "house"
    plain = houses.house(place)
    before = _slots(plain, do(plain, "backtest", FIRST))
    state(place, "[instruments.BTC]\nmin_notional = 1_000_000_000\n")
    house = houses.house(place)
    after = _slots(house, do(house, "backtest", FIRST))
    assert min(before.values()) > 0
    assert {name: count for name, count in after.items() if name.startswith("eth-")} == {
        name: count for name, count in before.items() if name.startswith("eth-")
    }
    assert {count for name, count in after.items() if name.startswith("btc-")} == {0}


def _slots(house: AppContext, run: str) -> dict[str, int]:
    table = run_operation(house, houses.person("owner"), "backtests.slots", {"run": run})
    return {row["slot"]: row["trades"] for row in table.rows}


def test_the_table_shows_what_is_stated(home: Path):
    (line,) = list_instruments(state(home, STATED), venue=VENUE, symbols=["BTC"])
    assert (str(line.instrument.tick), line.instrument.max_leverage) == ("25", 2.0)


def test_one_venue_is_meant_where_it_is_named_and_wins_over_what_is_meant_for_all():
    everywhere, here = StatedRules("BTC", tick="1", min_qty=2.0), StatedRules("BTCUSDT", VENUE, tick="5")
    (both,) = apply_stated([], [here, everywhere, StatedRules("btc-usdt-perp", lot="1")], VENUE, "BTC")
    assert (str(both.tick), both.min_qty, str(both.lot)) == ("5", 2.0, "1")


@pytest.mark.parametrize(
    ("stated", "venue", "count"),
    [
        (StatedRules("DOGE", tick="1", lot="1"), VENUE, 1),
        (StatedRules("DOGE", tick="1"), VENUE, 0),
        (StatedRules("DOGE", "okx-perp", tick="1", lot="1"), VENUE, 0),
        (StatedRules("DOGE/USDT:USDT", tick="1", lot="1"), "bitget-spot", 0),
        (StatedRules("DOGE", tick="1", lot="1"), "bitget-spot", 1),
    ],
)
def test_an_unknown_instrument_can_be_traded_once_its_grid_is_stated(stated, venue, count):
    assert len(apply_stated([], [stated], venue, "DOGE")) == count


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[instruments.BTC]\ntick = 0\n", "instruments.BTC.tick in {} must be a positive decimal such as 0.1, was 0"),
        ("[instruments.BTC]\nlot = true\n", "instruments.BTC.lot in {} must be a positive decimal such as 0.1, was"),
        ("[instruments.BTC]\ntik = 1\n", "instruments.BTC.tik in {} is no setting"),
        ("[instruments.BTC]\nmax_leverage = 0\n", "instruments.BTC.max_leverage in {} must be at least 1"),
        ('[instruments."x y"]\ntick = 1\n', "instruments in {} names no instrument: instrument must look like BTC"),
        ("[instruments.BTC]\ntick=1\n[instruments.BTCUSDT]\nlot=1\n", "instruments in {} must name btc-usdt-perp once"),
        ("instruments = 5\n", "instruments in {} must be a table of keys and values, was 5"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_key_and_file(home: Path, text: str, said: str):
    with pytest.raises(ConfigError) as refused:
        state(home, text)
    assert str(refused.value).startswith(said.format(home / "vigie.toml"))


def test_another_wrong_setting_does_not_stop_a_run(home: Path):
    assert len(state(home, STATED + '[urls]\nnobody = "http://x"\n').stated) == 1
