"""Grids of files that come without one, and whose word counts: the file's, the table's or the run file's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.unit.services.backtest_material import VENUE, market, store_bars, write_bars, write_instruments
from vigie.domain.account import Protections
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.money import GridStep
from vigie.services.runs import request_builder, results
from vigie.services.runs.assumptions import assumptions
from vigie.services.runs.backtest import BacktestRequest, SlotRequest, plan_slots, run_backtest
from vigie.services.runs.price_grid import default_lot, price_step
from vigie.wiring.data import open_data

NAMES = ("open", "high", "low", "close")
SLOTS = '[[slots]]\ninstruments = ["BTC"]\ntimeframe = "4h"\nstrategy = "ema_cross"\n'


def scaled(factor: float, digits: int) -> Bars:
    bars = market().bars("BTC", "1h")
    return replace(bars, **{name: np.round(getattr(bars, name) * factor, digits) for name in NAMES})


def build(tmp_path: Path, text: str, **more: object) -> BacktestRequest:
    path = tmp_path / "run.toml"
    path.write_text(text, encoding="utf-8")
    return request_builder.build_request(open_data(), config=path, venue=VENUE, **more)


def test_a_price_that_rose_a_millionfold_keeps_the_tick_of_its_beginning():
    bars = market().bars("BTC", "1h")
    close = np.full(len(bars), 10.25)
    close[0] = 0.00001
    low = close.copy()
    assert len(bars) > 2_000
    assert price_step(replace(bars, open=close, high=close, low=low, close=close)) == GridStep(1, 5)


@pytest.mark.parametrize(("digits", "price"), [(0, 65_001.0), (1, 0.1), (8, 0.00000123), (12, 1.5e-12)])
def test_the_tick_is_the_coarsest_step_of_every_price(digits: int, price: float):
    bars = market().bars("BTC", "1h")
    one = np.full(len(bars), price)
    assert price_step(replace(bars, open=one, high=one, low=one, close=one)) == GridStep(1, digits)


def test_prices_on_no_grid_have_a_tick_that_a_float_can_tell_apart():
    bars = market().bars("BTC", "1h")
    one = np.full(len(bars), 65_000 / 7)
    step = price_step(replace(bars, open=one, high=one, low=one, close=one))
    assert 8 <= step.digits <= 11
    assert 65_000 / 7 * 10**step.digits < 1e15


@pytest.mark.parametrize(
    ("price", "lot"),
    [(65_000.0, "0.00000001"), (10.0, "0.00001"), (9.0, "0.00001"), (0.1, "0.001"), (1e-7, "1000"), (1e-12, "1000000")],
)  # fmt: skip
def test_a_lot_is_worth_about_a_ten_thousandth_at_most(price: float, lot: str):
    bars = market().bars("BTC", "1h")
    step = default_lot(replace(bars, close=np.full(len(bars), price)))
    assert str(step) == lot
    assert step.value * price <= 1e-4 or step.digits == 8


def test_a_coin_of_a_ten_millionth_is_traded_from_a_file(tmp_path: Path, home: Path):
    path = write_bars(tmp_path / "PEPEUSDT-1h.csv", scaled(2e-12, 12))
    request = request_builder.build_request(open_data(), bars=[path], strategy="ema_cross", check=False)
    run = run_backtest(open_data(), request)
    assert run.total.trades > 5
    assert (run.slots[0].trades["qty"] > 1e9).all()
    words = assumptions(run, request)["grid"]
    assert "lot a power of ten worth about 0.0001 quote at most" in words


def test_a_rate_that_the_run_file_states_wins_over_the_table(tmp_path: Path, home: Path):
    store_bars(home)
    table = write_instruments(tmp_path / "i.csv")
    (of_table,) = plan_slots(open_data(), build(tmp_path, SLOTS, instruments=table))
    stated = build(tmp_path, "[account]\nmaintenance_rate = 0.05\n" + SLOTS, instruments=table)
    (of_file,) = plan_slots(open_data(), stated)
    assert of_table.versions[0].maintenance_rate == 0.005
    assert of_file.versions[0] == replace(of_table.versions[0], maintenance_rate=0.05)
    assert results.request_from_plain(results.request_to_plain(stated)).maintenance_rate == 0.05


def test_a_run_file_without_a_rate_takes_the_tables(tmp_path: Path, home: Path):
    store_bars(home)
    table = tmp_path / "i.csv"
    table.write_text("symbol,tick,lot,maintenance_rate\nBTCUSDT,0.1,0.001,0.02\n")
    (plan,) = plan_slots(open_data(), build(tmp_path, SLOTS, instruments=table))
    assert plan.versions[0].maintenance_rate == 0.02
    (pinned,) = plan_slots(open_data(), build(tmp_path, SLOTS, instruments=table, tick="0.5"))
    assert (pinned.versions[0].tick, pinned.versions[0].maintenance_rate) == (GridStep(5, 1), 0.02)


@pytest.mark.parametrize(
    ("capital", "said"),
    [(0.0, "0.0"), (0, "0"), (1e-300, "1e-300"), (-1.0, "-1.0"), (1e13, "10000000000000.0")],
)
def test_no_capital_is_refused(tmp_path: Path, capital: float, said: str):
    with pytest.raises(UsageError, match=rf"^capital must be in \[0\.01, 9e\+10\], was {said}$"):
        build(tmp_path, SLOTS, account={"capital": capital})


def test_isolated_slots_have_protections_only_where_they_are_switched_on(tmp_path: Path):
    text = "[account]\nmode = 'portfolio'\n[protections]\nmax_positions = 2\n" + SLOTS
    two = Protections(max_positions=2)
    assert build(tmp_path, text).account.protections == two
    alone = {"mode": "isolated"}
    assert build(tmp_path, text, account=alone).account.protections is None
    assert build(tmp_path, text, account=alone, protections=True).account.protections == two
    switched = text.replace("'portfolio'\n", "'portfolio'\nprotections = true\n")
    assert build(tmp_path, switched, account=alone).account.protections == two
    assert build(tmp_path, switched, account=alone, protections=False).account.protections is None
    with pytest.raises(UsageError, match="protections must be on in portfolio mode"):
        build(tmp_path, switched.replace("true", "false"))


def test_a_misspelt_symbol_is_answered_with_the_nearest_stored_one(home: Path):
    store_bars(home)
    request = BacktestRequest(slots=(SlotRequest("BTCC", "4h", "ema_cross"),), venue=VENUE)
    with pytest.raises(UsageError, match=r"no bars of .*; did you mean btc-usdt-perp\?$"):
        plan_slots(open_data(), request)
    with pytest.raises(UsageError, match=r"`vigie data import PATH`$"):
        plan_slots(open_data(), replace(request, slots=(SlotRequest("QWXYZ", "4h", "ema_cross"),)))


def test_a_file_of_another_kind_is_answered_with_the_kinds_that_are_read(tmp_path: Path):
    (tmp_path / "README.md").write_text("# words")
    with pytest.raises(UsageError, match=r"^bars are read from \.csv .*\.parquet, was README\.md$"):
        request_builder.build_request(open_data(), bars=[tmp_path / "README.md"], strategy="ema_cross")
