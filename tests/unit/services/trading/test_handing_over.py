"""The first user takes over what the machine's owner traded: above all the button that stops it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from tests import houses
from tests.unit.services.trading.material import BEGUN, planned
from vigie.domain.errors import ConnectorError, Forbidden, NotFound, UsageError
from vigie.domain.person import OWNER
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.people.accounts.users import add_user
from vigie.services.trading.gateway.market_snapshot import MinuteVolumes
from vigie.services.trading.gateway.overrides import load_overrides, switch_slots
from vigie.services.trading.journal.notes import notes_of, write_note
from vigie.services.trading.log.exporting import EVENTS, export
from vigie.services.trading.process import trading
from vigie.views.cli.main import app

WORD = "quiet harbour lamp"
SLOT = "btc-usdt-perp/4h/macd_cross"


@pytest.fixture
def house(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    return houses.house(tmp_path / "home", clock=clock)


@pytest.fixture
def run(house, tmp_path):
    return bound(house, trading.begin_run)(planned(house, tmp_path), OWNER.user)


def test_the_first_user_stops_resumes_and_closes_what_was_traded_before(house, run):
    ann = houses.person(bound(house, add_user)(OWNER, "Ann", WORD).id)
    assert [row["account"] for row in run_operation(house, ann, "trading.accounts", {}).rows] == ["main"]
    assert run_operation(house, ann, "trading.stop", {}).state == "reducing"
    assert run_operation(house, ann, "trading.resume", {}).state == "active"
    tom = houses.person(bound(house, add_user)(OWNER, "Tom", WORD, "admin").id)
    with pytest.raises(NotFound):
        run_operation(house, tom, "trading.stop", {})
    assert house.trades.state("main") == "active"


def test_a_viewer_takes_over_nothing_that_they_could_not_stop(house, run):
    vic = houses.person(bound(house, add_user)(OWNER, "Vic", WORD, "viewer").id, "viewer")
    with pytest.raises(Forbidden):
        run_operation(house, vic, "trading.stop", {})
    assert house.trades.run("main").owner == OWNER.user
    ann = houses.person(bound(house, add_user)(OWNER, "Ann", WORD, "admin").id)
    assert run_operation(house, ann, "trading.stop", {}).state == "reducing"


def test_results_jobs_and_notes_go_to_the_first_user_too(house, run):
    job = house.jobs.put("backtest", {}, owner=OWNER.user)
    house.runs.put(OWNER.user, "backtest", title="Mine", folder="runs/a", ask={}, summary={})
    write_note(house.accounts, OWNER.user, "t1", "too early", ["fomo"])
    ann = bound(house, add_user)(OWNER, "Ann", WORD)
    assert [one.id for one in house.jobs.list(owner=ann.id)] == [job.id]
    assert [one.title for one in house.runs.list(owner=ann.id)] == ["Mine"]
    assert notes_of(house.accounts, ann.id)["t1"].text == "too early"


def test_rules_of_alerts_go_to_the_first_user_who_can_then_stop_them(house, run):
    asked = {"name": "Regulators", "tiers": ["regulator"], "channels": ["inbox"]}
    rule = run_operation(house, OWNER, "alerts.put", asked).rule
    ann = houses.person(bound(house, add_user)(OWNER, "Ann", WORD).id)
    assert [one.rule for one in run_operation(house, ann, "alerts.rules", {}).rules] == [rule]
    run_operation(house, ann, "alerts.set", {"rule": rule, "becomes": "off"})
    assert house.alerts.rules(OWNER.user) == []


def test_a_process_that_trades_meanwhile_hears_its_new_owner(house, run, tmp_path):
    switch_slots(house.accounts, house.audit, run, [SLOT], on=False)
    job = trading.TradeJob(
        house, run, planned(house, tmp_path), house.trades.take("main", "x", for_s=9), house.clock
    )
    feed = type("Feed", (), {"stale": frozenset()})()
    gateway = trading._gateway(
        job, feed, None, None, trading._market_reader(job), MinuteVolumes(house.data.bars, (), house.clock)
    )
    ann = bound(house, add_user)(OWNER, "Ann", WORD)
    assert gateway.overrides().disabled_slots == {SLOT}
    run_operation(house, houses.person(ann.id), "trading.switch", {"slots": [SLOT], "on": True})
    assert gateway.overrides().disabled_slots == frozenset()


def test_an_export_tells_what_was_recorded_before_and_what_the_command_line_ordered(house, run, tmp_path):
    ann = bound(house, add_user)(OWNER, "Ann", WORD)
    house.trades.request_state("main", "reducing", by=OWNER.user, why="by hand")
    house.trades.begin(replace(run, id="r2", account="toms", owner="tom"))
    house.trades.request_state("toms", "reducing", by=OWNER.user, why="of Tom's")
    bound(house, export)(house.trades.run("main"), tmp_path / "files")
    told = (tmp_path / "files" / EVENTS).read_text()
    assert ("trade.run" in told, "by hand" in told, "of Tom's" in told) == (True, True, False)
    assert load_overrides(house.accounts, house.trades.run("main")).disabled_slots == frozenset()
    assert ann.id == house.trades.run("main").owner


def test_the_command_line_and_a_page_find_the_account_of_its_user(house, tmp_path, monkeypatch):
    bound(house, trading.begin_run)(planned(house, tmp_path, mode="demo"), OWNER.user)
    ann = houses.person(bound(house, add_user)(OWNER, "Ann", WORD).id)
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    for name in ("KEY", "SECRET", "URL"):
        monkeypatch.delenv(f"VIGIE_BINANCE_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["trade", "stop"]).exit_code == 0
    # Everything but the key is found: the page's process acts on its user's account.
    with pytest.raises(ConnectorError, match="there is no demo key of binance"):
        run_operation(house, ann, "trading.flatten", {"confirm": "main"})
    assert house.trades.state("main") == "flat"
    # Nor does closing lead elsewhere than trading: play money is not closed at the address of real money.
    for name in ("KEY", "SECRET"):
        monkeypatch.setenv(f"VIGIE_BINANCE_{name}", "x")
    done = CliRunner().invoke(app, ["trade", "flatten", "--url", "https://fapi.binance.com"])
    assert isinstance(done.exception, UsageError)
    assert "a demo account of Binance must trade at" in str(done.exception)
