"""Fees that the settings state of instruments: options win over the run file, it over settings, they over defaults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import houses
from tests.unit.services.backtest_material import market, write_bars, write_instruments
from tests.unit.services.desk_material import FIRST, do
from tests.unit.services.stated_material import VENUE, asked, state, write_known_bars
from vigie.data.stores import DataStores
from vigie.domain.errors import ConfigError
from vigie.engine.run import prepare_slot
from vigie.research.report.render import rule_sentences
from vigie.research.report.texts import report_texts
from vigie.research.sweep.plan import variant_slots
from vigie.research.sweep.trial_names import TrialNames
from vigie.services.data import list_instruments
from vigie.services.runs import request_builder, results
from vigie.services.runs.assumptions import assumptions
from vigie.services.runs.backtest import backtest_configuration, configuration_hash, plan_slots, run_backtest
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.runs.identity import slot_trial_hashes
from vigie.services.searches import sweeps
from vigie.services.searches.sweeps import SweepRequest
from vigie.wiring.data import open_data
from vigie.wiring.results import open_results

STATED = '[instruments."BTC/USDT:USDT"]\ntaker = 0.0004\nmaker = -0.0001\n'
USUAL = (0.0006, 0.0002)


@pytest.fixture
def home(home: Path) -> Path:
    write_known_bars()
    return home


def counted(desk: DataStores, request: BacktestRequest) -> list[tuple[float, float]]:
    costs = [prepare_slot(plan)[1].costs for plan in plan_slots(desk, request)]
    return [(one.taker, one.maker) for one in costs]


@pytest.mark.parametrize("mode", ["isolated", "portfolio"])
def test_trades_pay_the_stated_fee_and_those_of_other_instruments_the_usual_one(home: Path, mode: str):
    desk = state(home, STATED)
    run = run_backtest(desk, asked(desk, account={"mode": mode}))
    for slot, taker in zip(run.slots, (0.0004, 0.0006), strict=True):
        ends = slot.trades[slot.trades["fees"] > 0]
        assert len(ends)
        paid = taker * ends["qty"] * (ends["entry"] + ends["exit"])
        # Each of the two fees is rounded to eight digits.
        assert paid == pytest.approx(ends["fees"], abs=1.01e-8)


def test_a_fee_of_the_command_line_wins_over_the_run_file_and_that_over_the_settings(
    home: Path, tmp_path: Path
):
    desk = state(home, STATED)
    file = tmp_path / "run.toml"
    file.write_text("[costs]\ntaker = 0.0003\n")
    assert counted(desk, asked(desk)) == [(0.0004, -0.0001), USUAL]
    assert counted(desk, asked(desk, config=file)) == [(0.0003, -0.0001), (0.0003, 0.0002)]
    both = asked(desk, config=file, costs={"taker": 0.0, "maker": None})
    assert counted(desk, both) == [(0.0, -0.0001), (0.0, 0.0002)]
    assert counted(open_data(), asked(open_data(), config=file, costs={"maker": 0.0})) == [
        (0.0003, 0.0),
        (0.0003, 0.0),
    ]


def test_a_fee_that_equals_the_usual_one_is_stated_all_the_same(home: Path, tmp_path: Path):
    desk = state(home, STATED)
    file = tmp_path / "run.toml"
    file.write_text("[costs]\ntaker = 0.0006\nmaker = 0.0002\n")
    assert counted(desk, asked(desk, config=file)) == [USUAL, USUAL]


def test_a_given_grid_says_nothing_of_fees(home: Path, tmp_path: Path):
    desk = state(home, STATED + "tick = 25\n")
    pinned = asked(desk, symbols=["BTC"], tick="0.5")
    assert (counted(desk, pinned), str(plan_slots(desk, pinned)[0].versions[0].tick)) == (
        [(0.0004, -0.0001)],
        "0.5",
    )
    table = asked(desk, instruments=write_instruments(tmp_path / "i.csv"))
    assert counted(desk, table)[0] == (0.0004, -0.0001)


def test_bars_of_a_file_cost_the_usual_fee(home: Path, tmp_path: Path):
    desk = state(home, STATED)
    path = write_bars(tmp_path / "BTCUSDT-4h.csv", market().bars("BTC", "4h"))
    assert counted(desk, request_builder.build_request(desk, bars=[path], strategy="ema_cross")) == [USUAL]


def test_a_result_says_where_every_fee_came_from(home: Path, tmp_path: Path):
    desk = state(home, "[instruments.BTC]\ntaker = 0.0004\n")
    file = tmp_path / "run.toml"
    file.write_text("[costs]\nmaker = 0.0001\n")
    request = asked(desk, config=file)
    run = run_backtest(desk, request)
    shelf = open_results()
    kept = results.save_run(
        run, request, tmp_path / "out", runs_folder=shelf.runs, registry=shelf.trials, write=shelf.write
    )
    written = json.loads((tmp_path / "out" / "result.json").read_text())
    assert kept.record["fees"] == written["fees"] == {
        "btc-usdt-perp": {
            "taker": {"value": 0.0004, "from": "settings"}, "maker": {"value": 0.0001, "from": "run file"},
        },
        "eth-usdt-perp": {
            "taker": {"value": 0.0006, "from": "default"}, "maker": {"value": 0.0001, "from": "run file"},
        },
    }  # fmt: skip
    assert assumptions(run, request)["fees"] == (
        "btc-usdt-perp: taker 0.0400% (settings), maker 0.0100% (run file); "
        "eth-usdt-perp: taker 0.0600% (default), maker 0.0100% (run file)"
    )
    said = asked(desk, costs={"taker": 0.001, "maker": 0.001})
    assert assumptions(run_backtest(desk, said), said)["fees"] == (
        "taker 0.1000% (options), maker 0.1000% (options)"
    )


def test_a_report_names_the_instrument_with_other_fees(home: Path):
    desk = state(home, STATED)
    run = run_backtest(desk, asked(desk))
    told = [line for line in rule_sentences(run, report_texts("en")) if "btc-usdt-perp" in line]
    assert told == ["btc-usdt-perp: 0.04 % taker, −0.01 % maker instead, from the settings."]
    plain = run_backtest(open_data(), asked(desk, costs={"taker": 0.0004, "maker": 0.0}))
    assert not [line for line in rule_sentences(plain, report_texts("en")) if "btc-usdt-perp" in line]


def test_a_run_that_is_repeated_from_its_result_counts_with_the_same_fees(home: Path):
    desk = state(home, STATED)
    request = asked(desk)
    (home / "vigie.toml").unlink()
    again = results.request_from_plain(json.loads(json.dumps(results.request_to_plain(request))))
    assert counted(open_data(), again) == [(0.0004, -0.0001), USUAL]


def test_configurations_differ_with_a_fee_and_not_with_where_it_is_said(home: Path, tmp_path: Path):
    plain = asked(open_data())
    desk = state(home, STATED)
    file = tmp_path / "run.toml"
    file.write_text("[costs]\ntaker = 0.0006\nmaker = 0.0002\n")
    assert configuration_hash(asked(desk)) != configuration_hash(plain)
    assert configuration_hash(asked(desk, config=file)) == configuration_hash(plain)
    grid = backtest_configuration(asked(state(home, "[instruments.BTC]\ntick = 1\n")))
    assert not {"taker", "maker"} & grid["stated"][0].keys()


def test_a_sweep_counts_with_stated_fees_but_where_it_varies_them(home: Path):
    desk = state(home, STATED)
    one = asked(desk, symbols=["BTC"])
    plan = sweeps.plan_sweep(desk, SweepRequest(one, grid="fast=5|10,slow=20"))
    (slot,) = variant_slots(plan, 0)
    assert (slot.costs.taker, slot.costs.maker) == (0.0004, -0.0001)
    # The registry knows a trial of a sweep and the backtest of its parameters as one.
    (known,) = TrialNames(plan).tried_variants([0])
    assert [*known.variants, *known.former] == list(slot_trial_hashes(slot))
    varied = sweeps.plan_sweep(desk, SweepRequest(one, grid="fast=5,slow=20,taker=0.0002|0.0008"))
    found = [variant_slots(varied, combination)[0].costs for combination in (0, 1)]
    assert [(costs.taker, costs.maker) for costs in found] == [(0.0002, -0.0001), (0.0008, -0.0001)]


def test_an_order_of_a_page_counts_with_stated_fees_unless_it_states_them(tmp_path: Path):
    place = tmp_path / "house"
    state_file = place / "vigie.toml"
    house = houses.house(place)
    state_file.write_text("[instruments.BTC]\ntaker = 0.0004\n")
    house = houses.house(place)
    found = []
    for order in (FIRST, {**FIRST, "taker": 0.001}):
        run = do(house, "backtest", order)
        record = results.read_result(place / house.runs.get(run).folder)
        found.append({name: fees["taker"] for name, fees in record["fees"].items()})
    said, usual = {"value": 0.001, "from": "options"}, {"value": 0.0006, "from": "default"}
    assert found == [
        {"btc-usdt-perp": {"value": 0.0004, "from": "settings"}, "eth-usdt-perp": usual},
        {"btc-usdt-perp": said, "eth-usdt-perp": said},
    ]


def test_the_table_of_instruments_shows_stated_fees(home: Path):
    (line,) = list_instruments(state(home, STATED), venue=VENUE, symbols=["BTC"])
    assert (line.instrument.taker, line.instrument.maker) == (0.0004, -0.0001)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("taker = -0.0001", "instruments.BTC.taker in {} must be at least 0, was -0.0001"),
        ("taker = 0.2", "instruments.BTC.taker in {} must be at most 0.1, was 0.2"),
        ('taker = "cheap"', "instruments.BTC.taker in {} must be a number"),
        ("maker = -0.02", "instruments.BTC.maker in {} must be at least -0.0005, was -0.02"),
        ("maker = nan", "instruments.BTC.maker in {} must be"),
        ("takr = 0.1", "instruments.BTC.takr in {} is no setting"),
    ],
)
def test_a_fee_that_cannot_be_is_refused_with_key_and_file(home: Path, text: str, said: str):
    with pytest.raises(ConfigError) as refused:
        state(home, f"[instruments.BTC]\n{text}\n")
    assert str(refused.value).startswith(said.format(home / "vigie.toml"))
