"""Strategies that documents show are strategies: they keep the contract as they stand there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.docs.pages import blocks
from tests.shared import ROOT
from vigie.services.judging.strategies import check_file
from vigie.trading.outside.modules import INSTALLED_BY, is_listed

pytestmark = pytest.mark.usefixtures("forked_witnesses")

PAGES = ("README.md", "docs/write-a-strategy.md")


def shown(page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [block.code for block in blocks(text) if "TIMEFRAME" in block.code]


@pytest.mark.parametrize("page", PAGES)
def test_strategy_of_a_page_keeps_the_contract(page: str, tmp_path: Path):
    (code,) = shown(page)
    path = tmp_path / "my_idea.py"
    path.write_text(code, encoding="utf-8")
    report = check_file(path)
    assert [str(one) for one in report.findings if one.status not in ("pass", "skip")] == []


def test_strategy_in_thirty_lines_has_no_more():
    (code,) = shown("README.md")
    assert len(code.splitlines()) <= 30


def libraries(row: str) -> list[str]:
    """Return the modules that a row of the table of imports names."""
    text = (ROOT / "docs/write-a-strategy.md").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith(f"| libraries{row} |")]
    return [name for name in re.findall(r"`([a-z]+)`", line.split("|")[2]) if is_listed(name)]


@pytest.mark.parametrize(
    ("row", "file", "is_there"),
    [(", always there", "run", True), (" of the extra `ml`", "all", True), (" you install", "all", False)],
)
def test_libraries_are_listed_by_what_installs_them(row: str, file: str, is_there: bool):
    pinned = (ROOT / "requirements" / f"{file}.txt").read_text(encoding="utf-8")
    packages = {"sklearn": "scikit-learn", "talib": "ta-lib"}
    named = libraries(row)
    assert named
    for name in named:
        assert (f"\n{packages.get(name, name)}==" in pinned) == is_there, name
        assert (name in INSTALLED_BY) == (row != ", always there")


def test_a_missing_library_is_told_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "fits.py"
    path.write_text('"""Fits."""\n\nimport sklearn.linear_model\n', encoding="utf-8")
    # As where it is not installed: the import system finds nothing of that name.
    monkeypatch.setitem(sys.modules, "sklearn", None)
    for name in [name for name in sys.modules if name.startswith("sklearn.")]:
        monkeypatch.delitem(sys.modules, name)
    (found, *_) = check_file(path).failures
    assert found.check == "loads"
    assert "fits.py imports sklearn, which is not installed" in found.detail
    assert "`pip install 'vigie[ml]'`" in found.detail
