"""Every block of docs/python.md runs and prints what the page says."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import vigie
from tests.docs.pages import blocks, printed, rewritten
from tests.shared import ROOT

PAGE = ROOT / "docs" / "python.md"
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def names() -> Any:
    """The names that blocks share, in the order of the page; Polars prints as before afterwards."""
    with pl.Config():
        yield {}


@pytest.mark.parametrize("number", range(len(blocks(TEXT))))
def test_a_block_of_the_page_prints_what_the_page_says(names: dict[str, Any], number: int):
    if names.get("number", number - 1) != number - 1:
        pytest.fail("a block before this one did not run")
    block = blocks(TEXT)[number]
    assert printed(block, names, PAGE.name) == block.output, (
        f"python -m tests.docs.pages {PAGE.relative_to(ROOT)}"
    )
    names["number"] = number


def test_every_public_function_is_on_the_page():
    missing = [name for name in vigie.__all__ if name != "__version__" and f"vigie.{name}(" not in TEXT]
    assert missing == []


def test_outputs_are_written_anew():
    page = "a\n\n```python\nx = 1\nprint(x)\n```\n\nb\n\n```python\nprint(x + 1, end='  ')\n```\n\n```text\nold\n```\n"
    assert rewritten(page, "p") == (
        "a\n\n```python\nx = 1\nprint(x)\n```\n\n```text\n1\n```\n\nb\n\n"
        "```python\nprint(x + 1, end='  ')\n```\n\n```text\n2\n```\n"
    )
