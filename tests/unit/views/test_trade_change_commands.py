"""`vigie trade change`, `versions`, `cancel-change`: the same change as on the page, from a terminal."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from tests import houses
from tests.unit.services.trading.material import BEGUN, FILE, planned
from tests.unit.services.trading.test_run_file_changes import hand_at
from vigie.services.needs import bound
from vigie.services.trading.process.trading import begin_run
from vigie.services.trading.run_files.account_files import note_source
from vigie.views.cli.main import app
from vigie.wiring import app_context


@pytest.fixture
def home(tmp_path, monkeypatch):
    house = houses.house(tmp_path / "home", clock=hand_at(BEGUN))
    (house.home / "trading.toml").write_text(FILE)
    run = bound(house, begin_run)(planned(house, tmp_path), "owner")
    note_source(house.results, run.id, house.home / "trading.toml")
    monkeypatch.setattr(app_context, "open_app_context", lambda: house)
    return house


def said(*words: str) -> str:
    answer = CliRunner().invoke(app, ["trade", *words])
    assert answer.exit_code == 0, answer.exception or answer.output
    return answer.output


def refused(*words: str) -> str:
    answer = CliRunner().invoke(app, ["trade", *words])
    assert answer.exception is not None
    return str(answer.exception)


def test_a_change_is_shown_saved_listed_and_cancelled(home, tmp_path):
    assert "repeat the command with --yes" in refused("change", "--set", "risk_fraction=0.01")
    assert home.run_files.versions("owner") == []
    told = said("change", "--set", "risk_fraction=0.01", "--set", "max_positions=2", "--yes")
    assert "risk_fraction in [account]: 0.02 before, 0.01 now" in told
    assert "+max_positions = 2" in told
    assert "version 1 saved" in told
    listed = json.loads(said("versions", "--json"))
    assert listed["file"] == str(home.home / "trading.toml")
    assert [(one["version"], one["state"]) for one in listed["versions"]] == [(1, "waiting")]
    assert "+risk_fraction = 0.01" in said("versions", "--show", "1")
    assert "version 1 cancelled" in said("cancel-change")
    assert "cancelled" in said("versions")
    edited = tmp_path / "edited.toml"
    edited.write_text(FILE.replace("10_000", "9_000"))
    assert "capital in [account]: 10,000 before, 9,000 now" in said("change", str(edited), "--yes")
    assert home.run_files.versions("owner", "main")[1].after == edited.read_text()
    assert "risk_fraction in [account]" in said("change", "--from", "1", "--yes")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--set", "risk_fraction"), "--set must be KEY=VALUE with a number, was 'risk_fraction'"),
        (("--set", "leverage=many"), "was 'leverage=many'"),
        (("--set", "leverage=9"), "leverage must be in (0, 5], was 9"),
        (("--set", "colour=1"), "protection must be one of"),
        (("--from", "7"), "has versions 1 to 0 of its run file, was 7"),
        ((), "this is what account main trades already"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_given(home, words, why):
    assert why in refused("change", *words, "--yes")
    assert home.run_files.versions("owner") == []
