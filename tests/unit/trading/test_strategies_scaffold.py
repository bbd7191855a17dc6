"""The files a new strategy begins with."""

from __future__ import annotations

import ast

import pytest

from vigie.domain.errors import UsageError
from vigie.trading.scaffold import templates


def test_new_strategy_has_a_file_a_test_and_a_page():
    files = templates.render_files("calm_trend")
    assert list(files) == ["calm_trend.py", "test_calm_trend.py", "calm_trend.md"]
    assert files["calm_trend.md"].startswith("# Calm trend\n")
    assert not any("$" in text for text in files.values())
    for name in ("calm_trend.py", "test_calm_trend.py"):
        ast.parse(files[name])
    assert 30 <= len(files["calm_trend.py"].splitlines()) <= 80


@pytest.mark.parametrize(
    "name",
    ["", "a", "Calm", "calm trend", "calm-trend", "1st", "../x", "calm.py", "é" * 3, "x" * 41, "all", "class",
     "test_x", "native", "a/b", "_calm", "calm\n"],
)  # fmt: skip
def test_name_that_cannot_be_one_is_refused(name):
    with pytest.raises(UsageError, match="name must"):
        templates.render_files(name)


@pytest.mark.parametrize("name", ["ab", "calm_trend", "rsi2", "x" * 40])
def test_name_that_can_be_one_is_taken(name):
    assert templates.check_name(name) == name
