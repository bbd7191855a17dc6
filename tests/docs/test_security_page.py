"""The page of security names tests that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "security.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and ".py |" in line
]


def test_the_page_has_a_table():
    assert len(ROWS) > 40


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[3]}")
def test_every_test_that_is_named_exists(row):
    _item, held, file, name = row
    assert held
    text = (TESTS / file).read_text("utf-8")
    assert not name or f"def {name}(" in text
