"""The table of settings says what is accepted: its defaults are the code's, its bounds hold and nothing beyond does."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest

from tests.architecture.source_tree import ROOT
from vigie.domain.account import DEFAULT_MAKER, DEFAULT_TAKER, Costs, Protections, Sizing
from vigie.domain.errors import UsageError
from vigie.run_file import read_run_file

TEXT = (ROOT / "docs" / "portfolio-rules.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (\S+) \| (above )?(\S+) \| (\S+) \| \w", re.M)
ROWS = [
    pytest.param(name, float(default), bool(is_open), float(low), float(high), id=name)
    for name, default, is_open, low, high in ROW.findall(TEXT.partition("## 9.")[2])
]
OWNERS: dict[str, Any] = {
    spec.name: kind
    for kind in (Protections, Sizing, Costs)
    for spec in fields(kind)
    if spec.type != "TargetExecution"
}


def test_every_setting_has_a_row():
    assert sorted(row.id for row in ROWS) == sorted(OWNERS)


@pytest.mark.parametrize(("name", "default", "is_open", "low", "high"), ROWS)
def test_default_and_bounds_are_those_of_the_code(
    name: str, default: float, is_open: bool, low: float, high: float
):
    kind = OWNERS[name]
    assert getattr(kind(), name) == default
    step = 1 if isinstance(getattr(kind(), name), int) else 1e-9
    inside = [high, low + step if is_open else low]
    for value in inside:
        kind(**{name: value})
    for value in (high + step * max(high, 1), low if is_open else low - step):
        with pytest.raises(UsageError, match=f"{name} must be in"):
            kind(**{name: value})


@pytest.mark.parametrize(
    ("text", "is_on"),
    [
        ("", False),
        ("[account]\nprotections = true", True),
        ("protections = true", True),
        ("protections = true\n[account]\nprotections = false", False),
        ("[protections]\ncooldown_bars = 3", False),
        ("[account]\nmode = 'portfolio'", True),
    ],
)
def test_protections_hold_where_the_page_says_so(tmp_path, text: str, is_on: bool):
    path = tmp_path / "run.toml"
    path.write_text(text, encoding="utf-8")
    assert (read_run_file(path).account_settings().protections is not None) is is_on


def test_the_page_on_settings_states_the_default_fees():
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert f".taker`, `.maker` | | {DEFAULT_TAKER:g}, {DEFAULT_MAKER:g} |" in text
    assert f", {100 * DEFAULT_TAKER:g} % and {100 * DEFAULT_MAKER:g} %." in text


def test_protections_of_a_portfolio_cannot_be_switched_off(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text("[account]\nmode = 'portfolio'\nprotections = false", encoding="utf-8")
    with pytest.raises(UsageError, match="protections must be on in portfolio mode"):
        read_run_file(path).account_settings()
