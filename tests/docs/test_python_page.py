"""Every block of docs/python.md runs and prints what the page says."""

from __future__ import annotations

from typing import Any

import polars as pl

import vigie
from tests.docs.pages import blocks, printed, rewritten
from tests.shared import ROOT

PAGE = ROOT / "docs" / "python.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_block_of_the_page_prints_what_the_page_says():
    names: dict[str, Any] = {}
    wrong = []
    with pl.Config():  # the page sets how tables are printed
        for block in blocks(TEXT):
            output = printed(block, names, PAGE.name)
            if output != block.output:
                wrong.append(f"line {block.line} prints\n{output}\nand not\n{block.output}")
    assert not wrong, "\n".join(wrong)  # python -m tests.docs.pages docs/python.md writes them anew
    assert len(blocks(TEXT)) > 8


def test_every_public_function_is_on_the_page():
    missing = [name for name in vigie.__all__ if name != "__version__" and f"vigie.{name}(" not in TEXT]
    assert missing == []


def test_outputs_are_written_anew():
    page = "a\n\n```python\nx = 1\nprint(x)\n```\n\nb\n\n```python\nprint(x + 1, end='  ')\n```\n\n```text\nold\n```\n"
    assert rewritten(page, "p") == (
        "a\n\n```python\nx = 1\nprint(x)\n```\n\n```text\n1\n```\n\nb\n\n"
        "```python\nprint(x + 1, end='  ')\n```\n\n```text\n2\n```\n"
    )
