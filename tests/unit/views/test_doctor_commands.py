"""`vigie doctor` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.services.backtest_material import Vigie, command_line
from vigie.services import doctor


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Vigie:
    return command_line(monkeypatch, capsys)


def test_fit_machine_ends_with_0_and_every_warning_has_its_cure(vigie: Vigie, home: Path):
    said = vigie("doctor")
    assert said.code == 0, said.out
    assert "no bars are stored" in said.out
    assert "cure: vigie data import PATH" in said.out
    assert list(home.iterdir()) == []


def test_json_names_each_check_with_status_detail_and_cure(vigie: Vigie):
    record = json.loads(vigie("doctor", "--json").out)
    assert (record["fit"], record["warmed_s"]) == (True, None)
    assert {"python", "cores", "memory", "disk", "home", "data", "kernel cache"} <= {
        one["check"] for one in record["checks"]
    }
    assert all(set(one) == {"check", "status", "detail", "cure"} for one in record["checks"])


def test_home_that_cannot_be_written_ends_with_1(
    vigie: Vigie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "file" / "home"))
    said = vigie("doctor")
    assert said.code == 1
    assert "cannot be written" in said.out


def test_warming_says_how_long_it_took(vigie: Vigie, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "warm", lambda _clock: 2.5)
    assert vigie("doctor", "--warm").out.startswith("Compiled in 2.5 s.")
    assert json.loads(vigie("doctor", "--warm", "--json").out)["warmed_s"] == 2.5
