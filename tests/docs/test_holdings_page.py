"""The example of docs/holdings.md runs and prints what the page says, and the page names all that can be asked."""

from __future__ import annotations

from typing import Any

from tests.docs.pages import blocks, printed
from tests.shared import ROOT
from vigie.api_holdings import ANSWERS

PAGE = ROOT / "docs" / "holdings.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_example_prints_what_the_page_says():
    (block,) = blocks(TEXT)
    names: dict[str, Any] = {}
    assert printed(block, names, PAGE.name) == block.output  # python -m tests.docs.pages docs/holdings.md


def test_every_answer_is_on_the_page():
    assert [name for name in ANSWERS if f"`{name}`" not in TEXT] == []
