"""`vigie plan` as a person meets it in a terminal."""

from __future__ import annotations

import json

import pytest

from tests import houses
from tests.unit.services.backtest_material import Vigie, command_line
from tests.unit.services.plans.material import PLANS, at, close_of
from tests.unit.services.trading.material import BEGUN, planned
from vigie.config.paths import SIMULATED_FILE
from vigie.services.needs import bound
from vigie.services.trading.process.trading import begin_run

PLACE = "binance-perp:btc-usdt-perp"


@pytest.fixture
def vigie(tmp_path, home, monkeypatch, capsys) -> tuple[Vigie, float]:
    house = at(houses.house(home), BEGUN)
    bound(house, begin_run)(planned(house, tmp_path, text=PLANS), "owner")
    return command_line(monkeypatch, capsys), close_of(house, "btc-usdt-perp", BEGUN)


def test_a_plan_is_made_shown_listed_and_cancelled(vigie):
    run, price = vigie
    levels = ("--stop", f"{price * 0.97:.1f}", "--target", f"{price * 1.06:.1f}")
    zone = ("--low", f"{price * 0.99:.1f}", "--high", f"{price * 1.01:.1f}")
    told = run("plan", "preview", PLACE, *levels, *zone, "--account", "main")
    assert "in the account: " in told.out
    shown = json.loads(run("plan", "preview", PLACE, *levels, *zone, "--account", "main", "--json").out)
    one, lines = shown["in_account"], told.out.splitlines()
    (at_entry,) = [line for line in lines if line.startswith("in the account: ")]
    assert (
        f"at the stop it loses {-one['loss']:.2f}, at the target it gains {one['gain']:.2f} USDT" in at_entry
    )
    assert f"must be right in {one['break_even']:.0%}" in at_entry
    worst = lines[lines.index(at_entry) + 1]
    assert f"it loses {-one['worst_loss']:.2f} USDT at the stop" in worst
    assert one["worst_loss"] < one["loss"]
    assert "the account has not started: with its starting capital" in told.out
    assert "target first: " in told.out
    made = json.loads(run("plan", "make", PLACE, *levels, *zone, "--account", "main", "--json").out)
    plan = made["newest"]["plan"]
    assert "draft" in run("plan", "show", plan).out
    assert plan in run("plan", "list").out
    refused = run("plan", "arm", plan)
    assert refused.code != 0
    assert "account main is not running" in refused.err
    assert "cancelled" in run("plan", "cancel", plan).out
    assert "no plans" in run("plan", "list", "--state", "open").out


def test_in_a_simulated_home_no_plan_is_made_by_the_time_of_the_machine(vigie, home, monkeypatch):
    run, price = vigie
    monkeypatch.delenv("VIGIE_WORLD_URL", raising=False)
    (home / SIMULATED_FILE).write_text("{}")
    zone = ("--low", price, "--high", price, "--stop", price * 0.9, "--target", price * 1.2)
    for words in (("make", PLACE, *zone), ("preview", PLACE, *zone), ("arm", "p0123456789abcdef")):
        said = run("plan", *words)
        assert said.code != 0
        assert "contains a simulated market; run `vigie demo`" in said.err
    assert "no plans" in run("plan", "list").out


def test_what_cannot_be_is_refused_with_a_sentence(vigie):
    run, price = vigie
    zone = ("--low", price, "--high", price)
    said = run("plan", "make", PLACE, *zone, "--stop", price * 1.1, "--target", price * 1.2)
    assert said.code == 2
    assert "the stop of a long lies below its entry" in said.err


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (("--stop", "nan"), "stop: must be a number, was 'nan'"),
        (("--stop", "0"), "stop must be a price above 0, was 0.0"),
        (("--stop", "here"), "stop: must be a number, was 'here'"),
        (("--bars", "0"), "bars: must be at least 1, was '0'"),
        (("--bars", "2.5"), "bars: must be a whole number, was '2.5'"),
        (("--leverage", "nan"), "leverage: must be a number, was 'nan'"),
        (("--leverage", "."), "leverage: must be a number, was '.'"),
        (("--leverage", "7"), "leverage must be from 1 to 5, or none; was 7.0"),
        (("--side", "up"), "side: must be one of long, short, was 'up'"),
        (
            ("--side", "short", "--leverage", "0"),
            "a short needs borrowed coins: choose a leverage from 1 to 5",
        ),
    ],
)
def test_a_number_that_is_none_is_told_with_what_was_typed_and_what_is_accepted(vigie, wrong, sentence):
    run, price = vigie
    levels = ("--stop", price * 0.97, "--target", price * 1.06)
    if "short" in wrong:
        levels = ("--stop", price * 1.03, "--target", price * 0.94)
    said = run("plan", "preview", PLACE, *levels, *wrong)
    assert said.code == 2
    assert said.err == f"error: {sentence}\n" or said.err.startswith(f"error: {sentence}, or a long")
    assert said.out == ""
