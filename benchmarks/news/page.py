"""Sections of docs/news-figures.md: each stands between marks and is rewritten by what measures it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.marked import put

PAGE = Path(__file__).resolve().parents[2] / "docs" / "news-figures.md"
TITLE = """# Figures of reading news

What is measured of the steps that read news, each section by the command it names. The data are public archives and
labelled cases beside the repository (`VIGIE_SHARED`), and cases of the repository's own.
"""


def write_section(name: str, text: str, page: Path = PAGE) -> None:
    """Put a text between the marks of a section, at the end where there is none yet."""
    put(page, name, text, title=TITLE)
