"""`vigie plugin` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.plugins import forgetting
from tests.unit.services.backtest_material import Vigie, command_line


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Vigie:
    return command_line(monkeypatch, capsys)


@pytest.mark.parametrize("kind", ["source", "notifier", "indicator", "metric", "strategy"])
def test_a_new_plugin_is_off_allowed_and_keeps_its_contract(vigie: Vigie, home: Path, kind: str):
    made = vigie("plugin", "new", kind, "lanterns", "--json")
    assert made.code == 0
    folder = home / "plugins" / "lanterns"
    assert {Path(path).name for path in json.loads(made.out)} >= {"manifest.toml", f"{kind}.py"}
    listed = vigie("plugin", "list")
    assert f"plugins/lanterns  {kind}  not allowed  sha256 " in listed.out
    assert ("(enforced)" in listed.out) == (kind == "source")
    unchecked = vigie("plugin", "check", "plugins/lanterns")
    assert unchecked.code == 0
    assert "its contract was not checked: run vigie programs allow plugins/lanterns first" in unchecked.out
    assert vigie("programs", "allow", "plugins/lanterns").out.startswith("allowed: plugins/lanterns  sha256 ")
    assert "plugins/lanterns  allowed" in vigie("programs", "list").out
    with forgetting():
        checked = vigie("plugin", "check", "plugins/lanterns", "--json")
    assert (checked.code, json.loads(checked.out)["faults"], json.loads(checked.out)["checked"]) == (
        0,
        [],
        True,
    )
    (folder / f"{kind}.py").write_text("raise AssertionError\n", "utf-8")
    assert "not allowed" in vigie("plugin", "list").out
    assert vigie("plugin", "check", "plugins/lanterns").code == 0
    vigie("programs", "allow", "plugins/lanterns")
    with forgetting():
        broken = vigie("plugin", "check", "plugins/lanterns")
    assert broken.code == 1
    assert "broken: plugins/lanterns cannot be run: AssertionError" in broken.out


@pytest.mark.parametrize("kind", ["source", "notifier", "indicator", "metric", "strategy"])
def test_a_new_plugin_of_two_words_is_usable_and_is_checked_by_its_short_name(
    vigie: Vigie, home: Path, kind: str
):
    assert vigie("plugin", "new", kind, "old_lanterns").code == 0
    checked = vigie("plugin", "check", "old_lanterns")
    assert (checked.code, checked.err) == (0, "")
    assert f"plugins/old_lanterns  {kind}  not allowed" in checked.out


def test_a_strategy_is_copied_when_it_is_allowed_and_its_copy_goes_when_it_is_forbidden(
    vigie: Vigie, home: Path
):
    vigie("plugin", "new", "strategy", "lanterns")
    program, copy = home / "plugins" / "lanterns" / "strategy.py", home / "strategies" / "lanterns.py"
    assert not copy.exists()
    vigie("programs", "allow", "plugins/lanterns")
    allowed = program.read_bytes()
    assert copy.read_bytes() == allowed
    assert "lanterns" in vigie("strategy", "list").out
    program.write_bytes(allowed + b"# Changed.\n")
    assert "not allowed" in vigie("plugin", "list").out
    # What was allowed goes on; what changed does not run.
    assert copy.read_bytes() == allowed
    vigie("programs", "allow", "plugins/lanterns")
    assert copy.read_bytes() == program.read_bytes()
    vigie("programs", "forbid", "plugins/lanterns")
    assert not copy.exists()
    copy.write_text("mine\n", "utf-8")
    assert "strategies/lanterns.py exists already" in vigie("programs", "allow", "plugins/lanterns").err
    assert copy.read_text("utf-8") == "mine\n"


def test_a_persons_own_strategy_is_never_replaced_or_removed(vigie: Vigie, home: Path):
    copy = home / "strategies" / "lanterns.py"
    copy.parent.mkdir()
    copy.write_text("mine\n", "utf-8")
    vigie("programs", "allow", "strategies/lanterns.py")
    vigie("plugin", "new", "notifier", "lanterns")
    vigie("programs", "allow", "plugins/lanterns")
    vigie("programs", "forbid", "plugins/lanterns")
    assert copy.read_text("utf-8") == "mine\n"
    assert "strategies/lanterns.py  allowed" in vigie("programs", "list").out


def test_a_copy_that_a_person_edited_is_theirs(vigie: Vigie, home: Path):
    vigie("plugin", "new", "strategy", "lanterns")
    program, copy = home / "plugins" / "lanterns" / "strategy.py", home / "strategies" / "lanterns.py"
    vigie("programs", "allow", "plugins/lanterns")
    edited = copy.read_bytes() + b"# Mine.\n"
    copy.write_bytes(edited)
    vigie("programs", "allow", "strategies/lanterns.py")
    program.write_bytes(program.read_bytes() + b"# Theirs.\n")
    assert "strategies/lanterns.py exists already" in vigie("programs", "allow", "plugins/lanterns").err
    vigie("programs", "forbid", "plugins/lanterns")
    assert copy.read_bytes() == edited
    assert "strategies/lanterns.py  allowed" in vigie("programs", "list").out


def test_checking_a_strategy_runs_no_copy_that_was_not_allowed(vigie: Vigie, home: Path, tmp_path: Path):
    vigie("plugin", "new", "strategy", "lanterns")
    vigie("programs", "allow", "plugins/lanterns")
    ran, copy = tmp_path / "ran", home / "strategies" / "lanterns.py"
    copy.write_text(f"open({str(ran)!r}, 'w').close()\n", "utf-8")
    with forgetting():
        checked = vigie("plugin", "check", "plugins/lanterns", "--home", str(home))
    assert checked.code == 1
    assert "strategies/lanterns.py is not the file that was allowed" in checked.out
    assert not ran.exists()


def test_a_strategy_of_another_home_is_checked_there(vigie: Vigie, home: Path, tmp_path: Path):
    other = ("--home", str(tmp_path / "other"))
    vigie("plugin", "new", "strategy", "lanterns", *other)
    vigie("programs", "allow", "plugins/lanterns", *other)
    with forgetting():
        assert "it keeps its contract" in vigie("plugin", "check", "plugins/lanterns", *other).out


def test_a_list_says_which_addresses_a_channel_takes(vigie: Vigie, home: Path):
    vigie("plugin", "new", "notifier", "lanterns")
    assert "addresses: lanterns://" in vigie("plugin", "list").out
    assert json.loads(vigie("plugin", "list", "--json").out)["outside"][0]["schemes"] == ["lanterns"]


def test_a_metric_that_is_not_the_same_twice_breaks_the_contract(vigie: Vigie, home: Path):
    vigie("plugin", "new", "metric", "lanterns")
    program = home / "plugins" / "lanterns" / "metric.py"
    text = program.read_text("utf-8").replace(
        "    if len(equity) == 0:", "    equity[:1] += 1.0\n    if len(equity) == 0:"
    )
    program.write_text(text, "utf-8")
    vigie("programs", "allow", "plugins/lanterns")
    with forgetting():
        broken = vigie("plugin", "check", "plugins/lanterns")
    assert broken.code == 1
    assert "lanterns: it must not change the equity that it is given" in broken.out


def test_allowing_all_programs_allows_no_plugin(vigie: Vigie, home: Path):
    vigie("plugin", "new", "source", "lanterns")
    vigie("strategy", "new", "calm_trend")
    vigie("programs", "allow")
    listed = json.loads(vigie("plugin", "list", "--json").out)["outside"]
    assert [one["allowed"] for one in listed] == [False]
    vigie("programs", "allow", "plugins/lanterns")
    vigie("programs", "forbid", "plugins/lanterns")
    assert "not allowed" in vigie("plugin", "list").out


def test_what_cannot_be_is_refused_with_what_can(vigie: Vigie, home: Path):
    refused = vigie("plugin", "new", "venue", "lanterns")
    assert refused.code == 2
    assert "venues cannot come from outside" in refused.err
    assert "kind must be one of" in vigie("plugin", "new", "sauce", "lanterns").err
    assert "Vigie already has a source mempool" in vigie("plugin", "new", "source", "mempool").err
    assert "name must be" in vigie("plugin", "new", "source", "../x").err
    assert vigie("plugin", "check", "plugins/none").code != 0
    assert "built in: apprise mail webhook" in vigie("plugin", "list", "--built-in").out
    assert list(home.glob("plugins/*")) == []


def test_an_indicator_that_looks_ahead_breaks_the_contract(vigie: Vigie, home: Path):
    vigie("plugin", "new", "indicator", "lanterns")
    program = home / "plugins" / "lanterns" / "indicator.py"
    text = program.read_text("utf-8").replace("floats(close) - sma", "floats(close)[-1] - sma")
    program.write_text(text, "utf-8")
    vigie("programs", "allow", "plugins/lanterns")
    with forgetting():
        broken = vigie("plugin", "check", "plugins/lanterns")
    assert broken.code == 1
    assert "lanterns: values must not change when later bars come" in broken.out
