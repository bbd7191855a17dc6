"""`vigie strategy` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.services.backtest_material import Vigie, command_line
from tests.unit.services.strategy_material import with_answer, write
from vigie.trading import catalogue

pytestmark = pytest.mark.usefixtures("forked_witnesses")

SEER = """
later = np.append(bars.close[1:], 0.0)
return Criteria(long=(is_above("Later", later, bars.close),), short=())"""


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Vigie:
    return command_line(monkeypatch, capsys)


def test_new_strategy_is_written_checked_listed_and_shown(vigie: Vigie, home: Path):
    made = vigie("strategy", "new", "calm_trend", "--json")
    assert made.code == 0
    folder = home / "strategies"
    assert json.loads(made.out) == [
        str(folder / f"{n}") for n in ("calm_trend.py", "test_calm_trend.py", "calm_trend.md")
    ]
    assert vigie("strategy", "check", "calm_trend").code == 0
    assert vigie("strategy", "check", folder / "calm_trend.py").code == 0
    lines = vigie("strategy", "list").out.splitlines()
    (line,) = [one for one in lines if one.startswith("calm_trend")]
    assert lines[-2] == ""
    assert lines[-1].startswith("Your own: ")
    assert "own" in line
    assert "Warm-up: 50 bars" in vigie("strategy", "show", "calm_trend").out


def test_new_strategy_says_what_to_do_next(vigie: Vigie, home: Path):
    said = vigie("strategy", "new", "calm_trend").out
    assert str(home / "strategies" / "calm_trend.py") in said
    assert "vigie strategy check calm_trend" in said


@pytest.mark.parametrize("name", ["Calm", "all", "ema_cross", "../x"])
def test_name_that_cannot_be_used_ends_with_2_and_writes_nothing(vigie: Vigie, home: Path, name):
    refused = vigie("strategy", "new", name)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("error: name must")
    assert list(home.iterdir()) == []


def test_second_strategy_of_a_name_ends_with_2(vigie: Vigie):
    assert vigie("strategy", "new", "calm_trend").code == 0
    assert vigie("strategy", "new", "calm_trend").code == 2


def test_list_as_json_has_every_strategy_with_bounds(vigie: Vigie):
    lines = json.loads(vigie("strategy", "list", "--json").out)
    assert [line["name"] for line in lines] == list(catalogue.available())
    ema = next(line for line in lines if line["name"] == "ema_cross")
    assert (ema["timeframe"], ema["is_own"]) == ("4h", False)
    assert ema["parameters"][0] == {
        "name": "fast", "kind": "int", "default": 20, "low": 2, "high": 500, "search": [5, 60], "step": 5,
    }  # fmt: skip


def test_list_names_a_broken_file_on_standard_error(vigie: Vigie, home: Path):
    # A module of this name is loaded by no other test: what a process has loaded is not read again.
    path = write(home / "strategies", "broken_listed", ("TIMEFRAME =", "FRAME ="))
    listed = vigie("strategy", "list")
    assert listed.code == 0
    assert f"{path}: strategies/broken_listed.py was not run: its content is not allowed" in listed.err
    assert vigie("programs", "allow", "strategies/broken_listed.py").code == 0
    listed = vigie("strategy", "list")
    assert listed.code == 0
    assert f"{path}: strategy broken_listed must define TIMEFRAME" in listed.err


def test_show_prints_words_parameters_criteria_and_the_file(vigie: Vigie):
    said = vigie("strategy", "show", "bollinger_squeeze").out
    for part in (
        "chapter 15",
        "rank_window",
        "60..240",
        "Close crosses above the upper band",
        "bars; first possible decision at bar 143",
    ):
        assert part in " ".join(said.split())
    source = vigie("strategy", "show", "bollinger_squeeze", "--source").out
    assert source == catalogue.available()["bollinger_squeeze"].read_text(encoding="utf-8")


def test_show_as_json_tells_needed_criteria_from_optional_ones(vigie: Vigie):
    page = json.loads(vigie("strategy", "show", "macd_cross", "--json").out)
    assert (page["name"], page["warmup_bars"], page["first_decision"]) == ("macd_cross", 34, 34)
    assert [(one["side"], one["weight"]) for one in page["criteria"] if one["required"]] == [
        ("long", 1.0),
        ("short", 1.0),
    ]
    assert sum(not one["required"] for one in page["criteria"]) == 6


@pytest.mark.parametrize("words", [("show", "nothing"), ("check", "nothing"), ("check", "none.py")])
def test_unknown_strategy_ends_with_2(vigie: Vigie, words):
    refused = vigie("strategy", *words)
    assert refused.code == 2
    assert refused.err.startswith("error: strategy")


def test_check_that_fails_ends_with_1_and_names_bar_criterion_values_and_cure(vigie: Vigie, tmp_path: Path):
    path = with_answer(tmp_path, SEER)
    failed = vigie("strategy", "check", path)
    assert failed.code == 1
    said = " ".join(failed.out.split())
    assert "'Later' at bar" in said
    assert "fix: use only values up to the bar" in said
    assert "idea fails" in said
    record = json.loads(vigie("strategy", "check", path, "--json").out)
    assert not record["passed"]
    assert {one["check"] for one in record["checks"] if one["status"] == "fail"} >= {"look-ahead", "repaint"}


def test_check_as_json_lists_the_histories_and_every_check(vigie: Vigie):
    checked = vigie("strategy", "check", "ema_cross", "--json", "--no-stored")
    record = json.loads(checked.out)
    assert (checked.code, record["passed"], record["strategy"]) == (0, True, "ema_cross")
    assert [one["check"] for one in record["checks"]][:3] == ["loads", "features", "source"]
    assert record["samples"]


def test_file_that_does_not_load_ends_with_1(vigie: Vigie, tmp_path: Path):
    failed = vigie("strategy", "check", write(tmp_path, "idea", ("TIMEFRAME =", "1 / 0\nTIMEFRAME =")))
    assert failed.code == 1
    assert "ZeroDivisionError" in failed.out
