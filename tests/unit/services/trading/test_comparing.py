"""An account beside its own backtest: on paper no gap; what was altered is found, with its cause, exactly."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from tests import houses
from tests.traded import house_of
from tests.unit.services.trading.material import BEGUN, BUSY, FILE, planned
from tests.unit.services.trading.test_trading import go
from vigie.domain.time import HOUR_MS
from vigie.engine.live.fold import steps
from vigie.services.needs import bound
from vigie.services.runs.run_gap import gap_record
from vigie.services.trading.journal import comparing
from vigie.views.cli.main import app


@pytest.fixture(scope="module")
def traded(traded_home, tmp_path_factory):
    home = tmp_path_factory.mktemp("compared") / "home"
    return *house_of(traded_home, home, BEGUN), home


def summed(told) -> tuple[Decimal, Decimal]:
    parts = [sum(map(Decimal, row["parts"].values())) for row in told["rows"]]
    return sum(parts, Decimal(0)), sum(map(Decimal, told["parts"].values()))


def test_a_paper_account_and_its_own_backtest_have_no_gap_open_positions_included(traded):
    house, run, _ = traded
    account, backtest = (
        comparing.load_account_run(house.results, house.trades, run),
        bound(house, comparing.run_own_backtest)(run),
    )
    told = gap_record(backtest, account)
    assert len(account.trades) == len(backtest.trades) > 3
    assert abs(Decimal(told["gap"])) < Decimal("1e-6")
    assert account.refused == backtest.refused


def test_what_a_venue_did_otherwise_is_named_and_adds_up_to_the_last_decimal(traded, monkeypatch):
    house, run, _ = traded
    read, kept = steps.decode_step, {}

    def dearer(written):
        """Another price and fee for every entry, a veto for one of them."""
        step = read(written)
        if not isinstance(step, steps.EntriesFilled):
            return step
        entries = tuple(
            steps.EntryResult(
                one.slot, one.lots, one.price * 1.001, one.raw, one.fee * 1.5, one.ts, one.fills
            )
            for one in step.entries
        )  # fmt: skip
        kept[step.number] = len(entries)
        return steps.EntriesFilled(step.number, step.ts, entries)

    monkeypatch.setattr(steps, "decode_step", dearer)
    account = comparing.load_account_run(house.results, house.trades, run)
    monkeypatch.setattr(steps, "decode_step", read)
    backtest = bound(house, comparing.run_own_backtest)(run)
    told = gap_record(backtest, account)
    rows, parts = summed(told)
    assert rows == parts == Decimal(told["gap"]) == account.pnl - backtest.pnl
    causes = {cause for cause, amount in told["parts"].items() if abs(Decimal(amount)) > Decimal("0.01")}
    assert {"price", "fee"} <= causes


def test_slots_that_have_seen_no_bar_close_are_named_and_the_others_compared(tmp_path, monkeypatch):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(tmp_path / "home", clock=clock)
    text = FILE.replace('timeframe = "4h"', 'timeframe = "1d"').replace('"ema_cross"', '"ema_cross"\n' + BUSY)
    # The last bar that is traded on ends an hour before the day does.
    run = go(house, planned(house, tmp_path, text=text), BEGUN + 23 * HOUR_MS, [])
    assert comparing.list_waiting_slots(house.results, house.trades, run) == ["btc-usdt-perp/1d/macd_cross"]
    account, backtest = (
        comparing.load_account_run(house.results, house.trades, run),
        bound(house, comparing.run_own_backtest)(run),
    )
    assert len(account.trades) == len(backtest.trades) > 3
    assert abs(Decimal(gap_record(backtest, account)["gap"])) < Decimal("1e-6")
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    said = CliRunner().invoke(app, ["compare", "backtest", "account:main"])
    assert said.exit_code == 0, said.output
    assert "None of their bars has closed since the account started" in said.output


def test_the_command_says_it_and_refuses_a_backtest_of_nobody(traded, monkeypatch):
    _, _, home = traded
    monkeypatch.setenv("VIGIE_HOME", str(home))
    done = CliRunner().invoke(app, ["compare", "backtest", "account:main"])
    assert done.exit_code == 0, done.output
    assert "account main, paper minus backtest of main: " in done.output
    told = json.loads(CliRunner().invoke(app, ["compare", "backtest", "account:main", "--json"]).output)[
        "gap"
    ]
    assert set(told["parts"]) == {
        "signal",
        "timing",
        "price",
        "size",
        "fee",
        "funding",
        "rejection",
        "detail",
    }
    assert "account:NAME" in str(CliRunner().invoke(app, ["compare", "backtest", "backtest"]).exception)
    assert "none" in str(CliRunner().invoke(app, ["compare", "backtest", "account:none"]).exception)
