"""Written figures are equal on every Python: the built-in `sum` of floats is rounded otherwise from 3.12 on."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ("engine/figures.py", "engine/signals.py", "research/tables.py", "research/report/tables.py")


def built_in_sums(text: str) -> list[int]:
    """Return the lines on which the built-in is called."""
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "sum"]


@pytest.mark.parametrize("name", WRITTEN)
def test_written_figures_are_not_made_with_the_built_in_sum(name: str):
    assert built_in_sums((ROOT / "src/vigie" / name).read_text(encoding="utf-8")) == []


def test_a_sum_is_found_and_others_of_that_name_are_not():
    assert built_in_sums("a.sum()\nmath.fsum(b)\nsum(c)\n") == [3]
