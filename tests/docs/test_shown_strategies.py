"""Strategies that documents show are strategies: they keep the contract as they stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import blocks
from tests.shared import ROOT
from vigie.services.judging.strategies import check_file

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
